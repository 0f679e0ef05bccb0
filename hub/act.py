"""The actuator: one journalled step per action, and "done" only when the device has said so.

A step is on disk as `publishing` before its message leaves; whatever happens afterwards, it is
never published a second time. Steps of one entity keep their order; entities do not wait for each
other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from devices import behaviour
from devices.domains import InvalidServiceCall
from devices.home import EntityState
from devices.registry import Registry
from devices.registry_values import StateChange
from devices.services import Publish
from hub.journal import Journal, JournalError, StoredStep
from hub.ports import Clock
from hub.stores import Stores, carry_out
from hub.values import Action, Effect, HubEffect, Request, Status, StepOutcome

ANSWER_SECONDS = 5.0
CAUSED = timedelta(seconds=30)
"""What an entity reports so soon after it was asked for something is because of that."""
MOVING = frozenset({"opening", "closing", "unlocking", "locking", "arming", "returning"})


@dataclass(frozen=True, slots=True)
class Acted:
    """Who last asked an entity for something, under which trace, and when."""

    site: str
    trace: str
    at: datetime


@dataclass(slots=True)
class Actuation:
    """Publishes actions and waits for what the devices report."""

    registry: Registry
    journal: Journal
    publish: Callable[[Publish], bool]
    clock: Clock
    stores: Stores = field(default_factory=Stores)
    on_publish: Callable[[str], None] | None = None
    announce: Callable[[str, Mapping[str, Any]], None] | None = None
    _waiting: dict[str, list[tuple[Mapping[str, Any], asyncio.Future[EntityState]]]] = field(
        default_factory=dict
    )
    _locks: dict[str, asyncio.Lock] = field(default_factory=dict)
    _acted: dict[str, Acted] = field(default_factory=dict)

    async def perform(
        self, request: Request, actions: Sequence[Action], effects: Sequence[HubEffect]
    ) -> tuple[StepOutcome, ...]:
        """Carry out all actions; the effects follow if at least one action worked, or there is
        none."""
        outcomes: tuple[StepOutcome, ...] = ()
        if actions:
            try:
                await self.journal.begin_steps(_stored(request.trace, actions))
            except JournalError as error:
                reason = f"the journal cannot be written ({error}); nothing was done"
                return tuple(StepOutcome(a, Status.FAILED, reason) for a in actions)
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(self._step(request, seq, action))
                    for seq, action in enumerate(actions)
                ]
            outcomes = tuple(task.result() for task in tasks)
        if not actions or any(step.status is not Status.FAILED for step in outcomes):
            for effect in effects:
                self._effect(request, effect)
        return outcomes

    def _effect(self, request: Request, effect: HubEffect) -> None:
        now = self.clock.now()
        self.stores = carry_out(self.stores, effect, uuid4().hex[:12], request.site, now)
        self.journal.remember("stores", stores_as_json(self.stores))
        if effect.effect is Effect.BROADCAST and self.announce:
            self.announce("broadcast", {"message": effect.data["message"], "site": request.site})

    async def _step(self, request: Request, seq: int, action: Action) -> StepOutcome:
        entity_id = action.call.entity_id
        lock = self._locks.setdefault(entity_id, asyncio.Lock())
        async with lock:
            outcome = await self._publish_and_wait(request, action)
        self.journal.step_ended(request.trace, seq, str(outcome.status))
        return outcome

    async def _publish_and_wait(self, request: Request, action: Action) -> StepOutcome:
        home = self.registry.home()
        entity = home.entities.get(action.call.entity_id)
        if entity is None:
            return StepOutcome(action, Status.FAILED, "it is gone")
        state = home.state(entity.id)
        if entity.domain == "todo":
            return self._change_list(action)
        if not state.available:
            return StepOutcome(action, Status.FAILED, "it is unavailable")
        try:
            messages = self.registry.publishes(action.call)
        except InvalidServiceCall as error:
            return StepOutcome(action, Status.FAILED, str(error))
        future: asyncio.Future[EntityState] = asyncio.get_running_loop().create_future()
        waiting = self._waiting.setdefault(entity.id, [])
        waiting.append((action.expect, future))
        try:
            self._acted[entity.id] = Acted(request.site, request.trace, self.clock.now())
            for message in messages:
                if not self.publish(message):
                    return StepOutcome(
                        action, Status.FAILED, "there is no connection to the broker"
                    )
            if self.on_publish is not None:
                self.on_publish(request.trace)
            if not action.expect:
                return StepOutcome(action, Status.SENT)
            return await self._reported(action, state, future)
        finally:
            waiting.remove((action.expect, future))

    async def _reported(
        self, action: Action, before: EntityState, future: asyncio.Future[EntityState]
    ) -> StepOutcome:
        already = satisfies(before, action.expect)
        try:
            async with asyncio.timeout(1.0 if already else ANSWER_SECONDS):
                await future
        except TimeoutError:
            state = self.registry.home().state(action.call.entity_id)
            if satisfies(state, action.expect):
                return StepOutcome(action, Status.DONE)
            return StepOutcome(action, Status.FAILED, "it did not answer")
        return StepOutcome(action, Status.DONE)

    def _change_list(self, action: Action) -> StepOutcome:
        home = self.registry.home()
        entity = home.entities[action.call.entity_id]
        try:
            after = behaviour.apply(entity, home.state(entity.id), action.call, self.clock.now())
        except InvalidServiceCall as error:
            return StepOutcome(action, Status.FAILED, str(error))
        self.registry.set_state(entity.id, after)
        self.journal.remember(f"list:{entity.id}", list(after.attributes.get("items", ())))
        return StepOutcome(action, Status.DONE)

    def acted(self, entity_id: str) -> Acted | None:
        """What of ours was the last to act on an entity, if that can be why it changes now."""
        last = self._acted.get(entity_id)
        recent = last is not None and abs(self.clock.now() - last.at) <= CAUSED
        return last if recent else None

    def state_changed(self, change: StateChange) -> None:
        """Tell the steps that wait for this entity."""
        for expect, future in self._waiting.get(change.entity_id, ()):
            if not future.done() and satisfies(change.after, expect):
                future.set_result(change.after)


def satisfies(state: EntityState, expect: Mapping[str, Any]) -> bool:
    """Whether a device's report is what was wanted, or is on its way there."""
    for key, wanted in expect.items():
        said = state.state if key == "state" else state.attributes.get(key)
        if key == "state" and said in MOVING and _towards(str(said), str(wanted)):
            return True
        if key != "state" and said is None:
            continue
        if isinstance(wanted, int | float) and isinstance(said, int | float):
            if abs(said - wanted) > max(3.0, abs(wanted) * 0.02):
                return False
        elif said != wanted and not (key == "state" and _on_enough(str(said), str(wanted))):
            return False
    return True


