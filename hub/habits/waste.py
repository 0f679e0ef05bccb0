"""Waste: what is left on while nobody is there: in the room by its sensors, or in the house."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from hub.habits.found import Deed, Found, Kind, Thing
from hub.habits.observed import DAY, HABIT_DAYS, Ints, Observed

WASTEFUL = frozenset({"light", "fan", "media_player", "switch", "climate", "humidifier"})
OCCUPANCY = frozenset({"motion", "occupancy", "presence"})
EMPTY_AFTER = 20 * 60
"""Seconds without a sign of anybody, until a room counts as empty: people sit still."""
WASTED = 20 * 60
"""Seconds that something must be on in an empty room to count as left on."""
FEWEST = 6
SURE = 0.5
HOURS = 1.0
"""Wasted in a week; less is not worth a word."""
ALWAYS_ON = 0.9
"""What is on for this share of the time is meant to be (a fridge, a router)."""
_OFF = frozenset({"off", "idle", "standby", "unavailable", "unknown"})

Spans = tuple[Ints, Ints]
"""Beginnings and ends, sorted, apart from each other."""


def waste(observed: Observed) -> list[Found]:
    """Everything that is left on, each once: in its room if that has sensors, else in the house."""
    found = []
    nobody_home = _nobody_home(observed)
    for thing in observed.things.values():
        if thing.domain not in WASTEFUL:
            continue
        on = spans(observed, thing.id)
        if not len(on[0]) or _total(on) > ALWAYS_ON * _observed_seconds(observed):
            continue
        sensors = _sensors(observed, thing)
        empty = _empty(observed, sensors) if sensors else None
        options = [(sensors, empty), (_people(observed), nobody_home)]
        for watched, when in options:
            one = _left_on(observed, thing, on, when, watched) if when is not None else None
            if one is not None:
                found.append(one)
                break
    return found


def spans(observed: Observed, entity_id: str, off: frozenset[str] = _OFF) -> Spans:
    """When an entity was in a state that is not `off`, in the last weeks."""
    since = _since(observed)
    parts = [s for key, s in observed.series.items() if key[0] == entity_id]
    if not parts:
        return _none()
    at = np.concatenate([s.at for s in parts])
    is_on = np.concatenate(
        [np.full(len(s.at), s.state.partition("@")[0] not in off) for s in parts]
    )
    order = np.argsort(at, kind="stable")
    at, is_on = at[order], is_on[order]
    begins = is_on & np.concatenate([[True], ~is_on[:-1]])
    ends = ~is_on & np.concatenate([[False], is_on[:-1]])
    start, end = at[begins], at[ends]
    if len(end) < len(start):
        end = np.append(end, observed.end)
    kept = end > since
    return np.maximum(start[kept], since), end[kept]


def _since(observed: Observed) -> int:
    return max(observed.start, observed.end - HABIT_DAYS * DAY)


def _observed_seconds(observed: Observed) -> int:
    return observed.end - _since(observed)


def _none() -> Spans:
    return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)


def _total(of: Spans) -> int:
    return int((of[1] - of[0]).sum())


def _sensors(observed: Observed, thing: Thing) -> tuple[str, ...]:
    return tuple(
        other.id
        for other in observed.things.values()
        if other.domain == "binary_sensor"
        and other.device_class in OCCUPANCY
        and other.area == thing.area
        and thing.area is not None
    )


def _people(observed: Observed) -> tuple[str, ...]:
    return tuple(t.id for t in observed.things.values() if t.domain == "person")


def _empty(observed: Observed, sensors: Sequence[str]) -> Spans:
    """When a room has been without a sign of anybody for `EMPTY_AFTER`."""
    signs = _union([spans(observed, sensor) for sensor in sensors])
    if not len(signs[0]):
        return _none()
    start, end = signs[1] + EMPTY_AFTER, np.append(signs[0][1:], observed.end)
    kept = end > start
    return start[kept], end[kept]


def _nobody_home(observed: Observed) -> Spans | None:
    people = _people(observed)
    home = [spans(observed, one, frozenset({"not_home", "away"})) for one in people]
    if not people or not any(len(one[0]) for one in home):
        return None
    there = _union(home)
    start, end = there[1], np.append(there[0][1:], observed.end)
    kept = end > start
    return start[kept], end[kept]


def _union(parts: Sequence[Spans]) -> Spans:
    """Spans that overlap or touch become one."""
    start = np.concatenate([one[0] for one in parts])
    end = np.concatenate([one[1] for one in parts])
    if not len(start):
        return _none()
    order = np.argsort(start, kind="stable")
    start, end = start[order], np.maximum.accumulate(end[order])
    fresh = np.concatenate([[True], start[1:] > end[:-1]])
    last = np.concatenate([np.flatnonzero(fresh)[1:] - 1, [len(end) - 1]])
    return start[fresh], end[last]


def _overlaps(on: Spans, empty: Spans) -> Iterator[tuple[int, int]]:
    """For each emptying of the room while it was on: which one, and for how many seconds."""
    for place, (begin, end) in enumerate(zip(*empty, strict=True)):
        holding = int(np.searchsorted(on[0], begin, side="right")) - 1
        if holding >= 0 and on[1][holding] > begin - EMPTY_AFTER // 2:
            yield place, int(max(0, min(end, on[1][holding]) - begin))


def _left_on(
    observed: Observed, thing: Thing, on: Spans, empty: Spans, sensors: tuple[str, ...]
) -> Found | None:
    left = list(_overlaps(on, empty))
    wasted = [(place, seconds) for place, seconds in left if seconds >= WASTED]
    days = np.unique(observed.local(empty[0][[place for place, _ in wasted]]) // DAY)
    weeks = max(1.0, _observed_seconds(observed) / DAY / 7)
    hours = sum(seconds for _, seconds in wasted) / 3600 / weeks
    if len(days) < FEWEST or len(wasted) / len(left) < SURE or hours < HOURS:
        return None
    return Found(
        Kind.WASTE,
        (Deed(thing.id, "off"),),
        len(wasted),
        len(left),
        round(len(wasted) / len(left), 3),
        sensors=sensors,
        hours=round(hours, 1),
    )
