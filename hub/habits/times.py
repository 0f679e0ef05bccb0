"""Habits by the clock or the sun: the same deed at about the same time, on certain days."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from hub.habits.found import Deed, Found, Kind
from hub.habits.observed import (
    DAY,
    HABIT_DAYS,
    MINUTE,
    WEEKLY_DAYS,
    Flags,
    Floats,
    Ints,
    Observed,
    Series,
)

DAY_MINUTES = DAY / MINUTE
WINDOW = 40.0
"""Minutes: a habit that is kept less exactly than this is none that a clock could keep."""
NEAR = 180.0
"""Minutes on each side in which the deed's usual coming and going is looked at."""
FEWEST = 6
SURE = 0.7
ABOVE_CHANCE = 0.35
"""By how much a habit must be kept more often than chance would have it."""
UNLIKELY = -5.5
"""Log 10 of the probability of a habit by chance: there are many deeds, days and times to try."""
SPLIT = 4.5
"""What it costs, as log likelihood, to say that a habit is kept on some weekdays only."""
MOST_PEAKS = 4

EVERY_DAY = tuple(range(7))
_CLASSES: tuple[tuple[int, ...], ...] = (
    EVERY_DAY, (0, 1, 2, 3, 4), (5, 6), *((day,) for day in range(7)),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Axis:
    """Minutes of events along one clock (the wall's, or from the sun), and their days."""

    sun: str | None
    minute: Floats
    day: Ints


@dataclass(frozen=True, slots=True)
class _Peak:
    """A window in which the deed is done on `hits` of the days that are in `days`."""

    axis: _Axis
    center: float
    spread: float
    days: tuple[int, ...]
    hits: int
    of: int
    likelihood: float


def time_habits(observed: Observed, series: Series) -> list[Found]:
    """The habits of one deed, each with the days and the clock that explain it best."""
    people = series.at[series.by_people]
    if len(people) < FEWEST:
        return []
    peaks = [peak for axis in _axes(observed, people) for peak in _peaks(observed, axis)]
    chosen: list[_Peak] = []
    for peak in sorted(peaks, key=lambda p: -p.likelihood):
        if not any(_same(peak, other, observed) for other in chosen):
            chosen.append(peak)
    return [_found(series, peak) for peak in chosen[:MOST_PEAKS]]


def _axes(observed: Observed, at: Ints) -> Iterator[_Axis]:
    local = observed.local(at)
    day, minute = local // DAY, (local % DAY) / MINUTE
    yield _Axis(None, minute, day)
    if (minute < WINDOW).any() and (minute > DAY_MINUTES - WINDOW).any():
        yield _night(minute, day)
    for event in ("sunrise", "sunset") if observed.place is not None else ():
        sun = minute - observed.sun(event, day)
        known = ~np.isnan(sun) & (np.abs(sun) <= NEAR)
        if known.any():
            yield _Axis(event, sun[known], day[known])


def _night(minute: Floats, day: Ints) -> _Axis:
    """What is done around midnight, of which what comes after it is of the day before: else a habit
    of going to bed at twelve would be two halves of one."""
    after = minute < NEAR
    near = after | (minute > DAY_MINUTES - NEAR)
    return _Axis(None, (minute + DAY_MINUTES * after)[near], (day - after)[near])


def _peaks(observed: Observed, axis: _Axis) -> Iterator[_Peak]:
    """The best window of each class of days. Days count from the first time that it was done."""
    for days in _CLASSES:
        back = HABIT_DAYS if len(days) > 1 else WEEKLY_DAYS
        since = int(observed.days(observed.end - back * DAY)[0])
        on = np.isin((axis.day + 3) % 7, days) & (axis.day >= since)  # 1970 began on a Thursday
        if int(on.sum()) < _fewest(days):
            continue
        center = _densest(axis.minute[on])
        peak = _peak(observed, axis, center, days, since)
        if peak is not None:
            yield peak


def _fewest(days: Sequence[int]) -> int:
    return FEWEST if len(days) > 1 else FEWEST - 1


def _densest(minutes: Floats) -> float:
    """The middle of the window that holds the most events."""
    ordered = np.sort(minutes)
    counts = np.searchsorted(ordered, ordered + WINDOW, side="right") - np.arange(len(ordered))
    first = int(np.argmax(counts))
    return float(np.median(ordered[first : first + int(counts[first])]))


def _peak(
    observed: Observed, axis: _Axis, center: float, days: tuple[int, ...], since: int
) -> _Peak | None:
    inside = (np.abs(axis.minute - center) <= WINDOW / 2) & (axis.day >= since)
    hit_days = np.unique(axis.day[inside])
    in_class = hit_days[np.isin((hit_days + 3) % 7, days)]
    if len(in_class) < _fewest(days):
        return None
    first = max(since, int(in_class[0]))
    all_days = observed.days(observed.end - WEEKLY_DAYS * DAY)
    all_days = all_days[all_days >= first]
    due = np.isin((all_days + 3) % 7, days)
    hit = np.isin(all_days, hit_days)
    hits, of = int(hit[due].sum()), int(due.sum())
    if hits < _fewest(days) or hits / of < SURE:
        return None
    chance = max(_around(axis, center, days, first, of), _elsewhere(hit[~due]))
    if hits / of - chance < ABOVE_CHANCE or _log_tail(hits, of, chance) > UNLIKELY:
        return None
    likelihood = _explains(observed, hit_days, days)
    within = axis.minute[inside & np.isin((axis.day + 3) % 7, days)]
    spread = float(np.median(np.abs(within - np.median(within))))
    return _Peak(axis, float(np.median(within)), spread, days, hits, of, likelihood)


def _around(axis: _Axis, center: float, days: tuple[int, ...], first: int, of: int) -> float:
    """How often a day would have the deed in a window of this size, going by what lies around."""
    on = np.isin((axis.day + 3) % 7, days) & (axis.day >= first)
    distance = np.abs(axis.minute - center)
    around = int((on & (distance > WINDOW / 2) & (distance <= NEAR)).sum())
    rate = (around + 0.5) / max(1, of) / (2 * NEAR - WINDOW)
    return 1 - math.exp(-rate * WINDOW)


def _elsewhere(hit: Flags) -> float:
    """How often the deed is done in the same window on other days."""
    return (int(hit.sum()) + 0.5) / (len(hit) + 1) if len(hit) > 3 else 0.0


def _log_tail(hits: int, of: int, rate: float) -> float:
    """Log 10 of the probability of at least so many hits (binomial)."""
    rate = min(max(rate, 1e-4), 1 - 1e-9)
    tail = sum(math.comb(of, k) * rate**k * (1 - rate) ** (of - k) for k in range(hits, of + 1))
    return math.log10(max(tail, 1e-300))


def _explains(observed: Observed, hit_days: Ints, days: tuple[int, ...]) -> float:
    """How well it explains the last weeks that a deed is done on some weekdays and not on others;
    two rates must explain clearly more than one."""
    recent = observed.days(observed.end - HABIT_DAYS * DAY)
    due, hit = np.isin((recent + 3) % 7, days), np.isin(recent, hit_days)
    return _likelihood(hit[due]) + _likelihood(hit[~due]) - SPLIT * (len(days) < 7)


def _likelihood(hit: Flags) -> float:
    """The log likelihood of days that are kept at their own rate."""
    number, hits = len(hit), int(hit.sum())
    if number == 0:
        return 0.0
    rate = (hits + 0.5) / (number + 1)
    return hits * math.log(rate) + (number - hits) * math.log(1 - rate)


def _same(one: _Peak, other: _Peak, observed: Observed) -> bool:
    """Whether two peaks are one habit, seen by different clocks or on different days."""
    apart = abs(_on_the_wall(one, observed) - _on_the_wall(other, observed)) % DAY_MINUTES
    return min(apart, DAY_MINUTES - apart) <= 2 * WINDOW


def _on_the_wall(peak: _Peak, observed: Observed) -> float:
    if peak.axis.sun is None:
        return peak.center
    days = observed.days(observed.end - HABIT_DAYS * DAY)
    return peak.center + float(np.nanmedian(observed.sun(peak.axis.sun, days)))


def _found(series: Series, peak: _Peak) -> Found:
    later, minute = 0, round(peak.center)
    if peak.axis.sun is None:
        later, minute = divmod(minute, round(DAY_MINUTES))
    return Found(
        Kind.TIME,
        (deed_of(series),),
        peak.hits,
        peak.of,
        round(peak.hits / peak.of, 3),
        minute=minute,
        sun=peak.axis.sun,
        days=tuple(sorted((day + later) % 7 for day in peak.days)),
    )


def deed_of(series: Series) -> Deed:
    """The deed of a series, with its value where that is nearly always the same."""
    state, _, goal = series.state.partition("@")
    if goal:
        return Deed(series.entity_id, state, float(goal))
    known = series.value[~np.isnan(series.value)]
    if len(known) < 3:
        return Deed(series.entity_id, state)
    usual = float(np.median(known))
    steady = float(np.mean(np.abs(known - usual) <= max(2.0, abs(usual) * 0.03))) >= 0.8
    return Deed(series.entity_id, state, round(usual, 1) if steady else None)
