"""The journal's file: its schema, how it is opened, what happens when it is damaged."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlite_utils import Database

SCHEMA_VERSION = 1


class JournalError(Exception):
    """The journal cannot be written: disk full, I/O error, no permission."""


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


def read_only(path: Path) -> Database:
    """A reader of the journal. Raises `JournalError` if there is none."""
    if not path.exists():
        raise JournalError(f"{path}: there is no journal; is the hub running? try `hearthd doctor`")
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    return Database(connection)


def retention_limit(now: datetime, days: int) -> datetime:
    """The moment before which the journal forgets."""
    return now.astimezone(UTC) - timedelta(days=days)
