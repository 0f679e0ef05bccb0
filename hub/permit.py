"""The gate: which actions may happen, which need a confirmation or a PIN, which never happen.

Every path to an action passes here right before the actuator: sentences, service calls, schedules,
undo and repeat. It is a pure function of the plan, the home, the owner's policy, who asks and what
a person consented to; nothing that a device or a sender says can lower what it asks for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from devices.home import Entity, Home
from devices.services import ServiceCall
from hub.danger import dangers, is_dangerous, name_words
from hub.languages import phrase
from hub.policy import Consent, Policy, Source
from hub.rules import ruled
from hub.scenes import expanded
from hub.values import Answer, Effect, Plan, Status

__all__ = ["Given", "Policy", "is_dangerous", "needed", "permit", "refused"]

_DETECTORS = frozenset({"smoke", "carbon_monoxide", "gas", "co"})
_DECIDED = frozenset({Status.CLARIFY, Status.REFUSED, Status.NOT_UNDERSTOOD})


@dataclass(frozen=True, slots=True)
class Given:
    """What a request brings to the gate: who asks, what was consented to now, and `agreed`, the
    calls that somebody consented to when they were scheduled."""

    source: Source = field(default_factory=Source)
    consent: Consent = Consent.NONE
    agreed: tuple[ServiceCall, ...] = ()


_NOTHING_GIVEN = Given()


def permit(plan: Plan, home: Home, policy: Policy, given: Given = _NOTHING_GIVEN) -> Plan:
    """The plan if it may be carried out; otherwise one with status CONFIRM (the actions kept, to
    be carried out after a yes or a PIN) or REFUSED (the actions dropped).

    What is scheduled under a consent carries it along.
    """
    calls = [(call, expanded(call, home)) for call in _calls(plan)]
    forbidden = next((e for _, steps in calls if (e := _forbidden(steps, home))), None)
    if forbidden:
        return refused(plan, f"{forbidden.name} protects you: it cannot be turned off by command.")
    if _storm(plan):
        return refused(plan, "Locks and doors are not moved again and again on a timer.")
    if plan.status in _DECIDED:
        return plan
    needs = [(call, _needed(call, steps, home, policy, given)) for call, steps in calls]
    need = max((one for _, one in needs), default=Consent.NONE)
    if need is Consent.NEVER:
        barred = [call for call, one in needs if one is Consent.NEVER]
        return refused(plan, f"The rules of this house do not let me {_wish(barred, home)}.")
    if given.consent < need:
        asked_for = [call for call, one in needs if one > Consent.NONE]
        question = _question(asked_for, home, need, given.consent)
        return replace(plan, status=Status.CONFIRM, answers=(Answer("", text=question),))
    return plan if need is Consent.NONE else _carrying_consent(plan)


def needed(call: ServiceCall, home: Home, policy: Policy, given: Given = _NOTHING_GIVEN) -> Consent:
    """What a person must have said before this call, and all that it stands for, is carried out."""
    return _needed(call, expanded(call, home), home, policy, given)


def _needed(
    call: ServiceCall, steps: Sequence[ServiceCall], home: Home, policy: Policy, given: Given
) -> Consent:
    need = max(_need_of_one(step, home, policy, given.source) for step in steps)
    waived = policy.permissive or call in given.agreed
    return Consent.NONE if waived and need is not Consent.NEVER else need


def _need_of_one(call: ServiceCall, home: Home, policy: Policy, source: Source) -> Consent:
    said = ruled(call, home, source, policy.rules)
    if said is not None:
        return said
    harm = dangers(call, home, policy)
    if harm & policy.pin_for:
        return Consent.PIN
    return Consent.YES if harm else Consent.NONE


def refused(plan: Plan, why: str) -> Plan:
    """The plan with nothing left of it but the reason."""
    return replace(
        plan, status=Status.REFUSED, actions=(), effects=(), answers=(Answer("", text=why),)
    )


_DOING = {
    "unlock": "unlock", "open": "open", "open_cover": "open", "set_cover_position": "open",
    "open_valve": "open", "set_valve_position": "open", "alarm_disarm": "disarm",
    "alarm_trigger": "trigger", "set_temperature": "heat that much with", "turn_on": "turn on",
    "press": "press",
}  # fmt: skip


def _doing(calls: Sequence[ServiceCall]) -> str:
    return _DOING.get(calls[0].service.partition(".")[2], "do that with")


def _named(calls: Sequence[ServiceCall], home: Home) -> list[str]:
    names = [home.entities[c.entity_id].name for c in calls if c.entity_id in home.entities]
    return list(dict.fromkeys(names))


def _wish(calls: Sequence[ServiceCall], home: Home) -> str:
    return f"{_doing(calls)} {' and '.join(_named(calls, home)) or 'what I do not know'}"


_ASKED: Mapping[str, str] = {"unlock": "confirm_unlock", "open": "confirm_open",
                             "turn on": "confirm_on"}  # fmt: skip
"""What is to be done, and the phrase that asks for it; any other has one that names the thing."""


def _question(calls: Sequence[ServiceCall], home: Home, need: Consent, consent: Consent) -> str:
    doing, names, wish = _doing(calls), _named(calls, home), _wish(calls, home)
    if need is Consent.PIN and consent is Consent.YES:
        return phrase(f"I need the PIN to {wish}.", "needs_pin", names=names)
    question = phrase(f"Shall I {wish}?", _ASKED.get(doing, "confirm"), names=names)
    if need is not Consent.PIN:
        return question
    return phrase(f"{question} Please tell me the PIN.", "with_pin", question=question)


def _calls(plan: Plan) -> list[ServiceCall]:
    calls = [action.call for action in plan.actions]
    return calls + [call for effect in plan.effects for call in _scheduled(effect.data)]


def _scheduled(data: object) -> Iterable[ServiceCall]:
    calls = data.get("calls", ()) if hasattr(data, "get") else ()
    return [ServiceCall(c["entity_id"], c["service"], c["data"]) for c in calls]


def _carrying_consent(plan: Plan) -> Plan:
    effects = tuple(
        replace(effect, data={**effect.data, "agreed": True})
        if effect.effect is Effect.SCHEDULE
        else effect
        for effect in plan.effects
    )
    return replace(plan, effects=effects)


def _forbidden(steps: Sequence[ServiceCall], home: Home) -> Entity | None:
    for step in steps:
        entity = home.entities.get(step.entity_id)
        if entity is None or not step.service.endswith(("turn_off", "stop")):
            continue
        detector = entity.device_class in _DETECTORS or (
            bool(name_words(entity) & {"smoke", "co", "monoxide"})
            and entity.domain in ("siren", "switch")
        )
        if detector:
            return entity
    return None


def _storm(plan: Plan) -> bool:
    """A schedule that moves a lock or door, repeating faster than people do."""
    for effect in plan.effects:
        repeat = str(effect.data.get("repeat") or "")
        if effect.effect is Effect.SCHEDULE and ("MINUTELY" in repeat or "SECONDLY" in repeat):
            calls = _scheduled(effect.data)
            if any(c.entity_id.startswith(("lock.", "cover.", "valve.")) for c in calls):
                return True
    return False
