"""Deeds that belong together: done within two minutes of each other, in whatever order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hub.habits.found import Found, Kind
from hub.habits.observed import DAY, HABIT_DAYS, Ints, Observed, Series
from hub.habits.times import deed_of

TOGETHER = 120
"""Seconds."""
FEWEST = 8
ALIKE = 0.6
"""Share of the occasions of the rarer deed at which both are done, and ..."""
AT_LEAST = 0.4
"""... of those of the commoner one."""
SURE = 0.65
"""Share of the occasions of the first deed at which all are done."""
MOST = 12
"""Deeds of one scene."""


def scenes(observed: Observed, deeds: Sequence[Series]) -> list[Found]:
    """Groups of deeds that are done together."""
    since = observed.end - HABIT_DAYS * DAY
    recent = [deed.since(since) for deed in deeds]
    times = [deed.at[deed.by_people] for deed in recent]
    kept = [n for n, at in enumerate(times) if len(at) >= FEWEST]
    links: dict[int, set[int]] = {n: set() for n in kept}
    for place, one in enumerate(kept):
        for other in kept[place + 1 :]:
            alike = recent[one].entity_id != recent[other].entity_id
            if alike and _alike(times[one], times[other]):
                links[one].add(other)
                links[other].add(one)
    found = [_found(recent, times, group) for group in _groups(links)]
    return [one for one in found if one.support >= FEWEST and one.confidence >= SURE]


def _alike(one: Ints, other: Ints) -> bool:
    fewer, more = sorted((one, other), key=len)
    if len(fewer) < AT_LEAST * len(more):
        return False
    both = int(_near(fewer, more).sum())
    return both >= max(FEWEST, ALIKE * len(fewer), AT_LEAST * len(more))


def _near(one: Ints, other: Ints) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """At which times of one the other is done as well."""
    after = np.clip(np.searchsorted(other, one), 0, len(other) - 1)
    before = np.maximum(after - 1, 0)
    gap = np.minimum(np.abs(other[after] - one), np.abs(other[before] - one))
    return np.asarray(gap <= TOGETHER)


def _groups(links: dict[int, set[int]]) -> list[list[int]]:
    """Groups in which everything goes with everything: grown from the best connected."""
    left = {one for one, others in links.items() if others}
    groups = []
    while left:
        seed = max(sorted(left), key=lambda n: len(links[n] & left))
        group = [seed]
        for other in sorted(links[seed] & left, key=lambda n: -len(links[n] & left)):
            if len(group) < MOST and all(other in links[member] for member in group):
                group.append(other)
        left -= set(group)
        if len(group) > 1:
            groups.append(sorted(group))
    return groups


def _found(recent: Sequence[Series], times: Sequence[Ints], group: Sequence[int]) -> Found:
    """A group as a scene. First comes what is seldom done without the rest: it will set it off."""
    leader = max(
        group, key=lambda n: (_complete(times, group, n) / len(times[n]), _leads(times, group, n))
    )
    support, of = _complete(times, group, leader), len(times[leader])
    ordered = [leader, *(n for n in group if n != leader)]
    deeds = tuple(deed_of(recent[n]) for n in ordered)
    return Found(Kind.TOGETHER, deeds, support, of, round(support / of, 3), after=deeds[0])


def _complete(times: Sequence[Ints], group: Sequence[int], one: int) -> int:
    """How many occasions of one deed have all the others."""
    whole = np.ones(len(times[one]), dtype=bool)
    for other in group:
        if other != one:
            whole &= _near(times[one], times[other])
    return int(whole.sum())


def _leads(times: Sequence[Ints], group: Sequence[int], one: int) -> float:
    """How often a deed of the group comes before the others."""
    leads = 0.0
    for other in group:
        if other == one:
            continue
        after = np.searchsorted(times[other], times[one])
        known = after < len(times[other])
        gap = times[other][after[known]] - times[one][known]
        leads += float((gap <= TOGETHER).mean()) if known.any() else 0.0
    return leads
