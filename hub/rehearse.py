"""The hub without the world: the real road against a home in memory.

What users try sentences with, what automations are tested with, and how the project is measured.
The form of the cases and results is on the architecture page ("rehearse").
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from pydantic import ValidationError

from devices import behaviour
from devices.domains import InvalidServiceCall
from devices.home import EntityState, Home
from devices.homefile import HomeFileError, load_home
from edge.artefact import shipped
from edge.errors import EdgeError
from edge.tasks.understanding_schema import Reading
from hub import fault_log
from hub.automations.moments import Place
from hub.cases import Case, refusal, result, speaker_area, with_setup
from hub.dialogue import Conversation
from hub.explain import explanation
from hub.ground.context import Context
from hub.ground.sentence import Thresholds
from hub.library import Library
from hub.policy import Policy
from hub.road import Travelled, travel
from hub.routing import Router
from hub.stores import OWN_LISTS, Scheduled, carry_out
from hub.support import Support
from hub.taught import Taught, TaughtReading
from hub.translation import Interpreter, Translators
from hub.values import Action, HubEffect, Request, Status, StepOutcome
from hub.world import World

LINE_LIMIT = 4 << 20
"""Characters of one case."""
SUPPOSED_PLACE = Place(51.48, 0.0)
"""A home file does not say where the home is; when the sun sets in a rehearsal, it does there."""


@dataclass(slots=True)
class Rehearsal:
    """A home in memory: house, actuator, clock and scribe of one conversation."""

    current: Home
    world: World = field(init=False)
    moment: datetime = field(default_factory=lambda: datetime.now(UTC))

    def home(self) -> Home:
        """The home as it is now."""
        return self.current

    def now(self) -> datetime:
        """The case's time."""
        return self.moment

    async def note(self, trace: str, stage: str, content: Mapping[str, Any]) -> None:
        """Nothing is kept."""

    async def perform(
        self, request: Request, actions: Sequence[Action], effects: Sequence[HubEffect]
    ) -> tuple[StepOutcome, ...]:
        """Devices obey at once; unavailable ones fail."""
        states = dict(self.current.states)
        steps = tuple(self._obey(action, states) for action in actions)
        self.current = replace(self.current, states=states)
        for effect in effects:
            self.world.stores = carry_out(
                self.world.stores, effect, uuid4().hex[:12], request.site, self.moment
            )
        return steps

    def _obey(self, action: Action, states: dict[str, EntityState]) -> StepOutcome:
        entity = self.current.entities[action.call.entity_id]
        before = states.get(entity.id, EntityState())
        if not before.available:
            return StepOutcome(action, Status.FAILED, "it is unavailable")
        try:
            after = behaviour.apply(entity, before, action.call, self.moment)
        except InvalidServiceCall as error:
            return StepOutcome(action, Status.FAILED, str(error))
        states[entity.id] = after
        return StepOutcome(action, Status.DONE)


