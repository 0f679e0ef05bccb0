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
                    adding = group.create_task(
                        _add_again_and_again(port, folder, document, seconds)
                    )
                    busy += await probe.commands(commands // rounds)
                    adding.cancel()
    return {
        "hub, quiet (ms)": row(quiet, base) | {"acted": len(quiet)},
        "hub, a document is added (ms)": row(busy, base) | {"acted": len(busy)},
        "document": {
            "added_times": len(seconds),
            "seconds": round(max(seconds), 1) if seconds else None,
        },
    }


async def _add_again_and_again(
    port: int, folder: Path, document: Path, seconds: list[float]
) -> None:
    """Add it, forget it, add it; how long each took is written down."""
    while True:
        started = time.monotonic()
        for order in (("kb", "add", document), ("kb", "remove", document)):
            async with process(port, folder, *order) as running:
                assert running.stdout is not None
                await running.stdout.read()
                await running.wait()
            if order[1] == "add":
                seconds.append(time.monotonic() - started)
