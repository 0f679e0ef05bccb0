"""What a scene, a script or a group would do to others, as far as it says so.

Read from the attributes in which Home Assistant keeps it: `entities` of a scene (entity id to the
wanted state), `sequence` of a script or automation (steps with `action` and `target`), `entity_id`
of a group or of a scene whose wanted states nobody tells. What it says can only make the call more
dangerous: a scene without attributes is judged by its name and marking.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from devices.home import Home
from devices.services import ServiceCall

_STORED = frozenset(
    "scene.turn_on script.turn_on script.toggle automation.turn_on automation.trigger".split()
)
_DEPTH = 4
"""Scenes in scenes that are looked into; what lies deeper counts as unknown, so as dangerous."""
_STEPS = 500
"""Steps that are looked at; a scene with more counts as unknown too."""
_UNKNOWN = ServiceCall("unknown.too_much_to_look_at", "unknown.turn_on")
_VAGUE = frozenset({"turn_on", "toggle"})
"""What a group of different things makes of these, only its vendor knows: the worst is assumed."""
_WANTED = {
    ("lock", "unlocked"): "lock.unlock", ("lock", "unlocking"): "lock.unlock",
    ("lock", "open"): "lock.open", ("lock", "opening"): "lock.open",
    ("cover", "open"): "cover.open_cover", ("cover", "opening"): "cover.open_cover",
    ("valve", "open"): "valve.open_valve", ("valve", "opening"): "valve.open_valve",
    ("alarm_control_panel", "disarmed"): "alarm_control_panel.alarm_disarm",
    ("alarm_control_panel", "triggered"): "alarm_control_panel.alarm_trigger",
}  # fmt: skip
_WORST = {
    "lock": "lock.unlock", "cover": "cover.open_cover", "valve": "valve.open_valve",
    "alarm_control_panel": "alarm_control_panel.alarm_disarm",
}  # fmt: skip


def expanded(call: ServiceCall, home: Home) -> tuple[ServiceCall, ...]:
    """The call itself, and everything that it stands for, however deep."""
    found, level = {_key(call): call}, [call]
    for _ in range(_DEPTH):
        level = [s for c in level for s in steps(c, home) if _key(s) not in found]
        if not level:
            return tuple(found.values())
        found.update((_key(step), step) for step in level)
        if len(found) > _STEPS:
            break
    return (*found.values(), _UNKNOWN)


def _key(call: ServiceCall) -> tuple[str, str, str]:
    return call.entity_id, call.service, repr(sorted(call.data.items(), key=str))


def steps(call: ServiceCall, home: Home) -> tuple[ServiceCall, ...]:
    """The calls that this one stands for; empty for a plain device."""
    attributes = home.state(call.entity_id).attributes
    members = attributes.get("entity_id")
    if call.service not in _STORED:
        name = call.service.partition(".")[2]
        return tuple(
            _worst(member)
            if name in _VAGUE
            else ServiceCall(member, f"{member.partition('.')[0]}.{name}", call.data)
            for member in _ids(members)
            if member != call.entity_id
        )
    found = [*_scene(attributes.get("entities")), *_sequence(attributes.get("sequence"))]
    told = {step.entity_id for step in found}
    found += [_worst(member) for member in _ids(members) if member not in told]
    return tuple(step for step in found if step.entity_id != call.entity_id)


def _scene(entities: Any) -> Iterator[ServiceCall]:
    if not isinstance(entities, Mapping):
        yield from (_worst(member) for member in _ids(entities))
        return
    for entity_id, wanted in entities.items():
        domain = entity_id.partition(".")[0]
        data = dict(wanted) if isinstance(wanted, Mapping) else {}
        state = str(data.pop("state", "") if isinstance(wanted, Mapping) else wanted).lower()
        if service := _WANTED.get((domain, state)):
            yield ServiceCall(entity_id, service)
        elif state in ("on", "true"):
            yield ServiceCall(entity_id, f"{domain}.turn_on")
        if "temperature" in data or "target_temp_high" in data:
            yield ServiceCall(entity_id, f"{domain}.set_temperature", data)
        position = data.get("position", data.get("current_position"))
        if domain in ("cover", "valve") and position is not None:
            yield ServiceCall(entity_id, f"{domain}.set_{domain}_position", {"position": position})


def _sequence(step: Any) -> Iterator[ServiceCall]:
    """Every service call in the steps, however deep in branches and loops it stands."""
    if isinstance(step, list | tuple):
        for part in step:
            yield from _sequence(part)
    if not isinstance(step, Mapping):
        return
    service = step.get("action", step.get("service"))
    if isinstance(service, str):
        data, target = _mapping(step.get("data")), _mapping(step.get("target"))
        for place in (step, target, data):
            for entity_id in _ids(place.get("entity_id")):
                yield ServiceCall(entity_id, service, data)
    for part in step.values():
        yield from _sequence(part)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _ids(value: Any) -> list[str]:
    listed = value if isinstance(value, list | tuple) else [value]
    return [i for i in listed if isinstance(i, str) and "." in i]


def _worst(entity_id: str) -> ServiceCall:
    domain = entity_id.partition(".")[0]
    return ServiceCall(entity_id, _WORST.get(domain, f"{domain}.turn_on"))
