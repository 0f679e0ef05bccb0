"""Devices that mean no good, and those who do not read."""

from __future__ import annotations

import asyncio
import json
import random
import shutil
import signal

from tests.faults.fleet import fleet
from tests.faults.house import FaultyHouse

MIB = 1 << 20


def _lamp(number: int) -> tuple[str, bytes]:
    config = {
        "name": f"Flood {number}", "unique_id": f"flood-{number}", "schema": "json",
        "command_topic": f"flood/{number}/set", "state_topic": f"flood/{number}/state",
        "availability_topic": f"flood/{number}/available",
    }  # fmt: skip
    return f"homeassistant/light/flood/l{number}/config", json.dumps(config).encode()


async def _flood(house: FaultyHouse, messages: list[tuple[str, bytes]], limit: int) -> None:
    """Send, with commands in between; the hub may not grow by more than `limit` bytes."""
    process, session = house.process(), house.witness.session
    before = process.memory_info().rss
    for number, (topic, payload) in enumerate(messages):
        while not session.publish(topic, payload, 0):
            await asyncio.sleep(0.05)
        if number % 200 == 0:
            if number % 1000 == 0:
                house.say_one()
            await asyncio.sleep(0.002)
    await house.ask(30, text="what time is it")
    await house.settle()
    grown = process.memory_info().rss - before
    assert grown <= limit, f"grew by {grown / MIB:.1f} MiB"


async def discovery_flood(house: FaultyHouse) -> None:
    """Of others each time."""
    first = house.random.randrange(1_000_000)
    lamps = [_lamp(number) for number in range(first, first + 10_000)]
    await _flood(house, lamps, 250 * MIB)
    await _flood(house, [(topic, b"") for topic, _ in lamps], 64 * MIB)


async def last_will_storm(house: FaultyHouse) -> None:
    """500 devices, each with a connection and a last will of its own, die at once, and return."""
    process = house.process()
    async with fleet(house, 500) as devices:
        await devices.all_there()
        before = process.memory_info().rss
        for _ in range(3):
            await devices.die()
            await house.say_many(5)
            await house.settle()
            await devices.live()
            await devices.all_there()
    grown = process.memory_info().rss - before
    assert grown <= 32 * MIB, f"grew by {grown / MIB:.1f} MiB"


async def state_flood(house: FaultyHouse) -> None:
    await _flood(house, [_lamp(number) for number in range(50)], 32 * MIB)
    states = [
        (f"flood/{n % 50}/state", b'{"state":"ON","brightness":%d}' % (n % 255))
        for n in range(20_000)
    ]
    await _flood(house, states, 32 * MIB)
    await _flood(house, [(_lamp(number)[0], b"") for number in range(50)], 32 * MIB)


async def huge_and_deep(house: FaultyHouse) -> None:
    bad = [
        b"A" * (3 * MIB), b'{"text":"' + b"a" * (3 * MIB) + b'"}', b"[" * 100_000 + b"]" * 100_000, b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
        b'{"text":"' + b"9" * 500_000 + b'"}', b'{"x":' + b"9" * 5_000 + b"}", bytes(range(256)),
        b'{"state": NaN}', b'{"brightness": 1e999}', "\u202e".encode() * 1000, b"\xff\xfe{",
    ]  # fmt: skip
    bad += [_nested(house.random) for _ in range(10)]
    topics = ["hearthd/command/bad", "home/light/one/state", "homeassistant/light/bad/config",
              "homeassistant/light/bad/x/config", "hearthd/reply/bad", "home/lock/front_door/state"]  # fmt: skip
    await _flood(house, [(topic, payload) for payload in bad for topic in topics], 64 * MIB)
    session = house.witness.session
    session.publish("homeassistant/lock/front_door/config", b"")  # it comes back by itself
    session.publish("homeassistant/status", b"online", 1)
    await asyncio.sleep(0.5)


def _nested(chance: random.Random) -> bytes:
    """Brackets of random kinds, deep or long, and cut off at some place."""
    kinds = chance.choices((b"[", b'{"a":', b'{"text":', b'[{"state":', b"[1,"), k=5)
    opened = b"".join(kinds) * chance.randint(1, 20_000)
    inside = chance.choice((b"1", b"9" * chance.randint(1, 4 * MIB), b'"\\ud800"', b"-0.0e-999"))
    closed = opened.translate(bytes.maketrans(b"[{", b"]}"), b'"adestx1:,')[::-1]
    whole = opened + inside + closed
    return whole if chance.random() < 0.5 else whole[: chance.randrange(1, len(whole))]


async def slow_consumers(house: FaultyHouse) -> None:
    """Somebody who subscribed to everything, and does not read."""
    listener = await asyncio.create_subprocess_exec(
        shutil.which("mosquitto_sub") or "mosquitto_sub", "-p", str(house.port), "-t", "#", "-q", "1",
        stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    await asyncio.sleep(0.2)
    listener.send_signal(signal.SIGSTOP)
    await house.say_many(40)
    await asyncio.sleep(1)
    listener.send_signal(signal.SIGKILL)
    await listener.wait()


async def dead_consumers(house: FaultyHouse) -> None:
    """Somebody whose session the broker keeps, and who does not come back for it."""
    command = (
        shutil.which("mosquitto_sub") or "mosquitto_sub",
        "-p",
        str(house.port),
        "-i",
        "dead",
    )
    listener = await asyncio.create_subprocess_exec(
        *command, "-c", "-t", "#", "-q", "1", stdout=asyncio.subprocess.DEVNULL
    )
    await asyncio.sleep(0.2)
    listener.send_signal(signal.SIGKILL)
    await listener.wait()
    await house.say_many(40)
    forgotten = await asyncio.create_subprocess_exec(*command, "-t", "nothing", "-E")
    await forgotten.wait()
