"""The journal: every stage of every request, written down before it is acted on.

SQLite in WAL mode through sqlite-utils. Exactly one connection writes, on a thread of its own, and
what is waiting is committed together (`synchronous=FULL`): a request that was acknowledged and a
step that was published are on disk first. Readers open the file read-only.
"""

from __future__ import annotations

import asyncio
import json
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from sqlite_utils import Database
from sqlite_utils.db import Table

SCHEMA_VERSION = 1

T = TypeVar("T")
Operation = Callable[[Database], Any]


class JournalError(Exception):
    """The journal cannot be written: disk full, I/O error, no permission."""


@dataclass(frozen=True, slots=True)
class StoredRequest:
    """A request as it stands in the journal; `reply` is None until it was answered."""

    trace: str
    site: str
    id: str
    text: str
    received: datetime
    payload: str
    response: str | None
    reply: str | None


@dataclass(frozen=True, slots=True)
class StoredStep:
    """One action of a request and how far it came: `publishing`, `published`, or its outcome."""

    trace: str
    seq: int
    entity_id: str
    service: str
    data: Mapping[str, Any]
    expect: Mapping[str, Any]
    status: str


def open_database(path: Path) -> tuple[Database, str | None]:
    """The database with its schema; a damaged file is moved aside and its new name returned."""
    path.parent.mkdir(parents=True, exist_ok=True)
    moved = None
    if path.exists() and not _sound(path):
        moved = f"{path.name}.corrupt-{datetime.now(UTC):%Y%m%dT%H%M%S}"
        path.rename(path.with_name(moved))
        for suffix in ("-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
    connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
    connection.execute("pragma journal_mode=wal")
    connection.execute("pragma synchronous=full")
    database = Database(connection)
    _create(database)
    return database, moved


def _sound(path: Path) -> bool:
    try:
        connection = sqlite3.connect(path)
        try:
            return bool(connection.execute("pragma quick_check").fetchone()[0] == "ok")
        finally:
            connection.close()
    except sqlite3.DatabaseError:
        return False


def _create(database: Database) -> None:
    execute = database.execute
    execute(
        "create table if not exists requests (trace text primary key, site text not null,"
        " id text not null, text text, received text not null, payload text, response text,"
        " reply text, delivered integer not null default 0, unique (site, id))"
    )
    execute(
        "create table if not exists stages (trace text not null, stage text not null,"
        " time text not null, content text not null)"
    )
    execute("create index if not exists stages_of_trace on stages (trace)")
    execute(
        "create table if not exists steps (trace text not null, seq integer not null,"
        " entity_id text, service text, data text, expect text, status text not null,"
        " primary key (trace, seq))"
    )
    execute(
        "create table if not exists discovery"
        " (topic text primary key, payload blob, publisher text)"
    )
    execute("create table if not exists memory (key text primary key, value text)")
    execute(f"pragma user_version = {SCHEMA_VERSION}")


class Journal:
    """The writing side. Use as `async with Journal(path) as journal`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.moved_aside: str | None = None
        self._queue: queue.SimpleQueue[tuple[Operation, Any] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="journal", daemon=True)
        self._database: Database | None = None

    async def __aenter__(self) -> Journal:
        self._loop = asyncio.get_running_loop()
        self._database, self.moved_aside = await asyncio.to_thread(open_database, self.path)
        self._thread.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)
        if self._database is not None:
            self._database.conn.close()

    # --- the writer ------------------------------------------------------------------------

    async def write(self, operation: Callable[[Database], T]) -> T:
        """Run an operation in the next transaction; returns when it is on disk.

        Raises `JournalError`.
        """
        future: asyncio.Future[T] = self._loop.create_future()
        self._queue.put((operation, future))
        return await future

    def write_soon(self, operation: Operation) -> None:
        """The same without waiting: for what may be lost in a power cut."""
        self._queue.put((operation, None))

    def _work(self) -> None:
        while True:
            first = self._queue.get()
            if first is None:
                return
            batch, last = [first], False
            while len(batch) < 256:
                try:
                    item = self._queue.get_nowait()
                except queue.Empty:
                    break
                if item is None:
                    last = True
                    break
                batch.append(item)
            self._commit(batch)
            if last:
                return

    def _commit(self, batch: list[tuple[Operation, Any]]) -> None:
        assert self._database is not None
        connection = self._database.conn
        results: list[Any] = []
        try:
            connection.execute("begin immediate")
            results = [operation(self._database) for operation, _ in batch]
            connection.execute("commit")
        except sqlite3.Error as error:
            if connection.in_transaction:
                connection.execute("rollback")
            self._resolve(batch, None, JournalError(f"{self.path}: {error}"))
            return
        self._resolve(batch, results, None)

    def _resolve(
        self, batch: list[tuple[Operation, Any]], results: list[Any] | None, error: Exception | None
    ) -> None:
        def settle() -> None:
            for index, (_, future) in enumerate(batch):
                if future is None or future.done():
                    continue
                if error is not None:
                    future.set_exception(error)
                elif results is not None:
                    future.set_result(results[index])

        if any(future is not None for _, future in batch):
            self._loop.call_soon_threadsafe(settle)

    # --- what is written ---------------------------------------------------------------------

    async def record(self, request: StoredRequest) -> StoredRequest | None:
        """Write a request down. Returns the earlier one if its site and id are known already."""

        def operation(database: Database) -> StoredRequest | None:
            rows = list(
                database.query(
                    "select * from requests where site = ? and id = ?", (request.site, request.id)
                )
            )
            if rows:
                return _request(rows[0])
            database.execute(
                "insert into requests (trace, site, id, text, received, payload, response)"
                " values (?, ?, ?, ?, ?, ?, ?)",
                (
                    request.trace,
                    request.site,
                    request.id,
                    request.text,
                    request.received.isoformat(),
                    request.payload,
                    request.response,
                ),
            )
            return None

        return await self.write(operation)

    async def note(self, trace: str, stage: str, content: Mapping[str, Any]) -> None:
        """Write a stage down, soon."""
        text = json.dumps(content, ensure_ascii=False, default=str)
        row = (trace, stage, datetime.now(UTC).isoformat(), text)
        self.write_soon(
            lambda database: database.execute("insert into stages values (?, ?, ?, ?)", row)
        )

    async def begin_steps(self, steps: Iterable[StoredStep]) -> None:
        """Write down that these steps are about to be published; returns when that is on disk."""
        rows = [
            (
                s.trace,
                s.seq,
                s.entity_id,
                s.service,
                json.dumps(dict(s.data)),
                json.dumps(dict(s.expect)),
                "publishing",
            )
            for s in steps
        ]
        await self.write(
            lambda database: database.conn.executemany(
                "insert or replace into steps values (?, ?, ?, ?, ?, ?, ?)", rows
            )
        )

    def step_ended(self, trace: str, seq: int, status: str) -> None:
        """Write a step's outcome down, soon."""
        self.write_soon(
            lambda database: database.execute(
                "update steps set status = ? where trace = ? and seq = ?", (status, trace, seq)
            )
        )

    async def answer(self, trace: str, reply: str) -> bool:
        """Write the final reply down; False if there was one already."""

        def operation(database: Database) -> bool:
            changed = database.execute(
                "update requests set reply = ? where trace = ? and reply is null", (reply, trace)
            )
            return changed.rowcount == 1

        return await self.write(operation)

    async def delivered(self, traces: Sequence[str]) -> None:
        """The broker has these replies: it sent them back to us."""
        rows = [(trace,) for trace in traces]
        await self.write(
            lambda database: database.conn.executemany(
                "update requests set delivered = 1 where trace = ?", rows
            )
        )

    async def undelivered(self) -> list[StoredRequest]:
        """Answered requests whose reply the broker may not have, oldest first."""
        query = "select * from requests where reply is not null and delivered = 0 order by received"
        rows = await self.write(lambda database: list(database.query(query)))
        return [_request(row) for row in rows]

    def remember(self, key: str, value: Any) -> None:
        """Keep a JSON value under a key, soon."""
        text = json.dumps(value, ensure_ascii=False, default=str)
        self.write_soon(
            lambda database: _table(database, "memory").upsert(
                {"key": key, "value": text}, pk="key"
            )
        )

    async def recall(self, key: str) -> Any:
        """The value under a key, or None."""

        def operation(database: Database) -> Any:
            rows = list(database.query("select value from memory where key = ?", (key,)))
            return json.loads(rows[0]["value"]) if rows else None

        return await self.write(operation)

    def keep_discovery(self, topic: str, payload: bytes, publisher: str | None) -> None:
        """Keep a discovery message, or forget it when the payload is empty."""
        if payload:
            row = {"topic": topic, "payload": payload, "publisher": publisher}
            self.write_soon(lambda database: _table(database, "discovery").upsert(row, pk="topic"))
        else:
            self.write_soon(
                lambda database: database.execute("delete from discovery where topic = ?", (topic,))
            )

    async def discovery(self) -> list[tuple[str, bytes, str | None]]:
        """All kept discovery messages."""
        rows = await self.write(lambda database: list(database.query("select * from discovery")))
        return [(row["topic"], bytes(row["payload"]), row["publisher"]) for row in rows]

    async def unanswered(self) -> list[tuple[StoredRequest, list[StoredStep]]]:
        """Requests without a final reply, oldest first, with their steps."""

        def operation(database: Database) -> list[tuple[StoredRequest, list[StoredStep]]]:
            rows = list(
                database.query("select * from requests where reply is null order by received")
            )
            return [(_request(row), _steps(database, row["trace"])) for row in rows]

        return await self.write(operation)

    async def forget_before(self, moment: datetime) -> None:
        """Delete what is older than the retention allows."""
        limit = moment.isoformat()

        def operation(database: Database) -> None:
            old = "select trace from requests where received < ? and reply is not null"
            for table in ("stages", "steps"):
                database.execute(f"delete from {table} where trace in ({old})", (limit,))
            database.execute(
                "delete from requests where received < ? and reply is not null", (limit,)
            )

        await self.write(operation)


def _table(database: Database, name: str) -> Table:
    table = database[name]
    assert isinstance(table, Table)
    return table


def retention_limit(now: datetime, days: int) -> datetime:
    """The moment before which the journal forgets."""
    return now.astimezone(UTC) - timedelta(days=days)


def _request(row: Mapping[str, Any]) -> StoredRequest:
    return StoredRequest(
        row["trace"],
        row["site"],
        row["id"],
        row["text"],
        datetime.fromisoformat(row["received"]),
        row["payload"],
        row["response"],
        row["reply"],
    )


def _steps(database: Database, trace: str) -> list[StoredStep]:
    rows = database.query("select * from steps where trace = ? order by seq", (trace,))
    return [
        StoredStep(
            row["trace"],
            row["seq"],
            row["entity_id"],
            row["service"],
            json.loads(row["data"]),
            json.loads(row["expect"]),
            row["status"],
        )
        for row in rows
    ]


def read_only(path: Path) -> Database:
    """A reader of the journal. Raises `JournalError` if there is none."""
    if not path.exists():
        raise JournalError(f"{path}: there is no journal; is the hub running? try `hearthd doctor`")
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    return Database(connection)
