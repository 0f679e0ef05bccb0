"""What state topics say: payload to state and attributes, as tables over components.

A row of `READS` is (topic key, template key, what it sets, how it is converted). Enumerations and
numbers that do not fit are refused, and the last good value stays.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from devices.colors import hs_color

Config = Mapping[str, Any]
Convert = Callable[[str, Config], Any]


class BadState(ValueError):
    """A state that the entity cannot have."""


@dataclass(frozen=True, slots=True)
class Read:
    """One state topic of an entity."""

    topic: str
    template: str | None
    sets: str
    convert: Convert


def text(value: str, config: Config) -> Any:
    """Any printable text, bounded."""
    if len(value) > 255 or not value.isprintable():
        raise BadState("not a printable text of at most 255 characters")
    return None if value in ("None", "") else value


def real(value: str, config: Config) -> Any:
    """A finite number."""
    if value in ("None", "", "unknown"):
        return None
    try:
        number = float(value)
    except ValueError as error:
        raise BadState(f"{value[:40]!r} is not a number") from error
    if not math.isfinite(number):
        raise BadState("not a finite number")
    return int(number) if number == int(number) and abs(number) < 2**53 else number


def sensor_state(value: str, config: Config) -> Any:
    """A number where the sensor has a unit or a class that measures, else text."""
    if config.get("unit_of_measurement") or config.get("state_class"):
        return (
            None if value.lower() in ("unavailable", "unknown") else _as_text(real(value, config))
        )
    if value.startswith(("{", "[")):
        raise BadState("an object where a value is due")
    return text(value, config)


def _as_text(value: Any) -> str | None:
    return None if value is None else str(value)


def on_off(value: str, config: Config) -> Any:
    """`state_on`/`payload_on` and their opposites."""
    on = str(config.get("state_on", config.get("payload_on", "ON")))
    off = str(config.get("state_off", config.get("payload_off", "OFF")))
    if value == "None":
        return None
    found = {on: "on", off: "off"}.get(value)
    if found is None:
        raise BadState(f"{value[:40]!r} is neither {on!r} nor {off!r}")
    return found


def one_of(defaults: Mapping[str, str]) -> Convert:
    """An enumeration: config key (`state_open`) to state, with the default payloads in `defaults`
    given as "config key|default payload"."""
    rows = [(key.split("|"), state) for key, state in defaults.items()]

    def convert(value: str, config: Config) -> Any:
        if value == "None":
            return None
        for (key, default), state in rows:
            if value == str(config.get(key, default)):
                return state
        raise BadState(f"{value[:40]!r} is not a state of it")

    return convert


def listed(key: str, *always: str) -> Convert:
    """One of the texts that the configuration lists."""

    def convert(value: str, config: Config) -> Any:
        allowed = [str(item) for item in config.get(key, ())]
        if value in ("None", ""):
            return None
        if allowed and value not in allowed and value not in always:
            raise BadState(f"{value[:40]!r} is not one of {', '.join(allowed)[:200]}")
        return text(value, config)

    return convert


def states(*allowed: str) -> Convert:
    """One of fixed states."""

    def convert(value: str, config: Config) -> Any:
        if value in ("None", ""):
            return None
        if value not in allowed:
            raise BadState(f"{value[:40]!r} is not one of {', '.join(allowed)}")
        return value

    return convert


def scaled(key: str, default: float, top: float) -> Convert:
    """A number from 0 to the configured scale, as 0 to `top`."""

    def convert(value: str, config: Config) -> Any:
        number = real(value, config)
        if number is None:
            return None
        scale = float(config.get(key, default)) or default
        return round(max(0.0, min(top, number * top / scale)))

    return convert


def ranged(low_key: str, low: float, high_key: str, high: float) -> Convert:
    """A number between two configured ends as 0-100; the ends may be the wrong way round."""

    def convert(value: str, config: Config) -> Any:
        number = real(value, config)
        start, end = float(config.get(low_key, low)), float(config.get(high_key, high))
        if number is None or start == end:
            return None
        return round(max(0.0, min(100.0, (number - start) * 100 / (end - start))))

    return convert


def percentage(value: str, config: Config) -> Any:
    """A fan's speed in its range as 1-100, 0 when off."""
    number = real(value, config)
    if number is None or number == 0:
        return number
    low, high = float(config.get("speed_range_min", 1)), float(config.get("speed_range_max", 100))
    return round(max(0.0, min(100.0, (number - low + 1) * 100 / (high - low + 1))))


