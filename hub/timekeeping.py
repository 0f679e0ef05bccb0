"""Timers and scheduled commands: they survive a restart, and pass the gate when they are due."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from devices.registry_values import StateChange
from devices.services import ServiceCall
from hub.act import stores_as_json
from hub.automations.moments import Place
from hub.commands import kept_payload, travel_and_reply
from hub.due import after_this, awaited_entities, noticed
from hub.ground.context import ScheduleView, TimerView
from hub.hub import Hub, announce
from hub.journal import JournalError, StoredRequest
from hub.stores import Scheduled, Stores
from hub.values import Request, Routine


async def keep_time(hub: Hub, group: asyncio.TaskGroup) -> None:
    """Let timers ring and scheduled commands happen, until cancelled."""
    while True:
        now = hub.clock.now()
        notice(hub)
        stores = hub.actuation.stores
        due_timers = [t for t in stores.timers.values() if t.paused_left is None and t.due <= now]
        due = [s for s in stores.schedules.values() if s.view.due is not None and s.view.due <= now]
        for timer in due_timers:
            announce(hub, "timer", {"id": timer.id, "name": timer.name, "area": timer.area})
        if due_timers or due:
            _keep(hub, _advanced(stores, due_timers, due, now, hub.world.place))
        for scheduled in (*due, *hub.come_about):
            group.create_task(_fire(hub, scheduled, now), name=f"schedule {scheduled.view.id}")
        hub.come_about.clear()
        await asyncio.sleep(0.25)


def notice(hub: Hub, change: StateChange | None = None) -> None:
    """Look whether what is waited for has come about: at every change of what it hangs on, so that
    nothing is missed that does not last."""
    stores = hub.actuation.stores
    waiting = any(scheduled.condition is not None for scheduled in stores.schedules.values())
    if not waiting or not hub.settled.is_set():
        return
    if change is not None and change.entity_id not in awaited_entities(stores):
        return
    looked, due = noticed(stores, hub.registry.home(), hub.clock.now(), hub.world.place)
    if looked is not stores:
        _keep(hub, looked)
    hub.come_about.extend(due)


def _keep(hub: Hub, stores: Stores) -> None:
    hub.actuation.stores = stores
    hub.world.stores = stores
    hub.journal.remember("stores", stores_as_json(stores))


def _advanced(
    stores: Stores,
    timers: list[TimerView],
    due: list[Scheduled],
    now: datetime,
    place: Place | None,
) -> Stores:
    gone = {timer.id for timer in timers}
    schedules = dict(stores.schedules)
    for scheduled in due:
        following = after_this(scheduled, now, place)
        if following is None:
            schedules.pop(scheduled.view.id, None)
        else:
            view = replace(scheduled.view, due=following)
            schedules[view.id] = replace(scheduled, view=view)
    return Stores({k: v for k, v in stores.timers.items() if k not in gone}, schedules)


async def _fire(hub: Hub, scheduled: Scheduled, now: datetime) -> None:
    due = scheduled.view.due
    if due is not None and now - due > timedelta(minutes=5):
        content = {"text": scheduled.view.text, "due": due.isoformat()}
        announce(hub, "schedule_missed", content)
        return
    calls = [ServiceCall(c["entity_id"], c["service"], c["data"]) for c in scheduled.calls]
    requests: list[tuple[str, ServiceCall | None, Routine | None]] = (
        [(scheduled.view.text, None, None)]
        if scheduled.rerun
        else [("", call, None) for call in calls]
    )
    if scheduled.messages:
        requests.append((scheduled.view.text, None, Routine((), scheduled.messages)))
    for text, call, routine in requests:
        key = uuid4().hex
        request = Request(
            id=key, trace=key, text=text, site=scheduled.site, session=f"schedule-{key}",
            received=datetime.now(UTC), area=hub.intake.site_areas.get(scheduled.site), call=call,
            agreed=tuple(calls) if scheduled.agreed else (), routine=routine,
        )  # fmt: skip
        stored = StoredRequest(
            key, request.site, key, text, request.received, kept_payload(request), None, None
        )
        try:
            await hub.journal.record(stored)
        except JournalError as error:
            content = {"text": scheduled.view.text, "reason": f"nothing can be written: {error}"}
            announce(hub, "schedule_missed", content)
            continue
        await travel_and_reply(hub, request, None)


def stores_from(raw: Any) -> Stores:
    """The stores as the journal kept them."""
    if not isinstance(raw, dict):
        return Stores()
    timers = {
        t["id"]: TimerView(
            t["id"], t["name"], t["area"], t["length"], datetime.fromisoformat(t["due"]),
            t["paused_left"],
        )
        for t in raw.get("timers", ())
    }  # fmt: skip
    schedules = {}
    for s in raw.get("schedules", ()):
        due = datetime.fromisoformat(s["due"]) if s["due"] else None
        view = ScheduleView(s["id"], s["text"], due, s["repeat"], s.get("awaits", ""))
        schedules[s["id"]] = Scheduled(
            view, s["site"], tuple(s["calls"]), s["rerun"], s.get("agreed", False),
            tuple(s.get("messages", ())), s.get("condition"), tuple(s.get("held", ())),
            s.get("sun"),
        )  # fmt: skip
    return Stores(timers, schedules)
