"""A soak: a hub for an hour in a house of 300 devices that talk all the time.

200 states and 2 commands a second, and one restart of the broker in the middle. The hub, the broker
and the devices are processes of their own; what the hub takes is read every ten seconds.
"""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from devices.payload import encode_json
from hub.bench.road import line_with, process
from hub.bench.soak_house import Books, home, states
from hub.broker import demo_broker, free_port
from hub.config import Broker
from hub.journal import read_only
from hub.journal_history import between
from hub.mqtt import Session

STATES_A_SECOND = 200
COMMANDS_A_SECOND = 2
SAMPLE_SECONDS = 10.0
SAY_AGAIN_SECONDS = 5.0
"""A client says again, with the same id, what has no answer after so long."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What the hub's process took at a moment. `seconds` since the start, `resident` in KiB,
    `processor` seconds so far, `journal` in bytes with its write-ahead log, `states`, `said` and
    `answered` so far."""

    seconds: float
    resident: int
    descriptors: int
    threads: int
    processor: float
    journal: int
    states: int
    said: int
    answered: int


@dataclass(slots=True)
class Soak:
    """One run: what is said, what is heard, what was measured."""

    session: Session
    books: Books = field(default_factory=Books)
    samples: list[Sample] = field(default_factory=list)
    last_said: dict[str, str] = field(default_factory=dict)
    states: int = 0

    async def listen(self) -> None:
        """Take down replies and messages to devices."""
        async for message in self.session.commands():
            self.session.acknowledge(message)
            self.books.hear(message)

    async def say_states(self) -> None:
        """As the devices' sensors do, `STATES_A_SECOND` of them."""
        began = time.monotonic()
        for entity, topic, payload in states():
            while not self.session.publish(topic, payload, 0):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
            self.last_said[entity] = json.loads(payload)["state"]
            self.states += 1
            if self.states % 20 == 0:
                await asyncio.sleep(_until(began, self.states / STATES_A_SECOND))

    async def say_commands(self, seconds: float) -> None:
        """For so long; then until all are answered, or a minute has passed."""
        began, said_at = time.monotonic(), dict[str, float]()
        while (now := time.monotonic()) < began + seconds:
            said = self.books.next_command()
            said_at[said["id"]] = now
            self._say(said)
            self._say_again(said_at, now)
            await asyncio.sleep(_until(began, len(self.books.said) / COMMANDS_A_SECOND))
        for _ in range(60):
            if not self.books.unanswered():
                break
            self._say_again(said_at, time.monotonic())
            await asyncio.sleep(1)

    def _say_again(self, said_at: dict[str, float], now: float) -> None:
        for key, at in list(said_at.items()):
            if self.books.replies[key]:
                del said_at[key]
            elif now - at > SAY_AGAIN_SECONDS:
                self.books.repeated.add(key)
                said_at[key] = now
                self._say(self.books.said[key])

    def _say(self, said: dict[str, Any]) -> None:
        self.session.publish("hearthd/command/soak", encode_json(said))

    async def watch(self, pid: int, journal: Path) -> None:
        """Take a sample every ten seconds."""
        began = time.monotonic()
        while True:
            self.samples.append(self._sample(time.monotonic() - began, pid, journal))
            await asyncio.sleep(_until(began, len(self.samples) * SAMPLE_SECONDS))

    def _sample(self, seconds: float, pid: int, journal: Path) -> Sample:
        folder = Path(f"/proc/{pid}")
        status = dict(
            line.split(":\t", 1)
            for line in (folder / "status").read_text("ascii").splitlines()
            if ":\t" in line
        )
        fields = (folder / "stat").read_text("ascii").rpartition(")")[2].split()
        return Sample(
            round(seconds, 1),
            int(status["VmRSS"].split()[0]),
            len(list((folder / "fd").iterdir())),
            int(status["Threads"]),
            (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"),
            sum(part.stat().st_size for part in journal.parent.glob(f"{journal.name}*")),
            self.states,
            len(self.books.said),
            len(self.books.replies),
        )


def _until(began: float, seconds: float) -> float:
    return max(0.0, began + seconds - time.monotonic())


async def measure(minutes: float) -> tuple[list[Sample], dict[str, Any]]:
    """The samples, and what came of it. Raises `CommandFailed` or `BrokerError`."""
    port = free_port(0)
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory)
        (folder / "home.json").write_text(json.dumps(home()), "utf-8")
        journal = folder / "hub" / "journal.db"
        async with RestartedBroker(port, folder / "broker") as broker, AsyncExitStack() as stack:
            simulated = ("devices", "simulate", folder / "home.json", "--speed", "10")
            await stack.enter_async_context(process(port, folder, *simulated))
            await asyncio.sleep(3)
            hub = await stack.enter_async_context(process(port, folder, "run"))
            await line_with(hub, b"ready")
            soak = Soak(await stack.enter_async_context(_witness(port)))
            await _live(soak, hub.pid, journal, broker, minutes * 60)
            hub.terminate()
            await hub.wait()
            found = {"broker": broker.kind, "minutes": minutes} | soak.books.counts()
            found |= {"statuses": dict(soak.books.statuses), "wrong": soak.books.wrong[:20]}
            found |= {"states": soak.states, "last states that differ": _differ(journal, soak)}
            found["hub ended with"] = hub.returncode
    return soak.samples, found


async def _live(
    soak: Soak, pid: int, journal: Path, broker: RestartedBroker, seconds: float
) -> None:
    async with asyncio.TaskGroup() as group:
        listening = group.create_task(soak.listen())
        states = group.create_task(soak.say_states())
        watching = group.create_task(soak.watch(pid, journal))
        speaking = group.create_task(soak.say_commands(seconds))
        await asyncio.sleep(seconds / 2)
        soak.books.shaken = len(soak.books.said) - 5, len(soak.books.said) + 40
        await broker.restart()
        await speaking
        states.cancel()
        await asyncio.sleep(3)  # the last states are written down
        listening.cancel()
        watching.cancel()


class RestartedBroker:
    """The demo's broker, which can be ended and started again on what it has kept."""

    def __init__(self, port: int, folder: Path) -> None:
        self.port = port
        self.folder = folder
        self.kind = ""
        self._running = AsyncExitStack()

    async def __aenter__(self) -> RestartedBroker:
        self.kind = await self._running.enter_async_context(demo_broker(self.port, self.folder))
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._running.aclose()

    async def restart(self) -> None:
        """It is away for a second."""
        await self._running.aclose()
        await asyncio.sleep(1)
        await self.__aenter__()


@asynccontextmanager
async def _witness(port: int) -> AsyncIterator[Session]:
    session = Session(Broker(port=port, client_id="soak"), "bench/soak", "")
    async with asyncio.TaskGroup() as group:
        running = group.create_task(session.run())
        await session.wait_connected(10)
        session.subscribe(["hearthd/reply/soak", "home/+/+/set"])
        await session.subscriptions_confirmed()
        try:
            yield session
        finally:
            running.cancel()


def _differ(journal: Path, soak: Soak) -> int:
    """Motion sensors whose last state in the hub's history is not what they said last."""
    database = read_only(journal)
    now = datetime.now(UTC) + timedelta(seconds=1)
    motion = [entity for entity in soak.last_said if entity.startswith("binary_sensor.")]
    known = {row.entity_id: row.state for row in between(database, now - timedelta(1), now, motion)}
    database.close()
    return sum(known.get(entity) != soak.last_said[entity] for entity in motion)
