"""The hub's own time, from a command's arrival to its action's departure, on a real broker.

A probe publishes commands and watches the devices' command topics. What it sees contains two
passages through the broker; the bare echo of the same broker, measured in the same run, is taken
off. The hub, the simulated home, the flood and the probe are processes of their own.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from devices.home import Home
from devices.homefile import load_home
from devices.payload import encode_json
from hub.broker import demo_broker, free_port
from hub.cli.common import CommandFailed
from hub.config import Broker
from hub.mqtt import Session

HOME = Path(__file__).parents[2] / "configs" / "homes" / "demo.yaml"
PER_SECOND = 20
FLOOD_PER_SECOND = 1000


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@dataclass(frozen=True, slots=True)
class RunningHouse:
    """A hub process with simulated devices on a broker of its own, and who speaks to it. `ready` is
    how many seconds its start took, `broker` what kind it is."""

    port: int
    folder: Path
    broker: str
    hub: asyncio.subprocess.Process
    ready: float
    probe: Probe


@contextlib.asynccontextmanager
async def running_house() -> AsyncIterator[RunningHouse]:
    """The house that every measurement of the hub's own time is made in."""
    port = free_port(0)
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory)
        async with (
            demo_broker(port, folder / "broker") as kind,
            process(port, folder, "devices", "simulate", HOME),
        ):
            started = time.perf_counter()
            async with process(port, folder, "run") as hub:
                await line_with(hub, b"ready")
                ready = time.perf_counter() - started
                async with probe_session(port) as session:
                    probe = Probe(session, load_home(HOME))
                    await asyncio.sleep(2)
                    yield RunningHouse(port, folder, kind, hub, ready, probe)


async def measure(commands: int) -> dict[str, dict[str, Any]]:
    """All figures, in milliseconds."""
    async with running_house() as house:
        kind, ready, probe, hub = house.broker, house.ready, house.probe, house.hub
        echo = await probe.echo(200)
        before = _processor_seconds(hub.pid)
        quiet = await probe.commands(commands)
        own = (_processor_seconds(hub.pid) - before) / commands * 1000
        async with _flood(house.port) as flood:
            flooded = await probe.commands(commands)
            memory = _resident_megabytes(hub.pid)
            flood.terminate()
    base = percentile(echo, 0.5)
    return {
        "broker echo (ms)": row(echo, 0.0) | {"broker": kind},
        "hub (ms)": row(quiet, base) | {"sent": commands, "lost": commands - len(quiet)},
        f"hub, {FLOOD_PER_SECOND} states/s (ms)": row(flooded, base)
        | {"sent": commands, "lost": commands - len(flooded)},
        "process": {
            "resident_mb": memory,
            "ready_s": round(ready, 2),
            "processor_ms_a_command": round(own, 2),
        },
    }


def row(values: Sequence[float], base: float) -> dict[str, Any]:
    """Median and 99th percentile, less what the broker takes."""
    own = [max(0.0, value - base) for value in values]
    return {name: round(percentile(own, share), 2) for name, share in (("p50", 0.5), ("p99", 0.99))}


