"""The form of the automations file, and with it its checks, its editor hints and its reference.

The words are those of Home Assistant's automations; what stands here works there as well.
"""

from __future__ import annotations

import re
from datetime import time, timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from devices.domains import InvalidServiceCall, check_call
from devices.services import ServiceCall

SAY = "hearthd.say"
"""The one action that is not a device's: a message for the people at home."""
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
EntityId = Annotated[str, Field(max_length=255, pattern=r"^[a-z0-9_]+\.[a-z0-9_]+$")]
AutomationId = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,60}$")]
Service = Annotated[str, Field(max_length=100, pattern=r"^[a-z0-9_]+\.[a-z0-9_]+$")]
Finite = Annotated[float, Field(allow_inf_nan=False)]

_SPAN = re.compile(r"([+-]?)(\d{1,3}):(\d{2})(?::(\d{2}))?")


def _listed(value: Any) -> Any:
    return value if isinstance(value, list | tuple) or value is None else [value]


def _text(value: Any) -> Any:
    """A state as a device reports it: `21` and `true` are written without quotes, too."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value) if isinstance(value, int | float) else value


def _states(value: Any) -> Any:
    listed = _listed(value)
    return [_text(one) for one in listed] if isinstance(listed, list) else listed


def _time_of_day(value: Any) -> Any:
    if isinstance(value, str) and re.fullmatch(r"\d:\d\d(:\d\d)?", value):
        value = f"0{value}"
    try:
        return time.fromisoformat(value) if isinstance(value, str) else value
    except ValueError as error:
        raise ValueError("is not a time of day such as 07:30") from error


def _span(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("is not a span such as 00:15:00")  # noqa: TRY004 (pydantic's contract)
    if isinstance(value, int | float):
        return timedelta(seconds=value)
    if not isinstance(value, str):
        return value
    found = _SPAN.fullmatch(value.strip())
    if found is None:
        raise ValueError("is not a span such as 00:15:00 (hours, minutes, seconds)")
    hours, minutes, seconds = (int(part or 0) for part in found.groups()[1:])
    span = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return -span if found.group(1) == "-" else span


def _positive(value: timedelta) -> timedelta:
    if not timedelta() <= value <= timedelta(days=30):
        raise ValueError("must lie between 0 and 30 days")
    return value


TimeOfDay = Annotated[time, BeforeValidator(_time_of_day)]
Offset = Annotated[
    timedelta, BeforeValidator(_span), Field(ge=timedelta(hours=-12), le=timedelta(hours=12))
]
For = Annotated[timedelta, BeforeValidator(_span)]
EntityIds = Annotated[list[EntityId], BeforeValidator(_listed), Field(min_length=1)]
Weekdays = Annotated[list[Weekday], BeforeValidator(_listed)]
States = Annotated[list[str], BeforeValidator(_states), Field(min_length=1)]


class Part(BaseModel):
    """A part of the file. Unknown keys are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class TimeTrigger(Part):
    """At a time of day."""

    trigger: Literal["time"]
    at: Annotated[list[TimeOfDay], BeforeValidator(_listed), Field(min_length=1)]
    weekday: Weekdays = Field([], description="Only on these days; every day without it.")


class SunTrigger(Part):
    """At sunrise or sunset; needs `latitude` and `longitude` in the configuration."""

    trigger: Literal["sun"]
    event: Literal["sunrise", "sunset"]
    offset: Offset = Field(timedelta(), description="E.g. `-00:30:00`: half an hour before.")
    weekday: Weekdays = Field([], description="Only on these days; every day without it.")


class StateTrigger(Part):
    """When an entity comes into a state."""

    trigger: Literal["state"]
    entity_id: EntityIds
    to: States | None = Field(None, description="The new state; any without it.")
    from_: States | None = Field(None, alias="from", description="The state before.")
    for_: For | None = Field(None, alias="for", description="And stays there for so long.")

    _for_is_positive = field_validator("for_")(lambda v: v if v is None else _positive(v))

    @model_validator(mode="after")
    def _for_needs_to(self) -> StateTrigger:
        if self.for_ is not None and self.to is None:
            raise ValueError("`for` needs `to`: the state that it stays in")
        return self


class _Bounds(Part):
    above: Finite | None = None
    below: Finite | None = None

    @model_validator(mode="after")
    def _a_bound(self) -> _Bounds:
        if self.above is None and self.below is None:
            raise ValueError("needs `above` or `below`")
        if self.above is not None and self.below is not None and self.above >= self.below:
            raise ValueError("`above` must be less than `below`: nothing lies between them")
        return self


class NumericStateTrigger(_Bounds):
    """When a number crosses a bound: not while it stays on one side of it."""

    trigger: Literal["numeric_state"]
    entity_id: EntityIds
    attribute: str | None = Field(None, description="Instead of the state itself.")
    for_: For | None = Field(None, alias="for", description="And stays there for so long.")

    _for_is_positive = field_validator("for_")(lambda v: v if v is None else _positive(v))


