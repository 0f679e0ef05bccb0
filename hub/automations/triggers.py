"""Whether something that happened is what a trigger waits for: pure functions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from devices.home import EntityState
from devices.registry_values import StateChange
from hub.automations.schema import EventTrigger, NumericStateTrigger, StateTrigger

Watching = StateTrigger | NumericStateTrigger


def holds(trigger: Watching, state: EntityState) -> bool:
    """Whether a state is the one that is waited for; never that of an unavailable device."""
    if not state.available or state.state is None:
        return False
    if isinstance(trigger, StateTrigger):
        return trigger.to is None or state.state in trigger.to
    return within(number_of(state, trigger.attribute), trigger.above, trigger.below)


def comes_about(trigger: Watching, change: StateChange) -> bool:
    """Whether a change is the trigger's. What a device says for the first time, after a start or
    in discovery, and what it says again after it was away, is no change."""
    if change.entity_id not in trigger.entity_id:
        return False
    if change.before.state is None or not holds(trigger, change.after):
        return False
    if isinstance(trigger, NumericStateTrigger):
        return not within(number_of(change.before, trigger.attribute), trigger.above, trigger.below)
    if change.before.state == change.after.state:
        return False
    return trigger.from_ is None or change.before.state in trigger.from_


def told(trigger: EventTrigger, kind: str, content: Mapping[str, Any]) -> bool:
    """Whether an event is the one that is waited for."""
    return kind == trigger.event_type and all(
        key in content and content[key] == value for key, value in trigger.event_data.items()
    )


def number_of(state: EntityState, attribute: str | None = None) -> float | None:
    """The number that a state or attribute is; None where it is none."""
    value = state.state if attribute is None else state.attributes.get(attribute)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def within(number: float | None, above: float | None, below: float | None) -> bool:
    """Whether a number lies strictly between the bounds that there are."""
    if number is None:
        return False
    return (above is None or number > above) and (below is None or number < below)
