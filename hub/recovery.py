"""After a restart: every acknowledged request without a final reply gets exactly one.

Without steps it had done nothing yet: it travels the road now. With steps it may have reached its
devices: it is never published again, and the devices' own states say what became of it. Where the
disk has lost what it said was safe, `hub.journal_fates` knows of commands that had begun; those are
told of, and not done again.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import timedelta

from devices.services import ServiceCall
from hub.act import satisfies
from hub.commands import conclude, conclude_lost, failed_reply, travel_and_reply
from hub.hub import Hub
from hub.journal import StoredRequest, StoredStep
from hub.journal_fates import Fate
from hub.messages import ActionReport, Reply
from hub.permit import is_dangerous
from hub.routine import from_json
from hub.values import Request, SkillCall, Status


async def recover(
    hub: Hub, left: Sequence[tuple[StoredRequest, list[StoredStep]]], group: asyncio.TaskGroup
) -> None:
    """Answer what an earlier process `left` unanswered (read before the first command of this one
    came in). Call when the states are known and before `hub.settled`: what had done nothing yet
    travels in `group`, ahead of what is said from now on."""
    for stored in await hub.journal.undelivered():
        topic = stored.response or hub.topics.reply(stored.site)
        hub.session.publish(topic, (stored.reply or "").encode())
    for stored, steps in left:
        request = _request_from(stored)
        fate = hub.journal.fate(stored.site, stored.id)
        if fate is Fate.DELIVERED or (not steps and (fate or not hub.journal.fates_known)):
            await conclude_lost(hub, request, send=fate is not Fate.DELIVERED)
        elif steps:
            await conclude(hub, request, _recovered_reply(hub, request, steps), None)
        elif not timedelta() <= hub.clock.now() - request.received <= hub.intake.max_age:
            late = "I was not running when you said this, and it is too late now."
            await conclude(hub, request, failed_reply(hub, request, late), None)
        else:
            group.create_task(travel_and_reply(hub, request, None), name=f"recovered {stored.id}")


def _recovered_reply(hub: Hub, request: Request, steps: list[StoredStep]) -> Reply:
    home = hub.registry.home()
    reports = []
    for step in steps:
        call = ServiceCall(step.entity_id, step.service, step.data)
        entity = home.entities.get(step.entity_id)
        known = step.status in (Status.DONE, Status.SENT, Status.FAILED)
        status, reason = Status.FAILED, "outcome unknown"
        if known:
            status, reason = Status(step.status), ""
        elif (
            entity is not None
            and step.expect
            and not _dangerous(hub, call)
            and satisfies(home.state(entity.id), step.expect)
        ):
            status, reason = Status.DONE, ""
        reports.append(
            ActionReport(
                entity_id=step.entity_id,
                service=step.service,
                data=dict(step.data),
                status=status,
                reason=reason or None,
            )
        )
    worst = next((r for r in reports if r.status is Status.FAILED), None)
    text = (
        "I was interrupted; outcome unknown. Please look, and say it again if need be."
        if worst
        else "Done."
    )
    return Reply(
        id=request.id,
        status=Status.FAILED if worst else Status.DONE,
        text=text,
        language=request.language or hub.world.language,
        actions=reports,
        trace=request.trace,
    )


def _dangerous(hub: Hub, call: ServiceCall) -> bool:
    return is_dangerous(call, hub.registry.home(), hub.world.policy)


def _request_from(stored: StoredRequest) -> Request:
    kept = json.loads(stored.payload)
    call, routine, skill = kept.get("call"), kept.get("routine"), kept.get("skill")
    return Request(
        id=stored.id,
        trace=stored.trace,
        text=kept.get("text") or "",
        site=stored.site,
        session=kept.get("session") or stored.site,
        received=stored.received,
        language=kept.get("language"),
        area=kept.get("area"),
        user=kept.get("user"),
        call=ServiceCall(call["entity_id"], call["service"], call["data"]) if call else None,
        routine=from_json(routine) if routine else None,
        skill=SkillCall(**skill) if skill else None,
    )
