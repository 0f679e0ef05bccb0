"""The journal's history: which entity was in which state when, and who did it.

Words (entity ids, states) stand once and are referred to by number: a year of a busy house is two
million rows of a few bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum

from sqlite_utils import Database

NUMBER = ""
"""The state word of what reports numbers: they stand in `value`."""
FORGET_ROWS = 5_000
"""Rows that are deleted in one transaction: a command may be waiting behind it."""


class Cause(IntEnum):
    """Who brought a state about."""

    DEVICE = 0  # the device itself, a switch on the wall, another program
    PERSON = 1  # somebody told the hub
    AUTOMATION = 2  # the hub by itself
    START = 3  # it was so when the hub began to listen, or when the device came back


@dataclass(frozen=True, slots=True)
class Lived:
    """One row: an entity came into a state. `value` is its number: brightness, position, goal,
    or what a sensor measured."""

    at: datetime
    entity_id: str
    state: str
    value: float | None
    cause: Cause
    trace: str | None = None


def add(database: Database, rows: Sequence[Lived]) -> None:
    """Write rows down. Must run inside the journal's transaction."""
    words = {word for row in rows for word in (row.entity_id, row.state)}
    numbers = _numbers(database, words)
    database.conn.executemany(
        "insert into history values (?, ?, ?, ?, ?, ?)",
        [
            (
                int(row.at.timestamp()), numbers[row.entity_id], numbers[row.state], row.value,
                int(row.cause), row.trace,
            )
            for row in rows
        ],
    )  # fmt: skip


def _numbers(database: Database, words: Iterable[str]) -> dict[str, int]:
    found = {}
    for word in words:
        database.execute("insert or ignore into words (word) values (?)", (word,))
        query = "select id from words where word = ?"
        found[word] = int(database.execute(query, (word,)).fetchone()[0])
    return found


def forget_history(database: Database, before: datetime | None) -> int:
    """Delete some of the rows before a moment (of all, without one); returns how many."""
    limit = int(before.timestamp()) if before is not None else 1 << 62
    changed = database.execute(
        "delete from history where rowid in (select rowid from history where at < ? limit ?)",
        (limit, FORGET_ROWS),
    )
    return int(changed.rowcount)


def between(
    database: Database, start: datetime, end: datetime, entity_ids: Sequence[str] = ()
) -> list[Lived]:
    """The rows of [start, end), in order; of some entities, or of all."""
    some = ",".join("?" * len(entity_ids))
    where = f" and e.word in ({some})" if entity_ids else ""
    query = (
        "select h.at, e.word as entity_id, s.word as state, h.value, h.cause, h.trace"
        " from history h join words e on e.id = h.entity join words s on s.id = h.state"
        f" where h.at >= ? and h.at < ?{where} order by h.at, h.rowid"
    )
    values = (int(start.timestamp()), int(end.timestamp()), *entity_ids)
    return [
        Lived(
            datetime.fromtimestamp(row["at"], UTC), row["entity_id"], row["state"], row["value"],
            Cause(row["cause"]), row["trace"],
        )
        for row in database.query(query, values)
    ]  # fmt: skip
