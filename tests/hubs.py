"""A whole hub on a real broker, in this process, with a simulated home beside it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from devices.homefile import load_home
from devices.simulator import BrokerAddress, SimulatorOptions, simulate
from hub.app import run_hub
from hub.cli.process import demo_settings
from hub.config import Broker, Settings
from hub.inbox import Message
from hub.mqtt import Session
from tests.conftest import HOMES


class _Waiting:
    """For a message with these fields."""

    def __init__(self, fields: dict[str, Any]) -> None:
        self.fields = fields
        self.said: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()

    def takes(self, said: dict[str, Any]) -> bool:
        if self.said.done() or any(said.get(k) != value for k, value in self.fields.items()):
            return False
        self.said.set_result(said)
        return True


class Client:
    """A plain MQTT client: publishes, and keeps what it hears in order."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.heard: list[Message] = []
        self.told: Callable[[Message], None] = lambda message: None
        self._waiting: dict[str, list[_Waiting]] = {}

    async def follow(self) -> None:
        async for message in self.session.commands():
            self.session.acknowledge(message)
            self.told(message)
            if not self._handed_over(message):
                self.heard.append(message)

    async def hear(self, topic: str, seconds: float = 15, **fields: Any) -> dict[str, Any]:
        """The next message on a topic whose JSON has these fields."""
        waiting = _Waiting(fields)
        for number, message in enumerate(self.heard):
            if message.topic == topic and waiting.takes(json.loads(message.payload)):
                del self.heard[number]
                return waiting.said.result()
        others = self._waiting.setdefault(topic, [])
        others.append(waiting)
        try:
            async with asyncio.timeout(seconds):
                return await waiting.said
        finally:
            others.remove(waiting)

    def _handed_over(self, message: Message) -> bool:
        """Whether somebody waited for just this. Hundreds may wait at once: each message is read
        once, and none is looked at again."""
        if not (waiting := self._waiting.get(message.topic)):
            return False
        said: dict[str, Any] = json.loads(message.payload)
        return any(one.takes(said) for one in waiting)

    async def say(self, site: str, **command: Any) -> dict[str, Any]:
        """Send a command and wait for its reply."""
        command.setdefault("id", uuid4().hex)
        self.session.publish(f"hearthd/command/{site}", json.dumps(command).encode())
        return await self.hear(f"hearthd/reply/{site}", id=command["id"])


@asynccontextmanager
async def client(port: int, *topics: str, **broker: Any) -> AsyncIterator[Client]:
    name = f"test-{uuid4().hex[:8]}"
    session = Session(Broker(port=port, client_id=name, **broker), f"test/{name}", "")
    async with asyncio.TaskGroup() as group:
        running = group.create_task(session.run())
        await session.wait_connected(10)
        found = Client(session)
        session.subscribe(topics)
        await session.subscriptions_confirmed()
        following = group.create_task(found.follow())
        try:
            yield found
        finally:
            following.cancel()
            running.cancel()


async def publish_request(
    port: int, topic: str, payload: bytes, answer_to: str, correlation: bytes = b""
) -> None:
    """Publish as MQTT 5 requesters do: with a response topic and correlation data."""

    def publish() -> None:
        someone = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
        someone.connect("127.0.0.1", port)
        someone.loop_start()
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        properties.ResponseTopic = answer_to
        properties.CorrelationData = correlation
        someone.publish(topic, payload, 1, properties=properties).wait_for_publish(10)
        someone.disconnect()
        someone.loop_stop()

    await asyncio.to_thread(publish)


def settings_for(port: int, folder: Path, home: Path = HOMES / "demo.yaml") -> Settings:
    return demo_settings(folder / "hub", port, load_home(home))


@asynccontextmanager
async def simulated_home(
    port: int, home: Path = HOMES / "demo.yaml", **options: Any
) -> AsyncIterator[None]:
    ready = asyncio.Event()
    given = SimulatorOptions(**{"speed": 20.0, **options})
    address = BrokerAddress("127.0.0.1", port)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(simulate(load_home(home), address, given, ready))
        await ready.wait()
        try:
            yield
        finally:
            task.cancel()


@asynccontextmanager
async def hub(settings: Settings) -> AsyncIterator[None]:
    ready = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        task = group.create_task(run_hub(settings, ready))
        async with asyncio.timeout(30):
            await ready.wait()
        try:
            yield
        finally:
            task.cancel()
