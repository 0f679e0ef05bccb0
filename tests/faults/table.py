"""The faults: each breaks something while commands are on their way, and mends it again.

A fault gets a house whose hub runs; it must leave one that can serve. Whether the promises were
kept is not its business: `test_promises` asks the ledger.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from tests.faults.house import FaultyHouse

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Fault:
    """`retry`: clients say again what was not answered. `small_disk`: the storage is a file system
    of its own, of so many MiB. `forgets`: the disk loses what it said was safe, so that a reply or
    a harmless action may come again. `quick`: also a part of `make test`."""

    name: str
    run: Callable[[FaultyHouse], Awaitable[None]]
    retry: bool = False
    small_disk: int = 0
    forgets: bool = False
    quick: bool = False


# --- the process ---------------------------------------------------------------------------------

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
    point = house.random.choice(POINTS)
    await house.kill_hub()
    await house.launch(HEARTHD_TEST_DIE_AT=f"{point}:{house.random.randint(1, 12)}")
    await _speak_until_it_dies(house)
    await house.start_hub()


async def killed_while_it_recovers(house: FaultyHouse) -> None:
    talking = asyncio.create_task(house.say_many(15))
    await asyncio.sleep(house.random.uniform(0, 0.3))
    await house.kill_hub()
    point = house.random.choice(START_POINTS)
    await house.launch(HEARTHD_TEST_DIE_AT=f"{point}:1")
    await talking
    assert house.hub is not None
    async with asyncio.timeout(30):
        await house.hub.wait()
    await house.start_hub()


async def _speak_until_it_dies(house: FaultyHouse) -> None:
    assert house.hub is not None
    for _ in range(40):
        house.say_one()
        await asyncio.sleep(house.random.uniform(0, 0.02))
        if house.hub.returncode is not None:
            return
    with suppress(TimeoutError):
        async with asyncio.timeout(8):
            await house.hub.wait()
    await house.kill_hub()


async def killed_at_random(house: FaultyHouse) -> None:
    talking = asyncio.create_task(house.say_many(15))
    await asyncio.sleep(house.random.uniform(0, 0.5))
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


# --- the broker and the way to it ------------------------------------------------------------------


async def broker_killed(house: FaultyHouse) -> None:
    talking = asyncio.create_task(house.say_many(30))
    await asyncio.sleep(house.random.uniform(0, 0.5))
    await house.kill_broker()
    await asyncio.sleep(house.random.uniform(0, 1))
    await house.start_broker()
    await talking


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


# --- what is said ----------------------------------------------------------------------------------


async def said_three_times(house: FaultyHouse) -> None:
    """By a client that retries, on its own connection and on another one."""
    from tests.hubs import client

    async with client(house.port) as other:
        for _ in range(20):
            said = house.ledger.next_command()
            house.ledger.retried.add(said["id"])
            payload = json.dumps(said).encode()
            topic = f"hearthd/command/{house.ledger.site}"
            for session in (house.witness.session, other.session, house.witness.session):
                session.publish(topic, payload)
            await asyncio.sleep(house.random.uniform(0, 0.05))


async def retained_and_stale(house: FaultyHouse) -> None:
    """Nothing of this may act: a light that would, has a brightness nobody else asks for."""
    session = house.witness.session
    topic = "hearthd/command/retained"
    wish: dict[str, Any] = {
        "service": "light.turn_on",
        "entity_id": "light.one",
        "data": {"brightness": 255},
    }
    session.publish(topic, json.dumps(wish).encode(), retain=True)
    await house.kill_hub()
    await house.start_hub()
    session.publish(topic, b"", retain=True)
    for age in (31, 600, 86_400 * 400, -600):
        said = {**wish, "ts": int((time.time() - age) * 1000)}
        assert (await house.ask(**said))["status"] == "refused", age
    told = [m for m in house.witness.heard if m.topic == "home/light/one/set"]
    assert not any(b"255" in message.payload for message in told)
    await house.say_many(5)


async def clock_jumps(house: FaultyHouse) -> None:
    file = house.folder / "clock"
    await house.kill_hub()
    await house.start_hub(HEARTHD_TEST_CLOCK=str(file))
    for seconds in (3600, -3600, 86_400 * 30, -86_400 * 30, 59):
        asked = await house.ask(service="lock.unlock", entity_id="lock.front_door")
        file.write_text(str(seconds + (2 if seconds > 0 else 0)))
        late = await house.ask(challenge=asked["challenge"])
        assert late["status"] == "refused", (seconds, late)
        await house.say_many(4)
    file.unlink()
    await house.kill_hub()
    await house.start_hub()


async def pins_guessed(house: FaultyHouse) -> None:
    wish: dict[str, Any] = {"service": "lock.unlock", "entity_id": "lock.front_door"}
    guesses = house.random.sample([f"{n:04}" for n in range(10_000) if n != 2580], 12)
    for number, pin in enumerate(guesses):
        if number == 7:
            await house.kill_hub()
            await house.start_hub()
        reply = await house.ask(pin=pin, **wish)
        assert reply["status"] == "refused", reply
        assert ("too many wrong PINs" in reply["text"]) is (number >= 4), (number, reply)
    right = await house.ask(pin="2580", **wish)
    assert right["status"] == "refused", right
    assert pin.encode() not in b"".join(m.payload for m in house.witness.heard)
    await house.say_many(5)
    await house.settle()
    await house.kill_hub()  # the next round starts with a clean count
    (house.storage / "journal.db").unlink()
    for part in house.storage.glob("journal.db-*"):
        part.unlink()
    await house.start_hub()


# --- the disk --------------------------------------------------------------------------------------


async def disk_full(house: FaultyHouse) -> None:
    filler = house.storage / "filler"
    file = os.open(filler, os.O_WRONLY | os.O_CREAT)
    for size in (65536, 4096, 1):
        with suppress(OSError):
            while os.write(file, b"x" * size):
                pass
    os.close(file)
    await house.say_many(25)
    await asyncio.sleep(1)
    filler.unlink()


async def disk_fails(house: FaultyHouse) -> None:
    """Every write of the process fails, as on a dying disk."""
    process = house.process()
    process.rlimit(psutil.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    await house.say_many(15)
    await asyncio.sleep(1)
    process.rlimit(psutil.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


async def disk_read_only(house: FaultyHouse) -> None:
    await house.kill_hub()
    await _mount(house.storage, "remount,ro")
    code, said = await house.start_hub_that_fails()
    await _mount(house.storage, "remount,rw")
    assert (code, "Traceback" in said[-600:]) == (1, False), said
    assert str(house.storage) in said
    await house.start_hub()
    await house.say_many(5)


async def _mount(folder: Path, options: str) -> None:
    command = ["mount", "-o", options, str(folder)]
    await asyncio.to_thread(subprocess.run, command, check=True)


async def journal_corrupt(house: FaultyHouse) -> None:
    await house.say_many(5)
    await house.settle()
    await house.kill_hub()
    for part in house.storage.glob("journal.db-*"):
        part.unlink()
    path = house.storage / "journal.db"
    raw = bytearray(path.read_bytes())
    if house.random.random() < 0.3:
        raw = bytearray(os.urandom(len(raw)))
    for _ in range(200):
        raw[house.random.randrange(min(len(raw), 40_000))] ^= 1 << house.random.randrange(8)
    path.write_bytes(raw)
    await house.start_hub()
    await house.say_many(5)


async def journal_torn(house: FaultyHouse) -> None:
    await house.say_many(5)
    await house.settle()
    await house.kill_hub()
    for path in list(house.storage.glob("journal.db*")):
        if path.suffix != ".lock" and house.random.random() < 0.7:
            os.truncate(path, house.random.randint(0, path.stat().st_size))
    await house.start_hub()
    await house.say_many(5)


async def journal_locked(house: FaultyHouse) -> None:
    intruder = sqlite3.connect(house.storage / "journal.db", isolation_level=None)
    intruder.execute("begin immediate")
    await house.say_many(15)
    await asyncio.sleep(house.random.uniform(0.5, 5))
    intruder.execute("rollback")
    intruder.close()


async def second_hub(house: FaultyHouse) -> None:
    code, said = await house.start_hub_that_fails()
    assert (code, "another hub is using it" in said) == (1, True), said
    await house.say_many(10)


# --- devices that mean no good ---------------------------------------------------------------------


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
    await _flood(house, [_lamp(number) for number in range(10_000)], 250 * MIB)
    await _flood(house, [(_lamp(number)[0], b"") for number in range(10_000)], 64 * MIB)


async def last_will_storm(house: FaultyHouse) -> None:
    lamps = [_lamp(number) for number in range(500)]
    await _flood(house, lamps, 64 * MIB)
    storm = [(f"flood/{number}/available", b"offline") for number in range(500)]
    await _flood(house, storm * 4, 32 * MIB)
    await _flood(house, [(topic, b"") for topic, _ in lamps], 32 * MIB)


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
        b"A" * 900_000, b"[" * 100_000 + b"]" * 100_000, b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
        b'{"text":"' + b"9" * 500_000 + b'"}', b'{"x":' + b"9" * 5_000 + b"}", bytes(range(256)),
        b'{"state": NaN}', b'{"brightness": 1e999}', "\u202e".encode() * 1000, b"\xff\xfe{",
    ]  # fmt: skip
    topics = ["hearthd/command/bad", "home/light/one/state", "homeassistant/light/bad/config",
              "homeassistant/light/bad/x/config", "hearthd/reply/bad", "home/lock/front_door/state"]  # fmt: skip
    await _flood(house, [(topic, payload) for payload in bad for topic in topics], 64 * MIB)
    session = house.witness.session
    session.publish("homeassistant/lock/front_door/config", b"")  # it comes back by itself
    session.publish("homeassistant/status", b"online", 1)
    await asyncio.sleep(0.5)


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


FAULTS: tuple[Fault, ...] = (
    Fault("killed at a point of the road", killed_at_a_point, quick=True),
    Fault("killed while it recovers", killed_while_it_recovers),
    Fault("killed at random", killed_at_random, quick=True),
    Fault("told to stop under load", told_to_stop_under_load, quick=True),
    Fault("frozen and thawed", frozen_and_thawed),
    Fault("out of file descriptors", out_of_file_descriptors),
    Fault("broker killed", broker_killed, retry=True, quick=True),
    Fault("broker flaps", broker_flaps, retry=True),
    Fault("broker frozen", broker_frozen),
    Fault("wire cut", wire_cut, quick=True),
    Fault("wire half open", wire_half_open),
    Fault("wire slow", wire_slow),
    Fault("said three times on two connections", said_three_times, quick=True),
    Fault("retained and stale commands", retained_and_stale),
    Fault("clock jumps", clock_jumps),
    Fault("PINs guessed", pins_guessed),
    Fault("disk full", disk_full, small_disk=4),
    Fault("disk fails", disk_fails, quick=True),
    Fault("disk read-only", disk_read_only, small_disk=16),
    Fault("journal corrupt", journal_corrupt, forgets=True, quick=True),
    Fault("journal torn", journal_torn, forgets=True),
    Fault("journal locked", journal_locked),
    Fault("second hub", second_hub),
    Fault("discovery flood of 10,000", discovery_flood),
    Fault("last-will storm of 500", last_will_storm),
    Fault("state flood", state_flood),
    Fault("huge and deep payloads", huge_and_deep, quick=True),
    Fault("slow consumers", slow_consumers),
)
