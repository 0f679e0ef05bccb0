"""What the journal remembers that a text may be about; read on a connection of its own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlite_utils import Database

from devices.home import Home
from hub.journal_file import read_only
from hub.journal_history import Lived, between
from hub.writing.gather import period_of
from hub.writing.happened import Past
from hub.writing.wish import Wish

LOOK_BACK = timedelta(days=14)
"""Somebody who was away longer is told of the last two weeks."""


def past_of(path: Path, wish: Wish, home: Home, now: datetime, user: str | None) -> Past:
    """The past that a wish is about. Blocking; raises `JournalError`."""
    database = read_only(path)
    try:
        away = _away(database, home, now, user) if wish.period == "away" else None
        start, end = period_of(wish, now, away)
        known = wish.period != "away" or away is not None
        return Past(
            start if known else None, end, between(database, start, end),
            _failed(database, start, end), _support(database),
        )  # fmt: skip
    finally:
        database.conn.close()


def _away(
    database: Database, home: Home, now: datetime, user: str | None
) -> tuple[datetime, datetime] | None:
    """When somebody (the user, else anybody) was last out; until now, if they still are."""
    people = [e for e in home.entities.values() if e.domain == "person"]
    mine = [e for e in people if user and e.name.lower() == user.lower()]
    ids = [e.id for e in (mine or people)]
    rows = between(database, now - LOOK_BACK, now, ids) if ids else []
    return absence(rows, now)


def absence(rows: Sequence[Lived], now: datetime) -> tuple[datetime, datetime] | None:
    """The last time between leaving and coming home in these rows; None if nobody left."""
    left: dict[str, datetime] = {}
    found: list[tuple[datetime, datetime]] = []
    for row in rows:
        if row.state == "home":
            if row.entity_id in left:
                found.append((left.pop(row.entity_id), row.at))
        elif row.state != "unavailable":
            left.setdefault(row.entity_id, row.at)
    found += [(at, now) for at in left.values()]
    return max(found, key=lambda one: (one[1], one[0])) if found else None


def _failed(database: Database, start: datetime, end: datetime) -> list[tuple[datetime, str, str]]:
    query = (
        "select r.received, s.entity_id, s.service from steps s"
        " join requests r on r.trace = s.trace"
        " where s.status = 'failed' and r.received >= ? and r.received < ? order by r.received"
    )
    span = (start.astimezone(UTC).isoformat(), end.astimezone(UTC).isoformat())
    return [
        (datetime.fromisoformat(row["received"]), row["entity_id"], row["service"])
        for row in database.query(query, span)
    ]


def _support(database: Database) -> dict[str, object]:
    rows = list(database.query("select value from memory where key = 'support'"))
    found = json.loads(rows[0]["value"]) if rows else None
    return found if isinstance(found, dict) else {}