def color(value: str, config: Config) -> Any:
    """Red, green and blue as "r,g,b"."""
    parts = [int(part) for part in value.split(",")]
    if len(parts) != 3 or not all(0 <= part <= 255 for part in parts):
        raise BadState(f"{value[:40]!r} is not a colour")
    return parts


def kelvin(value: str, config: Config) -> Any:
    """A colour temperature; in mired unless `color_temp_kelvin` says otherwise."""
    number = real(value, config)
    if not number:
        return None
    return round(number if config.get("color_temp_kelvin") else 1_000_000 / number)


def flag(on_key: str, on: str) -> Convert:
    """True for one payload."""
    return lambda value, config: value == str(config.get(on_key, on))


_COVER = one_of(
    {
        "state_open|open": "open", "state_closed|closed": "closed",
        "state_opening|opening": "opening", "state_closing|closing": "closing",
        "state_stopped|stopped": "stopped",
    }
)  # fmt: skip
_LOCK = one_of(
    {
        "state_locked|LOCKED": "locked", "state_unlocked|UNLOCKED": "unlocked",
        "state_locking|LOCKING": "locking", "state_unlocking|UNLOCKING": "unlocking",
        "state_jammed|JAMMED": "jammed", "state_open|OPEN": "open",
    }
)  # fmt: skip
_ALARM = states(
    "disarmed", "armed_home", "armed_away", "armed_night", "armed_vacation",
    "armed_custom_bypass", "pending", "triggered", "arming", "disarming",
)  # fmt: skip

Row = tuple[str, str | None, str, Convert]

READS: Mapping[str, tuple[Row, ...]] = {
    "alarm_control_panel": (("state_topic", "value_template", "state", _ALARM),),
    "binary_sensor": (("state_topic", "value_template", "state", on_off),),
    "climate": (
        ("mode_state_topic", "mode_state_template", "state", listed("modes", "off")),
        ("temperature_state_topic", "temperature_state_template", "temperature", real),
        ("temperature_high_state_topic", "temperature_high_state_template", "target_temp_high",
         real),
        ("temperature_low_state_topic", "temperature_low_state_template", "target_temp_low", real),
        ("current_temperature_topic", "current_temperature_template", "current_temperature", real),
        ("current_humidity_topic", "current_humidity_template", "current_humidity", real),
        ("target_humidity_state_topic", "target_humidity_state_template", "humidity", real),
        ("action_topic", "action_template", "hvac_action", text),
        ("fan_mode_state_topic", "fan_mode_state_template", "fan_mode", listed("fan_modes")),
        ("swing_mode_state_topic", "swing_mode_state_template", "swing_mode", text),
        ("preset_mode_state_topic", "preset_mode_value_template", "preset_mode",
         listed("preset_modes", "none")),
    ),
    "cover": (
        ("state_topic", "value_template", "state", _COVER),
        ("position_topic", "position_template", "current_position",
         ranged("position_closed", 0, "position_open", 100)),
        ("tilt_status_topic", "tilt_status_template", "current_tilt_position",
         ranged("tilt_min", 0, "tilt_max", 100)),
    ),
    "device_tracker": (
        ("state_topic", "value_template", "state", one_of(
            {"payload_home|home": "home", "payload_not_home|not_home": "not_home"})),
    ),
    "event": (("state_topic", None, "event", text),),
    "fan": (
        ("state_topic", "state_value_template", "state", on_off),
        ("percentage_state_topic", "percentage_value_template", "percentage", percentage),
        ("preset_mode_state_topic", "preset_mode_value_template", "preset_mode",
         listed("preset_modes")),
        ("oscillation_state_topic", "oscillation_value_template", "oscillating",
         flag("payload_oscillation_on", "oscillate_on")),
        ("direction_state_topic", "direction_value_template", "direction",
         states("forward", "reverse")),
    ),
    "humidifier": (
        ("state_topic", "state_value_template", "state", on_off),
        ("target_humidity_state_topic", "target_humidity_state_template", "humidity", real),
        ("current_humidity_topic", "current_humidity_template", "current_humidity", real),
        ("mode_state_topic", "mode_state_template", "mode", listed("modes")),
        ("action_topic", "action_template", "action", text),
    ),
    "lawn_mower": (
        ("activity_state_topic", "activity_value_template", "state",
         states("mowing", "paused", "docked", "returning", "error")),
    ),
    "light": (
        ("state_topic", "state_value_template", "state", on_off),
        ("brightness_state_topic", "brightness_value_template", "brightness",
         scaled("brightness_scale", 255, 255)),
        ("color_temp_state_topic", "color_temp_value_template", "color_temp_kelvin", kelvin),
        ("rgb_state_topic", "rgb_value_template", "rgb_color", color),
        ("effect_state_topic", "effect_value_template", "effect", text),
    ),
    "lock": (("state_topic", "value_template", "state", _LOCK),),
    "number": (("state_topic", "value_template", "state", lambda v, c: _as_text(real(v, c))),),
    "select": (("state_topic", "value_template", "state", listed("options")),),
    "sensor": (("state_topic", "value_template", "state", sensor_state),),
    "siren": (("state_topic", "state_value_template", "state", on_off),),
    "switch": (("state_topic", "value_template", "state", on_off),),
    "text": (("state_topic", "value_template", "state", text),),
    "update": (
        ("state_topic", "value_template", "installed_version", text),
        ("latest_version_topic", "latest_version_template", "latest_version", text),
    ),
    "valve": (("state_topic", "value_template", "state", text),),
    "vacuum": (("state_topic", None, "state", text),),
    "water_heater": (
        ("mode_state_topic", "mode_state_template", "state", listed("modes", "off")),
        ("temperature_state_topic", "temperature_state_template", "temperature", real),
        ("current_temperature_topic", "current_temperature_template", "current_temperature", real),
    ),
    "image": (("url_topic", "url_template", "state", text),),
}  # fmt: skip
"""State topics by component. `button`, `scene`, `notify`, `tag`, `camera` and `device_automation`
report nothing that is kept as a state."""


