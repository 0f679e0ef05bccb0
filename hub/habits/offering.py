"""Which suggestion is told, and when; and what is learnt from the answer. Pure functions.

At most a few a day, at a moment that fits: right after somebody has done what it is about. What was
declined is not offered again, and makes others of its kind rarer; what was accepted, commoner.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from hub.habits.found import Found, Kind, as_json, from_json

A_DAY = 2
APART = timedelta(hours=2)
AGAIN = timedelta(days=7)
MOST_OFFERS = 3
"""A suggestion that was ignored so often is not told any more; it stays in the list."""
WAKING = (8, 22)
"""Hours between which something is suggested."""
WORTH = 0.55
OPEN = timedelta(minutes=5)
"""How long a suggestion can be answered with a yes or a no."""
SILENCE = timedelta(days=30)


class State(StrEnum):
    """What became of a suggestion."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A finding with its sentence and automation; `offered` are the times it was told."""

    found: Found
    sentence: str
    automation: Mapping[str, Any]
    state: State = State.OPEN
    offered: tuple[datetime, ...] = ()

    @property
    def id(self) -> str:
        """That of what was found."""
        return self.found.id


@dataclass(frozen=True, slots=True)
class Shelf:
    """All suggestions, how their kinds were received (accepted, declined), and until when nobody
    wants to hear any."""

    suggestions: Mapping[str, Suggestion] = field(default_factory=dict)
    received: Mapping[Kind, tuple[int, int]] = field(default_factory=dict)
    silent_until: datetime | None = None
    mined: datetime | None = None


def restocked(shelf: Shelf, found: Iterable[Suggestion], now: datetime) -> Shelf:
    """The shelf after mining: what is known keeps what became of it, what is gone goes, unless it
    was answered: an answer holds."""
    fresh = {one.id: one for one in found}
    kept = {
        key: old for key, old in shelf.suggestions.items()
        if key not in fresh and old.state is not State.OPEN
    }  # fmt: skip
    for key, one in fresh.items():
        old = shelf.suggestions.get(key)
        if old is not None:
            fresh[key] = replace(one, state=old.state, offered=old.offered)
    return replace(shelf, suggestions={**kept, **fresh}, mined=now)


def worth(shelf: Shelf, suggestion: Suggestion) -> float:
    """How much a suggestion is worth, from 0 to 1: how sure it is, and how its kind is received."""
    accepted, declined = shelf.received.get(suggestion.found.kind, (0, 0))
    return suggestion.found.confidence * (accepted + 2) / (accepted + declined + 2)


def to_offer(shelf: Shelf, entity_id: str, state: str, now: datetime) -> Suggestion | None:
    """The best suggestion about what was just done, if one may be told now."""
    told = sorted(at for one in shelf.suggestions.values() for at in one.offered)
    if shelf.silent_until is not None and now < shelf.silent_until:
        return None
    if not WAKING[0] <= now.hour < WAKING[1]:
        return None
    if told and (now - told[-1] < APART or sum(at.date() == now.date() for at in told) >= A_DAY):
        return None
    fitting = [
        one for one in shelf.suggestions.values()
        if _may(one, now) and _fits(one.found, entity_id, state) and worth(shelf, one) >= WORTH
    ]  # fmt: skip
    return max(fitting, key=lambda one: worth(shelf, one), default=None)


def best(shelf: Shelf) -> Suggestion | None:
    """The open suggestion that is worth most, for somebody who asks for one."""
    waiting = [one for one in shelf.suggestions.values() if one.state is State.OPEN]
    return max(waiting, key=lambda one: worth(shelf, one), default=None)


def _may(one: Suggestion, now: datetime) -> bool:
    often = len(one.offered) >= MOST_OFFERS
    return (
        one.state is State.OPEN
        and not often
        and (not one.offered or now - one.offered[-1] >= AGAIN)
    )


def _fits(found: Found, entity_id: str, state: str) -> bool:
    """Whether it is about what was just done. Waste comes up when the thing is turned off."""
    return any(deed.entity_id == entity_id and deed.state == state for deed in found.deeds)


def offered(shelf: Shelf, key: str, now: datetime) -> Shelf:
    """The shelf after a suggestion was told."""
    one = shelf.suggestions[key]
    return _with(shelf, replace(one, offered=(*one.offered, now)))


def answered(shelf: Shelf, key: str, state: State) -> Shelf:
    """The shelf after a suggestion was accepted or declined. Raises `KeyError`."""
    one = shelf.suggestions[key]
    accepted, declined = shelf.received.get(one.found.kind, (0, 0))
    if one.state is not state:
        accepted += state is State.ACCEPTED
        declined += state is State.DECLINED
    received = {**shelf.received, one.found.kind: (accepted, declined)}
    return replace(_with(shelf, replace(one, state=state)), received=received)


def silenced(shelf: Shelf, now: datetime, days: int | None = None) -> Shelf:
    """Nothing is told for a while (a month)."""
    span = timedelta(days=days) if days is not None else SILENCE
    return replace(shelf, silent_until=now + span)


def _with(shelf: Shelf, one: Suggestion) -> Shelf:
    return replace(shelf, suggestions={**shelf.suggestions, one.id: one})


def shelf_as_json(shelf: Shelf) -> dict[str, Any]:
    """For the journal."""
    return {
        "suggestions": [
            {
                "found": as_json(one.found), "sentence": one.sentence,
                "automation": dict(one.automation), "state": str(one.state),
                "offered": [at.isoformat() for at in one.offered],
            }
            for one in shelf.suggestions.values()
        ],
        "received": {str(kind): list(pair) for kind, pair in shelf.received.items()},
        "silent_until": shelf.silent_until.isoformat() if shelf.silent_until else None,
        "mined": shelf.mined.isoformat() if shelf.mined else None,
    }  # fmt: skip


def shelf_from_json(raw: Any) -> Shelf:
    """The reverse; an empty shelf for what is none."""
    if not isinstance(raw, Mapping):
        return Shelf()
    found = [
        Suggestion(
            from_json(one["found"]), one["sentence"], one["automation"], State(one["state"]),
            tuple(datetime.fromisoformat(at) for at in one["offered"]),
        )
        for one in raw["suggestions"]
    ]  # fmt: skip
    return Shelf(
        {one.id: one for one in found},
        {Kind(kind): (pair[0], pair[1]) for kind, pair in raw["received"].items()},
        datetime.fromisoformat(raw["silent_until"]) if raw["silent_until"] else None,
        datetime.fromisoformat(raw["mined"]) if raw["mined"] else None,
    )
