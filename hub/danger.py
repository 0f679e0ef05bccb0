"""Which harm a service call can do: a pure function of the call, the home and the owner's rules."""

from __future__ import annotations

from devices.home import Entity, Home
from devices.services import ServiceCall
from hub.danger_words import (
    GATES,
    HOT,
    UNSPACED_GATES,
    UNSPACED_HOT,
    UNSPACED_WAYS_IN,
    WAYS_IN,
)
from hub.ground.names import tokens
from hub.policy import Danger, Policy
from hub.scenes import expanded

_ALWAYS = {
    "lock.unlock": Danger.UNLOCK,
    "lock.open": Danger.UNLOCK,
    "alarm_control_panel.alarm_disarm": Danger.DISARM,
    "alarm_control_panel.alarm_trigger": Danger.OTHER,
    "valve.open_valve": Danger.OPEN,
    "valve.toggle": Danger.OPEN,
    "siren.turn_on": Danger.OTHER,
    "siren.toggle": Danger.OTHER,
}
_OPENING = frozenset(
    {"cover.open_cover", "cover.set_cover_position", "cover.toggle", "valve.set_valve_position"}
)
_SHADING = frozenset({"blind", "shade", "shutter", "curtain", "awning"})
_DANGEROUS_COVERS = frozenset({"garage", "gate", "door"})
_SWITCHING_ON = frozenset(
    {"switch.turn_on", "switch.toggle", "input_boolean.turn_on", "input_boolean.toggle",
     "button.press", "input_button.press", "script.turn_on", "script.toggle", "scene.turn_on",
     "automation.turn_on", "automation.trigger"}
)  # fmt: skip
_HEATING = frozenset({"set_temperature", "set_value"})
_FAHRENHEIT_FROM = 45.0
"""A thermostat whose highest goal is above this does not count in degrees Celsius."""


def is_dangerous(call: ServiceCall, home: Home, policy: Policy) -> bool:
    """Whether a call, or anything it stands for, can do harm."""
    return any(dangers(step, home, policy) for step in expanded(call, home))


def dangers(call: ServiceCall, home: Home, policy: Policy) -> frozenset[Danger]:
    """The harm that this call itself can do; what it stands for is `hub.scenes.expanded`."""
    entity = home.entities.get(call.entity_id)
    if entity is None:
        return frozenset({_ALWAYS.get(call.service, Danger.OTHER)})
    found = {Danger.MARKED} if call.entity_id in policy.confirm_entities else set()
    own = _own(call, entity, home, policy)
    return frozenset({*found, own} if own is not None else found)


def _own(call: ServiceCall, entity: Entity, home: Home, policy: Policy) -> Danger | None:
    if call.service in _ALWAYS:
        return _ALWAYS[call.service]
    if call.service in _OPENING and not _closes(call, entity, home):
        return Danger.OPEN if _lets_in(entity, home, policy) else None
    if call.service in _SWITCHING_ON:
        if _named(entity, WAYS_IN, UNSPACED_WAYS_IN):
            return Danger.OPEN
        return Danger.OTHER if _named(entity, HOT, UNSPACED_HOT) else None
    if call.service.partition(".")[2] in _HEATING and _too_hot(call, entity, policy):
        return Danger.HEAT
    return None


def _closes(call: ServiceCall, entity: Entity, home: Home) -> bool:
    """Whether a cover goes no further open than it stands: shut, or for a blind or a shutter lower
    than where it says it is."""
    goal = call.data.get("position")
    now = home.state(entity.id).attributes.get("current_position")
    shading = entity.domain == "cover" and entity.device_class in _SHADING
    if isinstance(goal, int | float) and isinstance(now, int | float) and shading:
        return goal <= now
    return goal == 0


def _lets_in(entity: Entity, home: Home, policy: Policy) -> bool:
    area = home.areas.get(entity.area or "")
    near = {w for name in (area.name, *area.aliases) for w in tokens(name)} if area else set()
    return (
        entity.domain == "valve"
        or entity.device_class in _DANGEROUS_COVERS
        or bool((near | name_words(entity)) & policy.safety_areas)
        or (entity.device_class is None and _named(entity, GATES, UNSPACED_GATES))
    )


def name_words(entity: Entity) -> set[str]:
    """The words of an entity's names."""
    return {w for name in (entity.name, *entity.aliases) for w in tokens(name)}


def _named(entity: Entity, words: frozenset[str], parts: tuple[str, ...]) -> bool:
    names = " ".join((entity.name, *entity.aliases))
    return bool(name_words(entity) & words) or any(part in names for part in parts)


def _too_hot(call: ServiceCall, entity: Entity, policy: Policy) -> bool:
    if entity.domain not in ("climate", "water_heater") and entity.device_class != "temperature":
        return False
    goals = [call.data.get(key) for key in ("temperature", "target_temp_high", "value")]
    limit = 60.0 if entity.domain == "water_heater" else policy.heat_limit_celsius
    if _highest(entity) > _FAHRENHEIT_FROM and entity.domain == "climate":
        limit = limit * 9 / 5 + 32
    return any(isinstance(goal, int | float) and goal > limit for goal in goals)


def _highest(entity: Entity) -> float:
    try:
        return float(entity.options.get("max_temp", 35))
    except (TypeError, ValueError):
        return 35.0
