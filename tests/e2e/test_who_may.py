"""Who may say what, on a real mosquitto: PINs over the wire, and the generated access list."""

import asyncio
from pathlib import Path

import pytest

from hub.access_list import access_list
from hub.config import ConfigurationError, Settings
from hub.pin import hash_pin
from tests.guarded_broker import HOUSE, guarded_broker, login
from tests.hubs import Client, client, hub, settings_for, simulated_home

TOPICS = ("hearthd/reply/#", "hearthd/event/#", "home/lock/#")


PIN = "25806173"
"""So long that no identifier or digest holds it by chance."""


def with_pin(settings: Settings) -> Settings:
    raw = settings.model_dump()
    raw["policy"] |= {"pin": hash_pin(PIN), "pin_for": ["unlock"]}
    return Settings.model_validate(raw)


async def test_a_lock_opens_to_the_pin_and_no_file_or_event_ever_holds_it(
    broker: int, tmp_path: Path
) -> None:
    async with simulated_home(broker), hub(with_pin(settings_for(broker, tmp_path))):
        async with client(broker, *TOPICS) as someone:
            asked = await someone.say("hall", text="unlock the front door")
            assert (asked["status"], asked["text"][-16:]) == ("confirm", "tell me the PIN.")
            assert (await someone.say("hall", text="yes"))["status"] == "confirm"
            guess = "four seven one one four seven one one"
            wrong = await someone.say("hall", text=guess)
            assert (wrong["status"], "4 tries" in wrong["text"]) == ("refused", True)
            done = await someone.say("hall", text="yes, the pin is " + PIN)
            assert done["status"] == "done", done
            heard = b"".join(message.payload for message in someone.heard)
    written = b"".join(p.read_bytes() for p in (tmp_path / "hub").rglob("*") if p.is_file())
    for secret in (PIN.encode(), b"47114711", guess.encode()):
        assert secret not in heard
        assert secret not in written


async def test_guesses_outlive_the_hub(broker: int, tmp_path: Path) -> None:
    settings = with_pin(settings_for(broker, tmp_path))
    unlock = {"service": "lock.unlock", "entity_id": "lock.front_door"}
    async with simulated_home(broker), client(broker, *TOPICS) as someone:
        async with hub(settings):
            for _ in range(4):
                await someone.say("hall", pin="0001", **unlock)
        async with hub(settings):
            locked = await someone.say("hall", pin="0001", **unlock)
            right = await someone.say("hall", pin=PIN, **unlock)
    assert "too many wrong PINs" in locked["text"]
    assert right["status"] == "refused"


@pytest.mark.parametrize(
    ("who", "topic", "allowed"),
    [
        ("kitchen", "hearthd/command/kitchen", True),
        ("kitchen", "hearthd/command/hall", False),
        ("kitchen", "hearthd/reply/kitchen", False),
        ("kitchen", "zigbee2mqtt/lamp/set", False),
        ("zigbee", "zigbee2mqtt/lamp", True),
        ("zigbee", "homeassistant/light/x/config", True),
        ("zigbee", "hearthd/command/hall", False),
        ("zigbee", "acme/lamp", False),
        ("acme", "homeassistant/light/acme/lamp/config", True),
        ("acme", "homeassistant/lock/other/door/config", False),
        ("stranger", "hearthd/command/hall", False),
        ("hearthd", "acme/lamp/set", True),
    ],
)
async def test_the_broker_lets_a_login_say_only_what_is_its_own(
    tmp_path: Path, who: str, topic: str, allowed: bool
) -> None:
    async with guarded_broker(tmp_path) as port:
        async with login(port, "hearthd", "#") as hub_login, login(port, who) as speaker:
            speaker.session.publish(topic, b'{"said": 1}')
            hub_login.session.publish("sentinel", b'{"said": 1}')
            async with asyncio.timeout(10):
                await _settled(speaker, hub_login)
            heard = [m.topic for m in hub_login.heard if m.payload == b'{"said": 1}']
    assert (topic in heard) is allowed


async def _settled(speaker: Client, listener: Client) -> None:
    """Both the speaker's message, if it is let through, and a later one have arrived."""
    speaker.session.subscribe(["hearthd/status"])
    await speaker.session.subscriptions_confirmed()
    listener.session.publish("sentinel/2", b"{}")
    while not any(message.topic == "sentinel/2" for message in listener.heard):
        await asyncio.sleep(0.01)


async def test_a_site_hears_its_own_answers_only(tmp_path: Path) -> None:
    async with guarded_broker(tmp_path) as port:
        async with login(port, "kitchen", "hearthd/reply/#", "hearthd/reply/kitchen") as kitchen:
            async with login(port, "hearthd") as speaker:
                speaker.session.publish("hearthd/reply/hall", b"{}")
                speaker.session.publish("hearthd/reply/kitchen", b"{}")
                await kitchen.hear("hearthd/reply/kitchen")
            assert [m for m in kitchen.heard if m.topic == "hearthd/reply/hall"] == []


def test_two_parties_cannot_share_a_login() -> None:
    shared = {**HOUSE, "vendors": {"kitchen": {}}}
    with pytest.raises(ConfigurationError, match="'kitchen'"):
        access_list(Settings.model_validate(shared))
