"""A command on its way: written down, acknowledged, carried out, answered."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable
from typing import Any
from uuid import uuid4

from edge.errors import EdgeError
from edge.tasks.understanding_schema import Reading
from hub import fault_log
from hub.hub import Hub, announce, announce_refusal, count
from hub.inbox import QUEUE_LIMIT, Message
from hub.intake import Rejected, read_message
from hub.journal import JournalError, StoredRequest
from hub.journal_fates import Fate
from hub.messages import ActionReport, Reply
from hub.road import Travelled, finish, prepare, understand
from hub.routine import as_json
from hub.skills import skilled
from hub.support import End
from hub.values import Request, Status
from hub.writing.desk import writing

LOST = "My disk has lost what became of this: outcome unknown. Please look, then say it again."
INTERNAL_ERROR = "Something went wrong inside me. Please look before you say it again."


async def listen_to_commands(hub: Hub, group: asyncio.TaskGroup) -> None:
    """Write commands down as they come, and carry them out; until cancelled or told to close."""
    async for message in hub.session.commands():
        if hub.closing:
            return  # not acknowledged: the broker keeps it for the next start
        group.create_task(_command(hub, message), name=f"command {message.mid}")


async def _command(hub: Hub, message: Message) -> None:
    """One command from its arrival to its reply."""
    hub.travelling += 1
    try:
        try:
            request = _admitted(hub, message)
        except Rejected as error:
            hub.session.acknowledge(message)
            reject(hub, message, error)
            return
        reading = asyncio.ensure_future(_read(hub, request))  # while the journal writes
        if await _is_new(hub, request, message):
            await travel_and_reply(hub, request, message, reading)
        else:
            reading.cancel()
    finally:
        hub.travelling -= 1


def _admitted(hub: Hub, message: Message) -> Request:
    """A valid request within the quotas: of what waits, and of its site. Raises `Rejected`."""
    site = hub.topics.site_of(message.topic) or ""
    within = hub.allowance.take(site, time.monotonic())
    request = read_message(message, hub.intake, hub.clock.now())
    if hub.travelling > QUEUE_LIMIT:
        raise Rejected("too many commands at once; say it again in a moment", request.id)
    if not within:
        raise Rejected(f"too many commands from {site}; say it again in a moment", request.id)
    return request


async def _is_new(hub: Hub, request: Request, message: Message) -> bool:
    """Write a command down, then acknowledge it. Somebody who says it again gets the reply again;
    the broker, which only had no acknowledgement, needs none: recovery has sent it."""
    stored = StoredRequest(
        request.trace, request.site, request.id, request.text, request.received,
        kept_payload(request), message.response_topic, None,
    )  # fmt: skip
    try:
        earlier = await hub.journal.record(stored)
    except JournalError as error:
        reject(hub, message, Rejected(f"nothing can be written down: {error}", request.id))
        return False
    finally:
        hub.session.acknowledge(message)
    if earlier is not None:
        if earlier.reply is not None and not message.dup:
            _send_reply(hub, request.site, earlier.reply, message)
        return False
    if (fate := hub.journal.fate(request.site, request.id)) is not None:
        answered = fate is Fate.DELIVERED and message.dup
        await conclude_lost(hub, request, message, send=not answered)
        return False
    return True


async def _read(hub: Hub, request: Request) -> Reading | None:
    """Read ahead; a model's failure is met again, and reported, on the road."""
    try:
        return await understand(request, hub.world)
    except EdgeError:
        return None


def kept_payload(request: Request) -> str:
    """What the journal keeps of a request, enough to carry it out after a crash."""
    kept: dict[str, Any] = {
        "text": request.text, "session": request.session, "language": request.language,
        "area": request.area, "user": request.user,
    }  # fmt: skip
    if request.call is not None:
        service = request.call
        kept["call"] = {
            "entity_id": service.entity_id, "service": service.service, "data": dict(service.data),
        }  # fmt: skip
    if request.skill is not None:
        call = request.skill
        kept["skill"] = {"skill": call.skill, "verb": call.verb, "data": dict(call.data)}
    if request.routine is not None:
        kept["routine"] = as_json(request.routine)
    return json.dumps(kept, ensure_ascii=False)


