"""The gate: which actions may happen, which need a confirmation, which never happen.

Every path to an action passes here right before the actuator: sentences, service calls, schedules,
undo and repeat. It is a pure function of the plan, the home and the owner's policy; nothing that a
device or a sender says can lower what it asks for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from devices.home import Entity, Home
from devices.services import ServiceCall
from hub.ground.names import tokens
from hub.values import Answer, Effect, Plan, Status


@dataclass(frozen=True, slots=True)
class Policy:
    """The owner's rules. `confirm_entities` are dangerous whatever they claim to be; `safety_areas`
    are areas where motorised covers and windows count as dangerous."""

    permissive: bool = False
    confirm_entities: frozenset[str] = frozenset()
    safety_areas: frozenset[str] = frozenset({"nursery", "baby", "kid", "child", "children"})
    heat_limit_celsius: float = 26.0
    challenge_seconds: int = 60
    dangerous_words: frozenset[str] = frozenset(
        "garage gate oven stove cooker hob lock door opener sauna furnace gun safe".split()
    )


_ALWAYS = frozenset({"lock.unlock", "lock.open", "valve.open_valve", "siren.turn_on"})
_ALARM_DANGER = frozenset({"alarm_control_panel.alarm_disarm", "alarm_control_panel.alarm_trigger"})
_OPENING = frozenset({"cover.open_cover", "cover.set_cover_position", "valve.set_valve_position"})
_DANGEROUS_COVERS = frozenset({"garage", "gate", "door"})
_SWITCHING_ON = frozenset(
    {"switch.turn_on", "input_boolean.turn_on", "button.press", "input_button.press",
     "script.turn_on", "scene.turn_on", "automation.turn_on"}
)  # fmt: skip
_DETECTORS = frozenset({"smoke", "carbon_monoxide", "gas", "co"})


def permit(plan: Plan, home: Home, policy: Policy) -> Plan:
    """The plan unchanged if it may be carried out; otherwise one with status CONFIRM (the actions
    kept, to be carried out after a yes) or REFUSED (the actions dropped)."""
    calls = [action.call for action in plan.actions]
    calls += [call for effect in plan.effects for call in _scheduled(effect.data)]
    forbidden = next((e for c in calls if (e := _forbidden(c, home))), None)
    if forbidden:
        return _refused(plan, f"{forbidden.name} protects you: it cannot be turned off by command.")
    if _storm(plan):
        return _refused(plan, "Locks and doors are not moved again and again on a timer.")
    if policy.permissive or plan.status in (Status.CLARIFY, Status.REFUSED):
        return plan
    dangerous = [call for call in calls if is_dangerous(call, home, policy)]
    if not dangerous:
        return plan
    names = list(dict.fromkeys(home.entities[c.entity_id].name for c in dangerous))
    doing = _DOING.get(dangerous[0].service.partition(".")[2], "do that with")
    question = f"Shall I {doing} {' and '.join(names)}?"
    return replace(plan, status=Status.CONFIRM, answers=(Answer("", text=question),))


_DOING = {
    "unlock": "unlock", "open": "open", "open_cover": "open", "set_cover_position": "open",
    "open_valve": "open", "set_valve_position": "open", "alarm_disarm": "disarm",
    "alarm_trigger": "trigger", "turn_on": "turn on", "set_temperature": "heat up",
    "press": "press",
}  # fmt: skip


def _refused(plan: Plan, why: str) -> Plan:
    return replace(
        plan, status=Status.REFUSED, actions=(), effects=(), answers=(Answer("", text=why),)
    )


def _scheduled(data: object) -> Iterable[ServiceCall]:
    calls = data.get("calls", ()) if hasattr(data, "get") else ()
    return [ServiceCall(c["entity_id"], c["service"], c["data"]) for c in calls]


def is_dangerous(call: ServiceCall, home: Home, policy: Policy) -> bool:
    """Whether a call needs a confirmation."""
    entity = home.entities.get(call.entity_id)
    if entity is None or call.entity_id in policy.confirm_entities:
        return True
    if call.service in _ALWAYS or call.service in _ALARM_DANGER:
        return True
    words = {w for name in (entity.name, *entity.aliases) for w in tokens(name)}
    if call.service in _OPENING and call.data.get("position") != 0:
        area = home.areas.get(entity.area or "")
        near = {w for name in (area.name, *area.aliases) for w in tokens(name)} if area else set()
        safety = bool((near | words) & policy.safety_areas)
        return (
            entity.domain == "valve"
            or entity.device_class in _DANGEROUS_COVERS
            or safety
            or (entity.device_class is None and bool(words & {"garage", "gate"}))
        )
    if call.service in _SWITCHING_ON:
        return bool(words & policy.dangerous_words)
    if call.service.endswith(".set_temperature"):
        return _too_hot(call, entity, policy)
    return False


def _too_hot(call: ServiceCall, entity: Entity, policy: Policy) -> bool:
    goals = [call.data.get(key) for key in ("temperature", "target_temp_high")]
    limit = policy.heat_limit_celsius
    if float(entity.options.get("max_temp", 35)) > 45:
        limit = limit * 9 / 5 + 32
    if entity.domain == "water_heater":
        limit = 60.0
    return any(isinstance(goal, int | float) and goal > limit for goal in goals)


def _forbidden(call: ServiceCall, home: Home) -> Entity | None:
    entity = home.entities.get(call.entity_id)
    if entity is None or not call.service.endswith(("turn_off", "stop")):
        return None
    words = {w for name in (entity.name, *entity.aliases) for w in tokens(name)}
    detector = entity.device_class in _DETECTORS or (
        bool(words & {"smoke", "co", "monoxide"}) and entity.domain in ("siren", "switch")
    )
    return entity if detector else None


def _storm(plan: Plan) -> bool:
    return any(
        effect.effect is Effect.SCHEDULE
        and effect.data.get("repeat")
        and any(c.service.startswith(("lock.", "cover.")) for c in _scheduled(effect.data))
        and "SECOND" in str(effect.data["repeat"])
        for effect in plan.effects
    )
