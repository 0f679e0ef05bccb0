"""Copies of the journal: taken while the hub runs, and put back while it does not."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from hub.journal_file import BUSY_SECONDS, JournalError, hold, release
from hub.journal_schema import SCHEMA_VERSION, migrate, version_of

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC).isoformat()


def back_up(journal: Path, copy: Path) -> int:
    """Write a consistent copy of a journal, readable by the owner only; returns its requests.

    The hub may go on writing. The copy appears under its name when it is whole and on disk.
    Raises `JournalError`.
    """
    if not journal.exists():
        raise JournalError(f"{journal}: there is no journal to back up")
    if copy.exists():
        raise JournalError(f"{copy}: exists already; name another file")
    part = copy.with_name(f"{copy.name}.part")
    try:
        part.unlink(missing_ok=True)
        part.touch(0o600)
        with _reading(journal) as source, contextlib.closing(sqlite3.connect(part)) as target:
            source.backup(target)
            target.execute("pragma journal_mode=delete")
            requests = _checked(target, part)
        _replace(part, copy)
    except (sqlite3.Error, OSError) as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise JournalError(f"{copy}: {error}") from error
    return requests


def restore(copy: Path, journal: Path) -> str | None:
    """Put a copy in the place of the journal; returns the new name of what lay there.

    What was not answered in the copy is not acted on any more. Raises `JournalError`, with nothing
    changed, when the hub is running or the copy is not a sound journal.
    """
    held = hold(journal)
    part = journal.with_name(f"{journal.name}.part")
    try:
        with _reading(copy) as source, contextlib.closing(sqlite3.connect(part)) as target:
            source.backup(target)
            _checked(target, copy)
            target.isolation_level = None
            migrate(target)
            target.execute("update requests set delivered = 1")
            target.execute("update requests set received = ? where reply is null", (LONG_AGO,))
        moved = _make_room(journal)
        _replace(part, journal)
    except (sqlite3.Error, OSError) as error:
        raise JournalError(f"{copy}: {error}") from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        release(held)
    return moved


def _checked(connection: sqlite3.Connection, path: Path) -> int:
    found = connection.execute("pragma quick_check").fetchone()[0]
    if found != "ok":
        raise JournalError(f"{path}: is damaged: {found}")
    if not 1 <= version_of(connection) <= SCHEMA_VERSION:
        raise JournalError(
            f"{path}: is not a journal that this hearthd knows"
            f" (schema {version_of(connection)}, known are 1 to {SCHEMA_VERSION})"
        )
    return int(connection.execute("select count(*) from requests").fetchone()[0])


def _make_room(journal: Path) -> str | None:
    if not journal.exists():
        return None
    moved = f"{journal.name}.before-restore-{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
    for suffix in ("-wal", "-shm", ""):
        part = journal.with_name(journal.name + suffix)
        if part.exists():
            part.rename(journal.with_name(moved + suffix))
    return moved


def _replace(part: Path, target: Path) -> None:
    """Rename when everything is on disk, and put the rename on disk too."""
    with part.open("rb") as written:
        os.fsync(written.fileno())
    part.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    if not path.exists():
        raise JournalError(f"{path}: there is no such file")
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=BUSY_SECONDS)
    with contextlib.closing(connection):
        yield connection
