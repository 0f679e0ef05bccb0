"""The journal's file: how it is opened, held by one process, and set aside when it is damaged."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlite_utils import Database

from hub.journal_schema import TooNewError, migrate

BUSY_SECONDS = 3.0
"""How long a write waits for somebody else's lock before it is refused."""


class JournalError(Exception):
    """The journal cannot be written: disk full, I/O error, no permission, held by another hub."""


@dataclass(frozen=True, slots=True)
class Opened:
    """An open journal; `moved_aside` is the new name of a damaged one that lay there before."""

    database: Database
    moved_aside: str | None = None


def hold(path: Path) -> int:
    """Hold a journal for this process; returns what to give to `release`.

    Two hubs on one journal would execute everything twice. The lock ends with the process, however
    it ends. Raises `JournalError`.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path.with_name(f"{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise JournalError(f"{path.parent}: cannot be written: {error.strerror}") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        raise JournalError(
            f"{path}: another hub is using it; stop it first, or set another storage.directory"
        ) from error
    return handle


def release(handle: int) -> None:
    """Give a held journal free."""
    os.close(handle)


def open_database(path: Path) -> Opened:
    """The database with its schema; a damaged file is moved aside.

    Raises `JournalError`.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        moved = None
        if path.exists() and not _sound(path):
            moved = _move_aside(path)
        try:
            return Opened(Database(connect(path)), moved)
        except sqlite3.Error as error:
            if moved is not None or not path.exists() or _may_pass(error):
                raise
        moved = _move_aside(path)
        return Opened(Database(connect(path)), moved)
    except TooNewError as error:
        raise JournalError(f"{path}: {error}") from error
    except (sqlite3.Error, OSError) as error:
        raise JournalError(f"{path}: cannot be opened: {error}") from error


def connect(path: Path) -> sqlite3.Connection:
    """The writing connection. Raises `sqlite3.Error` or OSError."""
    connection = sqlite3.connect(
        path, timeout=BUSY_SECONDS, check_same_thread=False, isolation_level=None
    )
    try:
        path.chmod(0o600)
        connection.execute("pragma journal_mode=wal")
        connection.execute("pragma synchronous=full")
        connection.execute("pragma secure_delete=on")
        migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _sound(path: Path) -> bool:
    """Whether SQLite finds the file in order. What cannot be read now may be in order."""
    try:
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS)
        try:
            return bool(connection.execute("pragma quick_check").fetchone()[0] == "ok")
        finally:
            connection.close()
    except sqlite3.Error as error:
        return _may_pass(error)


_PASSING = frozenset(
    {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL,
     sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_NOMEM}
)  # fmt: skip


def _may_pass(error: sqlite3.Error) -> bool:
    """Whether it is the disk's or a lock's fault, and not the file's."""
    return int(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)) & 0xFF in _PASSING


def _move_aside(path: Path) -> str:
    """Rename a damaged journal, with what belongs to it: somebody may want to save rows of it."""
    moved = f"{path.name}.corrupt-{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
    for suffix in ("-wal", "-shm", ""):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(path.with_name(moved + suffix))
    return moved


def read_only(path: Path) -> Database:
    """A reader of the journal. Raises `JournalError` if there is none."""
    if not path.exists():
        raise JournalError(f"{path}: there is no journal; is the hub running? try `hearthd doctor`")
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    return Database(connection)


def retention_limit(now: datetime, days: int) -> datetime:
    """The moment before which the journal forgets."""
    return now.astimezone(UTC) - timedelta(days=days)
