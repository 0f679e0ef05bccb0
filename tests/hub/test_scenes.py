from typing import Any

import pytest

from devices.home import Home
from devices.homefile import load_home
from devices.services import ServiceCall
from hub.danger import is_dangerous
from hub.policy import Policy
from hub.scenes import expanded

ENTITIES = [
    {"name": "Front Door", "domain": "lock"},
    {"name": "Garage", "domain": "cover", "device_class": "garage"},
    {"name": "Lamp", "domain": "light"},
    {"name": "Heating", "domain": "climate"},
]


def house(entity_id: str, attributes: dict[str, Any], *more: dict[str, Any]) -> Home:
    entity = {"id": entity_id, "name": "It", "attributes": attributes}
    return load_home({"entities": [*ENTITIES, entity, *more]})


def called(home: Home, entity_id: str, service: str) -> set[tuple[str, str]]:
    return {(c.entity_id, c.service) for c in expanded(ServiceCall(entity_id, service), home)}


@pytest.mark.parametrize(
    ("entity_id", "service", "attributes", "inner"),
    [
        ("scene.it", "scene.turn_on", {"entities": {"lock.front_door": "unlocked"}},
         ("lock.front_door", "lock.unlock")),
        ("scene.it", "scene.turn_on", {"entities": {"lock.front_door": {"state": "Unlocked"}}},
         ("lock.front_door", "lock.unlock")),
        ("scene.it", "scene.turn_on", {"entities": {"cover.garage": {"position": 40}}},
         ("cover.garage", "cover.set_cover_position")),
        ("scene.it", "scene.turn_on", {"entities": {"climate.heating": {"temperature": 29}}},
         ("climate.heating", "climate.set_temperature")),
        ("scene.it", "scene.turn_on", {"entity_id": ["light.lamp", "lock.front_door"]},
         ("lock.front_door", "lock.unlock")),
        ("scene.it", "scene.turn_on", {"entities": ["cover.garage"]},
         ("cover.garage", "cover.open_cover")),
        ("script.it", "script.turn_on",
         {"sequence": [{"choose": [{"sequence": [{"action": "lock.unlock",
                                                  "target": {"entity_id": "lock.front_door"}}]}]}]},
         ("lock.front_door", "lock.unlock")),
        ("automation.it", "automation.trigger",
         {"sequence": {"service": "cover.open_cover", "data": {"entity_id": ["cover.garage"]}}},
         ("cover.garage", "cover.open_cover")),
        ("cover.it", "cover.open_cover", {"entity_id": ["cover.garage"]},
         ("cover.garage", "cover.open_cover")),
        ("switch.it", "switch.turn_on", {"entity_id": ["lock.front_door"]},
         ("lock.front_door", "lock.unlock")),
    ],
)  # fmt: skip
def test_what_hides_a_danger_is_looked_into(
    entity_id: str, service: str, attributes: dict[str, Any], inner: tuple[str, str]
) -> None:
    home = house(entity_id, attributes)
    assert inner in called(home, entity_id, service)
    assert is_dangerous(ServiceCall(entity_id, service), home, Policy())


@pytest.mark.parametrize(
    ("entity_id", "service", "attributes"),
    [
        ("scene.it", "scene.turn_on", {}),
        ("scene.it", "scene.turn_on", {"entities": {"light.lamp": "on", "lock.front_door": "locked"}}),
        ("scene.it", "scene.turn_on", {"entities": {"light.lamp": "off"}, "entity_id": "light.lamp"}),
        ("scene.it", "scene.turn_on", {"entities": 7, "entity_id": {"x": 1}, "sequence": "no"}),
        ("scene.it", "scene.turn_on", {"entity_id": ["scene.it"]}),
        ("light.it", "light.turn_on", {"entity_id": ["light.lamp", "light.it"]}),
        ("script.it", "script.turn_on", {"sequence": [{"action": 7}, {"delay": 5}, None]}),
        ("script.it", "script.turn_on", {"sequence": [{"action": "light.turn_on", "data": 3,
                                                       "entity_id": "light.lamp"}]}),
    ],
)  # fmt: skip
def test_what_hides_nothing_is_not_dangerous(
    entity_id: str, service: str, attributes: dict[str, Any]
) -> None:
    call = ServiceCall(entity_id, service)
    assert not is_dangerous(call, house(entity_id, attributes), Policy())


def test_scenes_in_a_circle_end() -> None:
    other = {"id": "scene.b", "name": "B", "attributes": {"entities": {"scene.it": "on"}}}
    home = house("scene.it", {"entities": {"scene.b": "on"}}, other)
    assert called(home, "scene.it", "scene.turn_on") == {
        ("scene.it", "scene.turn_on"), ("scene.b", "scene.turn_on"),
    }  # fmt: skip


def test_what_is_too_deep_or_too_much_to_look_at_is_dangerous() -> None:
    chain = [
        {
            "id": f"scene.s{i}",
            "name": f"S{i}",
            "attributes": {"entities": {f"scene.s{i + 1}": "on"}},
        }
        for i in range(8)
    ]
    home = house("scene.it", {"entities": {"scene.s0": "on"}}, *chain)
    assert is_dangerous(ServiceCall("scene.it", "scene.turn_on"), home, Policy())
    lamps = {f"light.l{i}": "on" for i in range(600)}
    known = [{"id": entity_id, "name": entity_id} for entity_id in lamps]
    home = house("scene.it", {"entities": lamps}, *known)
    assert is_dangerous(ServiceCall("scene.it", "scene.turn_on"), home, Policy())
