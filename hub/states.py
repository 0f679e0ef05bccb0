"""What devices say: discovery and states into the registry, our own replies into the journal."""

from __future__ import annotations

import asyncio
import contextlib

from devices.payload import PayloadError, decode_json
from hub.hub import Hub, announce, count
from hub.journal import JournalError
from hub.mqtt import Message


async def settle(hub: Hub) -> None:
    """Subscribe, greet, and take in what is retained before the first command."""
    prefix = hub.settings.discovery.prefix
    session = hub.session
    session.subscribe(
        [f"{prefix}/+/+/config", f"{prefix}/+/+/+/config", *hub.registry.subscriptions()]
    )
    session.subscribe([f"{hub.topics.replies}#"])
    session.publish(f"{prefix}/status", b"online")
    deadline = asyncio.get_running_loop().time() + 1.5
    while asyncio.get_running_loop().time() < deadline:
        await asyncio.sleep(0.15)
        if not session.inbox.states and not session.inbox.echoes:
            break
        while session.inbox.states:
            topic = next(iter(session.inbox.states))
            _take_state(hub, session.inbox.states.pop(topic))
        await _take_echoes(hub, list(session.inbox.echoes))
        session.inbox.echoes.clear()
    session.subscribe([hub.topics.commands])
    await session.subscriptions_confirmed()


async def listen_to_states(hub: Hub) -> None:
    """Take in what devices say, until cancelled."""
    async for messages in hub.session.states():
        echoes = [m for m in messages if m.topic.startswith(hub.topics.replies)]
        for message in messages:
            if message not in echoes:
                _take_state(hub, message)
        await _take_echoes(hub, echoes)


def _take_state(hub: Hub, message: Message) -> None:
    prefix = hub.settings.discovery.prefix
    if message.topic.startswith(f"{prefix}/") and message.topic.endswith("/config"):
        _take_discovery(hub, message)
        return
    for change in hub.registry.state_message(message.topic, message.payload, hub.clock.now()):
        hub.actuation.state_changed(change)


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


def _take_discovery(hub: Hub, message: Message) -> None:
    change = hub.registry.discovered(message.topic, message.payload)
    if change.rejected:
        count(hub, "bad_discovery")
        announce(hub, "refused", {"topic": message.topic, "reason": change.rejected})
        return
    for unique_id in change.quarantined:
        reason = hub.registry.quarantine[(message.topic, unique_id)].reason
        announce(hub, "quarantined", {"topic": message.topic, "id": unique_id, "reason": reason})
    hub.session.subscribe(change.subscribe)
    hub.session.unsubscribe(change.unsubscribe)
    if change.added or change.removed or not message.payload:
        hub.journal.keep_discovery(message.topic, message.payload, None)
