import os
from pathlib import Path

import pytest

from hub.journal import Journal
from hub.journal_fates import RECORDS, SIZE, Fate, Fates
from tests.hub.journal_scene import journal, request, step

__all__ = ["journal"]


def test_a_fate_outlives_its_process(tmp_path: Path) -> None:
    first = Fates(tmp_path / "fates", expected=False)
    first.note("hall", "a", Fate.BEGUN)
    first.note("hall", "a", Fate.DELIVERED)
    first.note("hall", "b", Fate.BEGUN)
    first.close()
    second = Fates(tmp_path / "fates", expected=True)
    assert second.sound
    assert second.of("hall", "a") is Fate.DELIVERED
    assert second.of("hall", "b") is Fate.BEGUN
    assert second.of("kitchen", "a") is None
    second.close()
    second.close()  # again is no mistake


def test_the_file_does_not_grow_and_the_oldest_are_forgotten(tmp_path: Path) -> None:
    fates = Fates(tmp_path / "fates", expected=False)
    fates.note("hall", "twice", Fate.BEGUN)
    for number in range(RECORDS - 1):
        fates.note("hall", str(number), Fate.BEGUN)
    fates.note("hall", "twice", Fate.DELIVERED)  # in place of its own first record
    fates.note("hall", "one more", Fate.BEGUN)
    fates.close()
    again = Fates(tmp_path / "fates", expected=True)
    for each in (fates, again):
        assert each.of("hall", "twice") is Fate.DELIVERED
        assert each.of("hall", "0") is None
        assert each.of("hall", "1") is Fate.BEGUN
        assert each.of("hall", "one more") is Fate.BEGUN
    assert (tmp_path / "fates").stat().st_size == RECORDS * SIZE
    again.note("hall", "next", Fate.BEGUN)
    assert again.of("hall", "1") is None


@pytest.mark.parametrize("length", [0, 1, SIZE * 3, SIZE * 3 + 7])
def test_a_cut_file_is_not_sound_and_what_is_left_of_it_counts(tmp_path: Path, length: int) -> None:
    fates = Fates(tmp_path / "fates", expected=False)
    for number in range(5):
        fates.note("hall", str(number), Fate.BEGUN)
    fates.close()
    os.truncate(tmp_path / "fates", length)
    cut = Fates(tmp_path / "fates", expected=True)
    assert not cut.sound
    assert (cut.of("hall", "2") is Fate.BEGUN) is (length >= SIZE * 3)
    assert cut.of("hall", "4") is None
    cut.close()
    assert Fates(tmp_path / "fates", expected=True).of("hall", "4") is None


def test_a_flipped_bit_shows(tmp_path: Path) -> None:
    fates = Fates(tmp_path / "fates", expected=False)
    fates.note("hall", "a", Fate.BEGUN)
    fates.close()
    raw = bytearray((tmp_path / "fates").read_bytes())
    raw[3] ^= 1
    (tmp_path / "fates").write_bytes(raw)
    assert not Fates(tmp_path / "fates", expected=True).sound


def test_where_there_was_a_journal_a_missing_file_is_a_loss(tmp_path: Path) -> None:
    assert not Fates(tmp_path / "fates", expected=True).sound
    assert Fates(tmp_path / "other", expected=False).sound


def test_without_a_place_to_write_nothing_is_remembered_for_later(tmp_path: Path) -> None:
    fates = Fates(tmp_path / "no folder" / "fates", expected=False)
    fates.note("hall", "a", Fate.BEGUN)
    assert fates.of("hall", "a") is Fate.BEGUN
    fates.close()


async def test_steps_and_deliveries_are_fates(journal: Journal) -> None:
    await journal.record(request("t1", "a"))
    assert journal.fates_known
    assert journal.fate("kitchen", "a") is None
    await journal.begin_steps([step("t1")])
    site = request("t1", "a").site
    assert journal.fate(site, "a") is Fate.BEGUN
    await journal.answer("t1", "done")
    await journal.delivered(["t1", "nobody's"])
    assert journal.fate(site, "a") is Fate.DELIVERED


async def test_a_reply_that_was_delivered_before_the_disk_forgot_it_is_not_sent_again(
    journal: Journal,
) -> None:
    await journal.record(request("t1", "a"))
    await journal.record(request("t2", "b"))
    for trace in ("t1", "t2"):
        await journal.answer(trace, "done")
    await journal.delivered(["t1"])
    await journal.write(lambda db: db.execute("update requests set delivered = 0"))
    assert [found.trace for found in await journal.undelivered()] == ["t2"]
    rows = await journal.write(
        lambda db: list(db.query("select trace from requests where delivered"))
    )
    assert [row["trace"] for row in rows] == ["t1"]
