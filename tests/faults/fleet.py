"""Many simulated devices in a process of their own, so that all of them can die at once."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tests.faults.house import HUB, FaultyHouse


@dataclass(slots=True)
class Fleet:
    """`count` lamps: `light.fleet_0` and so on."""

    house: FaultyHouse
    count: int
    process: asyncio.subprocess.Process | None = None

    async def live(self) -> None:
        """Start them all."""
        file = self.house.folder / "fleet.json"
        lamps = [{"id": f"light.fleet_{n}", "name": f"Fleet {n}"} for n in range(self.count)]
        file.write_text(json.dumps({"entities": lamps}), "utf-8")
        port = {"HEARTHD_BROKER__PORT": str(self.house.port), "HEARTHD_CONFIG": "/nowhere.toml"}
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "hub.cli.main", "devices", "simulate", str(file), "--speed", "50",
            env={**os.environ, **port}, stdout=asyncio.subprocess.DEVNULL, cwd=HUB.parents[2],
        )  # fmt: skip

    async def die(self) -> None:
        """Kill them all."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()

    async def all_there(self, seconds: float = 60.0) -> None:
        """Wait until every lamp obeys."""
        missing = dict.fromkeys(range(self.count), "not asked")
        deadline = time.monotonic() + seconds
        while missing:
            some = list(missing)[:20]
            for number, said in zip(some, await asyncio.gather(*map(self._ask, some)), strict=True):
                del missing[number]
                if said != "done":
                    missing[number] = said  # asked again after the others
            assert time.monotonic() < deadline, f"{len(missing)} lamps are missing: {missing}"

    async def _ask(self, number: int) -> str:
        lamp = f"light.fleet_{number}"
        reply = await self.house.ask(30, service="light.turn_on", entity_id=lamp)
        return "done" if reply["status"] == "done" else str(reply["text"])


@asynccontextmanager
async def fleet(house: FaultyHouse, count: int) -> AsyncIterator[Fleet]:
    """The devices live meanwhile; afterwards nothing of them is left."""
    found = Fleet(house, count)
    await found.live()
    try:
        yield found
    finally:
        await found.die()
        for number in range(count):
            lamp = f"light/fleet_{number}"
            for topic in (f"homeassistant/{lamp}/config", f"home/{lamp}/state"):
                house.witness.session.publish(topic, b"", retain=True)
            house.witness.session.publish(f"home/{lamp}/availability", b"", retain=True)
