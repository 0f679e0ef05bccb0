"""The one thread that writes the journal: what is waiting is committed together.

`synchronous=FULL` makes a commit wait for the disk; a group of waiting writes shares that wait.
When the disk is full, fails or is locked, who waits is told so at once, and what nobody waits for
is kept and written as soon as that can be. A file that turns out damaged is set aside, and a new
one begun.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

from sqlite_utils import Database

from hub.journal_file import JournalError, connect, open_database

T = TypeVar("T")
Operation = Callable[[Database], Any]


@dataclass(frozen=True, slots=True)
class Item:
    """One write. `future` is who waits for it, `undo` takes back what may have come of it although
    it was refused."""

    operation: Operation
    future: asyncio.Future[Any] | None = None
    undo: Operation | None = None


BATCH = 256
KEPT_FOR_LATER = 20_000
"""Writes that wait for the disk to heal; older ones are dropped, and counted."""
RETRY_SECONDS = 1.0
SOON_SECONDS = 0.05
"""How long a write that nobody waits for may wait for one that somebody does, to share its commit.
"""


class Fault(Enum):
    """Whose fault a failed write is."""

    OPERATION = "the operation's own"
    DISK = "full, failing, read-only or locked"
    DAMAGE = "the file is damaged"


_OPERATION_CODES = frozenset(
    {sqlite3.SQLITE_ERROR, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_CONSTRAINT,
     sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_MISUSE, sqlite3.SQLITE_RANGE}
)  # fmt: skip
_DAMAGE_CODES = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_PASSING_CODES = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
"""After these the connection is as good as before."""


class Writer:
    """Runs operations on a database, in order, in group commits."""

    def __init__(
        self, path: Path, database: Database, damaged: Callable[[str], None] = lambda name: None
    ) -> None:
        """Call on the event loop that will wait for the writes. `damaged` is called there with the
        new name of a file that had to be set aside."""
        self.path = path
        self.dropped = 0
        self.failing: str | None = None
        self._loop = asyncio.get_running_loop()
        self._database: Database | None = database
        self._maintenance: deque[tuple[str, asyncio.Future[Any]]] = deque()
        self._reopen_at = 0.0
        self._damaged = damaged
        self._queue: queue.SimpleQueue[Item | None] = queue.SimpleQueue()
        self._later: deque[Item] = deque()
        self._thread = threading.Thread(target=self._work, name="journal", daemon=True)
        self._thread.start()

    async def close(self) -> None:
        """Finish what is waiting, and close the file."""
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)
        self._disconnect()

    async def write(self, operation: Callable[[Database], T], undo: Operation | None = None) -> T:
        """Run an operation in the next transaction; returns when it is on disk. If that is refused
        after an I/O error, its rows may stand in the file all the same, for the next start to find:
        `undo` deletes them.

        Raises `JournalError`, or what the operation raises.
        """
        future: asyncio.Future[T] = self._loop.create_future()
        self._queue.put(Item(operation, future, undo))
        return await future

    def write_soon(self, operation: Operation) -> None:
        """The same without waiting: for what may be lost in a power cut."""
        self._queue.put(Item(operation))

    async def maintain(self, statement: str) -> None:
        """Run a statement that cannot stand in a transaction, after what is waiting now. What does
        not work is left for another time."""
        future: asyncio.Future[Any] = self._loop.create_future()
        self._maintenance.append((statement, future))
        self.write_soon(lambda database: None)
        await future

    # --- the thread --------------------------------------------------------------------------

    def _work(self) -> None:
        last = False
        while not last:
            batch, last = self._next_batch()
            if self._later:
                self._catch_up()
            if batch:
                self._commit(batch)
            while self._maintenance:
                self._maintain(*self._maintenance.popleft())

    def _maintain(self, statement: str, future: asyncio.Future[Any]) -> None:
        with contextlib.suppress(sqlite3.Error, JournalError):
            self._connected().execute(statement)
        self._tell([(future, None, None)])

    def _next_batch(self) -> tuple[list[Item], bool]:
        """What waits, at least one item unless it is time to try again; and whether it is all."""
        batch: list[Item] = []
        with contextlib.suppress(queue.Empty):
            item = self._queue.get(timeout=RETRY_SECONDS if self._later else None)
            until = time.monotonic() + SOON_SECONDS
            waited_for = bool(self._maintenance)
            while item is not None:
                batch.append(item)
                waited_for = waited_for or item.future is not None
                if len(batch) == BATCH:
                    return batch, False
                left = 0.0 if waited_for else until - time.monotonic()
                item = self._queue.get(timeout=left) if left > 0 else self._queue.get_nowait()
            return batch, True
        return batch, False

    def _catch_up(self) -> None:
        """Write what was kept for later, as far as that goes."""
        chunk = [self._later.popleft() for _ in range(min(BATCH, len(self._later)))]
        while chunk and self._commit(chunk):
            chunk = [self._later.popleft() for _ in range(min(BATCH, len(self._later)))]

    def _commit(self, batch: Sequence[Item], again: bool = True) -> bool:
        """Write a batch; False if the disk did not let us."""
        try:
            results = self._transaction(batch)
        except Exception as error:
            fault = _fault_of(error)
            if fault is Fault.DAMAGE and again and self._begin_anew():
                return self._commit(batch, again=False)
            if fault is Fault.OPERATION:
                self._one_by_one(batch, error)
                return True
            self._refuse(batch, error)
            return False
        self.failing = None
        self._tell(
            [(item.future, result, None) for item, result in zip(batch, results, strict=True)]
        )
        return True

    def _transaction(self, batch: Sequence[Item]) -> list[Any]:
        database = self._connected()
        connection = database.conn
        connection.execute("begin immediate")
        try:
            results = [item.operation(database) for item in batch]
            connection.execute("commit")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                connection.execute("rollback")
            raise
        return results

    def _connected(self) -> Database:
        if self._database is None:
            if time.monotonic() < self._reopen_at:
                raise JournalError(self.failing or f"{self.path}: cannot be opened")
            self._reopen_at = time.monotonic() + RETRY_SECONDS
            opened = open_database(self.path)
            self._database = opened.database
            self._report(opened.moved_aside)
        return self._database

    def _begin_anew(self) -> bool:
        self._disconnect()
        try:
            self._connected()
        except JournalError:
            return False
        return True

    def _one_by_one(self, batch: Sequence[Item], error: Exception) -> None:
        """Find the operation that does not work, and let the others pass."""
        if len(batch) > 1:
            for item in batch:
                self._commit([item])
            return
        told = JournalError(f"{self.path}: {error}") if isinstance(error, sqlite3.Error) else error
        self._tell([(batch[0].future, None, told)])

    def _refuse(self, batch: Sequence[Item], error: Exception) -> None:
        """Tell who waits; keep the rest for later."""
        told = error if isinstance(error, JournalError) else JournalError(f"{self.path}: {error}")
        self.failing = str(told)
        if isinstance(error, sqlite3.Error) and _code(error) not in _PASSING_CODES:
            self._disconnect()
            self._take_back([item.undo for item in batch if item.undo is not None])
        self._later.extendleft(item for item in reversed(batch) if item.future is None)
        while len(self._later) > KEPT_FOR_LATER:
            self._later.popleft()
            self.dropped += 1
        self._tell([(item.future, None, told) for item in batch])

    def _take_back(self, undo: Sequence[Operation]) -> None:
        """A commit that failed at the disk's `fsync` stands in the write-ahead log, and whoever
        opens that next takes it for valid. Before anybody is told that it was refused, write over
        it what undoes it; the failing `fsync` is not asked for."""
        if not undo:
            return
        try:
            database = Database(connect(self.path))
        except (sqlite3.Error, OSError):
            self._later.extend(Item(operation) for operation in undo)
            return
        connection = database.conn
        try:
            connection.execute("pragma synchronous=off")
            connection.execute("begin immediate")
            for operation in undo:
                operation(database)
            connection.execute("commit")
            connection.execute("pragma synchronous=full")
        except sqlite3.Error:
            connection.close()
            self._later.extend(Item(operation) for operation in undo)
        else:
            self._database = database

    def _disconnect(self) -> None:
        database, self._database = self._database, None
        if database is not None:
            with contextlib.suppress(sqlite3.Error):
                database.conn.close()

    # --- back on the loop --------------------------------------------------------------------

    def _tell(
        self, ends: Sequence[tuple[asyncio.Future[Any] | None, Any, Exception | None]]
    ) -> None:
        waiting = [(f, result, error) for f, result, error in ends if f is not None]

        def settle() -> None:
            for future, result, error in waiting:
                if future.done():
                    continue
                if error is not None:
                    future.set_exception(error)
                else:
                    future.set_result(result)

        if waiting:
            self._loop.call_soon_threadsafe(settle)

    def _report(self, moved_aside: str | None) -> None:
        if moved_aside is not None:
            self._loop.call_soon_threadsafe(self._damaged, moved_aside)


def _code(error: sqlite3.Error) -> int:
    return int(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)) & 0xFF


def _fault_of(error: Exception) -> Fault:
    if isinstance(error, JournalError):
        return Fault.DISK
    if not isinstance(error, sqlite3.Error) or _code(error) in _OPERATION_CODES:
        return Fault.OPERATION
    return Fault.DAMAGE if _code(error) in _DAMAGE_CODES else Fault.DISK
