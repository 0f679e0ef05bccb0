"""Rooms that stand in words which no model has tagged."""

from __future__ import annotations

from devices.home import Home
from hub.ground.names import tokens


def areas_said(text: str, home: Home) -> list[str]:
    """The ids of the areas whose whole names, or aliases, stand in the text; the longest name where
    one stands in another."""
    said = tokens(text)
    found: dict[str, tuple[int, int]] = {}
    for area in home.areas.values():
        for name in (area.name, *area.aliases):
            words = tokens(name)
            at = _where(words, said)
            if at is not None and len(words) > found.get(area.id, (0, 0))[1]:
                found[area.id] = (at, len(words))
    return [
        area
        for area, (at, size) in found.items()
        if not any(
            other != area and (o <= at and at + size <= o + length and length > size)
            for other, (o, length) in found.items()
        )
    ]


def _where(words: tuple[str, ...], said: tuple[str, ...]) -> int | None:
    starts = range(len(said) - len(words) + 1) if words else range(0)
    return next((i for i in starts if said[i : i + len(words)] == words), None)
