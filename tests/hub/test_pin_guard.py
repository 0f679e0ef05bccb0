import asyncio
import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hub.journal import JournalError
from hub.pin import PinHash
from hub.pin_guard import HOUSE, PinGuard, Ruling, Verdict

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
SALT = b"8 bytes."


def cheap(pin: str) -> PinHash:
    """A hash that costs nothing: here guesses are counted, not made expensive."""
    key = hashlib.scrypt(pin.encode(), salt=SALT, n=2, r=1, p=1, dklen=32)
    return PinHash(2, 1, 1, SALT, key)


KNOWN = {HOUSE: cheap("2580"), "anna": cheap("9071")}


class Kept:
    """What a guard wrote down last, as the journal keeps it."""

    def __init__(self) -> None:
        self.last: Mapping[str, Any] = {}

    async def keep(self, guesses: Mapping[str, Any]) -> None:
        self.last = guesses


def guard(kept: Kept, known: Mapping[str, PinHash] | None = None) -> PinGuard:
    return PinGuard(known or KNOWN, kept.keep, kept.last, tries=5, lock_seconds=300)


async def guess(
    judge: PinGuard, *pins: str, site: str = "hall", user: str | None = None, now: datetime = NOW
) -> Ruling:
    for pin in pins:
        ruling = await judge.rule(site, user, pin, now)
    return ruling


async def test_the_pin_of_the_house_is_nobodys_and_a_persons_is_his() -> None:
    judge = guard(Kept())
    assert await guess(judge, "2580") == Ruling(Verdict.RIGHT)
    assert await guess(judge, "9071") == Ruling(Verdict.RIGHT, "anna")


async def test_who_claims_to_be_somebody_must_give_that_persons_pin() -> None:
    judge = guard(Kept())
    assert (await guess(judge, "2580", user="anna")).verdict is Verdict.WRONG
    assert (await guess(judge, "9071", user="anna")).person == "anna"
    assert (await guess(judge, "2580", user="a stranger")).verdict is Verdict.RIGHT


async def test_five_wrong_pins_lock_the_site_and_no_other() -> None:
    judge = guard(Kept())
    left = [(await guess(judge, "0001")).tries_left for _ in range(4)]
    assert left == [4, 3, 2, 1]
    assert await guess(judge, "0001") == Ruling(Verdict.LOCKED, seconds=301)
    assert (await guess(judge, "2580")).verdict is Verdict.LOCKED
    assert (await guess(judge, "2580", site="kitchen")).verdict is Verdict.RIGHT


async def test_a_lock_ends_and_the_next_is_twice_as_long() -> None:
    judge = guard(Kept())
    await guess(judge, *["0001"] * 5)
    later = NOW + timedelta(seconds=300)
    assert (await guess(judge, "0001", now=later)).tries_left == 4
    assert (await guess(judge, *["0001"] * 4, now=later)).seconds == 601
    assert (await guess(judge, "2580", now=later + timedelta(seconds=599))).seconds == 2
    assert (await guess(judge, "2580", now=later + timedelta(seconds=600))).verdict is Verdict.RIGHT


async def test_no_lock_is_longer_than_a_day() -> None:
    judge, now = guard(Kept()), NOW
    for _ in range(12):
        ruling = await guess(judge, *["0001"] * 5, now=now)
        now += timedelta(seconds=ruling.seconds)
    assert ruling.seconds == 86401


async def test_guesses_at_four_sites_lock_the_house() -> None:
    judge = guard(Kept())
    for site in ("a", "b", "c", "d"):
        await guess(judge, *["0001"] * 5, site=site)
    assert (await guess(judge, "2580", site="never heard of")).verdict is Verdict.LOCKED


async def test_the_right_pin_forgives() -> None:
    judge = guard(Kept())
    await guess(judge, *["0001"] * 4)
    await guess(judge, "2580")
    assert (await guess(judge, "0001")).tries_left == 4


async def test_a_restart_gives_no_new_guesses() -> None:
    kept = Kept()
    await guess(guard(kept), *["0001"] * 3)
    assert (await guess(guard(kept), "0001")).tries_left == 1
    await guess(guard(kept), "0001")
    assert (await guess(guard(kept), "2580")).verdict is Verdict.LOCKED


async def test_a_clock_that_is_set_back_neither_ends_nor_prolongs_a_lock() -> None:
    judge = guard(Kept())
    await guess(judge, *["0001"] * 5)
    back = NOW - timedelta(days=400)
    assert (await guess(judge, "2580", now=back)).seconds == 301
    assert (await guess(judge, "2580", now=back + timedelta(seconds=300))).verdict is Verdict.RIGHT


async def test_guesses_that_are_sent_together_are_counted_one_by_one() -> None:
    judge = guard(Kept())
    rulings = await asyncio.gather(*(judge.rule("hall", None, "0001", NOW) for _ in range(8)))
    verdicts = [ruling.verdict for ruling in rulings]
    assert verdicts.count(Verdict.WRONG) == 4
    assert verdicts.count(Verdict.LOCKED) == 4


async def test_a_guess_that_cannot_be_written_down_is_not_answered() -> None:
    async def full(guesses: Mapping[str, Any]) -> None:
        raise JournalError("disk full")

    with pytest.raises(JournalError):
        await PinGuard(KNOWN, full).rule("hall", None, "0001", NOW)


async def test_nothing_that_is_kept_tells_a_pin() -> None:
    kept = Kept()
    await guess(guard(kept), "0815", "4711")
    assert "0815" not in str(kept.last) and "4711" not in str(kept.last)