class Probe:
    """Publishes commands and sees when their actions come by."""

    def __init__(self, session: Session, home: Home) -> None:
        self.session = session
        self.lights = [e for e in home.entities.values() if e.domain == "light" and e.area]
        self.home = home

    async def echo(self, count: int) -> list[float]:
        """Milliseconds of publish-and-receive through the bare broker, QoS 1."""
        topic = f"bench/{uuid4().hex}"
        self.session.subscribe([topic])
        await asyncio.sleep(0.2)
        times = []
        incoming = self.session.states(1)
        for _ in range(count):
            sent = time.perf_counter()
            self.session.publish(topic, b"x")
            async for messages in incoming:
                if messages[0].topic == topic:
                    break
            times.append((time.perf_counter() - sent) * 1000)
            await asyncio.sleep(0.005)
        self.session.unsubscribe([topic])
        return times

    async def commands(self, count: int) -> list[float]:
        """Milliseconds from command to action; a command whose action never came is left out."""
        topics = {f"home/{e.id.replace('.', '/')}/set": e for e in self.lights}
        self.session.subscribe(topics)
        await asyncio.sleep(0.3)
        sent: dict[str, list[float]] = {topic: [] for topic in topics}
        times: list[float] = []

        async def watch() -> None:
            async for messages in self.session.states():
                now = time.perf_counter()
                for message in messages:
                    if sent.get(message.topic):
                        times.append((now - sent[message.topic].pop(0)) * 1000)

        watcher = asyncio.create_task(watch())
        ordered = list(topics.items())
        began = time.perf_counter()
        for number in range(count):
            topic, light = ordered[number % len(ordered)]
            word = "on" if (number // len(ordered)) % 2 else "off"
            area = self.home.areas[light.area or ""].name.lower()
            text = f"turn {word} the {light.name.lower()} in the {area}"
            sent[topic].append(time.perf_counter())
            command = {"id": uuid4().hex, "text": text}
            self.session.publish("hearthd/command/bench", encode_json(command))
            await asyncio.sleep(max(0.0, began + (number + 1) / PER_SECOND - time.perf_counter()))
        await asyncio.sleep(2)
        watcher.cancel()
        return times


@contextlib.asynccontextmanager
async def process(
    port: int, folder: Path, *arguments: str | Path
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A `hearthd` command as a process of its own, with a folder of its own."""
    environment = {
        **os.environ,
        "HEARTHD_BROKER__PORT": str(port),
        "HEARTHD_STORAGE__DIRECTORY": str(folder / "hub"),
        "HEARTHD_CONFIG": str(folder / "none.toml"),
        "XDG_STATE_HOME": str(folder),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "hub.cli.main", *map(str, arguments),
        env=environment, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


async def line_with(process: asyncio.subprocess.Process, word: bytes) -> None:
    """Wait until a process prints a line with a word. Raises `CommandFailed` if it ends before."""
    assert process.stdout is not None
    while word not in (line := await process.stdout.readline()):
        if not line:
            raise CommandFailed("the hub ended before it was ready; see above")


@contextlib.asynccontextmanager
async def probe_session(port: int) -> AsyncIterator[Session]:
    """The probe's own connection."""
    session = Session(Broker(port=port, client_id="bench-probe"), "bench/probe", "\x00")
    async with asyncio.TaskGroup() as group:
        task = group.create_task(session.run())
        await session.wait_connected(10)
        try:
            yield session
        finally:
            task.cancel()


@contextlib.asynccontextmanager
async def _flood(port: int) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "hub.bench.road", "flood", str(port)
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def flood(port: int) -> None:
    """Publish sensor states for ever, `FLOOD_PER_SECOND` of them."""
    home = load_home(HOME)
    sensors = [e for e in home.entities.values() if e.domain == "sensor"]
    async with _probe_named(port, "bench-flood") as session:
        number = 0
        began = time.perf_counter()
        while True:
            for _ in range(FLOOD_PER_SECOND // 50):
                number += 1
                sensor = sensors[number % len(sensors)]
                topic = f"home/{sensor.id.replace('.', '/')}/state"
                session.publish(topic, b'{"state": %d}' % (number % 100), 0)
            due = began + number / FLOOD_PER_SECOND
            await asyncio.sleep(max(0.0, due - time.perf_counter()))


@contextlib.asynccontextmanager
async def _probe_named(port: int, name: str) -> AsyncIterator[Session]:
    session = Session(Broker(port=port, client_id=name), f"bench/{name}", "\x00")
    async with asyncio.TaskGroup() as group:
        group.create_task(session.run())
        await session.wait_connected(10)
        yield session


def _resident_megabytes(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text("ascii").splitlines():
        if line.startswith("VmRSS"):
            return round(int(line.split()[1]) / 1024, 1)
    return 0.0


def _processor_seconds(pid: int) -> float:
    """Processor time used so far: what a busy machine does not change."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    asyncio.run(flood(int(sys.argv[2])))
