"""What devices say: discovery and states into the registry, our own replies into the journal."""

from __future__ import annotations

import asyncio
import contextlib
from uuid import uuid4

from devices.payload import PayloadError, decode_json
from hub.automations.running import state_changed
from hub.habits.suggesting import suggest_after
from hub.hub import Hub, announce, announce_refusal, count
from hub.inbox import Message
from hub.journal import JournalError
from hub.timekeeping import notice

SETTLING_ROUNDS = 4
SETTLING_SECONDS = 5.0
STATE_QOS = 0
"""What devices say comes as fast as the connection takes it. With QoS 1 it waits for our
acknowledgements in a queue of 1,000 (mosquitto's default), and what 300 devices say that come back
together after a restart of the broker is more: the rest would be lost, and they stay unavailable.
What was said while we were away comes retained, as it does for Home Assistant (QoS 0 too)."""


async def settle(hub: Hub) -> None:
    """Subscribe, greet, and take in what is retained or waited for us.

    The broker keeps the order of what it sends us: once our own mark comes back, everything before
    it has arrived. New devices mean new topics, whose retained states are waited for in turn.
    """
    prefix = hub.settings.discovery.prefix
    session = hub.session
    session.subscribe(
        [f"{prefix}/+/+/config", f"{prefix}/+/+/+/config", *hub.registry.subscriptions()], STATE_QOS
    )
    session.subscribe([hub.topics.commands, f"{hub.topics.replies}#", hub.topics.mark])
    session.publish(f"{prefix}/status", b"online")
    for _ in range(SETTLING_ROUNDS):
        known = hub.registry.subscriptions()
        await mark(hub)
        if hub.registry.subscriptions() == known:
            break
    await session.subscriptions_confirmed()


async def mark(hub: Hub) -> None:
    """Return when all that the broker had for us has been taken in; or after a while, for a broken
    broker must not hold us."""
    name = uuid4().hex.encode()
    come_back = hub.marks[name] = asyncio.get_running_loop().create_future()
    hub.session.publish(hub.topics.mark, name)
    try:
        async with asyncio.timeout(SETTLING_SECONDS):
            await come_back
    except TimeoutError:
        announce(hub, "broker", {"reason": "it did not send everything in time"})
    finally:
        del hub.marks[name]


async def listen_to_states(hub: Hub) -> None:
    """Take in what devices say, until cancelled."""
    async for messages in hub.session.states():
        echoes = [m for m in messages if m.topic.startswith(hub.topics.replies)]
        marks = [m for m in messages if m.topic == hub.topics.mark]
        wanted: dict[str, bool] = {}
        for message in messages:
            if message not in echoes and message not in marks:
                _take_state(hub, message, wanted)
        _subscribe(hub, wanted)
        if marks:  # what came before a mark counts before it
            echoes += hub.session.inbox.all_echoes()
        await _take_echoes(hub, echoes)
        for message in marks:
            come_back = hub.marks.get(message.payload)
            if come_back is not None and not come_back.done():
                come_back.set_result(None)


async def redeliver(hub: Hub) -> None:
    """After each reconnection, send again what never reached the broker; until cancelled."""
    while True:
        await hub.session.reconnected.wait()
        hub.session.reconnected.clear()
        try:
            before = {request.trace for request in await hub.journal.undelivered()}
            await mark(hub)
            for request in await hub.journal.undelivered():
                if request.trace in before:
                    topic = request.response or hub.topics.reply(request.site)
                    hub.session.publish(topic, (request.reply or "").encode())
        except JournalError as error:
            announce(hub, "journal", {"failing": str(error)})


def _take_state(hub: Hub, message: Message, wanted: dict[str, bool]) -> None:
    prefix = hub.settings.discovery.prefix
    if message.topic.startswith(f"{prefix}/") and message.topic.endswith("/config"):
        _take_discovery(hub, message, wanted)
        return
    for change in hub.registry.state_message(message.topic, message.payload, hub.clock.now()):
        hub.actuation.state_changed(change)
        state_changed(hub, change)
        notice(hub, change)
        suggest_after(hub, change)
        hub.history.changed(change, hub.actuation.acted(change.entity_id), hub.clock.now())


def _subscribe(hub: Hub, wanted: dict[str, bool]) -> None:
    """One packet for many devices: a broker that saves on every change saves once."""
    hub.session.subscribe([topic for topic, wish in wanted.items() if wish], STATE_QOS)
    hub.session.unsubscribe([topic for topic, wish in wanted.items() if not wish])


async def _take_echoes(hub: Hub, echoes: list[Message]) -> None:
    """Our own replies, back from the broker: they need not be sent again after a crash. Only when
    that is written down may the broker forget them."""
    if not echoes:
        return
    traces = [trace for message in echoes if (trace := _trace_of(message))]
    with contextlib.suppress(JournalError):
        await hub.journal.delivered(traces)
    for message in echoes:
        hub.session.acknowledge(message)


def _trace_of(message: Message) -> str | None:
    try:
        reply = decode_json(message.payload)
    except PayloadError:
        return None
    trace = reply.get("trace") if isinstance(reply, dict) else None
    return trace if isinstance(trace, str) else None


def _take_discovery(hub: Hub, message: Message, wanted: dict[str, bool]) -> None:
    change = hub.registry.discovered(message.topic, message.payload)
    if change.rejected:
        count(hub, "bad_discovery")
        announce_refusal(hub, "refused", {"topic": message.topic, "reason": change.rejected})
        return
    for unique_id in change.quarantined:
        reason = hub.registry.quarantine[(message.topic, unique_id)].reason
        content = {"topic": message.topic, "id": unique_id, "reason": reason}
        announce_refusal(hub, "quarantined", content)
    wanted.update(dict.fromkeys(change.unsubscribe, False))
    wanted.update(dict.fromkeys(change.subscribe, True))
    if change.added or change.removed or not message.payload:
        hub.journal.keep_discovery(message.topic, message.payload, None)