async def travel_and_reply(
    hub: Hub,
    request: Request,
    message: Message | None,
    reading: Awaitable[Reading | None] | None = None,
) -> None:
    """Take a journalled request along the road in its turn, and answer it."""
    lock = hub.locks.setdefault(request.session, asyncio.Lock())
    try:
        async with hub.limit:
            async with lock:  # in the order of arrival
                early = await reading if reading is not None else None
                await hub.settled.wait()
                later = writing(hub, request)
                if later is None:
                    if (answer := await skilled(hub, request, early)) is not None:
                        await conclude(hub, request, answer, message)
                        return
                    hub.world.stores = hub.actuation.stores
                    prepared = await prepare(request, hub.world, early)
            if later is None:
                travelled = await finish(prepared, hub.world)
        if later is not None:  # a text takes its time, and nobody waits behind it
            await conclude(hub, request, await later(), message)
            return
    except (EdgeError, JournalError) as error:
        await conclude(hub, request, failed_reply(hub, request, str(error)), message)
        return
    except Exception as error:  # a mistake of ours about one request must not end the hub
        fault_log.report(error, request.trace)
        count(hub, "internal_error")
        await conclude(hub, request, failed_reply(hub, request, INTERNAL_ERROR), message)
        return
    reply = _reply(request, travelled)
    kind = str(travelled.outcome.status)
    announce(
        hub, kind, {"site": request.site, "id": request.id, "reply": reply.text}, request.trace
    )
    helped = travelled.outcome.plan.explanation.get("helped")
    if helped is not None:  # a visit ended: its transcript is kept, and passed on if nothing helped
        await hub.journal.note(request.trace, "helped", {"site": request.site, **helped})
        if helped["end"] == End.ESCALATED:
            told = {name: value for name, value in helped.items() if name != "end"}
            announce(hub, "support", {"site": request.site, **told}, request.trace)
    await conclude(hub, request, reply, message)


async def conclude(hub: Hub, request: Request, reply: Reply, message: Message | None) -> None:
    """Write the final reply down, and send it if it is the first. What was done is told even if
    that cannot be written down now; then it is written as soon as it can be."""
    text = reply.model_dump_json(exclude_none=True)
    try:
        first = await hub.journal.answer(request.trace, text)
    except JournalError:
        hub.journal.answer_soon(request.trace, text)
        first = True
    if first:
        _send_reply(hub, request.site, text, message)


async def conclude_lost(
    hub: Hub, request: Request, message: Message | None = None, *, send: bool
) -> None:
    """End a command that had begun before the disk lost what was written of it: it may have been
    done, so it is not done again. `send` unless its answer is known to have arrived."""
    reply = failed_reply(hub, request, LOST)
    if send:
        await conclude(hub, request, reply, message)
    elif await hub.journal.answer(request.trace, reply.model_dump_json(exclude_none=True)):
        await hub.journal.delivered([request.trace])


def _reply(request: Request, travelled: Travelled) -> Reply:
    outcome = travelled.outcome
    return Reply(
        id=request.id,
        status=outcome.status,
        text=travelled.text,
        language=travelled.language,
        actions=[
            ActionReport(
                entity_id=step.action.call.entity_id,
                service=step.action.call.service,
                data=dict(step.action.call.data),
                status=step.status,
                reason=step.reason,
            )
            for step in outcome.steps
        ],
        trace=request.trace,
        challenge=travelled.challenge,
        choices=[choice.label for choice in outcome.plan.choices],
    )


def failed_reply(hub: Hub, request: Request, reason: str) -> Reply:
    """A reply that says why nothing came of it."""
    return Reply(
        id=request.id,
        status=Status.FAILED,
        text=reason,
        language=request.language or hub.world.language,
        trace=request.trace,
    )


def _send_reply(hub: Hub, site: str, text: str, message: Message | None) -> None:
    topic = message.response_topic if message and message.response_topic else None
    correlation = message.correlation if message else None
    hub.session.publish(topic or hub.topics.reply(site), text.encode(), 1, False, correlation)


def reject(hub: Hub, message: Message, error: Rejected) -> None:
    """Answer a message that is no command, where an answer is possible."""
    count(hub, "bad_command")
    announce_refusal(hub, "refused", {"topic": message.topic[:200], "reason": str(error)})
    site = hub.topics.site_of(message.topic)
    if site is None or message.retain or not message.payload:
        return
    reply = Reply(
        id=error.request_id or "",
        status=Status.REFUSED,
        text=str(error),
        language=hub.world.language,
        trace=uuid4().hex,
    )
    allowed = bool(message.response_topic) and hub.topics.allows_reply(message.response_topic or "")
    answer_to = message if allowed else None
    _send_reply(hub, site, reply.model_dump_json(exclude_none=True), answer_to)
