"""The hub's own memory as a value: timers and what waits for its time.

`carry_out` is pure; the hub writes the new value to the journal, `rehearse` keeps it in memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from devices.home import EMPTY, Entity
from hub.ground.context import ScheduleView, TimerView
from hub.values import Effect, HubEffect

OWN_LISTS = (
    Entity("todo.shopping_list", "Shopping List", "todo", ("groceries", "grocery list")),
    Entity("todo.to_do", "To-do", "todo", ("tasks", "todo list")),
)
"""The lists that the hub itself keeps."""


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A command that waits: shown as `view`; carried out by its text, or by its calls as they are
    (`rerun` False), and by saying `messages`. `agreed`: somebody consented to the danger of these
    calls, and of no others. What waits for no moment waits for `condition` (as automations write
    it) to come about; `held` is whether each of its
    alternatives did when it was last looked at. `sun` is by which moment
    of the sun it repeats."""

    view: ScheduleView
    site: str
    calls: tuple[Mapping[str, Any], ...] = ()
    rerun: bool = True
    agreed: bool = False
    messages: tuple[str, ...] = ()
    condition: Mapping[str, Any] | None = None
    held: tuple[bool | None, ...] = ()
    sun: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Stores:
    """All timers and scheduled commands."""

    timers: Mapping[str, TimerView] = field(default_factory=lambda: EMPTY)
    schedules: Mapping[str, Scheduled] = field(default_factory=lambda: EMPTY)


def carry_out(stores: Stores, effect: HubEffect, key: str, site: str, now: datetime) -> Stores:
    """The stores after one effect. `key` is a fresh id for what the effect creates."""
    data = effect.data
    if effect.effect is Effect.START_TIMER:
        seconds = int(data["seconds"])
        due = now + timedelta(seconds=seconds)
        timer = TimerView(key, data.get("name"), data.get("area"), seconds, due)
        return replace(stores, timers={**stores.timers, key: timer})
    if effect.effect is Effect.CANCEL_TIMER:
        return replace(stores, timers={k: v for k, v in stores.timers.items() if k != data["id"]})
    if effect.effect is Effect.CHANGE_TIMER and data["id"] in stores.timers:
        changed = _changed(stores.timers[data["id"]], data, now)
        return replace(stores, timers={**stores.timers, data["id"]: changed})
    if effect.effect is Effect.SCHEDULE:
        at = datetime.fromisoformat(data["due"]) if data.get("due") else None
        awaits = data.get("awaits") or {}
        view = ScheduleView(key, data["text"], at, data.get("repeat"), awaits.get("said", ""))
        waiting = Scheduled(
            view, site, tuple(data.get("calls", ())), bool(data.get("rerun", True)),
            bool(data.get("agreed", False)), tuple(data.get("messages", ())),
            awaits.get("condition"), tuple(awaits.get("held", ())), data.get("sun"),
        )  # fmt: skip
        return replace(stores, schedules={**stores.schedules, key: waiting})
    if effect.effect is Effect.CANCEL_SCHEDULE:
        kept = {k: v for k, v in stores.schedules.items() if k != data["id"]}
        return replace(stores, schedules=kept)
    return stores


def _changed(timer: TimerView, data: Mapping[str, Any], now: datetime) -> TimerView:
    left = timer.paused_left
    if data["intent"] == "HassPauseTimer" and left is None:
        return replace(timer, paused_left=max(0, round((timer.due - now).total_seconds())))
    if data["intent"] == "HassUnpauseTimer" and left is not None:
        return replace(timer, paused_left=None, due=now + timedelta(seconds=left))
    add = int(data.get("add", 0))
    if left is not None:
        return replace(timer, paused_left=max(0, left + add))
    return replace(timer, due=max(now, timer.due + timedelta(seconds=add)))
