"""A house to break: a mosquitto and a hub as processes, simulated devices, and a witness."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil

from hub.broker import MOSQUITTO_CONF, free_port, mosquitto_path, wait_for_port
from hub.pin import hash_pin
from tests.faults.ledger import HOME, Ledger
from tests.faults.starting import Hangs, until_ready
from tests.faults.wire import Wire
from tests.hubs import Client, client, simulated_home

HUB = Path(__file__).with_name("hub_under_test.py")
PIN = "2580"


@dataclass(slots=True)
class FaultyHouse:
    """Everything that a fault may break, and what it needs to see."""

    folder: Path
    port: int
    wire: Wire
    random: random.Random
    ledger: Ledger
    witness: Client
    storage: Path
    environment: dict[str, str] = field(default_factory=dict)
    broker: asyncio.subprocess.Process | None = None
    hub: asyncio.subprocess.Process | None = None
    starts: list[float] = field(default_factory=list)
    own: list[float] = field(default_factory=list)
    back: list[float] = field(default_factory=list)
    stops: list[float] = field(default_factory=list)
    websockets: int = 0
    prefix: tuple[str, ...] = ()
    turn: int = 0
    kills: int = 0

    # --- the broker ----------------------------------------------------------------------------

    async def start_broker(self, max_queued: int = 20_000) -> None:
        self.broker = await _mosquitto(self.port, self.websockets, self.folder, max_queued)

    async def kill_broker(self, number: int = signal.SIGKILL) -> None:
        assert self.broker is not None
        self.broker.send_signal(number)
        await self.broker.wait()

    # --- the hub -------------------------------------------------------------------------------

    async def start_hub(self, **environment: str) -> None:
        """Start it, and wait until it says that it is ready."""
        started = time.monotonic()
        await self.launch(**environment)
        assert self.hub is not None
        try:
            self.own.append(await until_ready(self.hub))
        except Hangs as fault:
            raise Hangs(f"{fault}\n{self.log()}") from None
        self.starts.append(time.monotonic() - started)

    async def launch(self, **environment: str) -> None:
        """Start it, and wait for nothing."""
        self.hub = await self._process(environment)

    async def start_hub_that_fails(self) -> tuple[int, str]:
        """Start it where it cannot run; returns its exit code and what it said."""
        process = await self._process({})
        async with asyncio.timeout(60):
            code = await process.wait()
        return code, self.log()

    async def _process(self, environment: dict[str, str]) -> asyncio.subprocess.Process:
        with (self.folder / "hub.log").open("ab") as log:
            return await asyncio.create_subprocess_exec(
                *self.prefix, sys.executable, str(HUB), "run", "--config", str(self.folder / "hearthd.toml"),
                env={**os.environ, "PYTHONPATH": str(HUB.parents[2]), **self.environment,
                     **environment},
                stdout=asyncio.subprocess.PIPE, stderr=log,
            )  # fmt: skip

    def log(self) -> str:
        return (self.folder / "hub.log").read_text("utf-8", "replace")[-3000:]

    async def kill_hub(self) -> None:
        assert self.hub is not None
        if self.hub.returncode is None:
            self.hub.send_signal(signal.SIGKILL)
        self.kills += await self.hub.wait() == -signal.SIGKILL

    async def stop_hub(self) -> float:
        """SIGTERM; returns how long it took to end."""
        assert self.hub is not None
        started = time.monotonic()
        self.hub.terminate()
        async with asyncio.timeout(20):
            await self.hub.wait()
        return time.monotonic() - started

    def process(self) -> psutil.Process:
        assert self.hub is not None
        return psutil.Process(self.hub.pid)

    # --- what is said ----------------------------------------------------------------------------

    def say_one(self) -> str:
        """One more command of the ledger; retried by `settle` if the broker was away."""
        said = self.ledger.next_command()
        if not self.witness.session.publish(self._topic(), json.dumps(said).encode()):
            self.ledger.retried.add(said["id"])
        return str(said["id"])

    async def say_many(self, count: int, a_second: float = 60.0) -> None:
        for _ in range(count):
            self.say_one()
            await asyncio.sleep(self.random.uniform(0, 2 / a_second))

    def _topic(self) -> str:
        return f"hearthd/command/{self.ledger.site}"

    async def settle(self, seconds: float = 30.0, retry: bool = False) -> None:
        """Wait until everything is answered. With `retry`, what is not is said again by its id, as
        a client does whose broker died."""
        deadline = time.monotonic() + seconds
        again = time.monotonic() + 3
        while time.monotonic() < deadline:
            if not (missing := self.ledger.unanswered()):
                return
            if (retry or self.ledger.retried) and time.monotonic() > again:
                again = time.monotonic() + 3
                for key in missing if retry else missing & self.ledger.retried:
                    self.ledger.retried.add(key)
                    payload = json.dumps(self.ledger.commands[key]).encode()
                    self.witness.session.publish(self._topic(), payload)
            await asyncio.sleep(0.05)

    async def ask(self, seconds: float = 15.0, **said: Any) -> dict[str, Any]:
        """Something beside the ledger, answered; said again, less and less often, until it is."""
        said.setdefault("id", f"probe-{uuid4().hex}")
        topic, payload = "hearthd/command/probe", json.dumps(said).encode()
        deadline = time.monotonic() + seconds
        patience = 1.0
        while True:
            self.witness.session.publish(topic, payload)
            try:
                return await self.witness.hear("hearthd/reply/probe", patience, id=said["id"])
            except TimeoutError:
                patience = min(2 * patience, 8.0)
                assert time.monotonic() < deadline, f"no answer to {said}: {self.log()}"

    async def serves_again(self, seconds: float = 15.0) -> None:
        """Wait until a fresh wish is carried out, not only answered; note how long that took."""
        started = time.monotonic()
        while True:
            value = self.random.randint(1, 100)
            reply = await self.ask(seconds, text=f"set the reading lamp to {value} percent")
            if reply["status"] == "done":
                break
            assert time.monotonic() < started + seconds, (reply, self.log())
            await asyncio.sleep(0.1)
        self.back.append(time.monotonic() - started)

    async def events(self, kind: str) -> list[dict[str, Any]]:
        """What the hub has announced of a kind so far."""
        topic = f"hearthd/event/{kind}"
        return [json.loads(m.payload) for m in self.witness.heard if m.topic == topic]


def _configuration(port: int, storage: Path) -> str:
    return (
        f'[broker]\nport = {port}\nkeepalive = 5\n[storage]\ndirectory = "{storage}"\n'
        f'[policy]\npin = "{hash_pin(PIN)}"\npin_for = ["disarm"]\n'
        '[[house.areas]]\nname = "Hall"\n'
    )


async def _mosquitto(
    port: int, websockets: int, folder: Path, max_queued: int = 20_000
) -> asyncio.subprocess.Process:
    directory = folder / "broker"
    directory.mkdir(parents=True, exist_ok=True)
    config = directory / "mosquitto.conf"
    text = MOSQUITTO_CONF.format(port=port, directory=directory)
    # Saving its whole database on every change, mosquitto takes 100 subscriptions a second: a flood
    # would measure that. Clients say again what a killed broker forgot.
    text = text.replace("autosave_on_changes true\nautosave_interval 1\n", "")
    text = text.replace("max_packet_size 1048576\n", "")
    text += f"user root\nmax_queued_messages {max_queued}\n"
    text += f"listener {websockets} 127.0.0.1\nprotocol websockets\n"
    config.write_text(text, encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        str(mosquitto_path()), "-c", str(config), stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    await wait_for_port(port, process)
    return process


TOPICS = ("hearthd/reply/#", "hearthd/event/#", "hearthd/status", "home/+/+/set")


@asynccontextmanager
async def faulty_house(
    folder: Path, name: str, seed: int, storage: Path | None = None
) -> AsyncIterator[FaultyHouse]:
    """A house whose broker and devices run; the fault starts the hub."""
    home = folder / "home.yaml"
    home.write_text(json.dumps(HOME), "utf-8")
    port = free_port(0)
    storage = storage or folder / "hub"
    websockets = free_port(0)
    broker = await _mosquitto(port, websockets, folder)
    async with Wire(port) as wire:
        (folder / "hearthd.toml").write_text(_configuration(wire.port, storage), "utf-8")
        async with client(port, *TOPICS) as witness, simulated_home(port, home, speed=10.0):
            house = FaultyHouse(
                folder, port, wire, random.Random(seed), Ledger(name), witness, storage,
                broker=broker, websockets=websockets, turn=seed % 1000,
            )  # fmt: skip
            witness.told = house.ledger.hear
            try:
                yield house
            finally:
                await _end(house)


async def _end(house: FaultyHouse) -> None:
    for process in (house.hub, house.broker):
        if process is not None and process.returncode is None:
            process.send_signal(signal.SIGCONT)
            process.send_signal(signal.SIGKILL)
            await process.wait()
