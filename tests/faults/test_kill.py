"""kill -9 of the hub in the middle of many commands: nothing lost, nothing done twice."""

import asyncio
import json
import os
import random
import signal
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from tests.hubs import Client, client, simulated_home

ROUNDS = int(os.environ.get("HEARTHD_FAULT_ROUNDS", "20"))
COMMANDS = 200


async def start(port: int, folder: Path) -> asyncio.subprocess.Process:
    environment = {
        **os.environ, "HEARTHD_BROKER__PORT": str(port), "HEARTHD_CONFIG": str(folder / "none"),
        "HEARTHD_STORAGE__DIRECTORY": str(folder / "hub"), "XDG_CONFIG_HOME": str(folder),
    }  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "hub.cli.main", "run", env=environment, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    async with asyncio.timeout(40):
        while b"ready" not in (line := await process.stdout.readline()):
            assert line, "the hub ended before it was ready"
    return process


def command(number: int) -> dict[str, Any]:
    if number % 10 == 9:
        return {"service": "lock.unlock", "entity_id": "lock.back_door"}
    service = "turn_on" if number % 2 else "turn_off"
    lights = ("pendant", "porch_light", "floor_lamp", "desk_lamp", "night_light")
    return {"service": f"light.{service}", "entity_id": f"light.{ENTITIES[number % len(lights)]}"}


ENTITIES = ("dining_pendant", "porch", "floor_lamp", "desk_lamp", "nursery_night")


async def test_every_command_gets_one_reply_and_no_action_is_published_twice(
    broker: int, tmp_path: Path
) -> None:
    pause = random.Random(7)
    topics = ("hearthd/reply/bench", "home/light/+/set", "home/lock/+/set")
    async with simulated_home(broker, speed=3.0), client(broker, *topics) as someone:
        hub = await start(broker, tmp_path)
        per_round = COMMANDS // ROUNDS
        ids = []
        for turn in range(ROUNDS):
            for number in range(per_round):
                key = f"c{turn}-{number}"
                ids.append(key)
                said = {"id": key, **command(turn * per_round + number)}
                someone.session.publish("hearthd/command/bench", json.dumps(said).encode())
                await asyncio.sleep(pause.uniform(0, 0.01))
            await asyncio.sleep(pause.uniform(0, 0.15))
            hub.send_signal(signal.SIGKILL)
            await hub.wait()
            hub = await start(broker, tmp_path)
        try:
            replies = await all_replies(someone, set(ids))
        finally:
            hub.terminate()
            await hub.wait()
    assert set(replies) == set(ids)
    assert max(Counter(replies.elements()).values()) == 1
    published = sum("/set" in message.topic for message in someone.heard)
    wanted = sum(not reply_is_confirm(someone, key) for key in ids)
    assert published <= wanted


def reply_is_confirm(someone: Client, key: str) -> bool:
    return any(
        json.loads(m.payload).get("status") == "confirm"
        for m in someone.heard
        if m.topic == "hearthd/reply/bench" and json.loads(m.payload).get("id") == key
    )


async def all_replies(someone: Client, ids: set[str]) -> Counter[str]:
    for _ in range(300):
        replies = Counter(
            json.loads(m.payload)["id"] for m in someone.heard if m.topic == "hearthd/reply/bench"
        )
        if set(replies) >= ids:
            break
        await asyncio.sleep(0.1)
    return replies
