"""What a service call does to a state: the behaviour of a well-made device, as pure functions.

Used by `rehearse` and the simulator to act, and by the hub to know what to expect of a real device
and how to undo. States and attributes are Home Assistant's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from devices.domains import InvalidServiceCall, check_call
from devices.effects import HANDLERS, Changes
from devices.home import Entity, EntityState
from devices.services import ServiceCall
from devices.undoing import INVERSES


def apply(entity: Entity, state: EntityState, call: ServiceCall, now: datetime) -> EntityState:
    """The state after the call, when everything that moves has arrived.

    Raises `InvalidServiceCall` for what the domain does not know or the entity cannot do.
    """
    changes = effect(entity, state, call)
    attributes = dict(state.attributes)
    new_state = changes.pop("state", state.state)
    for key, value in changes.items():
        if value is None:
            attributes.pop(key, None)
        else:
            attributes[key] = value
    changed = now if new_state != state.state else state.changed
    return replace(state, state=new_state, attributes=attributes, changed=changed)


def effect(entity: Entity, state: EntityState, call: ServiceCall) -> Changes:
    """What the call changes. Raises `InvalidServiceCall`."""
    check_call(call)
    domain, _, service = call.service.partition(".")
    handler = HANDLERS.get(domain)
    changes = handler(entity, state, service, call.data) if handler else None
    if changes is None:
        raise InvalidServiceCall(f"{entity.name} cannot do {call.service}")
    return changes


def expected(entity: Entity, state: EntityState, call: ServiceCall) -> Mapping[str, Any]:
    """What the device should report after the call: "state" and the attributes that it reports."""
    if not entity.reports_state:
        return {}
    changes = effect(entity, state, call)
    return {key: value for key, value in changes.items() if key in _REPORTED and value is not None}


_REPORTED = frozenset(
    [
        "state",
        "brightness",
        "current_position",
        "current_tilt_position",
        "percentage",
        "temperature",
        "volume_level",
        "is_volume_muted",
        "preset_mode",
        "fan_mode",
        "hvac_mode",
        "humidity",
        "color_temp_kelvin",
    ]
)


def inverse(entity: Entity, state: EntityState, call: ServiceCall) -> ServiceCall | None:
    """The call that brings back the state before `call`, or None where there is none."""
    domain = call.service.partition(".")[0]
    build = INVERSES.get(domain)
    if build is None or state.state is None:
        return None
    undo = build(state, call)
    return ServiceCall(call.entity_id, f"{domain}.{undo[0]}", undo[1]) if undo else None
