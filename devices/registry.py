"""The registry: keeps the Home from what devices publish and what the owner says.

Plain Python without I/O, called on the event loop. Discovery and states are hostile input: what
does not fit is refused with a reason and changes nothing; what looks like somebody else's is set
aside (quarantined) until the owner decides.
"""

from __future__ import annotations

from collections import ChainMap, Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from devices.claims import Claims, several_vendors
from devices.conventions.home_assistant.binding import Binding, Errors, Payload
from devices.conventions.home_assistant.config import (
    DiscoveryError,
    EntityConfig,
    parse_topic,
    read_discovery,
)
from devices.conventions.home_assistant.entities import build_device, build_entity
from devices.domains import InvalidServiceCall
from devices.home import Area, Device, Entity, EntityState, Home
from devices.homefile import object_id
from devices.registry_values import Owner, Quarantined, RegistryChange, StateChange
from devices.services import Publish, ServiceCall
from devices.stored_discovery import StoredDiscovery

ENTITY_LIMIT = 5000
AREA_LIMIT = 200
"""Areas that devices make up; more are not believed."""

_UNSAID = EntityState()


class Registry:
    """All entities that were discovered, by the topic that announced them."""

    def __init__(self, owner: Owner | None = None, prefix: str = "homeassistant") -> None:
        self.prefix = prefix
        self._owner = owner or Owner()
        self._stored = StoredDiscovery()
        self._by_topic: dict[str, tuple[str, ...]] = {}
        self._bindings: dict[str, Binding] = {}
        self._claims = Claims(prefix)
        self._listeners: dict[str, list[str]] = {}
        self._gained: set[str] = set()
        self._lost: set[str] = set()
        self._set_aside: dict[str, tuple[str, ...]] = {}
        self._device_users: Counter[str] = Counter()
        self._devices: dict[str, Device] = {}
        self._suggested_areas: dict[str, Area] = {}
        self._extra: dict[str, Entity] = {}
        self._states: dict[str, EntityState] = {}
        self._online: dict[str, dict[str, bool]] = {}
        self._version = 0
        self._structure: Home | None = None
        self.quarantine: dict[tuple[str, str], Quarantined] = {}

    # --- discovery -------------------------------------------------------------------------

    def discovered(
        self, topic: str, payload: bytes, publisher: str | None = None
    ) -> RegistryChange:
        """Take in a discovery message. Never raises; a bad one is `rejected`."""
        parts = parse_topic(topic, self.prefix)
        if parts is None:
            return RegistryChange(rejected="not a discovery topic")
        if not payload.strip():
            return self._forget(topic)
        if self._stored.has(topic, payload, publisher):
            return RegistryChange()
        try:
            configs = read_discovery(parts, payload)
        except DiscoveryError as error:
            return RegistryChange(rejected=str(error))
        if len(self._bindings) + len(configs) > ENTITY_LIMIT:
            return RegistryChange(rejected=f"more than {ENTITY_LIMIT} entities")
        if not self._stored.takes(topic, payload):
            return RegistryChange(rejected="too much discovery: no more topics are taken")
        return self._replace(topic, payload, publisher, configs)

    def _replace(
        self, topic: str, payload: bytes, publisher: str | None, configs: list[EntityConfig]
    ) -> RegistryChange:
        self._gained.clear()
        self._lost.clear()
        self._lift_quarantine(topic)
        old = self._by_topic.get(topic, ())
        kept_states = {
            self._bindings[i].source.unique_id: self._states.get(i, _UNSAID)
            for i in old
            if i in self._bindings
        }
        self._drop(topic)
        added: list[str] = []
        quarantined: list[str] = []
        for config in configs:
            reason = self._suspicious(topic, config)
            if reason:
                key = (topic, config.unique_id)
                self.quarantine[key] = Quarantined(topic, config.unique_id, reason)
                quarantined.append(config.unique_id)
                continue
            added.append(self._add(topic, config, kept_states.get(config.unique_id)))
        self._by_topic[topic] = tuple(i for i in added if i)
        self._set_aside[topic] = tuple(quarantined)
        self._stored.keep(topic, payload, publisher)
        self._changed()
        return RegistryChange(
            frozenset(self._gained - self._lost),
            frozenset(self._lost - self._gained),
            tuple(i for i in added if i and i not in old),
            tuple(i for i in old if i not in added),
            tuple(quarantined),
        )

    def _suspicious(self, topic: str, config: EntityConfig) -> str | None:
        """Why the owner should look at it first."""
        return (
            self._claims.objection(topic, config)
            or self._no_such_area(config)
            or several_vendors(config, self._owner.vendors)
            or self._claims.look_alike(config)
        )

    def _no_such_area(self, config: EntityConfig) -> str | None:
        area = config.config.get("area") or config.device.get("suggested_area")
        if area and self._owner.areas and self._area_id(str(area)) is None:
            return f"there is no area {str(area)[:60]!r}"
        return None

    def _add(
        self,
        topic: str,
        config: EntityConfig,
        state: EntityState | None,
    ) -> str:
        device = build_device(config)
        if device is not None:
            area = self._area_id(device.area) if device.area else None
            self._devices[device.id] = replace(device, area=area)
        taken: ChainMap[str, Any] = ChainMap(dict[str, Any](), self._bindings, self._extra)
        entity = build_entity(config, device, taken)
        if entity is None:
            return ""
        area_name = config.config.get("area")
        own = self._area_id(str(area_name)) if area_name else None
        inherited = self._devices[device.id].area if device else None
        entity = self._overridden(replace(entity, area=own or inherited))
        binding = Binding(config, entity)
        self._bindings[entity.id] = binding
        if device is not None:
            self._device_users[device.id] += 1
        self._claims.take(topic, binding)
        for listened in binding.topics:
            if listened not in self._listeners:
                self._gained.add(listened)
            self._listeners.setdefault(listened, []).append(entity.id)
        waiting = EntityState(available=not binding.availability)
        self._states[entity.id] = state or waiting
        return entity.id

    def _area_id(self, name: str) -> str | None:
        """The area's id; a new area unless the owner listed his own."""
        for area in self._areas().values():
            if name.casefold() in (area.id, *(n.casefold() for n in (area.name, *area.aliases))):
                return area.id
        if self._owner.areas:
            return None
        if len(self._suggested_areas) >= AREA_LIMIT:
            return None
        area = Area(object_id(name), name)
        self._suggested_areas[area.id] = area
        return area.id

    def _areas(self) -> dict[str, Area]:
        return {**self._suggested_areas, **{area.id: area for area in self._owner.areas}}

    def _overridden(self, entity: Entity) -> Entity:
        given = self._owner.overrides.get(entity.id, {})
        return replace(
            entity,
            name=str(given.get("name", entity.name)),
            aliases=tuple(given.get("aliases", entity.aliases)),
            area=given.get("area", entity.area),
        )

    def _forget(self, topic: str) -> RegistryChange:
        self._gained.clear()
        self._lost.clear()
        removed = self._by_topic.get(topic, ())
        self._drop(topic)
        self._stored.forget(topic)
        self._lift_quarantine(topic)
        self._changed()
        return RegistryChange(unsubscribe=frozenset(self._lost), removed=removed)

    def _lift_quarantine(self, topic: str) -> None:
        for unique_id in self._set_aside.pop(topic, ()):
            self.quarantine.pop((topic, unique_id), None)

    def _drop(self, topic: str) -> None:
        for entity_id in self._by_topic.pop(topic, ()):
            binding = self._bindings.pop(entity_id, None)
            self._states.pop(entity_id, None)
            self._online.pop(entity_id, None)
            if binding is None:
                continue
            self._claims.give_up(binding)
            self._leave_device(binding.entity.device)
            for listened in binding.topics:
                self._listeners[listened].remove(entity_id)
                if not self._listeners[listened]:
                    del self._listeners[listened]
                    self._lost.add(listened)

    def _leave_device(self, device: str | None) -> None:
        if device is None:
            return
        self._device_users[device] -= 1
        if self._device_users[device] <= 0:
            del self._device_users[device]
            self._devices.pop(device, None)

    def _changed(self) -> None:
        self._version += 1
        self._structure = None

    def add_own(self, entities: Iterable[tuple[Entity, EntityState]]) -> None:
        """Entities of the hub itself (its lists)."""
        for entity, state in entities:
            self._extra[entity.id] = entity
            self._states.setdefault(entity.id, state)
        self._changed()

    # --- states ----------------------------------------------------------------------------

    def state_message(self, topic: str, raw: bytes, now: datetime) -> tuple[StateChange, ...]:
        """Take in a message on a state or availability topic. Never raises; what does not fit
        leaves the last good value."""
        payload = Payload(raw)
        changes = []
        for entity_id in self._listeners.get(topic, ()):
            change = self._apply(entity_id, topic, payload, now)
            if change is not None:
                changes.append(change)
        return tuple(changes)

    def _apply(
        self, entity_id: str, topic: str, payload: Payload, now: datetime
    ) -> StateChange | None:
        binding = self._bindings[entity_id]
        before = self._states.get(entity_id, _UNSAID)
        try:
            online = binding.availability_said(topic, payload)
            said = binding.state_changes(topic, payload)
        except Errors:
            return None
        after = before
        if online is not None:
            after = replace(after, available=self._available(entity_id, binding, topic, online))
        if said:
            after = _with(after, said, now)
        if after is before:
            return None
        self._states[entity_id] = after
        return StateChange(entity_id, before, after)

    def _available(self, entity_id: str, binding: Binding, topic: str, online: bool) -> bool:
        said = self._online.setdefault(entity_id, {})
        said[topic] = online
        if binding.availability_mode == "all":
            return len(said) == len({a.topic for a in binding.availability}) and all(said.values())
        if binding.availability_mode == "any":
            return any(said.values())
        return online

    def set_state(self, entity_id: str, state: EntityState) -> None:
        """Set the state of one of the hub's own entities."""
        self._states[entity_id] = state

    # --- what others ask -------------------------------------------------------------------

    def home(self) -> Home:
        """A consistent snapshot; its structure is built only when it changed."""
        if self._structure is None:
            hidden = {k for k, v in self._owner.overrides.items() if v.get("hidden")}
            entities = {i: b.entity for i, b in self._bindings.items()} | self._extra
            self._structure = Home(
                MappingProxyType({floor.id: floor for floor in self._owner.floors}),
                MappingProxyType(self._areas()),
                MappingProxyType(dict(self._devices)),
                MappingProxyType({i: e for i, e in entities.items() if i not in hidden}),
                structure_version=self._version,
            )
        return replace(self._structure, states=dict(self._states))

    def subscriptions(self) -> frozenset[str]:
        """All state and availability topics."""
        return frozenset(self._listeners)

    def publishes(self, call: ServiceCall) -> tuple[Publish, ...]:
        """The messages that carry a call. Raises `InvalidServiceCall`."""
        binding = self._bindings.get(call.entity_id)
        if binding is None:
            raise InvalidServiceCall(f"{call.entity_id} is not a device on MQTT")
        return binding.publishes(self._states.get(call.entity_id, _UNSAID), call)

    def stored_discovery(self) -> list[tuple[str, bytes, str | None]]:
        """What is needed to have the same entities after a restart."""
        return self._stored.all()


def _with(state: EntityState, said: Mapping[str, Any], now: datetime) -> EntityState:
    attributes = dict(state.attributes)
    new = said.get("state", state.state)
    for key, value in said.items():
        if key == "state":
            continue
        if value is None:
            attributes.pop(key, None)
        else:
            attributes[key] = value
    changed = now if new != state.state else state.changed
    return replace(state, state=new, attributes=attributes, changed=changed)
