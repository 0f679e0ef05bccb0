"""The lines of `rehearse`: a case in, its result out. Their form is on the architecture page
("rehearse")."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from devices.home import Home
from hub.ground.places import find_area
from hub.road import Travelled
from hub.values import Status


class Case(BaseModel):
    """One line of input."""

    model_config = ConfigDict(extra="ignore")

    id: str | int | None = None
    text: Annotated[str, Field(max_length=10_000)]
    language: str | None = None
    area: str | None = None
    device: str | None = None
    user: str | None = None
    now: datetime | None = None
    home: str | dict[str, Any] | None = None
    setup: dict[str, dict[str, Any]] = {}
    session: str | int | None = None
    policy: str | None = None


def with_setup(home: Home, setup: Mapping[str, Mapping[str, Any]]) -> Home:
    """The home with the states and attributes that a case begins with."""
    if not setup:
        return home
    states = dict(home.states)
    for entity_id, given in setup.items():
        old = home.state(entity_id)
        state = str(given["state"]) if given.get("state") is not None else old.state
        attributes = {**old.attributes, **(given.get("attributes") or {})}
        states[entity_id] = replace(
            old, state=state, attributes=attributes, available=state != "unavailable"
        )
    return replace(home, states=states)


def speaker_area(case: Case, home: Home) -> str | None:
    """The id of the area that the case is said in, if it tells."""
    if case.area:
        if case.area in home.areas:
            return case.area
        area = find_area(case.area, home)
        return area.id if area else None
    if case.device:
        for device in home.devices.values():
            if case.device in (device.id, device.name):
                return device.area
        entity = home.entities.get(case.device)
        return entity.area if entity else None
    return None


def refusal(case_id: str | int | None, reason: str) -> dict[str, Any]:
    """The result of a line that cannot be run."""
    return {
        "id": case_id,
        "status": "refused",
        "reply": reason,
        "frames": [],
        "actions": [],
        "changes": {},
        "ms": {"understand": 0.0, "ground": 0.0, "total": 0.0},
        "engine": "",
    }


def result(
    case: Case, travelled: Travelled, before: Home, after: Home, engine: str
) -> dict[str, Any]:
    """What a case came to, as one line of output."""
    plan = travelled.outcome.plan
    return {
        "id": case.id,
        "status": str(travelled.outcome.status),
        "reply": travelled.text,
        "frames": [
            {"intent": f.intent, "slots": dict(f.slots), "confidence": f.confidence}
            for f in plan.frames
        ],
        "actions": [
            {
                "entity_id": step.action.call.entity_id,
                "service": step.action.call.service,
                "data": dict(step.action.call.data),
            }
            for step in travelled.outcome.steps
            if step.status is not Status.FAILED
        ],
        "changes": changes(before, after),
        "ms": dict(travelled.ms),
        "engine": engine,
    }


def changes(before: Home, after: Home) -> dict[str, dict[str, Any]]:
    """What differs between two moments of a home, by entity id."""
    found: dict[str, dict[str, Any]] = {}
    if after.states is before.states:
        return found
    for entity_id, state in after.states.items():
        old = before.states.get(entity_id)
        if old is state:
            continue
        change: dict[str, Any] = {}
        if old is None or old.state != state.state:
            change["state"] = state.state
        old_attributes = old.attributes if old else {}
        differing = {
            key: state.attributes.get(key)
            for key in {*state.attributes, *old_attributes}
            if state.attributes.get(key) != old_attributes.get(key)
        }
        if differing:
            change["attributes"] = differing
        if change:
            found[entity_id] = change
    return found
