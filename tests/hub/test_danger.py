from typing import Any

import pytest

from devices.home import Home
from devices.homefile import load_home
from devices.services import ServiceCall
from hub.danger import dangers, is_dangerous
from hub.policy import Danger, Policy

HOME = load_home(
    {
        "areas": [{"name": "Nursery"}, {"name": "Hall"}],
        "entities": [
            {"name": "Front Door", "domain": "lock", "area": "Hall"},
            {"name": "Garage Door", "domain": "cover", "device_class": "garage"},
            {"name": "Hoftor", "domain": "cover"},
            {"name": "车库卷帘", "id": "cover.juan_lian", "domain": "cover"},
            {"name": "Patio Door Blinds", "domain": "cover", "device_class": "blind"},
            {"name": "Window", "domain": "cover", "area": "Nursery", "device_class": "window"},
            {
                "name": "Shutter",
                "domain": "cover",
                "area": "Nursery",
                "device_class": "shutter",
                "state": "open",
                "attributes": {"current_position": 60},
            },
            {
                "name": "Half Garage",
                "domain": "cover",
                "device_class": "garage",
                "state": "open",
                "attributes": {"current_position": 60},
            },
            {"name": "Water", "domain": "valve"},
            {"name": "Alarm", "domain": "alarm_control_panel"},
            {"name": "Siren", "domain": "siren"},
            {"name": "Garage Relay", "domain": "switch"},
            {"name": "Relay", "id": "switch.relay", "domain": "switch", "aliases": ["Türöffner"]},
            {"name": "Backofen", "domain": "switch"},
            {"name": "Kettle", "domain": "switch"},
            {"name": "Outdoor Lights", "domain": "switch"},
            {"name": "Heating", "domain": "climate", "attributes": {"max_temp": 30}},
            {"name": "US Heating", "domain": "climate", "attributes": {"max_temp": 95}},
            {"name": "Odd Heating", "domain": "climate", "attributes": {"max_temp": "hot"}},
            {"name": "Boiler", "domain": "water_heater"},
            {"name": "Flow", "domain": "number", "device_class": "temperature"},
            {"name": "Charge", "domain": "number"},
        ],
    }
)


@pytest.mark.parametrize(
    ("entity_id", "service", "data", "harm"),
    [
        ("lock.front_door", "lock.unlock", {}, Danger.UNLOCK),
        ("lock.front_door", "lock.open", {}, Danger.UNLOCK),
        ("lock.front_door", "lock.lock", {}, None),
        ("cover.garage_door", "cover.open_cover", {}, Danger.OPEN),
        ("cover.garage_door", "cover.toggle", {}, Danger.OPEN),
        ("cover.garage_door", "cover.set_cover_position", {"position": 1}, Danger.OPEN),
        ("cover.garage_door", "cover.set_cover_position", {"position": 0}, None),
        ("cover.garage_door", "cover.close_cover", {}, None),
        ("cover.hoftor", "cover.open_cover", {}, Danger.OPEN),
        ("cover.juan_lian", "cover.open_cover", {}, Danger.OPEN),
        ("cover.patio_door_blinds", "cover.open_cover", {}, None),
        ("cover.window", "cover.open_cover", {}, Danger.OPEN),
        ("cover.shutter", "cover.set_cover_position", {"position": 61}, Danger.OPEN),
        ("cover.shutter", "cover.set_cover_position", {"position": 30}, None),
        ("cover.shutter", "cover.set_cover_position", {"position": 0}, None),
        ("cover.half_garage", "cover.set_cover_position", {"position": 30}, Danger.OPEN),
        ("valve.water", "valve.set_valve_position", {"position": 5}, Danger.OPEN),
        ("alarm_control_panel.alarm", "alarm_control_panel.alarm_disarm", {}, Danger.DISARM),
        ("siren.siren", "siren.turn_on", {}, Danger.OTHER),
        ("switch.garage_relay", "switch.turn_on", {}, Danger.OPEN),
        ("switch.garage_relay", "switch.turn_off", {}, None),
        ("switch.relay", "switch.turn_on", {}, Danger.OPEN),
        ("switch.backofen", "switch.turn_on", {}, Danger.OTHER),
        ("switch.kettle", "switch.turn_on", {}, None),
        ("switch.outdoor_lights", "switch.turn_on", {}, None),
        ("climate.heating", "climate.set_temperature", {"temperature": 26.5}, Danger.HEAT),
        ("climate.heating", "climate.set_temperature", {"target_temp_high": 30}, Danger.HEAT),
        ("climate.heating", "climate.set_temperature", {"temperature": 26}, None),
        ("climate.us_heating", "climate.set_temperature", {"temperature": 72}, None),
        ("climate.us_heating", "climate.set_temperature", {"temperature": 85}, Danger.HEAT),
        ("climate.odd_heating", "climate.set_temperature", {"temperature": 40}, Danger.HEAT),
        ("water_heater.boiler", "water_heater.set_temperature", {"temperature": 55}, None),
        ("water_heater.boiler", "water_heater.set_temperature", {"temperature": 65}, Danger.HEAT),
        ("number.flow", "number.set_value", {"value": 70}, Danger.HEAT),
        ("number.charge", "number.set_value", {"value": 70}, None),
        ("light.nobody", "light.turn_on", {}, Danger.OTHER),
        ("lock.nobody", "lock.unlock", {}, Danger.UNLOCK),
    ],
)
def test_the_harm_of_a_call(
    entity_id: str, service: str, data: dict[str, Any], harm: Danger | None
) -> None:
    found = dangers(ServiceCall(entity_id, service, data), HOME, Policy())
    assert found == (frozenset({harm}) if harm else frozenset())


def test_what_the_owner_marks_is_dangerous_in_every_way() -> None:
    policy = Policy(confirm_entities=frozenset({"switch.kettle", "lock.front_door"}))
    assert is_dangerous(ServiceCall("switch.kettle", "switch.turn_off"), HOME, policy)
    both = dangers(ServiceCall("lock.front_door", "lock.unlock"), HOME, policy)
    assert both == {Danger.UNLOCK, Danger.MARKED}


def test_nothing_is_known_of_an_empty_home() -> None:
    assert is_dangerous(ServiceCall("light.x", "light.turn_on"), Home(), Policy())
