"""What the broker has sent and nobody has worked on yet.

Commands wait in a bounded queue in order; states are coalesced by topic, so that a flood of them
costs memory for the last value only and never delays a person.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice

QUEUE_LIMIT = 500
"""Commands that may wait; more are refused in words."""
STATE_LIMIT = 20_000
"""Topics whose last value may wait."""

STATE_BYTES = 256 * 1024
"""Of one message; the parsers allow less."""
ALL_STATES_BYTES = 32 << 20
ECHO_LIMIT = 2_000


@dataclass(frozen=True, slots=True)
class Message:
    """A received message. `mid` and `qos` are for its acknowledgement; `dup` says that the broker
    has sent it before."""

    topic: str
    payload: bytes
    retain: bool
    mid: int = 0
    qos: int = 0
    response_topic: str | None = None
    correlation: bytes | None = None
    dup: bool = False


@dataclass(slots=True)
class Inbox:
    """What was received and not yet worked on."""

    commands: asyncio.Queue[Message] = field(
        default_factory=lambda: asyncio.Queue(maxsize=QUEUE_LIMIT)
    )
    states: dict[str, Message] = field(default_factory=dict)
    echoes: deque[Message] = field(default_factory=deque)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    refused: Callable[[Message], None] | None = None
    state_bytes: int = 0
    dropped: int = 0

    def take_in(self, message: Message) -> None:
        """Keep a state; the last one of a topic counts. Too large a one, or one too many, is
        dropped and counted: no device may fill our memory."""
        old = self.states.get(message.topic)
        size = self.state_bytes + len(message.payload) - (len(old.payload) if old else 0)
        too_many = old is None and len(self.states) >= STATE_LIMIT
        if len(message.payload) > STATE_BYTES or size > ALL_STATES_BYTES or too_many:
            self.dropped += 1
            return
        self.states[message.topic] = message
        self.state_bytes = size
        self.arrived.set()

    def some_states(self, count: int) -> list[Message]:
        """The states that have waited longest."""
        found = [self.states.pop(topic) for topic in list(islice(self.states, count))]
        self.state_bytes -= sum(len(message.payload) for message in found)
        return found

    def all_echoes(self) -> list[Message]:
        """Everything we said ourselves that has come back."""
        found = list(self.echoes)
        self.echoes.clear()
        return found
