"""What of the schedule is due: by the clock, by the sun, or by what the home has come to be.

Pure functions of the stores, the home and the moment.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter

from devices.home import Home
from hub.automations.conditions import Now, alternatives, entities_of, judged
from hub.automations.moments import Place, next_moment
from hub.automations.schema import Condition, SunTrigger
from hub.stores import Scheduled, Stores

_CONDITION: TypeAdapter[Condition] = TypeAdapter(Condition)


@lru_cache(maxsize=256)
def _parsed(kept: str) -> Condition:
    return _CONDITION.validate_json(kept)


def _condition(scheduled: Scheduled) -> Condition | None:
    if scheduled.condition is None:
        return None
    return _parsed(json.dumps(scheduled.condition, sort_keys=True))


_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def noticed(
    stores: Stores, home: Home, now: datetime, place: Place | None
) -> tuple[Stores, list[Scheduled]]:
    """The stores with what the home is like now, and what its conditions have come about for.

    A condition comes about when it, or one of its alternatives, did not hold and now does; what a
    device does not tell changes nothing. What is meant for one time is taken out.
    """
    schedules = dict(stores.schedules)
    due: list[Scheduled] = []
    for scheduled in stores.schedules.values():
        condition = _condition(scheduled)
        if condition is None:
            continue
        held = _held(scheduled, condition, Now(home, now, place))
        if held == scheduled.held:
            continue
        schedules[scheduled.view.id] = replace(scheduled, held=held)
        if any(new and old is False for new, old in zip(held, scheduled.held, strict=True)):
            due.append(scheduled)
            if scheduled.view.repeat is None:
                del schedules[scheduled.view.id]
    same = schedules == dict(stores.schedules)
    return (stores if same else replace(stores, schedules=schedules)), due


def _held(scheduled: Scheduled, condition: Condition, now: Now) -> tuple[bool | None, ...]:
    """Whether each alternative holds; what a device does not tell is as it was."""
    found = [judged(part, now) for part in alternatives(condition)]
    return tuple(
        before if holds is None else holds
        for holds, before in zip(found, scheduled.held, strict=True)
    )


def awaited_entities(stores: Stores) -> frozenset[str]:
    """The entities that anything waits for."""
    conditions = [c for s in stores.schedules.values() if (c := _condition(s)) is not None]
    return frozenset(entity_id for one in conditions for entity_id in entities_of(one))


def after_this(scheduled: Scheduled, now: datetime, place: Place | None) -> datetime | None:
    """When a schedule that has just been due comes round next; None if it does not."""
    if scheduled.view.repeat is None or scheduled.view.due is None:
        return None
    if scheduled.sun is not None:
        return next_moment(_sun(scheduled.sun), now, place)
    _, _, days = scheduled.view.repeat.partition("BYDAY=")
    allowed = days.split(",") if days else list(_DAYS)
    due = scheduled.view.due + timedelta(days=1)
    while due <= now or _DAYS[due.weekday()] not in allowed:
        due += timedelta(days=1)
    return due


def _sun(kept: Mapping[str, Any]) -> SunTrigger:
    return SunTrigger.model_validate({"trigger": "sun", **kept})
