"""The journal on a disk that does not do what it should."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from hub import journal_writer
from hub.journal import Journal, JournalError, StoredRequest
from tests.hub.journal_scene import NOW, journal, request

__all__ = ["journal"]


@contextmanager
def full_disk(journal: Journal) -> Iterator[None]:
    """No page more than there are."""
    connection = journal._writer._database.conn  # type: ignore[union-attr]
    pages = connection.execute("pragma page_count").fetchone()[0]
    connection.execute(f"pragma max_page_count = {pages}")
    try:
        yield
    finally:
        connection.execute("pragma max_page_count = 1000000")


def large(trace: str) -> StoredRequest:
    return request(trace, trace, payload="x" * 200_000)


async def test_a_full_disk_is_told_to_who_waits_and_heals_by_itself(journal: Journal) -> None:
    await journal.record(request("t0", "0"))
    with full_disk(journal):
        with pytest.raises(JournalError, match="full"):
            await journal.record(large("t1"))
        assert journal.failing is not None
    assert await journal.record(large("t2")) is None
    assert journal.failing is None


async def test_what_nobody_waits_for_is_written_when_the_disk_has_healed(journal: Journal) -> None:
    with full_disk(journal):
        journal.remember("first", "x" * 200_000)
        journal.remember("second", 2)
        with pytest.raises(JournalError):
            await journal.record(large("t1"))
    async with asyncio.timeout(5):
        while await journal.recall("second") is None:
            await asyncio.sleep(0.05)
    assert await journal.recall("first") == "x" * 200_000
    assert journal.dropped == 0


async def test_more_than_can_be_kept_for_later_is_dropped_and_counted(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_writer, "KEPT_FOR_LATER", 3)
    with full_disk(journal):
        for number in range(10):
            journal.remember(f"k{number}", "x" * 200_000)
        with pytest.raises(JournalError):
            await journal.record(large("t1"))
    assert journal.dropped >= 6


async def test_a_lock_held_by_another_is_waited_for_and_then_told(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    await journal.write(lambda database: database.execute("pragma busy_timeout = 50"))
    intruder = sqlite3.connect(journal.path, isolation_level=None)
    intruder.execute("begin immediate")
    with pytest.raises(JournalError, match="locked"):
        await journal.record(request("t1", "a"))
    intruder.execute("rollback")
    assert await journal.record(request("t1", "a")) is None
    intruder.close()


def _io_error(code: int = sqlite3.SQLITE_IOERR) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = code
    return error


class Failing:
    """An operation that meets an I/O error, as often as it is told."""

    def __init__(self, times: int, code: int = sqlite3.SQLITE_IOERR) -> None:
        self.times = times
        self.code = code

    def __call__(self, database: Database) -> str:
        self.times -= 1
        if self.times >= 0:
            raise _io_error(self.code)
        return "written"


async def test_after_an_io_error_the_file_is_opened_again(journal: Journal) -> None:
    before = journal._writer._database
    with pytest.raises(JournalError, match="I/O"):
        await journal.write(Failing(1))
    assert await journal.write(Failing(0)) == "written"
    assert journal._writer._database is not before


@pytest.fixture
async def ghost(journal: Journal) -> Journal:
    """A journal whose last commit failed at the disk's fsync: it was refused, and yet its row stands
    in the file."""
    journal._writer._disconnect()
    database = sqlite3.connect(journal.path, isolation_level=None)
    database.execute(
        "insert into requests (trace, site, id, text, received, payload)"
        " values ('t1', 'kitchen', 'a', 'on', ?, '{}')",
        (NOW.isoformat(),),
    )
    database.close()
    return journal


async def test_what_was_refused_after_an_io_error_is_in_the_file_no_more(ghost: Journal) -> None:
    def undo(database: Database) -> None:
        database.execute("delete from requests where trace = 't1'")

    with pytest.raises(JournalError, match="I/O"):
        await ghost._writer.write(Failing(1), undo)
    assert await ghost.unanswered() == []
    assert await ghost.record(request("t2", "a")) is None


async def test_a_request_that_was_refused_is_not_found_by_the_next_start(
    ghost: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*anything: object) -> None:
        raise _io_error()

    with monkeypatch.context() as patched:
        patched.setattr(ghost._writer, "_transaction", fails)
        with pytest.raises(JournalError, match="I/O"):
            await ghost.record(request("t1", "a"))
    assert await ghost.unanswered() == []


async def test_what_cannot_be_undone_at_once_is_undone_before_it_is_said_again(
    ghost: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def undo(database: Database) -> None:
        database.execute("delete from requests where trace = 't1'")

    def broken(path: Path) -> Any:
        raise _io_error()

    with monkeypatch.context() as patched:
        patched.setattr(journal_writer, "connect", broken)
        with pytest.raises(JournalError, match="I/O"):
            await ghost._writer.write(Failing(1), undo)
    await asyncio.sleep(journal_writer.RETRY_SECONDS)
    assert await ghost.record(request("t2", "a")) is None


async def test_an_undoing_that_does_not_work_is_tried_again(journal: Journal) -> None:
    undo = Failing(1)
    with pytest.raises(JournalError, match="I/O"):
        await journal._writer.write(Failing(1), undo)
    assert await journal.record(request("t1", "a")) is None
    assert undo.times == -1


async def test_a_file_that_cannot_be_opened_again_is_tried_once_a_second(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []

    def broken(path: Path) -> Any:
        opened.append(path)
        raise JournalError("cannot be opened")

    with monkeypatch.context() as patched:
        patched.setattr(journal_writer, "open_database", broken)
        for _ in range(5):
            with pytest.raises(JournalError):
                await journal.write(Failing(1))
    assert len(opened) == 1
    await asyncio.sleep(journal_writer.RETRY_SECONDS)
    assert await journal.write(Failing(0)) == "written"


async def test_damage_that_stays_is_told(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(path: Path) -> Any:
        raise JournalError("cannot be opened")

    with pytest.raises(JournalError):
        await journal.write(Failing(2, sqlite3.SQLITE_CORRUPT))
    await asyncio.sleep(journal_writer.RETRY_SECONDS)
    assert await journal.write(Failing(0)) == "written"
    monkeypatch.setattr(journal_writer, "open_database", broken)
    with pytest.raises(JournalError):
        await journal.write(Failing(1, sqlite3.SQLITE_CORRUPT))


async def test_one_bad_operation_spoils_no_other(journal: Journal) -> None:
    def surrogate(database: Database) -> None:
        database.execute("insert into memory values ('x', ?)", ("\ud800",))

    def no_table(database: Database) -> None:
        database.execute("insert into nowhere values (1)")

    results = await asyncio.gather(
        journal.record(request("t1", "a")),
        journal.write(surrogate),
        journal.write(no_table),
        journal.record(request("t2", "b")),
        return_exceptions=True,
    )
    assert results[0] is None and results[3] is None
    assert isinstance(results[1], UnicodeEncodeError)
    assert isinstance(results[2], JournalError)
    assert len(await journal.unanswered()) == 2


async def test_who_stopped_waiting_is_left_in_peace(journal: Journal) -> None:
    waiting = asyncio.ensure_future(journal.record(request("t1", "a")))
    await asyncio.sleep(0)
    waiting.cancel()
    assert await journal.record(request("t1", "a")) is not None


async def test_tidying_up_that_does_not_work_is_left_for_another_time(journal: Journal) -> None:
    await journal._writer.maintain("this is no statement")
    assert await journal.record(request("t1", "a")) is None
