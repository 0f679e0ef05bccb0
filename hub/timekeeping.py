"""Timers and scheduled commands: they survive a restart, and pass the gate when they are due."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from devices.services import ServiceCall
from hub.act import stores_as_json
from hub.commands import kept_payload, travel_and_reply
from hub.ground.context import ScheduleView, TimerView
from hub.hub import Hub, announce
from hub.journal import JournalError, StoredRequest
from hub.stores import Scheduled, Stores
from hub.values import Request


async def keep_time(hub: Hub, group: asyncio.TaskGroup) -> None:
    """Let timers ring and scheduled commands happen, until cancelled."""
    while True:
        now = hub.clock.now()
        stores = hub.actuation.stores
        due_timers = [t for t in stores.timers.values() if t.paused_left is None and t.due <= now]
        due = [s for s in stores.schedules.values() if s.view.due is not None and s.view.due <= now]
        for timer in due_timers:
            announce(hub, "timer", {"id": timer.id, "name": timer.name, "area": timer.area})
        if due_timers or due:
            hub.actuation.stores = _advanced(stores, due_timers, due, now)
            hub.world.stores = hub.actuation.stores
            hub.journal.remember("stores", stores_as_json(hub.actuation.stores))
        for scheduled in due:
            group.create_task(_fire(hub, scheduled, now), name=f"schedule {scheduled.view.id}")
        await asyncio.sleep(0.25)


def _advanced(
    stores: Stores, timers: list[TimerView], due: list[Scheduled], now: datetime
) -> Stores:
    gone = {timer.id for timer in timers}
    schedules = dict(stores.schedules)
    for scheduled in due:
        following = _next_due(scheduled.view, now)
        if following is None:
            schedules.pop(scheduled.view.id, None)
        else:
            view = replace(scheduled.view, due=following)
            schedules[view.id] = replace(scheduled, view=view)
    return Stores({k: v for k, v in stores.timers.items() if k not in gone}, schedules)


_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def _next_due(view: ScheduleView, now: datetime) -> datetime | None:
    """The next time of a repeating schedule (RFC 5545: daily, or weekly on days)."""
    if view.repeat is None or view.due is None:
        return None
    _, _, days = view.repeat.partition("BYDAY=")
    allowed = days.split(",") if days else list(_DAYS)
    due = view.due + timedelta(days=1)
    while due <= now or _DAYS[due.weekday()] not in allowed:
        due += timedelta(days=1)
    return due


async def _fire(hub: Hub, scheduled: Scheduled, now: datetime) -> None:
    due = scheduled.view.due
    if due is not None and now - due > timedelta(minutes=5):
        content = {"text": scheduled.view.text, "due": due.isoformat()}
        announce(hub, "schedule_missed", content)
        return
    calls = [ServiceCall(c["entity_id"], c["service"], c["data"]) for c in scheduled.calls]
    requests: list[tuple[str, ServiceCall | None]] = (
        [(scheduled.view.text, None)] if scheduled.rerun else [("", call) for call in calls]
    )
    for text, call in requests:
        key = uuid4().hex
        request = Request(
            id=key, trace=key, text=text, site=scheduled.site, session=f"schedule-{key}",
            received=datetime.now(UTC), area=hub.intake.site_areas.get(scheduled.site), call=call,
            agreed=tuple(calls) if scheduled.agreed else (),
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
        view = ScheduleView(s["id"], s["text"], due, s["repeat"])
        calls = tuple(s["calls"])
        agreed = s.get("agreed", False)
        schedules[s["id"]] = Scheduled(view, s["site"], calls, s["rerun"], agreed)
    return Stores(timers, schedules)
