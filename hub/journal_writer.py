"""The one thread that writes the journal: what is waiting is committed together.

`synchronous=FULL` makes a commit wait for the disk; a group of waiting writes shares that wait.
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from sqlite_utils import Database

from hub.journal_file import JournalError

T = TypeVar("T")
Operation = Callable[[Database], Any]


class Writer:
    """Runs operations on a database, in order, in group commits."""

    def __init__(self, path: Path, database: Database) -> None:
        """Call on the event loop that will wait for the writes."""
        self.path = path
        self._loop = asyncio.get_running_loop()
        self._database = database
        self._queue: queue.SimpleQueue[tuple[Operation, Any] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="journal", daemon=True)
        self._thread.start()

    async def close(self) -> None:
        """Finish what is waiting, and close the file."""
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)
        self._database.conn.close()

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
