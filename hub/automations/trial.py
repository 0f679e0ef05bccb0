"""Trying automations: a home in memory, a day that passes at once, and what would have happened.

The engine, the conditions, the gate and the devices' behaviour are those of the hub.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from devices.home import Home
from devices.registry_values import StateChange
from edge.tasks.understanding_schema import Reading
from hub.automations.engine import Engine, Firing
from hub.automations.file import AutomationsError
from hub.automations.moments import Place
from hub.automations.running import routine_of
from hub.automations.schema import Automation, Part
from hub.policy import Policy
from hub.rehearse import Rehearsal
from hub.road import travel
from hub.values import Request
from hub.world import World

MOST_RUNS = 10_000
"""Firings of one trial; automations that set each other off without end stop there."""


def _state(value: Any) -> Any:
    plain = {True: "on", False: "off"}.get(value, value) if isinstance(value, bool) else value
    return {"state": plain} if not isinstance(plain, Mapping) else plain


class Happening(Part):
    """Something that happens during a trial: entities change, or an event is told."""

    at: datetime
    set: dict[str, Annotated[dict[str, Any], BeforeValidator(_state)]] = Field({})
    event: Annotated[str | None, Field(pattern=r"^[a-z0-9_]{1,60}$")] = None
    event_data: dict[str, Any] = Field({})

    @model_validator(mode="after")
    def _something(self) -> Happening:
        if not self.set and self.event is None:
            raise ValueError("needs `set` (entities and their states) or `event`")
        return self


@dataclass(frozen=True, slots=True)
class Day:
    """The time that passes in a trial, and what happens in it. All aware, in the house's zone."""

    start: datetime
    end: datetime
    happenings: tuple[Happening, ...] = ()


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of one firing. `actions` are entity, service and data of what was done."""

    at: datetime
    automation: str
    alias: str
    because: str
    result: str
    actions: tuple[tuple[str, str, Mapping[str, Any]], ...] = ()
    said: tuple[str, ...] = ()


def read_happenings(path: Path, zone: Any) -> tuple[Happening, ...]:
    """A YAML list of `{at, set}` or `{at, event, event_data}`. Raises `AutomationsError`."""
    try:
        raw = YAML(typ="safe").load(path.read_text("utf-8"))
        if not isinstance(raw, list):
            raise AutomationsError(f"{path}: expected a list of `- at: …` with `set` or `event`")
        found = [Happening.model_validate(one) for one in raw]
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise AutomationsError(f"{path}: {' '.join(str(error).split())}") from error
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise AutomationsError(f"{path}: {key}: {first['msg']}") from error
    return tuple(
        one if one.at.tzinfo else one.model_copy(update={"at": one.at.replace(tzinfo=zone)})
        for one in found
    )


@dataclass(slots=True)
class _Trial:
    engine: Engine
    rehearsal: Rehearsal
    ran: list[Ran] = field(default_factory=list)

    async def pass_until(self, end: datetime) -> None:
        """Let time pass, stopping wherever something is due."""
        while True:
            due = self.engine.next_due(self.rehearsal.moment)
            if due is None or due > end:
                break
            self.rehearsal.moment = due
            await self.run(self.engine.tick(self.rehearsal.current, due))
        self.rehearsal.moment = end
        await self.run(self.engine.tick(self.rehearsal.current, end))

    async def happen(self, happening: Happening) -> None:
        before = self.rehearsal.current
        states = dict(before.states)
        for entity_id, said in happening.set.items():
            if entity_id not in before.entities:
                raise AutomationsError(f"set: there is no {entity_id} in the home")
            old = before.state(entity_id)
            state = str(said["state"]) if said.get("state") is not None else old.state
            states[entity_id] = replace(
                old, state=state, attributes={**old.attributes, **said.get("attributes", {})},
                available=state != "unavailable",
                changed=self.rehearsal.moment if state != old.state else old.changed,
            )  # fmt: skip
        self.rehearsal.current = replace(before, states=states)
        await self.notice(before)
        if happening.event is not None:
            kind, content = happening.event, happening.event_data
            home, now = self.rehearsal.current, self.rehearsal.moment
            await self.run(self.engine.told(kind, content, home, now))

    async def notice(self, before: Home) -> None:
        """Tell the engine what is different now."""
        after = self.rehearsal.current
        firings: list[Firing] = []
        for entity_id, state in after.states.items():
            old = before.state(entity_id)
            if old is not state:
                change = StateChange(entity_id, old, state)
                firings += self.engine.changed(change, after, self.rehearsal.moment)
        await self.run(firings)

    async def run(self, firings: Iterable[Firing]) -> None:
        for firing in firings:
            if len(self.ran) >= MOST_RUNS:
                raise AutomationsError(f"more than {MOST_RUNS} runs: they set each other off")
            before = self.rehearsal.current
            self.ran.append(await _carried_out(firing, self.rehearsal))
            await self.notice(before)


async def try_automations(
    automations: Sequence[Automation], home: Home, day: Day, place: Place | None, policy: Policy
) -> tuple[Ran, ...]:
    """All firings of a day, in order. Raises `AutomationsError`."""
    rehearsal = Rehearsal(home, moment=day.start)
    rehearsal.world = World(_Wordless(), rehearsal, rehearsal, rehearsal, rehearsal, policy)
    trial = _Trial(Engine(tuple(automations), day.start, place), rehearsal)
    for happening in sorted(day.happenings, key=lambda one: one.at):
        await trial.pass_until(max(happening.at, rehearsal.moment))
        await trial.happen(happening)
    await trial.pass_until(max(day.end, rehearsal.moment))
    return tuple(trial.ran)


async def _carried_out(firing: Firing, rehearsal: Rehearsal) -> Ran:
    automation = firing.automation
    at = rehearsal.moment
    if not firing.runs:
        number = firing.unmet
        why = "it ran too often" if number is None else f"condition {number + 1} does not hold"
        return Ran(at, automation.id, automation.alias, firing.because, f"not run: {why}")
    site = f"automation:{automation.id}"
    routine = routine_of(automation, rehearsal.current)
    request = Request(firing.key, firing.key, automation.alias, site, site, at, routine=routine)
    travelled = await travel(request, rehearsal.world)
    steps = travelled.outcome.steps
    calls = tuple(
        (s.action.call.entity_id, s.action.call.service, s.action.call.data) for s in steps
    )
    result = f"{travelled.outcome.status}: {travelled.text}"
    return Ran(at, automation.id, automation.alias, firing.because, result, calls, routine.messages)


class _Wordless:
    """Nobody speaks in a trial."""

    engine = "none"

    async def read(self, text: str) -> Reading:
        return Reading(text, 0.0, (), ())
