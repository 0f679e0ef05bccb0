"""The same mutations, sent to a whole hub through a real broker: it does nothing dangerous, no
callback holds its loop for 50 ms, and it grows by no more than each surface alone may.

`make faults` sends 100,000 (HEARTHD_MUTATIONS), `make test` some.
"""

from __future__ import annotations

import asyncio
import json
import random
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from hub.broker import mosquitto_path
from hub.inbox import Message
from hub.messages import Reply
from tests.faults.house import FaultyHouse, faulty_house
from tests.faults.mutations import mutations
from tests.faults.test_mutations import COUNT, GROWTH, SEED, SLOWEST_CPU_SECONDS, seeds

AT_ONCE = 50
HARMLESS = (b"LOCK", b"CLOSE", b"STOP")
"""What a door may be told without a yes."""
MOVING = ("lock.unlock", "lock.open", "cover.open_cover", "cover.set_cover_position")
CONFIRMED = ("moved after a question", b"")
TOPICS = {
    "mqtt_command": ("hearthd/command/{}",),
    "mqtt_discovery": tuple(
        f"homeassistant/{kind}/{{}}/config" for kind in ("light", "lock", "sensor", "cover/x")
    ),
    "mqtt_state": (
        "home/light/one/state", "home/light/two/availability", "home/lock/front_door/state",
        "home/cover/garage/state", "hearthd/reply/{}",
    ),
}  # fmt: skip


def messages(data: Path, count: int, chance: random.Random) -> Iterator[tuple[str, bytes]]:
    """Topics and payloads: half of them commands, a tenth of those sentences."""
    commands = seeds(data, "mqtt_command", "http")
    said = [
        json.dumps({"text": raw.decode("utf-8", "replace")}).encode()
        for raw in seeds(data, "sentence")
    ]
    streams = {
        "mqtt_command": mutations(commands * 9 + said * 2, count, chance),
        "mqtt_discovery": mutations(seeds(data, "mqtt_discovery"), count, chance),
        "mqtt_state": mutations(seeds(data, "mqtt_state"), count, chance),
    }
    kinds = ("mqtt_command", "mqtt_command", "mqtt_discovery", "mqtt_state")
    for _ in range(count):
        kind = chance.choice(kinds)
        yield chance.choice(TOPICS[kind]).format(chance.randrange(300)), next(streams[kind])


def as_they_are(data: Path) -> Iterator[tuple[str, bytes]]:
    """Every sentence, unchanged, and two that load what translates."""
    said = [raw.decode("utf-8", "replace") for raw in seeds(data, "sentence")]
    said += ["translate good morning into German", "was heißt Tür auf Englisch"]
    for site, text in enumerate(said):  # each its own: one alone may not say so much at once
        yield f"hearthd/command/{site}", json.dumps({"text": text[:2000]}).encode()


async def test_a_whole_hub_stands_all_mutations(data: Path, tmp_path: Path) -> None:
    if mosquitto_path() is None:
        pytest.skip("no mosquitto")
    stalls, chance = tmp_path / "stalls", random.Random(SEED)
    told: Counter[tuple[str, bytes]] = Counter()
    async with faulty_house(tmp_path, "mutated", SEED) as house:
        asking: set[str] = set()
        house.witness.told = lambda m: _note(m, told, asking)
        await house.start_hub(HEARTHD_TEST_STALLS=str(stalls))
        await _send(house, as_they_are(data))  # what is loaded when it is first needed
        await _send(house, messages(data, COUNT // 10, chance))
        house.process().send_signal(signal.SIGUSR2)
        before = house.process().memory_info().rss
        await _send(house, messages(data, COUNT, chance))
        grown = house.process().memory_info().rss - before
        milliseconds, _, callback = stalls.read_text("utf-8").partition(" ")
        print(
            f"seed {SEED}: {COUNT} mutations, grew by {grown / 2**20:.1f} MiB, stall {milliseconds} ms"
        )
        doors = {
            key: n for key, n in told.items() if key[0].startswith(("home/lock", "home/cover"))
        }
        moved = sum(n for key, n in doors.items() if key[1] not in HARMLESS)
        assert moved <= told[CONFIRMED], f"seed {SEED}: {doors}"
        assert "internal_error" not in house.log(), house.log()
        assert "Traceback" not in house.log(), house.log()
        assert grown <= GROWTH, f"seed {SEED}: grew by {grown / 2**20:.1f} MiB"
        assert float(milliseconds) <= SLOWEST_CPU_SECONDS * 1000, (
            f"seed {SEED}: {milliseconds} ms in {callback}"
        )


def _note(message: Message, told: Counter[tuple[str, bytes]], asking: set[str]) -> None:
    """Count a message, and what a site moved after a question of its own: a mutation may be just the
    PIN, said where the hub has asked for it."""
    told[message.topic, message.payload] += 1
    if not message.topic.startswith("hearthd/reply/"):
        return
    try:
        reply = Reply.model_validate_json(message.payload)
    except ValidationError:
        return  # a mutation that was sent to a topic of replies
    if reply.status == "confirm":
        asking.add(message.topic)
    elif moved := [each for each in reply.actions if each.service in MOVING]:
        told[CONFIRMED] += len(moved) if message.topic in asking else 0
        asking.discard(message.topic)


async def _send(house: FaultyHouse, found: Iterator[tuple[str, bytes]]) -> None:
    """A few at a time, then a question: nothing of it is dropped for having come too fast."""
    for number, (topic, payload) in enumerate(found, start=1):
        while not house.witness.session.publish(topic, payload):
            await asyncio.sleep(0.01)
        if number % AT_ONCE == 0:
            await house.ask(30, service="light.turn_on", entity_id="light.reading_lamp")
            house.witness.heard.clear()
