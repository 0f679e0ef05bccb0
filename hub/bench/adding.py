"""Whether taking in a large document delays a device command: the hub's own time for commands,
quiet and while `hearthd kb add` reads it into the hub's knowledge base, in turns."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
import time
from pathlib import Path
from typing import Any

from devices.homefile import load_home
from hub.bench.road import HOME, Probe, line_with, percentile, probe_session, process, row
from hub.broker import demo_broker, free_port
from hub.cli.common import CommandFailed


async def measure(document: Path, commands: int, rounds: int = 2) -> dict[str, dict[str, Any]]:
    """All figures; times in milliseconds. Raises `CommandFailed`."""
    port = free_port(0)
    quiet: list[float] = []
    busy: list[float] = []
    seconds: list[float] = []
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
            for _ in range(rounds):
                quiet += await probe.commands(commands // rounds)
                async with asyncio.TaskGroup() as group:
                    adding = group.create_task(_added(port, folder, document))
                    while not adding.done():
                        busy += await probe.commands(commands // rounds)
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