def read_json_light(raw: Any, config: Config) -> dict[str, Any]:
    """State of a light of the JSON schema. Raises `BadState`."""
    if not isinstance(raw, dict):
        raise BadState("expected a JSON object")
    found: dict[str, Any] = {}
    if "state" in raw:
        found["state"] = on_off(str(raw["state"]).upper(), {})
    if raw.get("brightness") is not None:
        found["brightness"] = scaled("brightness_scale", 255, 255)(str(raw["brightness"]), config)
    if raw.get("color_temp") is not None:
        found["color_temp_kelvin"] = kelvin(str(raw["color_temp"]), config)
    tint = raw.get("color")
    if isinstance(tint, dict) and {"r", "g", "b"} <= set(tint):
        found["rgb_color"] = color(f"{tint['r']},{tint['g']},{tint['b']}", config)
        found["hs_color"] = list(hs_color(tuple(found["rgb_color"])))
    elif isinstance(tint, dict) and {"h", "s"} <= set(tint):
        found["hs_color"] = [real(str(tint["h"]), config), real(str(tint["s"]), config)]
    if isinstance(raw.get("effect"), str):
        found["effect"] = text(raw["effect"], config)
    return found


def read_vacuum(raw: Any, config: Config) -> dict[str, Any]:
    """State of a vacuum: a JSON object. Raises `BadState`."""
    if not isinstance(raw, dict):
        raise BadState("expected a JSON object")
    allowed = states("cleaning", "docked", "paused", "idle", "returning", "error")
    found = {"state": allowed(str(raw["state"]), config)} if "state" in raw else {}
    for key in ("fan_speed", "battery_level"):
        if isinstance(raw.get(key), str | int | float):
            found[key] = raw[key]
    return found


def read_valve(value: str, config: Config) -> dict[str, Any]:
    """State and position of a valve: a word, a number, or both in an object."""
    raw: Any = value
    if value.startswith("{"):
        raw = json.loads(value)
    if isinstance(raw, dict):
        parts = {k: v for k, v in raw.items() if k in ("state", "position")}
        merged: dict[str, Any] = {}
        for part in parts.values():
            merged |= read_valve(str(part), config)
        return merged
    if config.get("reports_position"):
        try:
            position = ranged("position_closed", 0, "position_open", 100)(value, config)
        except BadState:
            return {"state": _COVER(value, config)}
        return {"current_position": position, "state": "closed" if position == 0 else "open"}
    return {"state": _COVER(value, config)}
