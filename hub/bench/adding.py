"""Whether taking in a large document delays a device command: the hub's own time for commands,
quiet and while `hearthd kb add` reads it into the hub's knowledge base, in turns."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

from hub.bench.road import percentile, process, row, running_house
from hub.cli.common import CommandFailed


async def measure(document: Path, commands: int, rounds: int = 2) -> dict[str, dict[str, Any]]:
    """All figures; times in milliseconds. Raises `CommandFailed`."""
    quiet: list[float] = []
    busy: list[float] = []
    seconds: list[float] = []
    async with running_house() as house:
        base = percentile(await house.probe.echo(200), 0.5)
        for _ in range(rounds):
            quiet += await house.probe.commands(commands // rounds)
            async with asyncio.TaskGroup() as group:
                adding = group.create_task(_added(house.port, house.folder, document))
                while not adding.done():
                    busy += await house.probe.commands(commands // rounds)
                seconds.append(adding.result())
    return {
        "hub, quiet (ms)": row(quiet, base) | {"acted": len(quiet)},
        "hub, a document is added (ms)": row(busy, base) | {"acted": len(busy)},
        "document": {
            "added": len(seconds),
            "seconds": round(max(seconds), 1),
        },
    }


async def _added(port: int, folder: Path, document: Path) -> float:
    """Seconds that it takes to add a document; it is forgotten again."""
    started = time.monotonic()
    for verb in ("add", "remove"):
        async with process(port, folder, "kb", verb, document) as running:
            assert running.stdout is not None
            await running.stdout.read()
            if await running.wait() != 0:
                raise CommandFailed(f"{document}: could not be added; see above")
        if verb == "add":
            seconds = time.monotonic() - started
    return seconds
