"""What a clause can be about, and what was found that it is about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from devices.home import Entity
from edge.tasks.understanding_schema import NONE, ClauseReading
from hub.ground.spans import spans_of

UNSPOKEN = frozenset({"switch", "button", "select", "number", "script", "text"})
"""Domains that are no kind of thing to people: without a word for it, none of them is meant."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a clause is about. `slots` are the frame's name, area, floor, domain, device_class.

    `entities` may be empty although the words are clear (a room without such a device): then
    `missing` says what could not be found. `tied` holds entities that fit equally well. `other` is
    a thing that is called so, though the intent cannot be about its kind.
    """

    entities: tuple[Entity, ...] = ()
    slots: dict[str, Any] = field(default_factory=dict)
    areas: tuple[str, ...] = ()
    floor: str | None = None
    tied: tuple[Entity, ...] = ()
    missing: str | None = None
    nearest: tuple[str, ...] = ()
    needs_place: bool = False
    other: Entity | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What can be meant: `accepts` says of an entity whether the intent can be about it; `kind`
    narrows a group ("the lights") further than a name needs to; `like` are things of another domain
    that pass for the kind where a room has none (a socket called "balcony lights")."""

    accepts: Callable[[Entity], bool]
    kind: Callable[[Entity], bool]
    domain: str = NONE
    device_class: str = NONE
    like: Callable[[Entity], bool] = lambda entity: False


def kind_slots(wanted: Wanted) -> dict[str, Any]:
    """The frame's slots for the kind of thing that is meant."""
    slots: dict[str, Any] = {}
    if wanted.domain != NONE:
        slots["domain"] = wanted.domain
    if wanted.device_class not in (NONE, "coffee"):
        slots["device_class"] = wanted.device_class
    return slots


def kind_said(clause: ClauseReading, wanted: Wanted) -> str:
    """What was asked for, in the person's own words if there are any."""
    if said := spans_of(clause, "device"):
        return said[0].text
    if wanted.device_class == "coffee":
        return "coffee machine"
    sensing = wanted.domain in ("sensor", "binary_sensor") and wanted.device_class != NONE
    word = wanted.device_class if sensing else _CALLED.get(wanted.domain, wanted.domain)
    return "device" if word == NONE else word.replace("_", " ")


_CALLED = {
    "climate": "heating",
    "binary_sensor": "sensor",
    "media_player": "player",
    "todo": "list",
}
"""What people call the things of a domain, where it is not the domain's name."""
