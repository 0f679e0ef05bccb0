"""The hub as a process: killed, told to stop, frozen, without file descriptors."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress

import psutil

from tests.faults.house import FaultyHouse

POINTS = (
    "hub.commands:read_message:after", "hub.journal:Journal.record:before",
    "hub.journal:Journal.record:after", "hub.mqtt:Session.acknowledge:before",
    "hub.mqtt:Session.acknowledge:after", "hub.commands:prepare:before",
    "hub.commands:prepare:after", "hub.journal:Journal.begin_steps:before",
    "hub.journal:Journal.begin_steps:after", "hub.act:Actuation._publish_and_wait:before",
    "hub.act:Actuation._publish_and_wait:after", "hub.journal:Journal.step_ended:after",
    "hub.journal:Journal.answer:before", "hub.journal:Journal.answer:after",
    "hub.commands:_send_reply:before", "hub.commands:_send_reply:after",
    "hub.journal:Journal.delivered:before", "hub.journal:Journal.delivered:after",
)  # fmt: skip
START_POINTS = ("hub.app:settle:after", "hub.app:recover:before", "hub.app:recover:after")


async def killed_at_a_point(house: FaultyHouse) -> None:
    """At the next point each time, so that twenty rounds have been at all of them."""
    point = POINTS[house.turn % len(POINTS)]
    await house.kill_hub()
    await house.launch(HEARTHD_TEST_DIE_AT=f"{point}:{house.random.randint(1, 12)}")
    await _speak_until_it_dies(house)
    await house.start_hub()


async def killed_while_it_recovers(house: FaultyHouse) -> None:
    talking = asyncio.create_task(house.say_many(15))
    await asyncio.sleep(house.random.uniform(0, 0.3))
    await house.kill_hub()
    point = START_POINTS[house.turn % len(START_POINTS)]
    await house.launch(HEARTHD_TEST_DIE_AT=f"{point}:1")
    await talking
    assert house.hub is not None
    async with asyncio.timeout(30):
        await house.hub.wait()
    await house.kill_hub()
    await house.start_hub()


async def _speak_until_it_dies(house: FaultyHouse) -> None:
    assert house.hub is not None
    for _ in range(40):
        house.say_one()
        await asyncio.sleep(house.random.uniform(0, 0.02))
        if house.hub.returncode is not None:
            break
    with suppress(TimeoutError):
        async with asyncio.timeout(8):
            await house.hub.wait()
    await house.kill_hub()


async def killed_at_random(house: FaultyHouse) -> None:
    talking = asyncio.create_task(house.say_many(15))
    await asyncio.sleep(house.random.uniform(0, 0.5))
    await house.kill_hub()
    for _ in range(3):  # and again at some moment of its start, or just after
        await house.launch()
        await asyncio.sleep(house.random.uniform(0, 2.5))
        await house.kill_hub()
    await house.start_hub()
    await talking


async def told_to_stop_under_load(house: FaultyHouse) -> None:
    talking = asyncio.create_task(house.say_many(30))
    await asyncio.sleep(house.random.uniform(0.05, 0.4))
    house.stops.append(await house.stop_hub())
    assert house.hub is not None and house.hub.returncode == 0, house.log()
    await house.start_hub()
    await talking


async def frozen_and_thawed(house: FaultyHouse) -> None:
    assert house.hub is not None
    talking = asyncio.create_task(house.say_many(20))
    await asyncio.sleep(0.1)
    house.hub.send_signal(signal.SIGSTOP)
    await asyncio.sleep(house.random.uniform(1, 9))  # 7.5 s is when the broker gives us up
    house.hub.send_signal(signal.SIGCONT)
    await talking


async def out_of_file_descriptors(house: FaultyHouse) -> None:
    process = house.process()
    soft, hard = process.rlimit(psutil.RLIMIT_NOFILE)
    process.rlimit(psutil.RLIMIT_NOFILE, (process.num_fds(), hard))
    await house.say_many(15)
    await asyncio.sleep(1)
    process.rlimit(psutil.RLIMIT_NOFILE, (soft, hard))
