"""Counts wrong PINs, and locks for a growing time where there were too many.

A guess is written down before it is answered, so that a restart gives no new ones. `user` is what
a sender claims; guesses are counted by site, which the broker's access list can hold a sender to.
Someone who may publish to any site could try five PINs on each: the house as a whole counts too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from hub.pin import PinHash, matches

SITES_TO_LOCK_THE_HOUSE = 4
"""Wrong PINs of this many sites, all their tries, lock every site."""
LONGEST_LOCK = timedelta(days=1)
HOUSE = "*"
"""The house as a whole, and the PIN that is nobody's own. No site has this name."""


class Verdict(Enum):
    """What became of a PIN."""

    RIGHT = "right"
    WRONG = "wrong"
    LOCKED = "locked"


@dataclass(frozen=True, slots=True)
class Guesses:
    """Wrong PINs in a row, how often they led to a lock, and from when until when it holds."""

    wrong: int = 0
    locks: int = 0
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ruling:
    """A verdict, with what to tell: whose PIN it was (None: the house's), tries that are left, or
    seconds that the lock still holds."""

    verdict: Verdict
    person: str | None = None
    tries_left: int = 0
    seconds: int = 0


class PinGuard:
    """The only one who looks at PINs."""

    def __init__(
        self,
        known: Mapping[str, PinHash],
        keep: Callable[[Mapping[str, Any]], Awaitable[None]],
        kept: Mapping[str, Any] | None = None,
        tries: int = 5,
        lock_seconds: int = 300,
    ) -> None:
        """`known` maps people to their PINs, and `HOUSE` to that of the house. `keep` writes the
        counts down and returns when they are on disk; `kept` is what it wrote last."""
        self._known = known
        self._keep = keep
        self._tries = tries
        self._lock = timedelta(seconds=lock_seconds)
        self._guesses = _from_json(kept or {})
        self._one_at_a_time = asyncio.Lock()

    async def rule(self, site: str, user: str | None, pin: str, now: datetime) -> Ruling:
        """Judge a PIN: that of `user` if he has one, else anybody's. One at a time: guesses sent
        together are counted too.

        Raises `JournalError` if a wrong guess cannot be written down.
        """
        async with self._one_at_a_time:
            locked = self._locked(site, now)
            if locked is not None:
                return locked
            asked = {n: known for n, known in self._known.items() if n == user} or self._known
            for person, known in asked.items():
                if await asyncio.to_thread(matches, pin, known):
                    await self._right(site)
                    return Ruling(Verdict.RIGHT, None if person == HOUSE else person)
            return await self._wrong(site, now)

    async def _right(self, site: str) -> None:
        if self._guesses.keys() & {site, HOUSE}:
            self._guesses = {k: v for k, v in self._guesses.items() if k not in (site, HOUSE)}
            await self._keep(self._as_json())

    async def _wrong(self, site: str, now: datetime) -> Ruling:
        for key, tries in ((site, self._tries), (HOUSE, self._tries * SITES_TO_LOCK_THE_HOUSE)):
            before = self._guesses.get(key, Guesses())
            self._guesses[key] = self._one_more(replace(before, wrong=before.wrong + 1), tries, now)
        await self._keep(self._as_json())
        left = self._tries - self._guesses[site].wrong
        return self._locked(site, now) or Ruling(Verdict.WRONG, tries_left=left)

    def _one_more(self, guesses: Guesses, tries: int, now: datetime) -> Guesses:
        if guesses.wrong < tries:
            return guesses
        length = min(LONGEST_LOCK, self._lock * 2 ** min(guesses.locks, 12))
        return Guesses(0, guesses.locks + 1, now, now + length)

    def _locked(self, site: str, now: datetime) -> Ruling | None:
        left = timedelta(0)
        for key in (site, HOUSE):
            guesses = self._guesses.get(key)
            if guesses is None or guesses.since is None or guesses.until is None:
                continue
            since, until = guesses.since, guesses.until
            if now < since:  # the clock was set back: the lock starts anew, and is no longer
                since, until = now, now + (until - since)
                self._guesses[key] = replace(guesses, since=since, until=until)
            left = max(left, until - now)
        seconds = left.total_seconds()
        return Ruling(Verdict.LOCKED, seconds=int(seconds) + 1) if seconds > 0 else None

    def _as_json(self) -> dict[str, Any]:
        return {
            key: {"wrong": found.wrong, "locks": found.locks, "since": _text(found.since),
                  "until": _text(found.until)}
            for key, found in self._guesses.items()
        }  # fmt: skip


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _from_json(kept: Mapping[str, Any]) -> dict[str, Guesses]:
    return {
        key: Guesses(
            int(found["wrong"]), int(found.get("locks", 0)), _moment(found.get("since")),
            _moment(found.get("until")),
        )
        for key, found in kept.items()
    }  # fmt: skip
