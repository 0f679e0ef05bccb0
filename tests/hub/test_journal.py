import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub.journal import Journal, JournalError, StoredRequest, StoredStep, read_only


def request(trace: str, request_id: str) -> StoredRequest:
    return StoredRequest(trace, "kitchen", request_id, "on", datetime.now(UTC), "{}", None, None)


def step(trace: str) -> StoredStep:
    return StoredStep(trace, 0, "light.x", "light.turn_on", {}, {"state": "on"}, "publishing")


async def test_a_known_id_gives_the_earlier_request(tmp_path: Path) -> None:
    async with Journal(tmp_path / "j.db") as journal:
        assert await journal.record(request("t1", "a")) is None
        earlier = await journal.record(request("t2", "a"))
    assert earlier is not None
    assert earlier.trace == "t1"


async def test_only_the_first_reply_is_final(tmp_path: Path) -> None:
    async with Journal(tmp_path / "j.db") as journal:
        await journal.record(request("t1", "a"))
        assert await journal.answer("t1", "first")
        assert not await journal.answer("t1", "second")


async def test_what_has_no_reply_is_found_again_with_its_steps(tmp_path: Path) -> None:
    async with Journal(tmp_path / "j.db") as journal:
        await journal.record(request("t1", "a"))
        await journal.begin_steps([step("t1")])
    async with Journal(tmp_path / "j.db") as journal:
        ((stored, steps),) = await journal.unanswered()
    assert stored.id == "a"
    assert [s.status for s in steps] == ["publishing"]


@pytest.mark.parametrize("content", [b"SQLite format 3\x00" + bytes(80), b"not a database" * 100])
async def test_a_damaged_journal_is_moved_aside(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "j.db"
    path.write_bytes(content)
    async with Journal(path) as journal:
        assert journal.moved_aside is not None
        assert (tmp_path / journal.moved_aside).read_bytes() == content
        assert await journal.record(request("t1", "a")) is None


async def test_garbage_at_the_end_of_the_wal_loses_no_row(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    async with Journal(path) as journal:
        await journal.record(request("t1", "a"))
        wal = path.with_name("j.db-wal").read_bytes()
        copy = tmp_path / "copy.db"
        copy.write_bytes(path.read_bytes())
    copy.with_name("copy.db-wal").write_bytes(wal + b"\xde\xad" * 200)
    async with Journal(copy) as journal:
        assert journal.moved_aside is None
        assert await journal.record(request("t2", "a")) is not None


async def test_waiting_writes_are_committed_together(tmp_path: Path) -> None:
    async with Journal(tmp_path / "j.db") as journal:
        await asyncio.gather(*(journal.record(request(f"t{i}", f"i{i}")) for i in range(100)))
        rows = list(read_only(tmp_path / "j.db").query("select count(*) as n from requests"))
    assert rows == [{"n": 100}]


def test_a_reader_of_no_journal_is_told_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="hearthd doctor"):
        read_only(tmp_path / "none.db")
