"""Whether conditions hold: pure functions of the home and the moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from devices.home import EntityState, Home
from hub.automations.moments import Place, sun_at
from hub.automations.schema import (
    WEEKDAYS,
    Condition,
    GroupCondition,
    NumericStateCondition,
    StateCondition,
    SunCondition,
    TimeCondition,
)
from hub.automations.triggers import number_of, within


@dataclass(frozen=True, slots=True)
class Now:
    """What conditions look at. `now` is aware, in the house's zone."""

    home: Home
    now: datetime
    place: Place | None = None


def first_unmet(conditions: Sequence[Condition], now: Now) -> int | None:
    """The number of the first condition that does not hold; None if all do."""
    return next((i for i, one in enumerate(conditions) if not met(one, now)), None)


def met(condition: Condition, now: Now) -> bool:
    """Whether a condition holds."""
    match condition:
        case StateCondition():
            states = [now.home.state(one) for one in condition.entity_id]
            return all(_in_state(condition, state, now.now) for state in states)
        case NumericStateCondition():
            states = [now.home.state(one) for one in condition.entity_id]
            return all(
                state.available
                and within(number_of(state, condition.attribute), condition.above, condition.below)
                for state in states
            )
        case TimeCondition():
            on = not condition.weekday or WEEKDAYS[now.now.weekday()] in condition.weekday
            return on and _between(now.now.time(), condition.after, condition.before)
        case SunCondition():
            return _sunlit(condition, now)
        case GroupCondition(condition="not"):
            return not any(met(one, now) for one in condition.conditions)
        case GroupCondition(condition="or"):
            return any(met(one, now) for one in condition.conditions)
        case GroupCondition():
            return all(met(one, now) for one in condition.conditions)


def judged(condition: Condition, now: Now) -> bool | None:
    """Whether a condition holds; None while it hangs on a device that does not say."""
    if isinstance(condition, GroupCondition):
        found = [judged(one, now) for one in condition.conditions]
        if condition.condition == "not":
            return None if None in found else not any(found)
        decisive = condition.condition == "or"
        if decisive in found:
            return decisive
        return None if None in found else not decisive
    if not all(_says(now.home.state(one)) for one in entities_of(condition)):
        return None
    return met(condition, now)


def entities_of(condition: Condition) -> tuple[str, ...]:
    """The entities that a condition looks at."""
    if isinstance(condition, GroupCondition):
        return tuple(one for part in condition.conditions for one in entities_of(part))
    if isinstance(condition, StateCondition | NumericStateCondition):
        return tuple(condition.entity_id)
    return ()


def alternatives(condition: Condition) -> tuple[Condition, ...]:
    """The conditions of which one is enough: the parts of an "or", else the condition itself."""
    if isinstance(condition, GroupCondition) and condition.condition == "or":
        return tuple(condition.conditions)
    return (condition,)


def _says(state: EntityState) -> bool:
    return state.available and state.state not in (None, "unknown", "unavailable")


def _in_state(condition: StateCondition, state: EntityState, now: datetime) -> bool:
    if not state.available or state.state not in condition.state:
        return False
    if condition.for_ is None:
        return True
    return state.changed is not None and now - state.changed >= condition.for_


def _between(moment: time, after: time | None, before: time | None) -> bool:
    if after is not None and before is not None and before <= after:
        return moment >= after or moment < before
    return (after is None or moment >= after) and (before is None or moment < before)


def _sunlit(condition: SunCondition, now: Now) -> bool:
    after = _sun(condition.after, condition.after_offset, now)
    before = _sun(condition.before, condition.before_offset, now)
    if (condition.after and after is None) or (condition.before and before is None):
        return False
    if after is not None and before is not None and before <= after:
        return now.now >= after or now.now < before
    return (after is None or now.now >= after) and (before is None or now.now < before)


def _sun(event: str | None, offset: timedelta, now: Now) -> datetime | None:
    if event is None or now.place is None:
        return None
    at = sun_at(now.place, now.now.date(), event)
    return None if at is None else at + offset
