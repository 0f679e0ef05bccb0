"""The house, end to end: mosquitto, simulated devices, the hub with its real model."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hub.inbox import Message
from tests.hubs import Client, client, hub, publish_request, settings_for, simulated_home

TOPICS = ("hearthd/reply/#", "hearthd/event/#", "hearthd/status", "home/light/#")


@pytest.fixture
async def house(broker: int, tmp_path: Path) -> AsyncIterator[Client]:
    async with simulated_home(broker), hub(settings_for(broker, tmp_path)):
        async with client(broker, *TOPICS) as someone:
            yield someone


async def test_plain_text_makes_the_light_report_its_new_state(house: Client) -> None:
    house.session.publish("hearthd/command/kitchen", b"turn off the lights")
    reply = await house.hear("hearthd/reply/kitchen")
    assert reply["status"] == "done", reply
    command = await house.hear("home/light/kitchen_ceiling/set")
    assert command == {"state": "OFF"}
    assert (await house.hear("home/light/kitchen_ceiling/state", state="OFF"))["state"] == "OFF"


async def test_a_request_of_mqtt_5_is_answered_at_its_response_topic(
    broker: int, house: Client
) -> None:
    payload = b'{"id": "five", "text": "turn on the pendant"}'
    await publish_request(broker, "hearthd/command/hall", payload, "hearthd/reply/panel-5", b"7")
    assert (await house.hear("hearthd/reply/panel-5", id="five"))["status"] == "done"
    assert not any(message.topic == "hearthd/reply/hall" for message in house.heard)


async def test_json_with_an_id_is_answered_once_and_a_retry_gets_the_same(house: Client) -> None:
    first = await house.say("hall", id="one", text="turn on the pendant")
    again = await house.say("hall", id="one", text="turn on the pendant")
    assert first == again
    commands = [m for m in house.heard if m.topic == "home/light/dining_pendant/set"]
    assert len(commands) == 1


async def test_a_service_call_passes_the_same_gate(house: Client) -> None:
    unlock = {"service": "lock.unlock", "entity_id": "lock.front_door"}
    asked = await house.say("hall", **unlock)
    assert asked["status"] == "confirm"
    done = await house.say("hall", challenge=asked["challenge"])
    assert (done["status"], done["actions"][0]["status"]) == ("done", "done")
    assert (await house.say("hall", challenge=asked["challenge"]))["status"] == "refused"


async def test_done_is_not_said_when_the_device_does_not_answer(house: Client) -> None:
    house.session.publish(
        "hearthd-simulator/light.floor_lamp/misbehave", json.dumps({"drop": 1}).encode()
    )
    reply = await house.say("x", text="turn off the floor lamp")
    assert reply["status"] == "failed"
    assert "did not answer" in reply["text"]


async def test_a_delayed_command_acts_when_its_time_has_come(house: Client) -> None:
    reply = await house.say("x", text="turn on the pendant in one second")
    assert reply["status"] == "done" and not reply["actions"]
    assert await house.hear("home/light/dining_pendant/set") == {"state": "ON"}


async def test_a_timer_rings(house: Client) -> None:
    assert (await house.say("kitchen", text="set a pizza timer for one second"))["status"] == "done"
    event = await house.hear("hearthd/event/timer")
    assert event["content"]["name"] == "pizza"


async def test_a_taught_phrase_is_heard_and_traced(house: Client) -> None:
    reply = await house.say("x", text="let there be light in the garage")
    assert [a["entity_id"] for a in reply["actions"]] == ["light.garage_light"]


async def test_a_retained_command_is_ignored(house: Client) -> None:
    house.session.publish("hearthd/command/kitchen", b"open the garage door", retain=True)
    house.session.publish("hearthd/command/kitchen", b"", retain=True)
    assert (await house.say("x", text="is the garage door open"))["status"] == "answered"


async def test_lists_survive_a_restart(broker: int, tmp_path: Path) -> None:
    settings = settings_for(broker, tmp_path)
    async with simulated_home(broker), client(broker, *TOPICS) as someone:
        async with hub(settings):
            reply = await someone.say("x", text="add eggs to the shopping list")
            assert reply["status"] == "done", reply
        assert await someone_hears_offline(someone)
        async with hub(settings):
            reply = await someone.say("x", text="what is on the shopping list")
    assert "eggs" in reply["text"]


async def someone_hears_offline(someone: Client) -> bool:
    def offline() -> Message | None:
        said = [m for m in someone.heard if m.topic == "hearthd/status"]
        return next((m for m in said if m.payload == b"offline"), None)

    async with asyncio.timeout(10):
        while offline() is None:
            await asyncio.sleep(0.05)
    return True
