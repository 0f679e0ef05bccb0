"""Devices published by somebody else's library, controlled by sentences through the whole hub."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from ha_mqtt_discoverable import DeviceInfo, Settings
from ha_mqtt_discoverable.sensors import (
    Button,
    ButtonInfo,
    Cover,
    CoverInfo,
    Light,
    LightInfo,
    Number,
    NumberInfo,
    Select,
    SelectInfo,
    Sensor,
    SensorInfo,
    Switch,
    SwitchInfo,
    Text,
    TextInfo,
)

from tests.hubs import Client, client, hub, settings_for

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


class Peer:
    """The devices of one maker; `obeyed` holds what they were told."""

    def __init__(self, port: int) -> None:
        self.obeyed: list[tuple[str, str]] = []
        self._mqtt = Settings.MQTT(host="127.0.0.1", port=port)
        self._device = DeviceInfo(name="Den", identifiers="den1", suggested_area="Office")
        self.light = self._make(Light, LightInfo, "Strip", brightness=True,
                                supported_color_modes=["brightness"])  # fmt: skip
        self.switch = self._make(Switch, SwitchInfo, "Amplifier")
        self.cover = self._make(Cover, CoverInfo, "Blind", device_class="blind")
        self.button = self._make(Button, ButtonInfo, "Bell")
        self.number = self._make(Number, NumberInfo, "Charging Limit", min=0, max=50)
        self.select = self._make(
            Select, SelectInfo, "Washing Programme", options=["eco", "quick wash"]
        )
        self.text = self._make(Text, TextInfo, "Display")
        info = SensorInfo(name="Temperature", unique_id="den-warmth", unit_of_measurement="°C",
                          device_class="temperature", device=self._device)  # fmt: skip
        self.sensor: Any = Sensor(Settings(mqtt=self._mqtt, entity=info))
        self.light.off()
        self.switch.off()
        self.cover.closed()
        self.sensor.set_state(23.5)

    def _make(self, kind: Any, info: Any, name: str, **more: Any) -> Any:
        entity = info(
            name=name,
            unique_id=f"den-{name.lower().replace(' ', '-')}",
            device=self._device,
            **more,
        )

        def told(mqtt: Any, user: Any, message: Any) -> None:
            said = message.payload.decode()
            self.obeyed.append((name, said))
            self._obey(name, said)

        made = kind(Settings(mqtt=self._mqtt, entity=entity), told)
        made.write_config()
        return made

    def _obey(self, name: str, said: str) -> None:
        if name == "Strip":
            wanted = json.loads(said)
            if wanted["state"] == "OFF":
                self.light.off()
            else:
                self.light.brightness(wanted.get("brightness", 255))
        elif name == "Amplifier":
            (self.switch.on if said == "ON" else self.switch.off)()
        elif name == "Blind":
            (self.cover.open if said == "OPEN" else self.cover.closed)()
        elif name == "Charging Limit":
            self.number.set_value(float(said))
        elif name == "Washing Programme":
            self.select.select_option(said)
        elif name == "Display":
            self.text.set_text(said)


@pytest.fixture
async def house(broker: int, tmp_path: Path) -> AsyncIterator[tuple[Client, Peer]]:
    peer = Peer(broker)
    async with hub(settings_for(broker, tmp_path)), client(broker, "hearthd/reply/#") as someone:
        yield someone, peer


@pytest.mark.parametrize(
    ("sentence", "name", "told"),
    [
        ("turn on the strip in the office", "Strip", '{"state":"ON"}'),
        ("switch on the amplifier", "Amplifier", "ON"),
        ("open the blind in the office", "Blind", "OPEN"),
        ("press the bell button", "Bell", "PRESS"),
        ("set the charging limit to 12", "Charging Limit", "12"),
        ("set the washing programme to quick wash", "Washing Programme", "quick wash"),
    ],
)
async def test_a_sentence_reaches_a_foreign_device(
    house: tuple[Client, Peer], sentence: str, name: str, told: str
) -> None:
    someone, peer = house
    reply = await someone.say("x", text=sentence)
    assert reply["status"] in ("done", "sent"), reply
    assert peer.obeyed == [(name, told)]


async def test_a_foreign_text_is_set_by_a_service_call(house: tuple[Client, Peer]) -> None:
    someone, peer = house
    call = {"service": "text.set_value", "entity_id": "text.den_display", "data": {"value": "hi"}}
    assert (await someone.say("x", **call))["status"] == "done"
    assert peer.obeyed == [("Display", "hi")]


async def test_a_foreign_sensor_is_followed(house: tuple[Client, Peer]) -> None:
    someone, peer = house
    for reading in (23.5, 24.5):
        peer.sensor.set_state(reading)
        async with asyncio.timeout(10):
            while str(reading) not in (await someone.say("x", text=ASKED))["text"]:
                pass


ASKED = "what is the temperature in the office"
