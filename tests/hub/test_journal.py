import asyncio
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hub import journal_writer
from hub.journal import Journal, JournalError, read_only, retention_limit
from hub.journal_file import hold, open_database, release
from hub.journal_forget import Forget, as_json, from_json
from hub.journal_schema import SCHEMA_VERSION, TooNewError, migrate, version_of
from tests.hub.journal_scene import NOW, journal, request, step

JOURNALS = Path(__file__).parent / "journals"
__all__ = ["journal"]


# --- what it keeps -------------------------------------------------------------------------------


async def test_a_known_id_gives_the_earlier_request(journal: Journal) -> None:
    assert await journal.record(request("t1", "a")) is None
    earlier = await journal.record(request("t2", "a"))
    assert earlier is not None
    assert earlier.trace == "t1"


async def test_only_the_first_reply_is_final(journal: Journal) -> None:
    await journal.record(request("t1", "a"))
    assert await journal.answer("t1", "first")
    assert not await journal.answer("t1", "second")


async def test_the_reply_to_a_request_that_was_lost_is_the_first_all_the_same(
    journal: Journal,
) -> None:
    assert await journal.answer("lost with a damaged file", "first")


async def test_what_has_no_reply_is_found_again_with_its_steps(tmp_path: Path) -> None:
    async with Journal(tmp_path / "j.db") as journal:
        await journal.record(request("t1", "a"))
        await journal.begin_steps([step("t1")])
    async with Journal(tmp_path / "j.db") as journal:
        ((stored, steps),) = await journal.unanswered()
    assert stored.id == "a"
    assert [s.status for s in steps] == ["publishing"]


async def test_a_step_keeps_its_outcome(journal: Journal) -> None:
    await journal.record(request("t1", "a"))
    await journal.begin_steps([step("t1")])
    journal.step_ended("t1", 0, "done")
    ((_, steps),) = await journal.unanswered()
    assert steps[0].status == "done"


async def test_a_reply_is_undelivered_until_the_broker_has_it(journal: Journal) -> None:
    await journal.record(request("t1", "a"))
    journal.answer_soon("t1", "done")
    assert [r.trace for r in await journal.undelivered()] == ["t1"]
    await journal.delivered(["t1"])
    assert await journal.undelivered() == []


async def test_values_and_discovery_are_kept_under_their_names(journal: Journal) -> None:
    journal.remember("list", ["milk"])
    journal.keep_discovery("a/config", b"{}", None)
    journal.keep_discovery("b/config", b"[]", "vendor")
    journal.keep_discovery("a/config", b"", None)
    await journal.keep("pins", {"hall": 1})
    assert await journal.recall("list") == ["milk"]
    assert await journal.recall("pins") == {"hall": 1}
    assert await journal.recall("nothing") is None
    assert await journal.discovery() == [("b/config", b"[]", "vendor")]


async def test_waiting_writes_are_committed_together(journal: Journal) -> None:
    await asyncio.gather(*(journal.record(request(f"t{i}", f"i{i}")) for i in range(600)))
    rows = list(read_only(journal.path).query("select count(*) as n from requests"))
    assert rows == [{"n": 600}]


async def test_a_note_shares_the_commit_of_what_is_waited_for(journal: Journal) -> None:
    commits: list[str] = []
    await journal.write(lambda database: database.conn.set_trace_callback(commits.append))
    await journal.note("t1", "understood", {"n": 1})
    await asyncio.sleep(journal_writer.SOON_SECONDS / 10)  # the writer has seen it, alone
    await journal.record(request("t1", "a"))
    await journal.write(lambda database: database.conn.set_trace_callback(None))
    assert [s for s in commits if s == "commit"] == [
        "commit"
    ] * 2  # the first is the callback's own


async def test_a_note_that_nobody_waits_for_is_on_disk_soon(journal: Journal) -> None:
    await journal.note("t1", "understood", {"n": 1})
    async with asyncio.timeout(10):
        while not list(read_only(journal.path).query("select * from stages")):
            await asyncio.sleep(journal_writer.SOON_SECONDS)


