"""Each component with the payloads that its documentation gives: state in, command out."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.registry import Registry
from devices.services import ServiceCall

NOW = datetime(2026, 11, 23, 21, 0, tzinfo=UTC)


def discover(component: str, config: dict[str, Any]) -> Registry:
    registry = Registry()
    payload = {"unique_id": "u1", "name": "Thing", **config}
    change = registry.discovered(
        f"homeassistant/{component}/x/config", json.dumps(payload).encode()
    )
    assert change.rejected is None
    return registry


CASES: list[tuple[str, dict[str, Any], str, str, dict[str, Any]]] = [
    ("switch", {"stat_t": "s"}, "s", "ON", {"state": "on"}),
    ("switch", {"stat_t": "s", "val_tpl": "{{ value_json.st }}"}, "s", '{"st":"OFF"}', {"state": "off"}),
    ("binary_sensor", {"stat_t": "s", "pl_on": "open", "pl_off": "shut"}, "s", "open", {"state": "on"}),
    ("sensor", {"stat_t": "s", "unit_of_meas": "°C"}, "s", "21.5", {"state": "21.5"}),
    ("sensor", {"stat_t": "s"}, "s", "washing", {"state": "washing"}),
    ("light", {"cmd_t": "c", "stat_t": "s", "bri_stat_t": "b", "bri_scl": 100}, "b", "50", {"brightness": 128}),
    ("light", {"schema": "json", "cmd_t": "c", "stat_t": "s", "brightness": True}, "s",
     '{"state":"ON","brightness":77}', {"state": "on", "brightness": 77}),
    ("light", {"schema": "template", "cmd_t": "c", "stat_t": "s", "command_on_template": "on",
               "command_off_template": "off", "state_template": "{{ value }}"}, "s", "on", {"state": "on"}),
    ("cover", {"cmd_t": "c", "pos_t": "p", "pos_open": 0, "pos_clsd": 100}, "p", "100",
     {"current_position": 0, "state": "closed"}),
    ("cover", {"cmd_t": "c", "stat_t": "s"}, "s", "opening", {"state": "opening"}),
    ("fan", {"cmd_t": "c", "pct_stat_t": "p", "spd_rng_max": 4}, "p", "2", {"percentage": 50}),
    ("climate", {"mode_stat_t": "m", "modes": ["off", "heat"]}, "m", "heat", {"state": "heat"}),
    ("climate", {"curr_temp_t": "t"}, "t", "20.5", {"current_temperature": 20.5}),
    ("lock", {"cmd_t": "c", "stat_t": "s"}, "s", "LOCKED", {"state": "locked"}),
    ("valve", {"cmd_t": "c", "stat_t": "s", "reports_position": True}, "s", "40",
     {"state": "open", "current_position": 40}),
    ("vacuum", {"cmd_t": "c", "stat_t": "s"}, "s", '{"state":"docked","battery_level":61}',
     {"state": "docked", "battery_level": 61}),
    ("lawn_mower", {"act_stat_t": "s"}, "s", "mowing", {"state": "mowing"}),
    ("humidifier", {"cmd_t": "c", "hum_cmd_t": "h", "hum_stat_t": "hs"}, "hs", "45", {"humidity": 45}),
    ("alarm_control_panel", {"cmd_t": "c", "stat_t": "s"}, "s", "armed_away", {"state": "armed_away"}),
    ("number", {"cmd_t": "c", "stat_t": "s"}, "s", "7", {"state": "7"}),
    ("select", {"cmd_t": "c", "stat_t": "s", "ops": ["eco", "boost"]}, "s", "eco", {"state": "eco"}),
    ("text", {"cmd_t": "c", "stat_t": "s"}, "s", "hello", {"state": "hello"}),
    ("siren", {"cmd_t": "c", "stat_t": "s"}, "s", "ON", {"state": "on"}),
    ("water_heater", {"mode_stat_t": "s", "modes": ["off", "eco"]}, "s", "eco", {"state": "eco"}),
    ("update", {"stat_t": "s", "l_ver_t": "l"}, "l", "2.0", {"latest_version": "2.0"}),
    ("event", {"stat_t": "s", "evt_typ": ["press"]}, "s", "press", {"event": "press"}),
    ("device_tracker", {"stat_t": "s"}, "s", "home", {"state": "home"}),
    ("image", {"url_t": "u"}, "u", "http://x/y.png", {"state": "http://x/y.png"}),
]  # fmt: skip


@pytest.mark.parametrize(("component", "config", "topic", "payload", "expected"), CASES)
def test_a_state_message_is_followed(
    component: str, config: dict[str, Any], topic: str, payload: str, expected: dict[str, Any]
) -> None:
    registry = discover(component, config)
    (change,) = registry.state_message(topic, payload.encode(), NOW)
    found = {"state": change.after.state, **change.after.attributes}
    assert {key: found[key] for key in expected} == expected


COMMANDS: list[tuple[str, dict[str, Any], str, dict[str, Any], list[tuple[str, str]]]] = [
    ("switch", {"cmd_t": "~/set", "~": "plug"}, "turn_on", {}, [("plug/set", "ON")]),
    ("switch", {"cmd_t": "c", "pl_off": "0"}, "turn_off", {}, [("c", "0")]),
    ("light", {"cmd_t": "c", "bri_cmd_t": "b", "bri_scl": 100}, "turn_on", {"brightness_pct": 40},
     [("b", "40"), ("c", "ON")]),
    ("light", {"cmd_t": "c", "rgb_cmd_t": "r"}, "turn_on", {"color_name": "red"},
     [("r", "255,0,0"), ("c", "ON")]),
    ("light", {"schema": "json", "cmd_t": "c", "brightness": True, "sup_clrm": ["color_temp"]},
     "turn_on", {"color_temp_kelvin": 2700}, [("c", '{"state":"ON","color_temp":370}')]),
    ("light", {"schema": "template", "cmd_t": "c", "cmd_on_tpl": "on,{{ brightness }}",
               "cmd_off_tpl": "off"}, "turn_on", {"brightness": 9}, [("c", "on,9")]),
    ("cover", {"cmd_t": "c"}, "open_cover", {}, [("c", "OPEN")]),
    ("cover", {"cmd_t": "c", "set_pos_t": "p", "pos_open": 0, "pos_clsd": 100},
     "set_cover_position", {"position": 30}, [("p", "70")]),
    ("fan", {"cmd_t": "c", "pct_cmd_t": "p", "spd_rng_max": 4}, "set_percentage",
     {"percentage": 50}, [("c", "ON"), ("p", "2")]),
    ("climate", {"temp_cmd_t": "t"}, "set_temperature", {"temperature": 21}, [("t", "21")]),
    ("climate", {"mode_cmd_t": "m", "modes": ["off", "heat"]}, "set_hvac_mode",
     {"hvac_mode": "heat"}, [("m", "heat")]),
    ("lock", {"cmd_t": "c"}, "unlock", {}, [("c", "UNLOCK")]),
    ("button", {"cmd_t": "c"}, "press", {}, [("c", "PRESS")]),
    ("scene", {"cmd_t": "c"}, "turn_on", {}, [("c", "ON")]),
    ("number", {"cmd_t": "c"}, "set_value", {"value": 5.0}, [("c", "5")]),
    ("select", {"cmd_t": "c", "ops": ["a", "b"]}, "select_option", {"option": "b"}, [("c", "b")]),
    ("text", {"cmd_t": "c"}, "set_value", {"value": "hi"}, [("c", "hi")]),
    ("vacuum", {"cmd_t": "c"}, "return_to_base", {}, [("c", "return_to_base")]),
    ("lawn_mower", {"strt_mw_cmd_t": "c"}, "start_mowing", {}, [("c", "start_mowing")]),
    ("valve", {"cmd_t": "c", "reports_position": True}, "close_valve", {}, [("c", "0")]),
    ("humidifier", {"cmd_t": "c", "hum_cmd_t": "h"}, "set_humidity", {"humidity": 55}, [("h", "55")]),
    ("alarm_control_panel", {"cmd_t": "c"}, "alarm_arm_away", {}, [("c", "ARM_AWAY")]),
    ("siren", {"cmd_t": "c"}, "turn_off", {}, [("c", "OFF")]),
    ("water_heater", {"temp_cmd_t": "t"}, "set_temperature", {"temperature": 55}, [("t", "55")]),
    ("notify", {"cmd_t": "c"}, "send_message", {"message": "hi"}, [("c", "hi")]),
    ("update", {"cmd_t": "c", "pl_inst": "go"}, "install", {}, [("c", "go")]),
]  # fmt: skip


@pytest.mark.parametrize(("component", "config", "service", "data", "expected"), COMMANDS)
def test_a_service_call_becomes_the_documented_messages(
    component: str,
    config: dict[str, Any],
    service: str,
    data: dict[str, Any],
    expected: list[tuple[str, str]],
) -> None:
    registry = discover(component, config)
    (entity_id,) = registry.home().entities
    found = registry.publishes(ServiceCall(entity_id, f"{component}.{service}", data))
    assert [(message.topic, message.payload.decode()) for message in found] == expected


def test_every_zigbee2mqtt_message_is_accepted(payloads: Path) -> None:
    registry = Registry()
    lines = (payloads / "homeassistant-discovery.zigbee2mqtt.jsonl").read_text("utf-8").splitlines()
    for line in lines:
        row = json.loads(line)
        payload = row["payload"] if isinstance(row["payload"], str) else json.dumps(row["payload"])
        change = registry.discovered(row["topic"], payload.encode())
        assert change.rejected is None, row["topic"]
        assert not change.quarantined
    assert "light.bulb_enddevice" in registry.home().entities


def test_the_device_form_makes_all_its_entities() -> None:
    registry = Registry()
    message = {
        "dev": {"ids": "d1", "name": "Plug", "sa": "Kitchen"},
        "o": {"name": "maker"},
        "avty_t": "plug/online",
        "cmps": {
            "relay": {"p": "switch", "uniq_id": "d1r", "name": None, "cmd_t": "plug/set"},
            "watts": {"p": "sensor", "uniq_id": "d1w", "dev_cla": "power", "stat_t": "plug/w",
                      "unit_of_meas": "W"},
        },
    }  # fmt: skip
    registry.discovered("homeassistant/device/d1/config", json.dumps(message).encode())
    home = registry.home()
    assert set(home.entities) == {"switch.plug", "sensor.plug_power"}
    assert home.entities["switch.plug"].area == "kitchen"


def test_availability_decides_whether_a_device_is_there() -> None:
    registry = discover("switch", {"cmd_t": "c", "avty_t": "a"})
    assert not registry.home().state("switch.thing").available
    registry.state_message("a", b"online", NOW)
    assert registry.home().state("switch.thing").available
    registry.state_message("a", b"offline", NOW)
    assert not registry.home().state("switch.thing").available


def test_all_availability_topics_must_say_online_in_mode_all() -> None:
    config = {"cmd_t": "c", "avty_mode": "all", "avty": [{"t": "a"}, {"t": "b"}]}
    registry = discover("switch", config)
    registry.state_message("a", b"online", NOW)
    assert not registry.home().state("switch.thing").available
    registry.state_message("b", b"online", NOW)
    assert registry.home().state("switch.thing").available


@pytest.mark.parametrize(
    "topic",
    ["", "a/+", "a/#", "$SYS/a", "a\x00", "a\nb", "a\x7f", "a\x85", "a\uffff",
     "a\ufdd0", "a/" * 150, "a" * 2000],
)  # fmt: skip
@pytest.mark.parametrize("key", ["state_topic", "command_topic", "availability"])
def test_a_topic_that_a_broker_hangs_up_on_is_refused(key: str, topic: str) -> None:
    config = {"cmd_t": "c", key: [{"topic": topic}] if key == "availability" else topic}
    change = Registry().discovered("homeassistant/switch/x/config", json.dumps(config).encode())
    assert change.rejected is not None
    assert "topic" in change.rejected
    assert not change.subscribe


def test_an_empty_payload_removes_the_entity_and_its_topics() -> None:
    registry = discover("switch", {"cmd_t": "c", "stat_t": "s"})
    change = registry.discovered("homeassistant/switch/x/config", b"")
    assert change.removed == ("switch.thing",)
    assert set(change.unsubscribe) == {"s"}
    assert not registry.home().entities


def test_a_device_that_changes_its_mind_leaves_no_ghost() -> None:
    registry = discover("switch", {"cmd_t": "c", "stat_t": "s"})
    changed = {"unique_id": "u1", "name": "Thing", "cmd_t": "c", "stat_t": "other"}
    change = registry.discovered("homeassistant/switch/x/config", json.dumps(changed).encode())
    assert set(change.subscribe) == {"other"}
    assert set(change.unsubscribe) == {"s"}
    assert list(registry.home().entities) == ["switch.thing"]


def test_a_claimed_unique_id_is_quarantined_and_not_overwritten() -> None:
    registry = discover("lock", {"cmd_t": "front/set"})
    claim = {"unique_id": "u1", "name": "Thing", "cmd_t": "evil/set"}
    change = registry.discovered("homeassistant/lock/evil/config", json.dumps(claim).encode())
    assert change.quarantined == ("u1",)
    call = ServiceCall("lock.thing", "lock.lock", {})
    assert registry.publishes(call)[0].topic == "front/set"


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([case[:2] for case in CASES]),
    st.text("abc~{}[]+#/|\x00é", max_size=12),
    st.sampled_from([None, 1, -1.5, True, "x", [], {}, {"a": [1]}, "{{ value }}", "~/x"]),
)
def test_mutated_discovery_is_taken_or_rejected_and_never_raises(
    case: tuple[str, dict[str, Any]], key: str, value: Any
) -> None:
    component, config = case
    registry = Registry()
    for mutated in ({**config, key: value}, {**config, next(iter(config)): value}):
        payload = json.dumps({"unique_id": "u", "name": "n", **mutated}).encode()
        registry.discovered(f"homeassistant/{component}/x/config", payload)
        for topic in registry.subscriptions():
            registry.state_message(topic, b'{"state": [1]}', NOW)
    registry.home()
