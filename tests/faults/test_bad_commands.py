"""Every `mqtt_command` row of the fault data, over a real broker into the real hub.

The rows' own field names are examples; this is how they map: `hub/cmd/X` is `hearthd/command/X`,
`action` and `target` are a service and an entity of the demo home, `params` is `data`, `challenge`
with `answer` is `challenge` with `pin`. What a row's bytes break stays broken: payloads that are not
a well-formed object with an action are sent as they are. The time 1764000000000 stands for "now".

Outcome classes: accept -> an action; confirm -> status confirm and no action; everything else -> no
action. No row may end the hub.
"""

import asyncio
import base64
import json
import time
from pathlib import Path
from typing import Any

from tests.guarded_broker import guarded_broker, login
from tests.hubs import Client, client, hub, publish_request, settings_for, simulated_home

MARKED = "switch.garage_opener"
SERVICES = {
    "light.on": "light.turn_on", "light.set": "light.turn_on", "climate.set": "climate.set_temperature",
    "lock.unlock": "lock.unlock", "lock.lock": "lock.lock", "cover.open": "cover.open_cover",
    "scene.activate": "scene.turn_on", "switch.on": "switch.turn_on", "siren.on": "siren.turn_on",
}  # fmt: skip
TARGETS = {
    "light.kitchen": "light.kitchen_ceiling", "lock.front": "lock.front_door",
    "heater.bath": "climate.bedroom", "cover.garage": "cover.garage_door",
    "switch.garage_relay": MARKED, "scene.movie_night": "scene.fault_night",
    "siren.hall": "siren.hall", "group.everything": "cover.garage_door",
}  # fmt: skip
BY_LOGIN = frozenset({"C078"})
"""Rows about the broker's logins: the broker's access list decides, not the hub."""
EXTRA_DEVICES: dict[str, dict[str, Any]] = {
    "homeassistant/switch/fault/relay/config": {
        "unique_id": "fault-relay", "default_entity_id": MARKED, "name": "Garage Opener",
        "command_topic": "fault/relay/set",
    },
    "homeassistant/scene/fault/night/config": {
        "unique_id": "fault-night", "default_entity_id": "scene.fault_night", "name": "Late Film",
        "command_topic": "fault/night/set", "json_attributes_topic": "fault/night",
    },
    "fault/night": {"entities": {"lock.front_door": "unlocked"}},
}  # fmt: skip
"""What the demo home lacks: a relay that its owner marks, a scene that tells what it stores."""


def mapped(row: dict[str, Any]) -> bytes:
    if row["encoding"] == "base64":
        return base64.b64decode(row["payload"])
    if row["encoding"] == "gen":
        return "".join(unit * count for unit, count in json.loads(row["payload"])).encode()
    text: str = row["payload"]
    try:
        said = json.loads(text)
        assert "action" in said
    except (ValueError, AssertionError, TypeError):
        return text.encode("utf-8", "surrogatepass")
    if said.get("action") == "confirm":
        said = {"id": said["id"], "challenge": said["challenge"], "pin": said["answer"]}
        return json.dumps(said).encode()
    found = {key: value for key, value in said.items() if key not in ("action", "target", "params")}
    found["service"] = SERVICES.get(said["action"], said["action"])
    found["entity_id"] = TARGETS.get(said["target"], said["target"])
    if "params" in said:
        found["data"] = said["params"]
    if found.get("ts") == 1764000000000:
        found["ts"] = int(time.time() * 1000)
    elif isinstance(found.get("ts"), int) and 1_000_000_000_000 < found["ts"] < 1764000000000:
        found["ts"] += int(time.time() * 1000) - 1764000000000
    return json.dumps(found).encode()


async def outcome(
    port: int, someone: Client, row: dict[str, Any]
) -> tuple[str, list[dict[str, Any]]]:
    site = row["topic"].removeprefix("hub/cmd/")
    topic = f"hearthd/command/{site}"
    someone.heard.clear()
    payload = mapped(row)
    if "mqtt5" in row:
        await publish_request(port, topic, payload, row["mqtt5"]["response_topic"])
    else:
        someone.session.publish(topic, payload, retain=row.get("retain", False))
    if row.get("retain"):
        someone.session.publish(topic, b"", retain=True)
    answers = await _answers(someone, site)
    assert (await someone.say("sentinel", text="what time is it"))["status"] == "answered"
    return answers


async def _answers(someone: Client, site: str) -> tuple[str, list[dict[str, Any]]]:
    deadline = asyncio.get_running_loop().time() + 3
    while asyncio.get_running_loop().time() < deadline:
        for message in list(someone.heard):
            if message.topic == f"hearthd/reply/{site}":
                reply = json.loads(message.payload)
                return reply["status"], reply.get("actions", [])
            if message.topic == "hearthd/event/refused":
                return "refused", []
        await asyncio.sleep(0.02)
    return "silence", []


def rows_of(data: Path) -> list[dict[str, Any]]:
    lines = (data / "bad_inputs.jsonl").read_text("utf-8").splitlines()
    return [row for row in map(json.loads, lines) if row["surface"] == "mqtt_command"]


def as_expected(row: dict[str, Any], status: str, actions: list[dict[str, Any]]) -> bool:
    return {
        "accept": status == "done" and len(actions) == 1,
        "confirm": status == "confirm" and not actions,
        "dedupe": len(actions) <= 1,
    }.get(row["expected"].split(":")[0], not actions and status not in ("done", "sent"))


async def discovered(someone: Client, *entity_ids: str) -> None:
    """Return once the hub knows these entities: from then on it refuses none as unknown."""
    for entity_id in entity_ids:
        async with asyncio.timeout(10):
            while True:
                asked = {"service": "homeassistant.update_entity", "entity_id": entity_id}
                if "no entity" not in (await someone.say("sentinel", **asked))["text"]:
                    break


async def test_every_row_ends_as_expected(broker: int, tmp_path: Path, data: Path) -> None:
    settings = settings_for(broker, tmp_path)
    policy = settings.policy.model_copy(update={"confirm": [MARKED]})
    settings = settings.model_copy(update={"policy": policy})
    wrong = []
    topics = ("hearthd/reply/#", "hearthd/event/refused", "vendor/#")
    async with simulated_home(broker), hub(settings), client(broker, *topics) as someone:
        for topic, content in EXTRA_DEVICES.items():
            someone.session.publish(topic, json.dumps(content).encode(), retain=True)
        await discovered(someone, MARKED, "scene.fault_night")
        for row in rows_of(data):
            if row["id"] in BY_LOGIN:
                continue
            status, actions = await outcome(broker, someone, row)
            if not as_expected(row, status, actions):
                wrong.append((row["id"], row["expected"], status, actions))
        answered_elsewhere = [m for m in someone.heard if m.topic.startswith("vendor/")]
    assert not wrong
    assert not answered_elsewhere


async def test_nobody_commands_in_the_name_of_another_login(tmp_path: Path, data: Path) -> None:
    rows = [row for row in rows_of(data) if row["id"] in BY_LOGIN]
    async with guarded_broker(tmp_path) as port:
        async with login(port, "hearthd", "#") as listener, login(port, "kitchen") as someone:
            for row in rows:
                someone.session.publish("hearthd/command/hall", mapped(row))
            someone.session.publish("hearthd/command/kitchen", b"{}")  # its own, after them
            await listener.hear("hearthd/command/kitchen")
            assert rows
            assert [m.topic for m in listener.heard if m.topic == "hearthd/command/hall"] == []
