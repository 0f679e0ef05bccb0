"""Whether texts in the making delay a device command: the hub's own time for commands, quiet and
while three generations run, in turns, on a real broker."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from devices.homefile import load_home
from devices.payload import encode_json
from hub.bench.road import HOME, Probe, line_with, percentile, probe_session, process, row
from hub.broker import demo_broker, free_port
from hub.config import Broker
from hub.mqtt import Session

AT_ONCE = 3
LOADING_SECONDS = 8.0
"""Until the model is loaded and all three texts have begun."""
WISH = "write a long, detailed note about the whole house"


async def measure(commands: int, model: str, rounds: int = 2) -> dict[str, dict[str, Any]]:
    """All figures; times in milliseconds. Raises `CommandFailed` or `EdgeError`."""
    port = free_port(0)
    os.environ["HEARTHD_WRITING__MODEL"] = model
    quiet: list[float] = []
    busy: list[float] = []
    with tempfile.TemporaryDirectory() as directory:
        async with contextlib.AsyncExitStack() as stack:
            folder = Path(directory)
            await stack.enter_async_context(demo_broker(port, folder / "broker"))
            await stack.enter_async_context(process(port, folder, "devices", "simulate", HOME))
            hub = await stack.enter_async_context(process(port, folder, "run"))
            await line_with(hub, b"ready")
            session = await stack.enter_async_context(probe_session(port))
            probe = Probe(session, load_home(HOME))
            await asyncio.sleep(2)
            base = percentile(await probe.echo(200), 0.5)
            texts: list[dict[str, Any]] = []
            for _ in range(rounds):
                quiet += await probe.commands(commands // rounds)
                async with _writers(port, texts):
                    busy += await probe.commands(commands // rounds)
    return {
        "hub, quiet (ms)": row(quiet, base) | {"acted": len(quiet)},
        f"hub, {AT_ONCE} generations (ms)": row(busy, base) | {"acted": len(busy)},
        "texts": {
            "finished": len(texts),
            "by the model": sum(text["written"]["writer"] == model for text in texts),
        },
    }


@contextlib.asynccontextmanager
async def _writers(port: int, texts: list[dict[str, Any]]) -> AsyncIterator[None]:
    """Three sites that have one text after the other written; entered when all are at it."""
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(_writer(port, f"writer-{number}", texts)) for number in range(AT_ONCE)
        ]
        await asyncio.sleep(LOADING_SECONDS)
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()


async def _writer(port: int, site: str, texts: list[dict[str, Any]]) -> None:
    broker = Broker(port=port, client_id=f"bench-{site}")
    session = Session(broker, f"bench/{site}", "")
    async with asyncio.TaskGroup() as group:
        group.create_task(session.run())
        await session.wait_connected(10)
        session.subscribe([f"hearthd/reply/{site}"])
        await session.subscriptions_confirmed()
        session.publish(f"hearthd/command/{site}", encode_json({"text": WISH}))
        async for message in session.commands():
            session.acknowledge(message)
            texts.append(json.loads(message.payload))
            session.publish(f"hearthd/command/{site}", encode_json({"text": WISH}))
