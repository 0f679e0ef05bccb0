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

from hub.journal_fates import Fate, Fates
from hub.journal_file import (
    JournalError,
    hold,
    open_database,
    read_only,
    release,
    retention_limit,
)
from hub.journal_forget import Forget, forget
from hub.journal_history import forget_history
from hub.journal_rows import StoredRequest, StoredStep, request_of, steps_of
from hub.journal_writer import Writer

__all__ = [
    "Journal",
    "JournalError",
    "StoredRequest",
    "StoredStep",
    "read_only",
    "retention_limit",
]

T = TypeVar("T")


class Journal:
    """The writing side. Use as `async with Journal(path) as journal`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.moved_aside: str | None = None
        self.on_damage: Callable[[str], None] | None = None
        self._writer: Writer

    async def __aenter__(self) -> Journal:
        self._held = await asyncio.to_thread(hold, self.path)
        expected = self.path.exists()
        try:
            opened = await asyncio.to_thread(open_database, self.path)
        except BaseException:
            release(self._held)
            raise
        self.moved_aside = opened.moved_aside
        self._fates = await asyncio.to_thread(
            Fates, self.path.with_name(f"{self.path.stem}.fates"), expected
        )
        self._writer = Writer(self.path, opened.database, self._damaged)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            await self._writer.close()
        finally:
            self._fates.close()
            release(self._held)

    def _damaged(self, moved_aside: str) -> None:
        self.moved_aside = moved_aside
        if self.on_damage is not None:
            self.on_damage(moved_aside)

    @property
    def failing(self) -> str | None:
        """Why nothing can be written at the moment, if so."""
        return self._writer.failing

    @property
    def dropped(self) -> int:
        """Notes that were lost because the disk did not heal in time."""
        return self._writer.dropped

    async def write(self, operation: Callable[[Database], T]) -> T:
        """Run an operation in the next transaction; returns when it is on disk.

        Raises `JournalError`.
        """
        return await self._writer.write(operation)

    def write_soon(self, operation: Callable[[Database], Any]) -> None:
        """The same without waiting: for what may be lost in a power cut."""
        self._writer.write_soon(operation)

    async def record(self, request: StoredRequest) -> StoredRequest | None:
        """Write a request down. Returns the earlier one if its site and id are known already.

        Raises `JournalError`; then it is not carried out after a restart either.
        """

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
                    request.received.astimezone(UTC).isoformat(),
                    request.payload,
                    request.response,
                ),
            )
            return None

        def undo(database: Database) -> None:
            database.execute(
                "delete from requests where trace = ? and reply is null", (request.trace,)
            )

        return await self._writer.write(operation, undo)

    def fate(self, site: str, request_id: str) -> Fate | None:
        """How far a command came, although the database may have lost that."""
        return self._fates.of(site, request_id)

    @property
    def fates_known(self) -> bool:
        """Whether a command without a fate had not begun when this process started."""
        return self._fates.sound

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

        def operation(database: Database) -> None:
            self._note_fates(database, {row[0] for row in rows}, Fate.BEGUN)
            database.conn.executemany(
                "insert or replace into steps values (?, ?, ?, ?, ?, ?, ?)", rows
            )

        await self._writer.write(operation)

    def step_ended(self, trace: str, seq: int, status: str) -> None:
        """Write a step's outcome down, soon."""
        self._writer.write_soon(
            lambda database: database.execute(
                "update steps set status = ? where trace = ? and seq = ?", (status, trace, seq)
            )
        )

    async def answer(self, trace: str, reply: str) -> bool:
        """Write the final reply down; False if there was one already. Raises `JournalError`."""
        return await self._writer.write(lambda database: _answer(database, trace, reply))

    def answer_soon(self, trace: str, reply: str) -> None:
        """The same for a reply that had to be given before it could be written."""
        self._writer.write_soon(lambda database: _answer(database, trace, reply))

    async def delivered(self, traces: Sequence[str]) -> None:
        """The broker has these replies: it sent them back to us."""

        def operation(database: Database) -> None:
            self._note_fates(database, traces, Fate.DELIVERED)
            database.conn.executemany(
                "update requests set delivered = 1 where trace = ?", [(t,) for t in traces]
            )

        await self._writer.write(operation)

    def _note_fates(self, database: Database, traces: Iterable[str], fate: Fate) -> None:
        for trace in traces:
            for row in database.query("select site, id from requests where trace = ?", (trace,)):
                self._fates.note(row["site"], row["id"], fate)

    async def undelivered(self) -> list[StoredRequest]:
        """Answered requests whose reply the broker may not have, oldest first."""
        query = "select * from requests where reply is not null and delivered = 0 order by received"

        def operation(database: Database) -> list[StoredRequest]:
            found = [request_of(row) for row in list(database.query(query))]
            known = [r for r in found if self.fate(r.site, r.id) is Fate.DELIVERED]
            database.conn.executemany(
                "update requests set delivered = 1 where trace = ?", [(r.trace,) for r in known]
            )
            return [r for r in found if r not in known]

        return await self._writer.write(operation)

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

    async def forget(self, wish: Forget) -> int:
        """Delete what fits; returns how many requests that were."""
        return await self._writer.write(lambda database: forget(database, wish))

    async def forget_history(self, before: datetime | None = None) -> int:
        """Delete the history before a moment, all of it without one; returns how many rows. Not
        in one go: commands pass in between."""
        total = 0
        while number := await self.write(lambda database: forget_history(database, before)):
            total += number
        return total

    async def tidy(self) -> None:
        """Write the log back into the file, so that what was deleted is in neither of them."""
        await self._writer.maintain("pragma wal_checkpoint(truncate)")

    async def forget_before(self, moment: datetime) -> int:
        """Delete what is older than the retention allows."""
        return await self.forget(Forget(before=moment))


def _answer(database: Database, trace: str, reply: str) -> bool:
    changed = database.execute(
        "update requests set reply = ? where trace = ? and reply is null", (reply, trace)
    )
    if changed.rowcount == 1:
        return True
    # A request that is not there was lost with a damaged file: its reply is the first all the same.
    return not list(database.query("select 1 from requests where trace = ?", (trace,)))


def _table(database: Database, name: str) -> Table:
    table = database[name]
    assert isinstance(table, Table)
    return table
