"""What is said to the hub: twice, too late, by a wrong clock, with guessed PINs."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

from tests.faults.house import FaultyHouse
from tests.hubs import Client, client


async def said_three_times(house: FaultyHouse) -> None:
    """By a client that retries, on its own connection and on another one."""
    async with client(house.port) as other:
        await _said_on_both(house, other)


async def said_on_two_transports(house: FaultyHouse) -> None:
    """MQTT 5 on TCP, and MQTT 3.1.1 on WebSockets."""
    old = {"transport": "websockets", "protocol": "3.1.1"}
    async with client(house.websockets, **old) as other:
        await _said_on_both(house, other)


async def _said_on_both(house: FaultyHouse, other: Client) -> None:
    topic = f"hearthd/command/{house.ledger.site}"
    for _ in range(20):
        said = house.ledger.next_command()
        house.ledger.retried.add(said["id"])
        payload = json.dumps(said).encode()
        sessions = [
            house.witness.session,
            other.session,
            house.random.choice((other, house.witness)).session,
        ]
        house.random.shuffle(sessions)
        for session in sessions:
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
    hour, day = house.random.randint(61, 7200), 86_400 * house.random.randint(1, 30)
    for seconds in (hour, -hour, day, -day, 59):
        asked = await house.ask(service="lock.unlock", entity_id="lock.front_door")
        new = file.with_suffix(".new")
        new.write_text(str(seconds + (2 if seconds > 0 else 0)))
        new.replace(file)
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
