"""Morning and evening reports at the configured times, on `hearthd/event/report`, kept as notes."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from hub import fault_log
from hub.hub import announce
from hub.values import Request
from hub.writing.desk import drafted, kept
from hub.writing.notes import Note
from hub.writing.wish import Form, Wish

if TYPE_CHECKING:
    from hub.hub import Hub

LOOK_SECONDS = 5.0
LATE = timedelta(minutes=30)
"""A hub that was not running at the time still tells a report so much later, no later."""


async def keep_reporting(hub: Hub) -> None:
    """Write each report once a day, until cancelled."""
    told: dict[str, str] = await hub.journal.recall("reports") or {}
    while True:
        for form in due(hub, hub.clock.now(), told):
            told[str(form)] = hub.clock.now().date().isoformat()
            hub.journal.remember("reports", told)
            try:
                await report(hub, form)
            except Exception as error:  # a mistake of ours about one report must not end the hub
                fault_log.report(error)
                announce(hub, "report", {"kind": str(form), "failing": str(error)[:300]})
        await asyncio.sleep(LOOK_SECONDS)


def due(hub: Hub, now: datetime, told: dict[str, str]) -> list[Form]:
    """The reports whose time has come and that were not told today."""
    wanted = {
        Form.MORNING: hub.settings.writing.morning,
        Form.EVENING: hub.settings.writing.evening,
    }
    found = []
    for form, at in wanted.items():
        if at is None or told.get(str(form)) == now.date().isoformat():
            continue
        hour, _, minute = at.partition(":")
        time = now.replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)
        if time <= now <= time + LATE:
            found.append(form)
    return found


async def report(hub: Hub, form: Form) -> None:
    """Write a report and publish it. Raises `JournalError`."""
    key = uuid4().hex
    request = Request(
        id=key,
        trace=key,
        text="",
        site="report",
        session=f"report-{key}",
        received=datetime.now(UTC),
    )
    made = await drafted(hub, request, Wish(form), None)
    note = Note(
        0,
        hub.clock.now().isoformat(),
        "report",
        None,
        made.text,
        Wish(form),
        made.facts,
        made.writer,
    )
    number = await kept(hub, request, note, made)
    hub.desk.open.pop(request.session, None)
    content = {"kind": str(form), "text": made.text, "note": number, **made.as_json()}
    announce(hub, "report", content, request.trace)
