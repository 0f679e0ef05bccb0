"""What goes into the registry and what comes out of it, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from devices.home import Area, EntityState, Floor


@dataclass(frozen=True, slots=True)
class Owner:
    """What the owner says of the house: floors, areas, and where and what an entity is.

    With `areas` given, devices cannot make new ones. `overrides` maps an entity id to `name`,
    `aliases`, `area`, `hidden`. `vendors` maps a vendor to the topic filters that are its own.
    """

    floors: tuple[Floor, ...] = ()
    areas: tuple[Area, ...] = ()
    overrides: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    vendors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RegistryChange:
    """What a discovery message did. `rejected` is a sentence for the vendor; quarantined unique
    ids wait for the owner."""

    subscribe: frozenset[str] = frozenset()
    unsubscribe: frozenset[str] = frozenset()
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    quarantined: tuple[str, ...] = ()
    rejected: str | None = None


@dataclass(frozen=True, slots=True)
class StateChange:
    """An entity's state before and after a message."""

    entity_id: str
    before: EntityState
    after: EntityState


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A discovered entity that was set aside, and why."""

    topic: str
    unique_id: str
    reason: str
