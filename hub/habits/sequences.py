"""Habits after something: a deed that follows soon after something else came about.

For each deed the best explanation is kept; another one only for what the first leaves unexplained.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from hub.habits.found import Found, Kind
from hub.habits.observed import DAY, HABIT_DAYS, Flags, Ints, Observed, Series
from hub.habits.times import deed_of

SOON = 300
"""Seconds: what comes later does not come because of it."""
FEWEST = 8
SURE = 0.7
ABOVE_CHANCE = 0.4
DARK_OR_NOT = 0.35
"""By how much less often the deed must follow at the other time of the day."""
SHIFTS = np.array([-5400, -3600, -2700, 2700, 3600, 5400])
"""Seconds: how often the deed is done at about that time of the day, without what comes first."""
MOST_EVENTS = 4_000
"""Of a first thing; one that happens more often is looked at for its latest."""
MOST_REASONS = 2
"""Explanations of one deed."""


@dataclass(frozen=True, slots=True)
class _Reason:
    """That a deed follows a first thing: `hit` says after which, `explained` which deeds."""

    first: Series
    deed: Series
    dark: bool | None
    hits: int
    of: int
    confidence: float
    seconds: int
    explained: Flags

    @property
    def weight(self) -> float:
        """How sure it is, and how much of the deed it explains."""
        return self.confidence * float(self.explained.mean())


def habits_after(
    observed: Observed, deeds: Sequence[Series], firsts: Sequence[Series]
) -> list[Found]:
    """What people do after something else, of all `deeds`."""
    since = observed.end - HABIT_DAYS * DAY
    recent = [first.since(since) for first in firsts]
    recent = [_latest(first) for first in recent if len(first.at) >= FEWEST]
    found = []
    for deed in deeds:
        done = deed.since(since)
        if int(done.by_people.sum()) >= FEWEST:
            found += [_found(reason) for reason in _reasons(observed, done, recent)]
    return found


def _latest(series: Series) -> Series:
    return series if len(series.at) <= MOST_EVENTS else series.since(int(series.at[-MOST_EVENTS]))


def _reasons(observed: Observed, deed: Series, firsts: Sequence[Series]) -> Iterator[_Reason]:
    """The explanations of a deed, the strongest first; each must explain what is left."""
    at = deed.at[deed.by_people]
    left = np.ones(len(at), dtype=bool)
    for _ in range(MOST_REASONS):
        candidates = [
            reason
            for first in firsts
            if first.entity_id != deed.entity_id
            for reason in _tried(observed, first, deed, at[left])
        ]
        if not candidates:
            return
        best = max(candidates, key=lambda one: one.weight)
        yield best
        places = np.flatnonzero(left)
        left[places[best.explained]] = False
        if int(left.sum()) < FEWEST:
            return


def _tried(observed: Observed, first: Series, deed: Series, at: Ints) -> Iterator[_Reason]:
    """The explanation by one first thing, always or only at night or by day."""
    gaps = _gaps(first.at, at)
    if int((gaps <= SOON).sum()) < FEWEST:
        return
    always = _reason(first, deed, at, np.ones(len(first.at), dtype=bool), None)
    if always is not None:
        yield always
        return
    dark = observed.dark(first.at)
    if dark is None:
        return
    hit = gaps <= SOON
    for wanted in (True, False):
        rest = hit[dark != wanted]
        if len(rest) and float(rest.mean()) > SURE - DARK_OR_NOT:
            continue  # it makes no difference
        reason = _reason(first, deed, at, dark == wanted, wanted)
        if reason is not None:
            yield reason


def _reason(
    first: Series, deed: Series, at: Ints, when: Flags, dark: bool | None
) -> _Reason | None:
    begun = first.at[when]
    if len(begun) < FEWEST:
        return None
    begun = begun[np.concatenate([[True], np.diff(begun) > SOON])]  # a flutter counts once
    gaps = _gaps(begun, at)
    hit = gaps <= SOON
    hits, of = int(hit.sum()), len(begun)
    if hits < FEWEST or hits / of < SURE:
        return None
    chance = float(np.mean(_gaps((begun[:, None] + SHIFTS).ravel(), at) <= SOON))
    if hits / of - chance < ABOVE_CHANCE:
        return None
    before = np.searchsorted(begun, at, side="left") - 1
    explained = (before >= 0) & (at - begun[np.maximum(before, 0)] <= SOON)
    seconds = int(np.median(gaps[hit]))
    return _Reason(first, deed, dark, hits, of, round(hits / of, 3), seconds, explained)


def _gaps(begun: Ints, at: Ints) -> Ints:
    """Seconds from each beginning to the next deed after it; very many if there is none."""
    after = np.searchsorted(at, begun, side="right")
    known = after < len(at)
    gaps = np.full(len(begun), 1 << 40, dtype=np.int64)
    gaps[known] = at[after[known]] - begun[known]
    return gaps


def _found(reason: _Reason) -> Found:
    return Found(
        Kind.AFTER,
        (deed_of(reason.deed),),
        reason.hits,
        reason.of,
        reason.confidence,
        after=deed_of(reason.first),
        seconds=reason.seconds,
        dark=reason.dark,
    )


def explained_by(
    observed: Observed, found: Found, series: Mapping[tuple[str, str], Series], at: Ints
) -> float:
    """Which share of some deeds (at these times) came soon after what `found` says comes first."""
    assert found.after is not None
    keys = [k for k in series if k[0] == found.after.entity_id]
    begun = [series[k].at for k in keys if k[1].partition("@")[0] == found.after.state]
    if not begun or not len(at):
        return 0.0
    first = np.sort(np.concatenate(begun))
    before = np.searchsorted(first, at, side="left") - 1
    return float(np.mean((before >= 0) & (at - first[np.maximum(before, 0)] <= SOON)))