def _towards(moving: str, wanted: str) -> bool:
    goals = {
        "opening": "open", "closing": "closed", "unlocking": "unlocked", "locking": "locked",
        "returning": "docked",
    }  # fmt: skip
    return goals.get(moving) == wanted or moving == wanted or wanted.startswith("armed")


def _on_enough(said: str, wanted: str) -> bool:
    return wanted == "returning" and said == "docked"


def _stored(trace: str, actions: Sequence[Action]) -> list[StoredStep]:
    return [
        StoredStep(
            trace, seq, a.call.entity_id, a.call.service, a.call.data, a.expect, "publishing"
        )
        for seq, a in enumerate(actions)
    ]


def stores_as_json(stores: Stores) -> dict[str, Any]:
    """For the journal."""
    return {
        "timers": [
            {"id": t.id, "name": t.name, "area": t.area, "length": t.length,
             "due": t.due.isoformat(), "paused_left": t.paused_left}
            for t in stores.timers.values()
        ],
        "schedules": [
            {"id": s.view.id, "text": s.view.text, "site": s.site, "rerun": s.rerun,
             "due": s.view.due.isoformat() if s.view.due else None, "repeat": s.view.repeat,
             "calls": [dict(call) for call in s.calls], "agreed": s.agreed,
             "awaits": s.view.awaits, "condition": s.condition, "held": list(s.held),
             "messages": list(s.messages), "sun": s.sun}
            for s in stores.schedules.values()
        ],
    }  # fmt: skip
