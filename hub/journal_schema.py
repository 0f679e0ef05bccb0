"""The journal's tables, as the steps that made them: version n is what steps 1 to n lead to.

A step is never changed once it was released; `tests/hub/journals` holds a file of every release.
"""

from __future__ import annotations

import sqlite3

_STEPS: tuple[tuple[str, ...], ...] = (
    (  # 1: hearthd 0.1.0
        "create table if not exists requests (trace text primary key, site text not null,"
        " id text not null, text text, received text not null, payload text, response text,"
        " reply text, delivered integer not null default 0, unique (site, id))",
        "create table if not exists stages (trace text not null, stage text not null,"
        " time text not null, content text not null)",
        "create index if not exists stages_of_trace on stages (trace)",
        "create table if not exists steps (trace text not null, seq integer not null,"
        " entity_id text, service text, data text, expect text, status text not null,"
        " primary key (trace, seq))",
        "create table if not exists discovery"
        " (topic text primary key, payload blob, publisher text)",
        "create table if not exists memory (key text primary key, value text)",
    ),
    (  # 2: what a start looks for is found without reading the whole journal
        "create index requests_by_time on requests (received)",
        "create index unanswered on requests (received) where reply is null",
        "create index undelivered on requests (received) where reply is not null and delivered = 0",
    ),
    (  # 3: what was in which state when, and who did it (`hub.journal_history`)
        "create table words (id integer primary key, word text not null unique)",
        "create table history (at integer not null, entity integer not null,"
        " state integer not null, value real, cause integer not null, trace text)",
        "create index history_by_time on history (at)",
    ),
    (  # 4: notes that were written, with the facts that went in (`hub.writing.notes`)
        "create table notes (id integer primary key autoincrement, created text not null,"
        " site text not null, user text, text text not null, wish text not null,"
        " facts text not null, writer text not null)",
    ),
)
SCHEMA_VERSION = len(_STEPS)
FARTHEST_FUTURE = 1000
"""A version above this is no newer hearthd's, but damage."""


class TooNewError(Exception):
    """The file was written by a newer hearthd."""


def migrate(connection: sqlite3.Connection) -> int:
    """Bring a database to this version, in one transaction; returns the version it had.

    Raises `TooNewError`, or `sqlite3.Error` with nothing changed.
    """
    had = version_of(connection)
    if not 0 <= had <= FARTHEST_FUTURE:
        raise sqlite3.DatabaseError(f"there is no schema {had}")
    if had > SCHEMA_VERSION:
        raise TooNewError(f"schema {had}, this hearthd knows {SCHEMA_VERSION}; update hearthd")
    if had == SCHEMA_VERSION:
        return had
    connection.execute("begin immediate")
    try:
        for step in _STEPS[had:]:
            for statement in step:
                connection.execute(statement)
        connection.execute(f"pragma user_version = {SCHEMA_VERSION}")
        connection.execute("commit")
    except sqlite3.Error:
        connection.execute("rollback")
        raise
    return had


def version_of(connection: sqlite3.Connection) -> int:
    """The schema version that a file says it has; 0 for a new one."""
    return int(connection.execute("pragma user_version").fetchone()[0])
