"""The values that flow along the road, stage by stage.

Command -> Interpretation -> Plan -> Outcome -> Reply. Each is frozen; a stage takes one and returns
the next. The wire forms (`hub.messages`) are made from these at the edge only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from devices.home import EMPTY
from devices.services import ServiceCall
from edge.tasks.understanding_schema import Reading


class Status(StrEnum):
    """How a request ended."""

    DONE = "done"  # acted and confirmed by the device
    SENT = "sent"  # acted, the device reports no state
    ANSWERED = "answered"
    CLARIFY = "clarify"
    CONFIRM = "confirm"
    REFUSED = "refused"
    FAILED = "failed"
    NOT_UNDERSTOOD = "not_understood"


@dataclass(frozen=True, slots=True)
class Routine:
    """What an automation wants done: service calls, and messages for the people at home."""

    calls: tuple[ServiceCall, ...] = ()
    messages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SkillCall:
    """What a program asks of a skill by name, e.g. `suggestions`, `accept`, `{"id": …}`."""

    skill: str
    verb: str
    data: Mapping[str, Any] = field(default_factory=lambda: EMPTY)


@dataclass(frozen=True, slots=True)
class Request:
    """A validated command on its way. `area` is where the speaker is (an area id), `session` the
    conversation it belongs to (the site, unless the sender names one). A request that names a
    service instead of saying a sentence has `call` and an empty text; one that answers a challenge
    has `challenge`, or a `pin` and nothing else. `agreed` are calls that were consented to when
    they were scheduled, `routine` is what an automation wants; only the hub itself sets them."""

    id: str
    trace: str
    text: str
    site: str
    session: str
    received: datetime
    language: str | None = None
    area: str | None = None
    user: str | None = None
    pin: str | None = field(default=None, repr=False)
    call: ServiceCall | None = None
    challenge: str | None = None
    agreed: tuple[ServiceCall, ...] = ()
    routine: Routine | None = None
    skill: SkillCall | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """One clause, read and named as `home-assistant-intents` does: slots hold names as written in
    the home, numbers as numbers, plus `domain` and `device_class` where the reading implies."""

    intent: str
    slots: Mapping[str, Any]
    confidence: float


@dataclass(frozen=True, slots=True)
class Interpretation:
    """What the words say, before the home is looked at. Empty reading.clauses: not understood."""

    text: str
    language: str
    reading: Reading
    engine: str


@dataclass(frozen=True, slots=True)
class When:
    """When to act: at `due` (aware, in the house's time zone), repeating per `repeat`
    (an RFC 5545 RRULE such as "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"), or on `condition`."""

    due: datetime | None = None
    repeat: str | None = None
    condition: str | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """One service call with what `permit` and `act` must know about it.

    `undo` restores what was before; `expect` is what the device should report afterwards
    (state and attributes), empty where it reports nothing.
    """

    call: ServiceCall
    expect: Mapping[str, Any] = field(default_factory=lambda: EMPTY)
    undo: ServiceCall | None = None


class Effect(StrEnum):
    """What a plan wants beyond device actions; carried out by the hub itself."""

    START_TIMER = "start_timer"
    CHANGE_TIMER = "change_timer"
    CANCEL_TIMER = "cancel_timer"
    SCHEDULE = "schedule"
    CANCEL_SCHEDULE = "cancel_schedule"
    BROADCAST = "broadcast"


@dataclass(frozen=True, slots=True)
class HubEffect:
    """A change of the hub's own stores (`hub.stores`): timers, schedule, announcements. Lists are
    `todo` entities and are changed by actions."""

    effect: Effect
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What to say: a response template key of the request's language with its variables, or plain
    text where `home-assistant-intents` has no template for it."""

    intent: str
    response: str = "default"
    variables: Mapping[str, Any] = field(default_factory=lambda: EMPTY)
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to read an ambiguous wish: what to offer, which entities it is about, and the plan
    if it is chosen. The plan is made when it is asked for: a big home has many choices."""

    label: str
    about: tuple[str, ...]
    make: Callable[[], Plan]

    @property
    def plan(self) -> Plan:
        """What to do if this is meant; refused where this one cannot do it after all."""
        return self.make()


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do, ask or say. `status` is the status if everything succeeds; with `choices` it is
    CLARIFY and nothing is done; REFUSED and NOT_UNDERSTOOD carry only answers."""

    status: Status
    frames: tuple[Frame, ...] = ()
    actions: tuple[Action, ...] = ()
    effects: tuple[HubEffect, ...] = ()
    answers: tuple[Answer, ...] = ()
    choices: tuple[Choice, ...] = ()
    explanation: Mapping[str, Any] = field(default_factory=lambda: EMPTY)


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """One action's end: DONE, SENT, FAILED or REFUSED, with a reason a person understands."""

    action: Action
    status: Status
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A plan carried out."""

    plan: Plan
    status: Status
    steps: tuple[StepOutcome, ...] = ()
