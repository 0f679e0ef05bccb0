"""A bad network between the hub and its broker."""

from __future__ import annotations

import asyncio

import pytest

from tests.faults.house import FaultyHouse
from tests.faults.link import lossy_link
from tests.faults.wire import Wire


async def packets_lost(house: FaultyHouse) -> None:
    """Packets are lost, doubled and overtake each other; for a while none passes at all."""
    try:
        async with lossy_link(house.random) as link:
            await house.kill_hub()
            async with Wire(house.port, link.address) as wire:
                house.prefix = ("ip", "netns", "exec", link.namespace)
                where = {"HOST": link.address, "PORT": str(wire.port)}
                await house.start_hub(**{f"HEARTHD_BROKER__{k}": v for k, v in where.items()})
                link.loss, link.twice = house.random.uniform(0.02, 0.2), 0.1
                link.late = house.random.uniform(0, 0.2)
                await house.say_many(15)
                link.loss = 1.0
                await house.say_many(5)
                await asyncio.sleep(house.random.uniform(0.5, 8))
                link.loss = 0.05
                await house.settle()
                assert link.lost, "no packet was lost"
                await house.kill_hub()
    except OSError as error:
        pytest.skip(f"no network namespace: {error}")
    finally:
        house.prefix = ()
    await house.start_hub()
