"""The Home: what exists, where it is, and in which state.

Floors hold areas, areas hold devices and entities; an entity is what can be controlled or asked.
Words and value ranges are Home Assistant's: `light.kitchen_ceiling`, `brightness` 0-255,
`current_position` 0-100, `volume_level` 0-1. All values are immutable; `devices.registry` is the
one place that replaces them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

EMPTY: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Floor:
    """A storey of the house. `level` counts upwards from the ground floor, 0."""

    id: str
    name: str
    aliases: tuple[str, ...] = ()
    level: int | None = None


@dataclass(frozen=True, slots=True)
class Area:
    """A room or any other place. `floor` is a floor id."""

    id: str
    name: str
    aliases: tuple[str, ...] = ()
    floor: str | None = None


@dataclass(frozen=True, slots=True)
class Device:
    """A physical thing that carries entities. `area` is an area id."""

    id: str
    name: str
    area: str | None = None
    manufacturer: str | None = None
    model: str | None = None
    via_device: str | None = None


@dataclass(frozen=True, slots=True)
class Entity:
    """One thing that can be controlled or asked, `domain.object_id`.

    `area` is the entity's own area id, else its device's (resolved when the Home is built).
    `features` names what it can do beyond its domain's minimum (see `devices.domains`), or is None
    where nobody said, which grounding reads as "try it". `options` holds fixed facts from
    discovery: min, max, step, unit_of_measurement, options, hvac_modes, preset_modes, ...
    """

    id: str
    name: str
    domain: str
    aliases: tuple[str, ...] = ()
    area: str | None = None
    device: str | None = None
    device_class: str | None = None
    features: frozenset[str] | None = None
    options: Mapping[str, Any] = field(default_factory=lambda: EMPTY)
    reports_state: bool = True


@dataclass(frozen=True, slots=True)
class EntityState:
    """What an entity last reported. `state` is None until it reported anything."""

    state: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=lambda: EMPTY)
    available: bool = True
    changed: datetime | None = None


@dataclass(frozen=True, slots=True)
class Home:
    """One consistent picture of the house: structure and states at one moment.

    The structure dicts are shared between snapshots and never mutated; `states` is a copy.
    """

    floors: Mapping[str, Floor] = field(default_factory=lambda: EMPTY)
    areas: Mapping[str, Area] = field(default_factory=lambda: EMPTY)
    devices: Mapping[str, Device] = field(default_factory=lambda: EMPTY)
    entities: Mapping[str, Entity] = field(default_factory=lambda: EMPTY)
    states: Mapping[str, EntityState] = field(default_factory=lambda: EMPTY)
    people: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    structure_version: int = 0

    def state(self, entity_id: str) -> EntityState:
        """The entity's state; an empty one for an entity that never reported."""
        return self.states.get(entity_id, _NEVER_REPORTED)

    def floor_of(self, entity: Entity) -> str | None:
        """Floor id of the entity's area, if both are known."""
        area = self.areas.get(entity.area) if entity.area else None
        return area.floor if area else None


_NEVER_REPORTED = EntityState()
