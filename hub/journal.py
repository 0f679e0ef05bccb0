"""The journal: every stage of every request, written down before it is acted on.

SQLite in WAL mode through sqlite-utils. Exactly one connection writes, on a thread of its own
(`hub.journal_writer`), and what is waiting is committed together (`synchronous=FULL`): a request
that was acknowledged and a step that was published are on disk first. Readers open the file
read-only.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from sqlite_utils import Database
from sqlite_utils.db import Table

from hub.journal_file import (
    SCHEMA_VERSION,
    JournalError,
    open_database,
    read_only,
    retention_limit,
)
from hub.journal_rows import StoredRequest, StoredStep, request_of, steps_of
from hub.journal_writer import Operation, Writer

__all__ = [
    "SCHEMA_VERSION",
    "Journal",
    "JournalError",
    "StoredRequest",
    "StoredStep",
    "open_database",
    "read_only",
    "retention_limit",
]

T = TypeVar("T")


class Journal:
    """The writing side. Use as `async with Journal(path) as journal`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.moved_aside: str | None = None
        self._writer: Writer

    async def __aenter__(self) -> Journal:
        database, self.moved_aside = await asyncio.to_thread(open_database, self.path)
        self._writer = Writer(self.path, database)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._writer.close()

    async def write(self, operation: Callable[[Database], T]) -> T:
        """Run an operation in the next transaction; returns when it is on disk.

        Raises `JournalError`.
        """
        return await self._writer.write(operation)

    def write_soon(self, operation: Operation) -> None:
        """The same without waiting: for what may be lost in a power cut."""
        self._writer.write_soon(operation)

    async def record(self, request: StoredRequest) -> StoredRequest | None:
        """Write a request down. Returns the earlier one if its site and id are known already."""

        def operation(database: Database) -> StoredRequest | None:
            rows = list(
                database.query(
                    "select * from requests where site = ? and id = ?", (request.site, request.id)
                )
            )
            if rows:
                return request_of(rows[0])
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

        return await self._writer.write(operation)

    async def note(self, trace: str, stage: str, content: Mapping[str, Any]) -> None:
        """Write a stage down, soon."""
        text = json.dumps(content, ensure_ascii=False, default=str)
        row = (trace, stage, datetime.now(UTC).isoformat(), text)
        self._writer.write_soon(
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
        await self._writer.write(
            lambda database: database.conn.executemany(
                "insert or replace into steps values (?, ?, ?, ?, ?, ?, ?)", rows
            )
        )

    def step_ended(self, trace: str, seq: int, status: str) -> None:
        """Write a step's outcome down, soon."""
        self._writer.write_soon(
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

        return await self._writer.write(operation)

    async def delivered(self, traces: Sequence[str]) -> None:
        """The broker has these replies: it sent them back to us."""
        rows = [(trace,) for trace in traces]
        await self._writer.write(
            lambda database: database.conn.executemany(
                "update requests set delivered = 1 where trace = ?", rows
            )
        )

    async def undelivered(self) -> list[StoredRequest]:
        """Answered requests whose reply the broker may not have, oldest first."""
        query = "select * from requests where reply is not null and delivered = 0 order by received"
        rows = await self._writer.write(lambda database: list(database.query(query)))
        return [request_of(row) for row in rows]

    def remember(self, key: str, value: Any) -> None:
        """Keep a JSON value under a key, soon."""
        text = json.dumps(value, ensure_ascii=False, default=str)
        self._writer.write_soon(
            lambda database: _table(database, "memory").upsert(
                {"key": key, "value": text}, pk="key"
            )
        )

    async def keep(self, key: str, value: Any) -> None:
        """The same, returning when it is on disk. Raises `JournalError`."""
        text = json.dumps(value, ensure_ascii=False)
        await self._writer.write(
            lambda database: database.execute(
                "insert or replace into memory values (?, ?)", (key, text)
            )
        )

    async def recall(self, key: str) -> Any:
        """The value under a key, or None."""

        def operation(database: Database) -> Any:
            rows = list(database.query("select value from memory where key = ?", (key,)))
            return json.loads(rows[0]["value"]) if rows else None

        return await self._writer.write(operation)

    def keep_discovery(self, topic: str, payload: bytes, publisher: str | None) -> None:
        """Keep a discovery message, or forget it when the payload is empty."""
        if payload:
            row = {"topic": topic, "payload": payload, "publisher": publisher}
            self._writer.write_soon(
                lambda database: _table(database, "discovery").upsert(row, pk="topic")
            )
        else:
            self._writer.write_soon(
                lambda database: database.execute("delete from discovery where topic = ?", (topic,))
            )

    async def discovery(self) -> list[tuple[str, bytes, str | None]]:
        """All kept discovery messages."""
        rows = await self._writer.write(
            lambda database: list(database.query("select * from discovery"))
        )
        return [(row["topic"], bytes(row["payload"]), row["publisher"]) for row in rows]

    async def unanswered(self) -> list[tuple[StoredRequest, list[StoredStep]]]:
        """Requests without a final reply, oldest first, with their steps."""

        def operation(database: Database) -> list[tuple[StoredRequest, list[StoredStep]]]:
            rows = list(
                database.query("select * from requests where reply is null order by received")
            )
            return [(request_of(row), steps_of(database, row["trace"])) for row in rows]

        return await self._writer.write(operation)

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

        await self._writer.write(operation)


def _table(database: Database, name: str) -> Table:
    table = database[name]
    assert isinstance(table, Table)
    return table