class EventTrigger(Part):
    """When the hub tells of an event: what is published on `hearthd/event/{event_type}`."""

    trigger: Literal["event"]
    event_type: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,60}$")]
    event_data: dict[str, Any] = Field({}, description="What its content must have.")

    @field_validator("event_type")
    @classmethod
    def _no_loop(cls, value: str) -> str:
        if value.startswith("automation"):
            raise ValueError("automations do not trigger each other by events; trigger on a state")
        return value


Trigger = Annotated[
    TimeTrigger | SunTrigger | StateTrigger | NumericStateTrigger | EventTrigger,
    Field(discriminator="trigger"),
]


class StateCondition(Part):
    """While an entity is in a state, and has been `for` so long."""

    condition: Literal["state"]
    entity_id: EntityIds
    state: States
    for_: For | None = Field(None, alias="for")

    _for_is_positive = field_validator("for_")(lambda v: v if v is None else _positive(v))


class NumericStateCondition(_Bounds):
    """While a number lies between bounds."""

    condition: Literal["numeric_state"]
    entity_id: EntityIds
    attribute: str | None = None


class TimeCondition(Part):
    """Between two times of day (over midnight if `before` is the earlier one), on some days."""

    condition: Literal["time"]
    after: TimeOfDay | None = None
    before: TimeOfDay | None = None
    weekday: Weekdays = []

    @model_validator(mode="after")
    def _something(self) -> TimeCondition:
        if self.after is None and self.before is None and not self.weekday:
            raise ValueError("needs `after`, `before` or `weekday`")
        return self


class SunCondition(Part):
    """After or before the day's sunrise or sunset. `after: sunset` with `before: sunrise` is the
    night; `after: sunset` alone ends at midnight."""

    condition: Literal["sun"]
    after: Literal["sunrise", "sunset"] | None = None
    before: Literal["sunrise", "sunset"] | None = None
    after_offset: Offset = timedelta()
    before_offset: Offset = timedelta()

    @model_validator(mode="after")
    def _something(self) -> SunCondition:
        if self.after is None and self.before is None:
            raise ValueError("needs `after` or `before`")
        return self


class GroupCondition(Part):
    """All (`and`), at least one (`or`) or none (`not`) of several conditions."""

    condition: Literal["and", "or", "not"]
    conditions: Annotated[list[Condition], BeforeValidator(_listed), Field(min_length=1)]


Condition = Annotated[
    StateCondition | NumericStateCondition | TimeCondition | SunCondition | GroupCondition,
    Field(discriminator="condition"),
]


class Target(Part):
    """What an action is done to: entities, or what can do it in areas."""

    entity_id: Annotated[list[EntityId], BeforeValidator(_listed)] = []
    area_id: Annotated[list[str], BeforeValidator(_listed)] = []

    @model_validator(mode="after")
    def _something(self) -> Target:
        if not self.entity_id and not self.area_id:
            raise ValueError("needs `entity_id` or `area_id`")
        return self


class Action(Part):
    """A service call, or `hearthd.say` with a `message`."""

    action: Service
    target: Target | None = None
    data: dict[str, Any] = {}

    @model_validator(mode="after")
    def _a_service(self) -> Action:
        if self.action == SAY:
            message = self.data.get("message")
            if self.target or set(self.data) != {"message"} or not isinstance(message, str):
                raise ValueError(f"{SAY} takes `data: {{message: …}}` and no target")
            return self
        if self.target is None:
            raise ValueError("needs a `target` with `entity_id` or `area_id`")
        domain = self.action.partition(".")[0]
        for entity_id in self.target.entity_id or [f"{domain}.any"]:
            try:
                check_call(ServiceCall(entity_id, self.action, self.data))
            except InvalidServiceCall as error:
                raise ValueError(str(error)) from error
        return self


class Automation(Part):
    """When something happens, and if the conditions hold, do something."""

    id: AutomationId = Field(description="Stays the same when the rest is edited.")
    alias: Annotated[str, Field(min_length=1, max_length=200)] = Field(description="Its name.")
    description: Annotated[str, Field(max_length=2000)] = ""
    enabled: bool = True
    triggers: Annotated[list[Trigger], BeforeValidator(_listed), Field(min_length=1)]
    conditions: Annotated[list[Condition], BeforeValidator(_listed)] = []
    actions: Annotated[list[Action], BeforeValidator(_listed), Field(min_length=1)]


class AutomationsFile(Part):
    """The whole file: a list of automations."""

    automations: list[Automation]

    @model_validator(mode="after")
    def _ids_once(self) -> AutomationsFile:
        seen: set[str] = set()
        for automation in self.automations:
            if automation.id in seen:
                raise ValueError(f"two automations have the id {automation.id}")
            seen.add(automation.id)
        return self


GroupCondition.model_rebuild()