def test_a_reader_of_no_journal_is_told_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="hearthd doctor"):
        read_only(tmp_path / "none.db")


async def test_only_the_owner_can_read_it(journal: Journal) -> None:
    assert journal.path.stat().st_mode & 0o077 == 0


# --- forgetting ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wish", "left"),
    [
        (Forget(before=NOW), {"new", "waiting"}),
        (Forget(site="hall"), {"old", "waiting"}),
        (Forget(user="anna"), {"new", "waiting"}),
        (Forget(site="kitchen", user="tim"), {"old", "new", "waiting"}),
        (Forget(), {"waiting"}),
    ],
)
async def test_what_fits_is_forgotten_and_what_is_not_answered_stays(
    journal: Journal, wish: Forget, left: set[str]
) -> None:
    old = NOW - timedelta(days=3)
    await journal.record(request("old", "1", received=old, payload='{"user": "anna"}'))
    await journal.record(request("new", "2", site="hall"))
    await journal.record(request("waiting", "3", received=old, payload='{"user": "anna"}'))
    for trace in ("old", "new"):
        await journal.note(trace, "planned", {"x": 1})
        await journal.begin_steps([step(trace)])
        await journal.answer(trace, "done")
    assert await journal.forget(from_json(as_json(wish))) == 3 - len(left)
    reader = read_only(journal.path)
    assert {row["trace"] for row in reader.query("select trace from requests")} == left
    for table in ("stages", "steps"):
        assert {r["trace"] for r in reader.query(f"select trace from {table}")} == left - {
            "waiting"
        }


async def test_what_is_forgotten_is_in_no_file_any_more(journal: Journal) -> None:
    secret = request("t1", "a", payload='{"text": "where I hid the key"}')
    await journal.record(secret)
    await journal.answer("t1", "done")
    await journal.tidy()
    assert b"where I hid the key" in journal.path.read_bytes()
    assert await journal.forget_before(NOW + timedelta(hours=1)) == 1
    await journal.tidy()
    left = b"".join(p.read_bytes() for p in journal.path.parent.iterdir() if p.is_file())
    assert b"where I hid the key" not in left


