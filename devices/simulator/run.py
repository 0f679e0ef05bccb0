"""Run a simulated home: every device announces itself, obeys after a while, and reports.

A device can be told to misbehave, in the home file or at run time on
`hearthd-simulator/<entity id>/misbehave` with JSON: `drop` (share of commands ignored), `delay`
(seconds more), `reject` (commands change nothing), `flap` (seconds between going offline and
online), `garbage` (reports nonsense).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from devices import behaviour
from devices.domains import InvalidServiceCall
from devices.home import EntityState, Home
from devices.simulator.announce import Announced, announce, report
from devices.simulator.obey import understood

_SLOW: Mapping[str, float] = {"cover": 2.0, "valve": 1.0, "lock": 0.8, "alarm_control_panel": 0.5}
_MOTION = {"open": "opening", "closed": "closing"}


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """Where the devices' broker is."""

    host: str = "127.0.0.1"
    port: int = 1883
    username: str | None = None
    password: str | None = None


@dataclass(frozen=True, slots=True)
class SimulatorOptions:
    """`speed` divides all delays (1000: at once); `misbehave` maps entity ids to what they do."""

    speed: float = 1.0
    discovery_prefix: str = "homeassistant"
    misbehave: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    seed: int = 1


class _SimulatedDevice:
    """One entity with its own connection."""

    def __init__(self, announced: Announced, state: EntityState, options: SimulatorOptions) -> None:
        self.announced = announced
        self.entity = announced.entity
        self.state = state
        self.options = options
        self.manners = dict(options.misbehave.get(announced.entity.id, {}))
        self.commands: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue()
        self.random = random.Random(f"{options.seed}{announced.entity.id}")
        self.client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id=f"sim-{announced.entity.id}"
        )
        self._manners_topic = f"hearthd-simulator/{self.entity.id}/misbehave"

    async def run(self, broker: BrokerAddress, connected: asyncio.Semaphore) -> None:
        """Stay connected and obey until cancelled."""
        self._loop = asyncio.get_running_loop()
        client = self.client
        client.will_set(self.announced.availability_topic, "offline", 1, True)
        if broker.username:
            client.username_pw_set(broker.username, broker.password)
        client.on_socket_open = self._on_socket_open
        client.on_socket_close = self._on_socket_close
        client.on_socket_register_write = self._on_register_write
        client.on_socket_unregister_write = self._on_unregister_write
        client.on_connect = self._on_connect
        client.on_message = self._on_message
        client.connect(broker.host, broker.port, keepalive=60)
        connected.release()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._keep_alive(broker))
                group.create_task(self._obey())
                group.create_task(self._flap())
        finally:
            self._say(self.announced.availability_topic, b"offline")
            client.disconnect()

    def _on_socket_open(self, client: Any, userdata: Any, sock: Any) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._loop.add_reader(sock, client.loop_read)

    def _on_socket_close(self, client: Any, userdata: Any, sock: Any) -> None:
        self._loop.remove_reader(sock)

    def _on_register_write(self, client: Any, userdata: Any, sock: Any) -> None:
        self._loop.add_writer(sock, client.loop_write)

    def _on_unregister_write(self, client: Any, userdata: Any, sock: Any) -> None:
        self._loop.remove_writer(sock)

    def _on_connect(self, client: Any, *rest: Any) -> None:
        topics = {*self.announced.command_topics, self._manners_topic}
        topics.add(f"{self.options.discovery_prefix}/status")
        client.subscribe([(topic, 1) for topic in topics])
        self._introduce()

    def _introduce(self) -> None:
        config = json.dumps(dict(self.announced.config)).encode()
        self._say(self.announced.discovery_topic, config)
        self._say(self.announced.availability_topic, b"online")
        self._report()

    def _on_message(self, client: Any, userdata: Any, message: paho.MQTTMessage) -> None:
        if message.topic == f"{self.options.discovery_prefix}/status":
            if message.payload == b"online":
                self._introduce()
        elif message.topic == self._manners_topic:
            with contextlib.suppress(ValueError):
                self.manners = dict(json.loads(message.payload or b"{}"))
        else:
            self.commands.put_nowait((message.topic, bytes(message.payload)))

    def _say(self, topic: str, payload: bytes) -> None:
        self.client.publish(topic, payload, 1, retain=True)

    def _report(self) -> None:
        if self.entity.domain in ("button", "scene", "notify"):
            return
        payload = report(self.entity, self.state)
        if self.manners.get("garbage"):
            payload = b'{"state": NaN, "brightness": 1e999'
        self._say(self.announced.state_topic, payload)

    async def _keep_alive(self, broker: BrokerAddress) -> None:
        while True:
            if self.client.loop_misc() != paho.MQTT_ERR_SUCCESS:
                with contextlib.suppress(OSError):
                    self.client.reconnect()
            await asyncio.sleep(1)

    async def _flap(self) -> None:
        while True:
            seconds = float(self.manners.get("flap", 0))
            if seconds <= 0:
                await asyncio.sleep(1)
                continue
            self._say(self.announced.availability_topic, b"offline")
            await asyncio.sleep(seconds)
            self._say(self.announced.availability_topic, b"online")
            await asyncio.sleep(seconds)

    async def _obey(self) -> None:
        while True:
            topic, payload = await self.commands.get()
            if self.random.random() < float(self.manners.get("drop", 0)):
                continue
            delay = self.random.uniform(0.05, 0.15) / self.options.speed
            await asyncio.sleep(delay + float(self.manners.get("delay", 0)))
            try:
                call = understood(self.entity, topic, payload.decode("utf-8"))
                if call is None or self.manners.get("reject"):
                    self._report()
                    continue
                after = behaviour.apply(self.entity, self.state, call, datetime.now(UTC))
            except (InvalidServiceCall, ValueError):
                continue
            await self._move(after)

    async def _move(self, after: EntityState) -> None:
        slow = _SLOW.get(self.entity.domain, 0.0) / self.options.speed
        if slow > 0.01 and after.state != self.state.state:
            moving = _MOTION.get(after.state or "")
            if moving and self.entity.domain == "cover":
                self.state = EntityState(moving, self.state.attributes)
                self._report()
            await asyncio.sleep(slow)
        self.state = after
        self._report()


async def simulate(
    home: Home,
    broker: BrokerAddress,
    options: SimulatorOptions | None = None,
    ready: asyncio.Event | None = None,
) -> None:
    """Simulate all devices that MQTT discovery knows, until cancelled.

    Raises OSError if the broker cannot be reached.
    """
    options = options or SimulatorOptions()
    devices = [
        _SimulatedDevice(announced, home.state(entity.id), options)
        for entity in home.entities.values()
        if (announced := announce(entity, home, options.discovery_prefix)) is not None
    ]
    connected = asyncio.Semaphore(0)
    async with asyncio.TaskGroup() as group:
        for device in devices:
            group.create_task(device.run(broker, connected), name=f"device {device.entity.id}")
        for _ in devices:
            await connected.acquire()
        if ready is not None:
            ready.set()