class SyncReader:
    """A reader that answers in the caller's thread: there is no loop to keep free here."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self.engine: str = model.engine

    async def read(self, text: str) -> Reading:
        """Read at once."""
        reading: Reading = self._model.read_sync(text)
        return reading


class Stage:
    """Runs cases one after the other, keeping conversations and parsed homes."""

    def __init__(
        self,
        model: Any,
        home: Home | None = None,
        taught: Taught | None = None,
        library: Library | None = None,
    ) -> None:
        self._library = library
        self._translators = Translators(shipped("translate").parent)
        self._taught = taught
        self._reader = SyncReader(model)
        self._thresholds = Thresholds(
            for_us=model.settings.for_us_threshold,
            languages=tuple(model.manifest.languages),
            for_us_in=model.settings.for_us_thresholds,
        )
        self._home = _with_lists(home or Home())
        self._homes: dict[str, Home] = {}
        self._sessions: dict[str, Rehearsal] = {}

    async def run_line(self, line: str) -> dict[str, Any]:
        """One line in, one result out; never raises for a bad line."""
        try:
            if len(line) > LINE_LIMIT:
                raise ValueError(f"longer than {LINE_LIMIT} characters")
            raw = json.loads(line)
            case = Case.model_validate(raw)
        except (ValueError, ValidationError, RecursionError) as error:
            return refusal(None, f"not a case: {' '.join(str(error).split())[:300]}")
        try:
            return await self.run(case)
        except (HomeFileError, EdgeError) as error:
            return refusal(case.id, str(error))
        except Exception as error:  # a mistake of ours about one case must not end the others
            fault_log.report(error)
            return refusal(case.id, f"something went wrong inside: {type(error).__name__}")

    async def run(self, case: Case) -> dict[str, Any]:
        """Run one case. Raises `HomeFileError` or `EdgeError`."""
        ended, _, _ = await self._journey(case)
        return ended

    def waiting(self, session: str) -> tuple[Scheduled, ...]:
        """What waits for its time or its condition in a conversation, as it was said."""
        return tuple(self._sessions[session].world.stores.schedules.values())

    async def explain(self, case: Case) -> dict[str, Any]:
        """Run one case, and tell why it ended as it did. Raises `HomeFileError` or `EdgeError`."""
        ended, travelled, before = await self._journey(case)
        context = Context(
            case.now or datetime.now(UTC), speaker_area(case, before), travelled.language
        )
        return explanation(travelled, before, context, self._thresholds, ended)

    async def _journey(self, case: Case) -> tuple[dict[str, Any], Travelled, Home]:
        rehearsal = self._rehearsal(case)
        if case.now:
            rehearsal.moment = case.now if case.now.tzinfo else case.now.replace(tzinfo=UTC)
        rehearsal.current = with_setup(rehearsal.current, case.setup)
        before = rehearsal.current
        rehearsal.world.policy = Policy(permissive=case.policy == "permissive")
        request = Request(
            id=str(case.id),
            trace=uuid4().hex,
            text=case.text,
            site="rehearse",
            session="rehearse",
            received=rehearsal.moment,
            language=case.language,
            area=speaker_area(case, before),
            user=case.user,
        )
        travelled = await travel(request, rehearsal.world)
        engine = self._reader.engine
        if isinstance(travelled.reading, TaughtReading):
            engine = f"your sentence, {travelled.reading.where}"
        return result(case, travelled, before, rehearsal.current, engine), travelled, before

    def _rehearsal(self, case: Case) -> Rehearsal:
        key = None if case.session is None else str(case.session)
        if key is not None and key in self._sessions:
            return self._sessions[key]
        rehearsal = Rehearsal(self._case_home(case))
        rehearsal.world = World(
            self._reader,
            rehearsal,
            rehearsal,
            rehearsal,
            rehearsal,
            thresholds=self._thresholds,
            language="en",
            taught=self._taught,
            languages=self._thresholds.languages,
            conversations={"rehearse": Conversation()},
            library=self._library,
            support=Support(self._library) if self._library is not None else None,
            interpreter=Interpreter(self._translators),
            router=Router(self._library.knowledge.encoder) if self._library is not None else None,
            place=SUPPOSED_PLACE,
        )
        if key is not None:
            self._sessions[key] = rehearsal
        return rehearsal

    def _case_home(self, case: Case) -> Home:
        if case.home is None:
            return self._home
        key = case.home if isinstance(case.home, str) else json.dumps(case.home, sort_keys=True)
        if key not in self._homes:
            if len(self._homes) > 64:
                self._homes.clear()
            source = Path(case.home) if isinstance(case.home, str) else case.home
            self._homes[key] = _with_lists(load_home(source))
        return self._homes[key]


def _with_lists(home: Home) -> Home:
    """The hub's own lists, unless the home has its own. Done once a home: its structure is known by
    identity to what is computed from it."""
    if any(entity.domain == "todo" for entity in home.entities.values()):
        return home
    entities = {**home.entities, **{entity.id: entity for entity in OWN_LISTS}}
    empty = {entity.id: EntityState("0", {"items": []}) for entity in OWN_LISTS}
    return replace(home, entities=entities, states={**home.states, **empty})