# --- damage --------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [b"SQLite format 3\x00" + bytes(80), b"not a database" * 100])
async def test_a_damaged_journal_is_moved_aside_with_its_log(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "j.db"
    path.write_bytes(content)
    path.with_name("j.db-wal").write_bytes(b"log")
    async with Journal(path) as journal:
        assert journal.moved_aside is not None
        assert (tmp_path / journal.moved_aside).read_bytes() == content
        assert await journal.record(request("t1", "a")) is None


@pytest.mark.parametrize(
    ("place", "bytes_"),
    [
        (47, b"\x09"),
        (60, b"\x7f\xff\xff\xff"),
        (60, b"\xff\xff\xff\xff"),
        (60, bytes(4)),
        (19, b"\x07"),
    ],
    ids=["format", "far version", "negative version", "version 0", "read version"],
)
async def test_a_header_that_nobody_wrote_is_damage(
    tmp_path: Path, place: int, bytes_: bytes
) -> None:
    path = tmp_path / "j.db"
    async with Journal(path) as journal:
        await journal.record(request("t1", "a"))
        await journal.tidy()
    with path.open("r+b") as file:
        file.seek(place)
        file.write(bytes_)
    async with Journal(path) as journal:
        assert journal.moved_aside is not None
        assert await journal.record(request("t2", "b")) is None


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


async def test_a_file_that_breaks_while_it_is_open_is_moved_aside_and_the_hub_told(
    tmp_path: Path,
) -> None:
    path = tmp_path / "j.db"
    async with Journal(path) as journal:
        told: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        journal.on_damage = told.set_result
        await journal.record(request("t1", "a"))
        await journal.tidy()
        with path.open("r+b") as file:  # as a dying disk would
            file.seek(100)
            file.write(b"\xff" * (path.stat().st_size - 100))
        # Another connection's commit makes ours read the file again.
        await journal.write(lambda database: database.execute("pragma cache_size = 1"))
        assert await journal.record(request("t2", "b")) is None
        assert await told == journal.moved_aside
        assert (tmp_path / str(journal.moved_aside)).exists()
    async with Journal(path) as journal:
        assert [stored.trace for stored, _ in await journal.unanswered()] == ["t2"]


async def test_damage_is_remembered_where_nobody_asked_to_be_told(journal: Journal) -> None:
    journal._damaged("j.db.corrupt-1")
    assert journal.moved_aside == "j.db.corrupt-1"


def test_the_retention_is_counted_back_from_now() -> None:
    assert retention_limit(NOW, 30) == NOW - timedelta(days=30)


# --- one hub, one journal, every version of it ------------------------------------------------------


async def test_two_hubs_cannot_share_a_journal(journal: Journal) -> None:
    with pytest.raises(JournalError, match="another hub"):
        async with Journal(journal.path):
            pass


async def test_a_journal_is_free_again_when_it_could_not_be_opened(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    path.mkdir()
    with pytest.raises(JournalError, match="cannot be opened"):
        async with Journal(path):
            pass
    release(hold(path))


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(JournalError, match="cannot be written"):
        hold(tmp_path / "file" / "j.db")


@pytest.mark.parametrize("version", sorted(p.stem for p in JOURNALS.glob("*.sql")))
async def test_a_journal_of_every_release_is_read_on(tmp_path: Path, version: str) -> None:
    path = tmp_path / "j.db"
    with sqlite3.connect(path) as old:
        old.executescript((JOURNALS / f"{version}.sql").read_text("utf-8"))
    old.close()
    async with Journal(path) as journal:
        assert journal.moved_aside is None
        ((stored, _),) = await journal.unanswered()
        assert (stored.id, stored.response) == ("b", "hearthd/reply/hall/x")
        assert await journal.recall("list:todo.shopping_list") == [
            {"summary": "eggs", "status": "needs_action"}
        ]
        assert await journal.record(request("t9", "a")) is not None
        assert await journal.discovery() == [
            ("homeassistant/light/x/config", b'{"name":"X"}', None)
        ]
    connection = sqlite3.connect(path)
    assert version_of(connection) == SCHEMA_VERSION
    assert migrate(connection) == SCHEMA_VERSION
    connection.close()


def test_there_is_a_journal_of_this_release() -> None:
    """After a change of the schema, `0.2.0.sql` and so on must be added at the release."""
    assert (JOURNALS / "0.1.0.sql").exists()


async def test_a_journal_of_a_newer_hearthd_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    with sqlite3.connect(path) as newer:
        newer.execute(f"pragma user_version = {SCHEMA_VERSION + 1}")
    newer.close()
    before = path.read_bytes()
    with pytest.raises(JournalError, match="update hearthd"):
        open_database(path)
    assert path.read_bytes()[100:] == before[100:]
    connection = sqlite3.connect(path)
    with pytest.raises(TooNewError):
        migrate(connection)
    connection.close()


def test_a_step_that_fails_changes_nothing(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "j.db", isolation_level=None)
    connection.execute("create view requests as select 1 as trace")
    connection.execute("pragma user_version = 1")
    with pytest.raises(sqlite3.Error):
        migrate(connection)
    assert version_of(connection) == 1
    assert not connection.in_transaction
    connection.close()


async def test_what_is_written_soon_is_there_before_what_is_waited_for(journal: Journal) -> None:
    journal.write_soon(lambda database: database.execute("create table soon (x)"))
    found = await journal.write(lambda database: "soon" in database.table_names())
    assert found


def test_the_houses_own_history_is_forgotten_only_with_everybodys() -> None:
    assert Forget(before=datetime(2026, 1, 1, tzinfo=UTC)).of_everybody
    assert not Forget(site="kitchen").of_everybody
    assert not Forget(user="anna").of_everybody
