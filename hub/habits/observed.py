"""The history as arrays: what changed, when by the clock of the house, and who did it.

Rows are read in chunks straight into numpy: a year of two million rows is 60 MB here.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from hub.automations.moments import Place, sun_at
from hub.habits.found import Thing
from hub.journal_history import NUMBER, Cause

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

CHUNK = 50_000
DAY = 86_400
MINUTE = 60
HABIT_DAYS = 60
"""How far back daily habits are looked for: an older one is none any more."""
WEEKLY_DAYS = 182
"""The same for what happens once a week."""
_GOALS = frozenset({"climate", "water_heater"})
"""Domains of which the value is what people set."""


@dataclass(frozen=True, slots=True)
class Series:
    """All times at which one entity came into one state: seconds since 1970 (sorted), the value
    that it had then, and whether people did it (by hand or through the hub)."""

    entity_id: str
    state: str
    at: Ints
    value: Floats
    by_people: Flags

    def since(self, moment: int) -> Series:
        """What is not older than a moment."""
        first = int(np.searchsorted(self.at, moment))
        return Series(
            self.entity_id, self.state, self.at[first:], self.value[first:], self.by_people[first:]
        )


@dataclass(frozen=True)
class Observed:
    """A history. `series` holds the states that are words; of climate, with the goal they had."""

    things: Mapping[str, Thing]
    series: Mapping[tuple[str, str], Series]
    start: int
    end: int
    zone: ZoneInfo
    place: Place | None = None
    gone: Mapping[str, Ints] = field(default_factory=dict)

    @cached_property
    def _offsets(self) -> Ints:
        """Seconds east of UTC, for each hour from `start` on."""
        hours = range(self.start // 3600, self.end // 3600 + 3)
        shifts = (datetime.fromtimestamp(h * 3600, self.zone).utcoffset() for h in hours)
        return np.array([(s or timedelta()).total_seconds() for s in shifts], dtype=np.int64)

    def local(self, at: Ints) -> Ints:
        """The same moments by the clock on the wall, as seconds since 1970."""
        hour = np.clip(at // 3600 - self.start // 3600, 0, len(self._offsets) - 1)
        return at + self._offsets[hour]

    def days(self, since: int) -> Ints:
        """The days (since 1970, by the clock on the wall) that were wholly observed."""
        first, last = self.local(np.array([max(since, self.start), self.end])) // DAY
        return np.arange(first + 1, last) if last > first + 1 else np.arange(first, last + 1)

    def sun(self, event: str, days: Ints) -> Floats:
        """The minute of the day at which the sun rises or sets on each day; nan where never."""
        if self.place is None:
            return np.full(len(days), np.nan)
        place, epoch = self.place, date(1970, 1, 1)

        def minute(day: int) -> float:
            when = epoch + timedelta(days=day)
            at = sun_at(place, when, event)
            if at is None:
                return float("nan")
            midnight = datetime(when.year, when.month, when.day, tzinfo=self.zone)
            return (at - midnight.astimezone(UTC)).total_seconds() / MINUTE

        different, places = np.unique(days, return_inverse=True)
        return np.array([minute(int(day)) for day in different])[places]

    def dark(self, at: Ints) -> Flags | None:
        """Whether the sun was down; None where nobody knows where the house is."""
        if self.place is None:
            return None
        local = self.local(at)
        days, minute = local // DAY, (local % DAY) / MINUTE
        rise, set_ = self.sun("sunrise", days), self.sun("sunset", days)
        return np.asarray((minute < rise) | (minute > set_))


def observe(
    connection: sqlite3.Connection,
    things: Mapping[str, Thing],
    zone: ZoneInfo,
    place: Place | None = None,
    until: datetime | None = None,
) -> Observed:
    """Read a journal's history, at most `WEEKLY_DAYS` back from its end, or from `until`."""
    query = "select min(at), max(at) from history"
    first, last = connection.execute(query).fetchone()
    end = int(until.timestamp()) if until else int(last or 0)
    start = max(int(first or 0), end - WEEKLY_DAYS * DAY)
    words = dict(connection.execute("select id, word from words").fetchall())
    table = _read(connection, start, end)
    series = {}
    gone: dict[str, Ints] = {}
    for entity, rows in _by(table["entity"]):
        thing = things.get(words[entity])
        if thing is not None:
            part = table[rows]
            for one in _series(thing, part, words):
                series[(one.entity_id, one.state)] = one
    return Observed(things, series, start, end, zone, place, gone)


_ROW = np.dtype([("at", "i8"), ("entity", "i4"), ("state", "i4"), ("value", "f4"), ("cause", "i1")])


def _read(connection: sqlite3.Connection, start: int, end: int) -> NDArray[np.void]:
    """All rows whose states are words, oldest first."""
    cursor = connection.execute(
        "select at, entity, state, value, cause from history where at between ? and ?"
        " and state not in (select id from words where word = ?) order by at, rowid",
        (start, end, NUMBER),
    )
    chunks = []
    while rows := cursor.fetchmany(CHUNK):
        chunks.append(
            np.array(
                [(a, e, s, np.nan if v is None else v, c) for a, e, s, v, c in rows], dtype=_ROW
            )
        )
    return np.concatenate(chunks) if chunks else np.empty(0, dtype=_ROW)


def _by(keys: NDArray[np.int32]) -> Iterator[tuple[int, Ints]]:
    """Each key with the places where it stands, in order."""
    order = np.argsort(keys, kind="stable")
    if not len(order):
        return
    edges = np.flatnonzero(np.diff(keys[order])) + 1
    for places in np.split(order, edges):
        yield int(keys[places[0]]), places


def _series(thing: Thing, rows: NDArray[np.void], words: Mapping[int, str]) -> Sequence[Series]:
    """What an entity did, state by state: only where it came from another state, and not what was
    so already when the hub began."""
    value = rows["value"].astype(np.float64)
    goal = np.round(value * 2) if thing.domain in _GOALS else np.zeros(len(rows))
    goal = np.nan_to_num(goal, nan=-1)
    away = np.array([words[int(s)] in ("unavailable", "unknown") for s in rows["state"]])
    rows, value, goal = rows[~away], value[~away], goal[~away]
    if not len(rows):
        return ()
    fresh = np.ones(len(rows), dtype=bool)
    fresh[1:] = (np.diff(rows["state"]) != 0) | (np.diff(goal) != 0)
    fresh &= rows["cause"] != Cause.START
    found = []
    combined = rows["state"].astype(np.int64) * 1000 + goal.astype(np.int64)
    for _, places in _by(combined):
        kept = places[fresh[places]]
        if len(kept):
            state = words[int(rows["state"][kept[0]])]
            shown = f"{state}@{value[kept[0]]:g}" if thing.domain in _GOALS else state
            people = rows["cause"][kept] != Cause.AUTOMATION
            found.append(Series(thing.id, shown, rows["at"][kept], value[kept], people))
    return found
