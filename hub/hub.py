"""Everything that lives as long as the process, and how it tells what happens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from devices.payload import encode_json
from devices.registry import Registry
from hub.act import Actuation
from hub.allowance import Allowance
from hub.clock import SystemClock
from hub.config import Settings
from hub.history import History
from hub.intake import Intake
from hub.journal import Journal
from hub.loop_stall import LoopStall
from hub.messages import Event
from hub.mqtt import Session
from hub.stores import Scheduled
from hub.topics import Topics
from hub.world import World

if TYPE_CHECKING:
    from hub.automations.running import Automations
    from hub.habits.suggesting import Suggesting
    from hub.writing.desk import Desk

AT_ONCE = 100
"""Commands that travel at the same time: most of them wait for their device."""


@dataclass(slots=True)
class Hub:
    """Everything that lives as long as the process. Commands are written down from the first
    moment; they travel once the house is `settled`, its states known and the past recovered."""

    settings: Settings
    topics: Topics
    registry: Registry
    journal: Journal
    session: Session
    actuation: Actuation
    clock: SystemClock
    intake: Intake
    world: World
    allowance: Allowance
    desk: Desk
    counters: dict[str, int] = field(default_factory=dict)
    locks: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)
    settled: asyncio.Event = field(default_factory=asyncio.Event)
    refusals: Allowance = field(default_factory=lambda: Allowance(20, 200))
    marks: dict[bytes, asyncio.Future[None]] = field(default_factory=dict)
    travelling: int = 0
    closing: bool = False
    limit: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    history: History = field(default_factory=History)
    automations: Automations | None = None
    suggesting: Suggesting | None = None
    stall: LoopStall = field(default_factory=LoopStall)
    hears: Callable[[str, Mapping[str, Any]], None] | None = None
    """Told of every event, beside the broker: what automations trigger on."""
    come_about: list[Scheduled] = field(default_factory=list)
    """What waited for something that has happened, and is to be carried out."""


def announce(hub: Hub, kind: str, content: Mapping[str, Any], trace: str | None = None) -> None:
    """Publish an event."""
    count(hub, kind)
    event = Event(kind=kind, trace=trace, time=hub.clock.now().isoformat(), content=dict(content))
    hub.session.publish(hub.topics.event(kind), encode_json(event.model_dump(exclude_none=True)), 0)
    if hub.hears is not None:
        hub.hears(kind, content)


def announce_refusal(hub: Hub, kind: str, content: Mapping[str, Any]) -> None:
    """Publish that something was not taken; of a flood, the first ones, the others are counted."""
    if hub.refusals.take(kind, time.monotonic()):
        announce(hub, kind, content)
    else:
        count(hub, "refusals_not_announced")


def count(hub: Hub, counter: str) -> None:
    """Count something, for the metrics."""
    hub.counters[counter] = hub.counters.get(counter, 0) + 1
