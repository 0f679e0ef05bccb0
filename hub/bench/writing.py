"""Whether texts in the making delay a device command: the hub's own time for commands, quiet and
while three generations run, in turns, on a real broker."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import AsyncIterator
from typing import Any

from devices.payload import encode_json
from hub.bench.road import percentile, row, running_house
from hub.config import Broker
from hub.mqtt import Session

AT_ONCE = 3
LOADING_SECONDS = 8.0
"""Until the model is loaded and all three texts have begun."""
WISH = "write a long, detailed note about the whole house"


async def measure(commands: int, model: str, rounds: int = 2) -> dict[str, dict[str, Any]]:
    """All figures; times in milliseconds. Raises `CommandFailed` or `EdgeError`."""
    os.environ["HEARTHD_WRITING__MODEL"] = model
    quiet: list[float] = []
    busy: list[float] = []
    texts: list[dict[str, Any]] = []
    async with running_house() as house:
        base = percentile(await house.probe.echo(200), 0.5)
        for _ in range(rounds):
            quiet += await house.probe.commands(commands // rounds)
            async with _writers(house.port, texts):
                busy += await house.probe.commands(commands // rounds)
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
