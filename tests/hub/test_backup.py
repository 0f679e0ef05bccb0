import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub.journal import Journal, JournalError, StoredRequest
from hub.journal_backup import back_up, restore
from hub.journal_schema import SCHEMA_VERSION

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
JOURNALS = Path(__file__).parent / "journals"


def request(trace: str) -> StoredRequest:
    return StoredRequest(trace, "kitchen", trace, "on", NOW, "{}", None, None)


async def test_a_backup_is_taken_while_the_hub_writes_and_put_back_later(tmp_path: Path) -> None:
    path, copy = tmp_path / "journal.db", tmp_path / "copy.backup"
    async with Journal(path) as journal:
        await journal.record(request("t1"))
        journal.remember("list", ["milk"])
        await journal.answer("t1", "done")
        assert back_up(path, copy) == 1
        await journal.record(request("t2"))
        journal.remember("list", ["milk", "eggs"])
    assert copy.stat().st_mode & 0o077 == 0
    moved = restore(copy, path)
    async with Journal(path) as journal:
        assert await journal.recall("list") == ["milk"]
        assert await journal.record(request("t2")) is None
        assert await journal.undelivered() == []
    assert moved is not None
    async with Journal(tmp_path / moved) as journal:
        assert await journal.recall("list") == ["milk", "eggs"]


async def test_what_waited_in_the_backup_is_not_acted_on_any_more(tmp_path: Path) -> None:
    path, copy = tmp_path / "journal.db", tmp_path / "copy.backup"
    async with Journal(path) as journal:
        await journal.record(request("t1"))
        back_up(path, copy)
    restore(copy, path)
    async with Journal(path) as journal:
        ((stored, _),) = await journal.unanswered()
    assert stored.received.year == 1970


async def test_a_running_hub_keeps_its_journal(tmp_path: Path) -> None:
    path, copy = tmp_path / "journal.db", tmp_path / "copy.backup"
    async with Journal(path):
        back_up(path, copy)
        with pytest.raises(JournalError, match="another hub"):
            restore(copy, path)


def test_a_backup_of_an_older_release_is_restored(tmp_path: Path) -> None:
    copy, path = tmp_path / "old.backup", tmp_path / "hub" / "journal.db"
    with sqlite3.connect(copy) as old:
        old.executescript((JOURNALS / "0.1.0.sql").read_text("utf-8"))
    old.close()
    assert restore(copy, path) is None
    connection = sqlite3.connect(path)
    assert connection.execute("pragma user_version").fetchone() == (SCHEMA_VERSION,)
    connection.close()


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\x00" + bytes(80), b"no" * 5000])
async def test_what_is_no_backup_changes_nothing(tmp_path: Path, content: bytes) -> None:
    path, copy = tmp_path / "journal.db", tmp_path / "bad.backup"
    copy.write_bytes(content)
    async with Journal(path) as journal:
        await journal.record(request("t1"))
    with pytest.raises(JournalError, match=r"bad\.backup"):
        restore(copy, path)
    async with Journal(path) as journal:
        assert len(await journal.unanswered()) == 1
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize(
    ("place", "bytes_"), [(4096, b"\xff" * 8192), (4096 + 1, b"\x0f\xf0")], ids=["page", "pointer"]
)
async def test_a_damaged_backup_is_not_restored(tmp_path: Path, place: int, bytes_: bytes) -> None:
    path, copy = tmp_path / "journal.db", tmp_path / "copy.backup"
    async with Journal(path) as journal:
        for number in range(50):
            await journal.record(request(f"t{number}"))
        back_up(path, copy)
    with copy.open("r+b") as file:
        file.seek(place)
        file.write(bytes_)
    with pytest.raises(JournalError, match=r"damaged|malformed"):
        restore(copy, path)


def test_a_backup_of_a_newer_hearthd_is_not_restored(tmp_path: Path) -> None:
    copy = tmp_path / "new.backup"
    with sqlite3.connect(copy) as newer:
        newer.executescript((JOURNALS / "0.1.0.sql").read_text("utf-8"))
        newer.execute(f"pragma user_version = {SCHEMA_VERSION + 1}")
    newer.close()
    with pytest.raises(JournalError, match="not a journal that this hearthd knows"):
        restore(copy, tmp_path / "journal.db")


async def test_nothing_is_overwritten_and_nothing_half_is_left(tmp_path: Path) -> None:
    path, copy = tmp_path / "journal.db", tmp_path / "copy.backup"
    with pytest.raises(JournalError, match="no journal to back up"):
        back_up(path, copy)
    with pytest.raises(JournalError, match="no such file"):
        restore(copy, path)
    async with Journal(path):
        copy.write_text("mine")
        with pytest.raises(JournalError, match="exists already"):
            back_up(path, copy)
        with pytest.raises(JournalError):
            back_up(path, tmp_path / "no folder" / "copy.backup")
    path.with_name("broken.db").write_bytes(b"no" * 5000)
    with pytest.raises(JournalError):
        back_up(path.with_name("broken.db"), tmp_path / "other.backup")
    assert not list(tmp_path.glob("*.part"))
    assert copy.read_text() == "mine"
