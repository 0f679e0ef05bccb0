"""Rooms and floors that stand in words which no model has tagged."""

from __future__ import annotations

from collections.abc import Iterable

from devices.home import Area, Floor, Home
from edge.tasks.understanding_schema import ClauseReading
from hub.ground.forms import all_forms
from hub.ground.names import tokens
from hub.ground.spans import blank
from hub.languages import Lexicon, plain


def areas_said(text: str, home: Home) -> list[str]:
    """The ids of the areas whose whole names, or aliases, stand in the text; the longest name where
    one stands in another."""
    return _said(text, home.areas.values())


def floor_untagged(clause: ClauseReading, home: Home, words: Lexicon) -> Floor | None:
    """The one floor whose name stands in the clause where the model saw nothing at all, and does
    not say which way a blind is to go ("naar beneden")."""
    text = plain(blank(clause, clause.spans))
    found = _said(words.without("ways", text), home.floors.values())
    return home.floors[found[0]] if len(found) == 1 else None


def _said(text: str, places: Iterable[Area | Floor]) -> list[str]:
    said = tokens(text)
    found: dict[str, tuple[int, int]] = {}
    for place in places:
        for name in all_forms((place.name, *place.aliases)):
            words = tokens(name)
            at = _where(words, said)
            if at is not None and len(words) > found.get(place.id, (0, 0))[1]:
                found[place.id] = (at, len(words))
    return [
        area
        for area, (at, size) in found.items()
        if not any(
            other != area and (o <= at and at + size <= o + length and length > size)
            for other, (o, length) in found.items()
        )
    ]


def _where(words: tuple[str, ...], said: tuple[str, ...]) -> int | None:
    if not words or words[0] not in said:
        return None
    starts = range(len(said) - len(words) + 1)
    return next((i for i in starts if said[i : i + len(words)] == words), None)
