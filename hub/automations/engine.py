"""What fires: the automations, what they wait for, and what they have dealt with already.

No clock and no I/O in it: the hub and the trial tell it what happens and when. A firing has a key
that is the same if the same thing is met again after a crash, so that it can be recognised.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from devices.home import Home
from devices.registry_values import StateChange
from hub.automations.conditions import Now, first_unmet
from hub.automations.moments import Place, moments, next_moment
from hub.automations.schema import (
    Automation,
    EventTrigger,
    NumericStateTrigger,
    StateTrigger,
    SunTrigger,
    TimeTrigger,
)
from hub.automations.triggers import comes_about, holds, told

GRACE = timedelta(minutes=5)
"""A time that came round while the hub was not running still counts for so long."""
MOST_RUNS = 20
"""Runs of one automation in `STORM`; more, and it is at rest for `REST`."""
STORM = timedelta(minutes=1)
REST = timedelta(minutes=10)

Waiting = tuple[str, int, str]
"""An automation, the number of its trigger, and the entity that must stay as it is."""


@dataclass(frozen=True, slots=True)
class Firing:
    """A trigger that came about. `unmet` is the number of a condition that does not hold, `late`
    is set when the time for it has passed, `storm` when the automation runs too often."""

    automation: Automation
    trigger: int
    key: str
    at: datetime
    because: str
    unmet: int | None = None
    late: bool = False
    storm: bool = False

    @property
    def runs(self) -> bool:
        """Whether its actions are to be carried out."""
        return self.unmet is None and not self.late and not self.storm


@dataclass(frozen=True, slots=True)
class _Occasion:
    """That a trigger came about `at` a moment; `timed` if that moment is what it waited for."""

    at: datetime
    now: datetime
    home: Home
    because: str
    entity_id: str = ""
    timed: bool = False


@dataclass(slots=True)
class Engine:
    """Automations at work. `through` is the moment up to which times were dealt with."""

    automations: tuple[Automation, ...]
    through: datetime
    place: Place | None = None
    waiting: dict[Waiting, datetime] = field(default_factory=dict)
    _recent: dict[str, deque[datetime]] = field(default_factory=dict)
    _resting: dict[str, datetime] = field(default_factory=dict)
    _watched: frozenset[str] | None = None

    def replace(self, automations: tuple[Automation, ...]) -> None:
        """Take others; what waits goes on if its automation is as it was."""
        old = {one.id: one for one in self.automations}
        same = {one.id for one in automations if old.get(one.id) == one}
        self.automations = automations
        self._watched = None
        self.waiting = {key: due for key, due in self.waiting.items() if key[0] in same}

    def watches(self, entity_id: str) -> bool:
        """Whether any automation waits for something of this entity."""
        if self._watched is None:
            triggers = [t for _, _, t in self._triggers()]
            watching = [t for t in triggers if isinstance(t, StateTrigger | NumericStateTrigger)]
            self._watched = frozenset(one for t in watching for one in t.entity_id)
        return entity_id in self._watched

    def changed(self, change: StateChange, home: Home, now: datetime) -> list[Firing]:
        """What fires because an entity is in another state."""
        fired = []
        for automation, number, trigger in self._triggers():
            if not isinstance(trigger, StateTrigger | NumericStateTrigger):
                continue
            key = (automation.id, number, change.entity_id)
            if key in self.waiting and not holds(trigger, change.after):
                del self.waiting[key]
            if not comes_about(trigger, change):
                continue
            if trigger.for_:
                self.waiting[key] = now + trigger.for_
                continue
            because = f"{change.entity_id} is {_said(trigger, change)}"
            occasion = _Occasion(now, now, home, because, change.entity_id)
            fired.append(self._fire(automation, number, occasion))
        return fired

    def told(
        self, kind: str, content: Mapping[str, Any], home: Home, now: datetime
    ) -> list[Firing]:
        """What fires because of an event."""
        return [
            self._fire(automation, number, _Occasion(now, now, home, f"event {kind}"))
            for automation, number, trigger in self._triggers()
            if isinstance(trigger, EventTrigger) and told(trigger, kind, content)
        ]

    def tick(self, home: Home, now: datetime) -> list[Firing]:
        """What fires because time has passed."""
        start = self.through
        if now < start:  # the clock was set back: times in between have fired already, unless
            self.through = now if start - now > timedelta(hours=1) else start  # it was far ahead
            return self._stayed(home, now)
        self.through = now
        start = max(start, now - timedelta(days=1)).astimezone(now.tzinfo)
        fired = [
            self._fire(automation, number, _Occasion(at, now, home, _came(trigger), timed=True))
            for automation, number, trigger in self._triggers()
            if isinstance(trigger, TimeTrigger | SunTrigger)
            for at in moments(trigger, start, now, self.place)
        ]
        return [*fired, *self._stayed(home, now)]

    def _stayed(self, home: Home, now: datetime) -> list[Firing]:
        """What has been as it should for long enough."""
        fired = []
        enabled = {one.id: one for one in self.automations if one.enabled}
        for key in [key for key, at in self.waiting.items() if at <= now]:
            at = self.waiting.pop(key)
            automation_id, number, entity_id = key
            automation = enabled.get(automation_id)
            trigger = automation.triggers[number] if automation else None
            if automation is None or not isinstance(trigger, StateTrigger | NumericStateTrigger):
                continue
            if holds(trigger, home.state(entity_id)):
                because = f"{entity_id} stayed so for {trigger.for_}"
                occasion = _Occasion(at, now, home, because, entity_id)
                fired.append(self._fire(automation, number, occasion))
        return fired

    def next_due(self, after: datetime) -> datetime | None:
        """When time makes something fire next."""
        times = [
            moment
            for _, _, trigger in self._triggers()
            if isinstance(trigger, TimeTrigger | SunTrigger)
            and (moment := next_moment(trigger, after, self.place)) is not None
        ]
        return min([*times, *self.waiting.values()], default=None)

    def _triggers(self) -> Iterator[tuple[Automation, int, Any]]:
        for automation in self.automations:
            if automation.enabled:
                for number, trigger in enumerate(automation.triggers):
                    yield automation, number, trigger

    def _fire(self, automation: Automation, number: int, occasion: _Occasion) -> Firing:
        at, now = occasion.at, occasion.now
        moment = at.astimezone(UTC).isoformat()
        key = "@".join(part for part in (str(number), occasion.entity_id, moment) if part)
        late = occasion.timed and now - at > GRACE
        unmet = first_unmet(automation.conditions, Now(occasion.home, now, self.place))
        storm = unmet is None and not late and self._too_often(automation.id, now)
        return Firing(automation, number, key, at, occasion.because, unmet, late, storm)

    def _too_often(self, automation_id: str, now: datetime) -> bool:
        if now < self._resting.get(automation_id, now):
            return True
        recent = self._recent.setdefault(automation_id, deque())
        while recent and now - recent[0] > STORM:
            recent.popleft()
        recent.append(now)
        if len(recent) <= MOST_RUNS:
            return False
        recent.clear()
        self._resting[automation_id] = now + REST
        return True

    def as_json(self) -> dict[str, Any]:
        """What must survive a restart."""
        waiting = [[*key, due.isoformat()] for key, due in self.waiting.items()]
        return {"through": self.through.isoformat(), "waiting": waiting}


def engine_from(
    kept: Any, automations: Sequence[Automation], now: datetime, place: Place | None
) -> Engine:
    """The engine as an earlier process left it."""
    engine = Engine(tuple(automations), now, place)
    if not isinstance(kept, Mapping):
        return engine
    engine.through = datetime.fromisoformat(kept["through"]).astimezone(now.tzinfo)
    numbers = {one.id: len(one.triggers) for one in automations}
    for automation_id, number, entity_id, due in kept["waiting"]:
        if number < numbers.get(automation_id, 0):
            engine.waiting[(automation_id, number, entity_id)] = datetime.fromisoformat(due)
    return engine


def _said(trigger: StateTrigger | NumericStateTrigger, change: StateChange) -> str:
    attribute = trigger.attribute if isinstance(trigger, NumericStateTrigger) else None
    return str(change.after.attributes.get(attribute) if attribute else change.after.state)


def _came(trigger: TimeTrigger | SunTrigger) -> str:
    if isinstance(trigger, TimeTrigger):
        return "the time of day"
    return trigger.event
