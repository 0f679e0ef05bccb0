"""What each Home Assistant domain can do: its services and their data, as a table.

Source: the `services.yaml` of Home Assistant's core integrations (2026.10). Only services that a
person's wish can need are listed. `toggle` is left out on purpose: it cannot be repeated safely.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from devices.services import ServiceCall


class InvalidServiceCall(ValueError):
    """A service that does not exist, or data that it does not take. The message says which."""


@dataclass(frozen=True, slots=True)
class Number:
    """A finite number in a range, booleans excluded. `whole` for integers."""

    low: float
    high: float
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """A string; one of `choices` if there are any."""

    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Vector:
    """A list of numbers, one range for each."""

    parts: tuple[Number, ...]


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""


Kind = Number | Text | Vector | Flag
PERCENT = Number(0, 100)
TEMPERATURE = Number(-50, 250)
BYTE = Number(0, 255, whole=True)

_LIGHT_ON: Mapping[str, Kind] = {
    "brightness": BYTE,
    "brightness_pct": PERCENT,
    "brightness_step": Number(-255, 255, whole=True),
    "brightness_step_pct": Number(-100, 100),
    "color_name": Text(),
    "rgb_color": Vector((BYTE, BYTE, BYTE)),
    "hs_color": Vector((Number(0, 360), PERCENT)),
    "color_temp_kelvin": Number(1000, 12000, whole=True),
    "effect": Text(),
    "transition": Number(0, 300),
    "flash": Text(("short", "long")),
}
_POSITION: Mapping[str, Kind] = {"position": Number(0, 100, whole=True)}
_TILT: Mapping[str, Kind] = {"tilt_position": Number(0, 100, whole=True)}
_TONE: Mapping[str, Kind] = {
    "tone": Text(),
    "duration": Number(0, 86400),
    "volume_level": Number(0, 1),
}
_CODE: Mapping[str, Kind] = {"code": Text()}
_ITEM: Mapping[str, Kind] = {"item": Text()}
_NONE: Mapping[str, Kind] = {}
_SWITCHED: Mapping[str, Mapping[str, Kind]] = {"turn_on": _NONE, "turn_off": _NONE}

SERVICES: Mapping[str, Mapping[str, Mapping[str, Kind]]] = {
    "alarm_control_panel": {
        "alarm_arm_away": _CODE,
        "alarm_arm_home": _CODE,
        "alarm_arm_night": _CODE,
        "alarm_arm_vacation": _CODE,
        "alarm_arm_custom_bypass": _CODE,
        "alarm_disarm": _CODE,
        "alarm_trigger": _CODE,
    },
    "automation": {**_SWITCHED, "trigger": _NONE},
    "button": {"press": _NONE},
    "camera": _SWITCHED,
    "climate": {
        **_SWITCHED,
        "set_temperature": {
            "temperature": TEMPERATURE,
            "target_temp_high": TEMPERATURE,
            "target_temp_low": TEMPERATURE,
            "hvac_mode": Text(),
        },
        "set_hvac_mode": {"hvac_mode": Text()},
        "set_preset_mode": {"preset_mode": Text()},
        "set_fan_mode": {"fan_mode": Text()},
        "set_swing_mode": {"swing_mode": Text()},
        "set_humidity": {"humidity": PERCENT},
    },
    "cover": {
        "open_cover": _NONE,
        "close_cover": _NONE,
        "stop_cover": _NONE,
        "set_cover_position": _POSITION,
        "open_cover_tilt": _NONE,
        "close_cover_tilt": _NONE,
        "set_cover_tilt_position": _TILT,
    },
    "fan": {
        "turn_on": {"percentage": PERCENT, "preset_mode": Text()},
        "turn_off": _NONE,
        "set_percentage": {"percentage": PERCENT},
        "set_preset_mode": {"preset_mode": Text()},
        "oscillate": {"oscillating": Flag()},
        "set_direction": {"direction": Text(("forward", "reverse"))},
    },
    "humidifier": {
        **_SWITCHED,
        "set_humidity": {"humidity": PERCENT},
        "set_mode": {"mode": Text()},
    },
    "input_boolean": _SWITCHED,
    "input_button": {"press": _NONE},
    "input_number": {"set_value": {"value": Number(-1e9, 1e9)}},
    "input_select": {"select_option": {"option": Text()}},
    "input_text": {"set_value": {"value": Text()}},
    "lawn_mower": {"start_mowing": _NONE, "pause": _NONE, "dock": _NONE},
    "light": {"turn_on": _LIGHT_ON, "turn_off": {"transition": Number(0, 300)}},
    "lock": {"lock": _CODE, "unlock": _CODE, "open": _CODE},
    "media_player": {
        **_SWITCHED,
        "media_play": _NONE,
        "media_pause": _NONE,
        "media_stop": _NONE,
        "media_next_track": _NONE,
        "media_previous_track": _NONE,
        "volume_set": {"volume_level": Number(0, 1)},
        "volume_up": _NONE,
        "volume_down": _NONE,
        "volume_mute": {"is_volume_muted": Flag()},
        "select_source": {"source": Text()},
        "play_media": {"media_content_id": Text(), "media_content_type": Text()},
    },
    "notify": {"send_message": {"message": Text(), "title": Text()}},
    "number": {"set_value": {"value": Number(-1e9, 1e9)}},
    "scene": {"turn_on": {"transition": Number(0, 300)}},
    "script": _SWITCHED,
    "select": {"select_option": {"option": Text()}},
    "siren": {"turn_on": _TONE, "turn_off": _NONE},
    "switch": _SWITCHED,
    "text": {"set_value": {"value": Text()}},
    "todo": {
        "add_item": _ITEM,
        "remove_item": _ITEM,
        "update_item": {
            "item": Text(),
            "rename": Text(),
            "status": Text(("needs_action", "completed")),
        },
    },
    "update": {"install": _NONE},
    "vacuum": {
        "start": _NONE,
        "pause": _NONE,
        "stop": _NONE,
        "return_to_base": _NONE,
        "locate": _NONE,
        "clean_spot": _NONE,
        "set_fan_speed": {"fan_speed": Text()},
        "send_command": {"command": Text(), "area": Text()},
        "clean_area": {"area": Text()},
    },
    "valve": {
        "open_valve": _NONE,
        "close_valve": _NONE,
        "stop_valve": _NONE,
        "set_valve_position": _POSITION,
    },
    "water_heater": {
        **_SWITCHED,
        "set_temperature": {"temperature": TEMPERATURE},
        "set_operation_mode": {"operation_mode": Text()},
    },
}


def check_call(call: ServiceCall) -> None:
    """Raise `InvalidServiceCall` unless the service exists for the entity's domain and every datum
    has its exact type and lies in range. A boolean is not a number, and a number is not a string.
    """
    domain = call.entity_id.partition(".")[0]
    service_domain, _, name = call.service.partition(".")
    services = SERVICES.get(service_domain)
    if services is None or name not in services:
        raise InvalidServiceCall(f"there is no service {call.service!r}")
    if domain != service_domain:
        raise InvalidServiceCall(f"{call.service} is not for {call.entity_id}")
    for key, value in call.data.items():
        kind = services[name].get(key)
        if kind is None:
            raise InvalidServiceCall(f"{call.service} takes no {key!r}")
        _check_value(key, value, kind)


def _check_value(key: str, value: Any, kind: Kind) -> None:
    match kind:
        case Flag():
            if not isinstance(value, bool):
                raise InvalidServiceCall(f"{key} must be true or false")
        case Text(choices):
            if not isinstance(value, str) or len(value) > 255:
                raise InvalidServiceCall(f"{key} must be a text of at most 255 characters")
            if choices and value not in choices:
                raise InvalidServiceCall(f"{key} must be one of {', '.join(choices)}")
            if any(mark in value for mark in ("{{", "{%")) or not value.isprintable():
                raise InvalidServiceCall(f"{key} holds characters that are not allowed")
        case Number(low, high, whole):
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise InvalidServiceCall(f"{key} must be a number")
            if not math.isfinite(value) or not low <= value <= high:
                raise InvalidServiceCall(f"{key} must be from {low:g} to {high:g}")
            if whole and value != int(value):
                raise InvalidServiceCall(f"{key} must be a whole number")
        case Vector(parts):
            if not isinstance(value, list | tuple) or len(value) != len(parts):
                raise InvalidServiceCall(f"{key} must be a list of {len(parts)} numbers")
            for item, part in zip(value, parts, strict=True):
                _check_value(key, item, part)
