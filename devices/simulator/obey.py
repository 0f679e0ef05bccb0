"""A command message, as the simulated device understands it: topic and payload to service call."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from devices.home import Entity
from devices.services import ServiceCall

_WORDS: Mapping[str, Mapping[str, str]] = {
    "switch": {"ON": "turn_on", "OFF": "turn_off"},
    "siren": {"ON": "turn_on", "OFF": "turn_off"},
    "fan": {"ON": "turn_on", "OFF": "turn_off"},
    "humidifier": {"ON": "turn_on", "OFF": "turn_off"},
    "water_heater": {"ON": "turn_on", "OFF": "turn_off"},
    "cover": {"OPEN": "open_cover", "CLOSE": "close_cover", "STOP": "stop_cover"},
    "valve": {"OPEN": "open_valve", "CLOSE": "close_valve", "STOP": "stop_valve"},
    "lock": {"LOCK": "lock", "UNLOCK": "unlock", "OPEN": "open"},
    "button": {"PRESS": "press"},
    "scene": {"ON": "turn_on"},
    "lawn_mower": {"start_mowing": "start_mowing", "pause": "pause", "dock": "dock"},
    "vacuum": {
        "start": "start", "pause": "pause", "stop": "stop", "return_to_base": "return_to_base",
        "locate": "locate", "clean_spot": "clean_spot",
    },
    "alarm_control_panel": {
        "DISARM": "alarm_disarm", "ARM_HOME": "alarm_arm_home", "ARM_AWAY": "alarm_arm_away",
        "ARM_NIGHT": "alarm_arm_night", "ARM_VACATION": "alarm_arm_vacation",
    },
}  # fmt: skip

_SETTINGS: Mapping[str, tuple[str, str]] = {
    "mode": ("set_hvac_mode", "hvac_mode"),
    "temperature": ("set_temperature", "temperature"),
    "humidity": ("set_humidity", "humidity"),
    "percentage": ("set_percentage", "percentage"),
}
_VALUES: Mapping[str, tuple[str, str]] = {
    "select": ("select_option", "option"),
    "number": ("set_value", "value"),
    "text": ("set_value", "value"),
}


def understood(entity: Entity, topic: str, payload: str) -> ServiceCall | None:
    """The service call that a command message asks for; None if it means nothing here."""
    found = _light(payload) if entity.domain == "light" else _other(entity, topic, payload)
    if found is None:
        return None
    service, data = found
    return ServiceCall(entity.id, f"{entity.domain}.{service}", data)


def _light(payload: str) -> tuple[str, dict[str, Any]] | None:
    try:
        said = json.loads(payload)
    except ValueError:
        return None
    if not isinstance(said, dict):
        return None
    if str(said.get("state", "ON")).upper() == "OFF":
        return "turn_off", {}
    data: dict[str, Any] = {k: said[k] for k in ("brightness", "effect") if k in said}
    if isinstance(said.get("color"), dict):
        data["rgb_color"] = [said["color"].get(part, 0) for part in "rgb"]
    if "color_temp" in said:
        data["color_temp_kelvin"] = said["color_temp"]
    return "turn_on", data


def _other(entity: Entity, topic: str, payload: str) -> tuple[str, dict[str, Any]] | None:
    parts = topic.split("/")
    setting = parts[-2] if parts[-1] == "set" else parts[-1]
    if setting == "position":
        return f"set_{entity.domain}_position", {"position": int(float(payload))}
    if setting in _SETTINGS and entity.domain in ("climate", "water_heater", "humidifier", "fan"):
        service, key = _SETTINGS[setting]
        if entity.domain == "water_heater" and setting == "mode":
            return "set_operation_mode", {"operation_mode": payload}
        return service, {key: payload if setting == "mode" else _number(payload)}
    if setting == "send" and entity.domain == "vacuum":
        return "clean_area", {"area": str(json.loads(payload).get("area", ""))}
    if entity.domain in _VALUES:
        service, key = _VALUES[entity.domain]
        return service, {key: _number(payload) if entity.domain == "number" else payload}
    known = _WORDS.get(entity.domain, {}).get(payload)
    return (known, {}) if known else None


def _number(payload: str) -> float:
    value = float(payload)
    return int(value) if value == int(value) else value
