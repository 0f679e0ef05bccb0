"""Automations in the hub: read from their file, fired by what happens, carried out on the road.

A run is a request like any other, from the site `automation:{id}`, which no sender on MQTT can
claim: it is written down first, passes the same gate, and has a trace. Its id says what it is a
run of, so that after a crash the same thing is not done twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from devices.home import Home
from devices.registry_values import StateChange
from devices.services import ServiceCall
from hub.automations.engine import Engine, Firing, engine_from
from hub.automations.file import AutomationsError, read_automations
from hub.automations.schema import SAY, Action, Automation
from hub.automations.settings import automations_path, place_of
from hub.commands import kept_payload, travel_and_reply
from hub.hub import Hub, announce
from hub.journal import JournalError, StoredRequest
from hub.values import Request, Routine

TICK_SECONDS = 0.5
LOOK_SECONDS = 1.0
KEEP_SECONDS = 1.0
MOST_WAITING = 1000
"""Firings that wait to be carried out; more are dropped, and told."""


@dataclass(slots=True)
class Automations:
    """What the hub keeps of its automations. `read` is the file's time and size when it was read,
    `mistakes` what was wrong with it, `last` what came of each automation."""

    engine: Engine
    path: Path
    read: tuple[int, int] | None = None
    mistakes: str | None = None
    last: dict[str, dict[str, str]] = field(default_factory=dict)
    fired: asyncio.Queue[Firing] = field(default_factory=lambda: asyncio.Queue(MOST_WAITING))
    kept: Any = None
    kept_at: float = 0.0


async def begin_automations(hub: Hub) -> Automations:
    """Read the file, and take up what an earlier process left. Call when the states are known.

    Raises `JournalError`.
    """
    kept = await hub.journal.recall("automations")
    path = automations_path(hub.settings)
    found = Automations(engine_from(None, (), hub.clock.now(), place_of(hub.settings)), path)
    automations = await _read(hub, found) or ()
    found.engine = engine_from(kept, automations, hub.clock.now(), found.engine.place)
    found.last = dict(kept.get("last", {})) if isinstance(kept, Mapping) else {}
    hub.automations = found
    hub.hears = lambda kind, content: _told(hub, found, kind, content)
    return found


async def keep_automating(hub: Hub, found: Automations, group: asyncio.TaskGroup) -> None:
    """Let automations fire, until cancelled."""
    looked = 0.0
    loop = asyncio.get_running_loop()
    while True:
        _queue(hub, found, found.engine.tick(hub.registry.home(), hub.clock.now()))
        if loop.time() - looked >= LOOK_SECONDS:
            looked = loop.time()
            await _look(hub, found)
        _keep(hub, found, loop.time())
        try:
            async with asyncio.timeout(TICK_SECONDS):
                firing = await found.fired.get()
        except TimeoutError:
            continue
        group.create_task(_run(hub, found, firing), name=f"automation {firing.automation.id}")


def state_changed(hub: Hub, change: StateChange) -> None:
    """Tell the automations that an entity is in another state."""
    found = hub.automations
    if found is not None and found.engine.watches(change.entity_id):
        _queue(hub, found, found.engine.changed(change, hub.registry.home(), hub.clock.now()))


def _told(hub: Hub, found: Automations, kind: str, content: Mapping[str, Any]) -> None:
    if str(content.get("site", "")).startswith("automation:"):
        return  # what automations do themselves sets off no others
    _queue(hub, found, found.engine.told(kind, content, hub.registry.home(), hub.clock.now()))


def _queue(hub: Hub, found: Automations, firings: Iterable[Firing]) -> None:
    for firing in firings:
        automation = firing.automation
        found.last[automation.id] = {"at": firing.at.isoformat(), "result": _result(firing)}
        if not firing.runs:
            if firing.unmet is None:
                _announce(hub, firing, _result(firing))
            continue
        try:
            found.fired.put_nowait(firing)
        except asyncio.QueueFull:
            found.last[automation.id]["result"] = "too much at once: not run"
            _announce(hub, firing, "too much at once: not run")


def _result(firing: Firing) -> str:
    if firing.late:
        return "missed: the hub was not running then"
    if firing.storm:
        return "at rest: it ran too often"
    if firing.unmet is not None:
        return f"not run: condition {firing.unmet + 1} did not hold"
    return "run"


def _announce(hub: Hub, firing: Firing, result: str, trace: str | None = None) -> None:
    content = {
        "id": firing.automation.id, "alias": firing.automation.alias,
        "because": firing.because, "result": result,
    }  # fmt: skip
    announce(hub, "automation", content, trace)


async def _run(hub: Hub, found: Automations, firing: Firing) -> None:
    automation, trace = firing.automation, uuid4().hex
    routine = routine_of(automation, hub.registry.home())
    site = f"automation:{automation.id}"
    request = Request(
        firing.key, trace, automation.alias, site, site, datetime.now(UTC), routine=routine
    )
    stored = StoredRequest(
        trace, site, firing.key, automation.alias, request.received, kept_payload(request),
        None, None,
    )  # fmt: skip
    try:
        if await hub.journal.record(stored) is not None:
            return  # it was run before the hub was interrupted
        because = {"automation": automation.id, "because": firing.because}
        await hub.journal.note(trace, "triggered", because)
    except JournalError as error:
        _announce(hub, firing, f"nothing can be written down: {error}")
        return
    _announce(hub, firing, "run", trace)
    found.last[automation.id]["trace"] = trace
    await travel_and_reply(hub, request, None)


def routine_of(automation: Automation, home: Home) -> Routine:
    """What an automation's actions come to in this home."""
    calls = [call for action in automation.actions for call in _calls(action, home)]
    messages = [a.data["message"] for a in automation.actions if a.action == SAY]
    return Routine(tuple(calls), tuple(messages))


def _calls(action: Action, home: Home) -> Iterable[ServiceCall]:
    if action.target is None:
        return
    domain = action.action.partition(".")[0]
    areas = set(action.target.area_id)
    there = [e.id for e in home.entities.values() if e.area in areas and e.domain == domain]
    for entity_id in dict.fromkeys([*action.target.entity_id, *there]):
        yield ServiceCall(entity_id, action.action, action.data)


async def _look(hub: Hub, found: Automations) -> None:
    """Take in the file if somebody has edited it; one with mistakes changes nothing."""
    if found.read != _stamp(found.path):
        automations = await _read(hub, found)
        if automations is not None:
            found.engine.replace(automations)


async def _read(hub: Hub, found: Automations) -> tuple[Automation, ...] | None:
    found.read = _stamp(found.path)
    try:
        automations = await asyncio.to_thread(read_automations, found.path)
    except AutomationsError as error:
        found.mistakes = str(error)
        announce(hub, "automation", {"file": str(found.path), "mistakes": str(error).splitlines()})
        return None
    found.mistakes = None
    return automations


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size


def _keep(hub: Hub, found: Automations, now: float) -> None:
    """Write down what must survive, when it has changed or a minute has passed."""
    state = found.engine.as_json()
    kept = {**state, "last": dict(found.last)}
    same = found.kept is not None and all(kept[k] == found.kept[k] for k in ("waiting", "last"))
    if now - found.kept_at < (60.0 if same else KEEP_SECONDS):
        return
    found.kept, found.kept_at = {**kept, "last": {k: dict(v) for k, v in found.last.items()}}, now
    hub.journal.remember("automations", kept)
