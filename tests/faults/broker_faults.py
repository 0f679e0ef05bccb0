"""The broker, and the way to it."""

from __future__ import annotations

import asyncio
import signal

from tests.faults.fleet import fleet
from tests.faults.house import FaultyHouse


async def broker_killed(house: FaultyHouse) -> None:
    talking = asyncio.create_task(house.say_many(30))
    await asyncio.sleep(house.random.uniform(0, 0.5))
    await house.kill_broker()
    await asyncio.sleep(house.random.uniform(0, 1))
    await house.start_broker()
    await talking
    assert '"broker_lost"' in house.log()


async def broker_flaps(house: FaultyHouse) -> None:
    talking = asyncio.create_task(house.say_many(40, a_second=10))
    for _ in range(4):
        await asyncio.sleep(house.random.uniform(0.1, 0.8))
        await house.kill_broker(signal.SIGTERM)
        await house.start_broker()
    await talking


async def broker_frozen(house: FaultyHouse) -> None:
    assert house.broker is not None
    talking = asyncio.create_task(house.say_many(20))
    await asyncio.sleep(0.1)
    house.broker.send_signal(signal.SIGSTOP)
    await asyncio.sleep(house.random.uniform(1, 4))
    house.broker.send_signal(signal.SIGCONT)
    await talking


async def restarted_under_500(house: FaultyHouse) -> None:
    """A broker with mosquitto's default limits; all devices come back with it, the hub last."""
    assert house.hub is not None
    async with fleet(house, 500) as devices:
        await devices.all_there()
        for _ in range(2):
            talking = asyncio.create_task(house.say_many(10))
            await house.kill_broker(signal.SIGTERM)
            house.hub.send_signal(signal.SIGSTOP)
            await house.start_broker(max_queued=1000)
            await asyncio.sleep(house.random.uniform(1.5, 4))
            house.hub.send_signal(signal.SIGCONT)
            await talking
            await devices.all_there()
    await house.kill_broker(signal.SIGTERM)
    await house.start_broker()


async def wire_cut(house: FaultyHouse) -> None:
    talking = asyncio.create_task(house.say_many(40, a_second=20))
    for _ in range(3):
        await asyncio.sleep(house.random.uniform(0.1, 0.6))
        house.wire.cut()
    await talking


async def wire_half_open(house: FaultyHouse) -> None:
    talking = asyncio.create_task(house.say_many(20))
    await asyncio.sleep(0.1)
    house.wire.silent = True
    await asyncio.sleep(house.random.uniform(2, 12))
    house.wire.silent = False
    house.wire.cut()  # what was swallowed cannot be continued
    await talking


async def wire_slow(house: FaultyHouse) -> None:
    house.wire.delay = house.random.uniform(0.05, 0.3)
    await house.say_many(20)
    await asyncio.sleep(2)
    house.wire.delay = 0
