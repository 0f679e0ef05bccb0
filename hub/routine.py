"""Plans for what is named instead of said: a service call, or all that an automation wants."""

from __future__ import annotations

from typing import Any

from devices import behaviour
from devices.domains import InvalidServiceCall
from devices.home import Home
from devices.services import ServiceCall
from hub.permit import refused
from hub.values import Action, Answer, Effect, HubEffect, Plan, Routine, Status


def plan_for_call(call: ServiceCall, home: Home) -> Plan:
    """The plan for a service that was named directly."""
    entity = home.entities.get(call.entity_id)
    if entity is None:
        return _refusal(f"There is no entity {call.entity_id}.")
    state = home.state(entity.id)
    try:
        expect = behaviour.expected(entity, state, call)
        behaviour.effect(entity, state, call)
    except InvalidServiceCall as error:
        return _refusal(f"{error}.")
    undo = behaviour.inverse(entity, state, call)
    return Plan(Status.DONE, actions=(Action(call, expect, undo),))


def _refusal(why: str) -> Plan:
    return Plan(Status.REFUSED, answers=(Answer("", text=why),))


def plan_for_routine(routine: Routine, home: Home) -> Plan:
    """The plan for all calls of a routine; one that cannot be made does not keep back the rest."""
    plans = [plan_for_call(call, home) for call in routine.calls]
    wrong = tuple(answer for plan in plans for answer in plan.answers)
    actions = tuple(action for plan in plans for action in plan.actions)
    effects = tuple(HubEffect(Effect.BROADCAST, {"message": m}) for m in routine.messages)
    return Plan(Status.FAILED if wrong else Status.DONE, (), actions, effects, wrong)


def unattended(plan: Plan, site: str) -> Plan:
    """A plan that nobody is there to say yes to: what waits for one is refused, and it is told how
    the owner can allow it."""
    if plan.status is not Status.CONFIRM:
        return plan
    asked = " ".join(answer.text or "" for answer in plan.answers)
    return refused(
        plan,
        f"{asked} Nobody is asked when an automation runs. To allow it, add a rule to the policy"
        f' with need = "nothing" and sites = ["{site}"].',
    )


def as_json(routine: Routine) -> dict[str, Any]:
    """For the journal."""
    calls = [
        {"entity_id": c.entity_id, "service": c.service, "data": dict(c.data)}
        for c in routine.calls
    ]
    return {"calls": calls, "messages": list(routine.messages)}


def from_json(raw: dict[str, Any]) -> Routine:
    """The reverse."""
    calls = (ServiceCall(c["entity_id"], c["service"], c["data"]) for c in raw["calls"])
    return Routine(tuple(calls), tuple(raw["messages"]))
