"""Service calls as MQTT messages, one function a component."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from devices.behaviour import effect
from devices.conventions.home_assistant.templates import render_command
from devices.domains import InvalidServiceCall
from devices.home import Entity, EntityState
from devices.payload import encode_json
from devices.services import ServiceCall

Config = Mapping[str, Any]
Message = tuple[str, str]
"""Topic and payload."""


class NoTopic(InvalidServiceCall):
    """The device has no command topic for this."""


def messages(
    config: Config, component: str, entity: Entity, state: EntityState, call: ServiceCall
) -> list[Message]:
    """The messages that carry a call. Raises `InvalidServiceCall`."""
    service = call.service.partition(".")[2]
    build = _WRITES.get(component)
    found = build(config, service, dict(call.data), _Target(entity, state, call)) if build else []
    if not found:
        raise NoTopic(f"{entity.name} has no command topic for {call.service}")
    return found


class _Target:
    """What a builder may need of the entity."""

    def __init__(self, entity: Entity, state: EntityState, call: ServiceCall) -> None:
        self.entity = entity
        self.state = state
        self.call = call


def _say(config: Config, stem: str, value: Any) -> list[Message]:
    """The value through `<stem>command_template` to `<stem>command_topic`, if there is one."""
    topic = config.get(f"{stem}command_topic")
    if not topic:
        return []
    return [(str(topic), render_command(config.get(f"{stem}command_template"), value, {}))]


def _word(config: Config, key: str, default: str) -> str:
    return str(config.get(key, default))


def _switch(config: Config, service: str, data: dict[str, Any], target: _Target) -> list[Message]:
    keys = {"turn_on": ("payload_on", "ON"), "turn_off": ("payload_off", "OFF")}
    if service not in keys:
        return []
    return _say(config, "", _word(config, *keys[service]))


def _fixed(words: Mapping[str, tuple[str, str]]) -> Any:
    def build(config: Config, service: str, data: dict[str, Any], target: _Target) -> list[Message]:
        return _say(config, "", _word(config, *words[service])) if service in words else []

    return build


def _light(config: Config, service: str, data: dict[str, Any], target: _Target) -> list[Message]:
    schema = config.get("schema", "basic")
    changed = effect(target.entity, target.state, target.call)
    if schema == "json":
        return _json_light(config, service, data, changed)
    if schema == "template":
        return _template_light(config, service, changed)
    if service == "turn_off" or changed.get("state") == "off":
        return _say(config, "", _word(config, "payload_off", "OFF"))
    found: list[Message] = []
    if changed.get("brightness") is not None and data:
        scale = float(config.get("brightness_scale", 255))
        found += _say(config, "brightness_", round(changed["brightness"] * scale / 255))
    if changed.get("rgb_color"):
        found += _say(config, "rgb_", ",".join(map(str, changed["rgb_color"])))
        if not config.get("rgb_command_topic") and changed.get("hs_color"):
            found += _say(config, "hs_", ",".join(f"{part:g}" for part in changed["hs_color"]))
    if changed.get("color_temp_kelvin"):
        found += _say(config, "color_temp_", _color_temp(config, changed["color_temp_kelvin"]))
    if data.get("effect"):
        found += _say(config, "effect_", data["effect"])
    on = _say(config, "", _word(config, "payload_on", "ON"))
    if config.get("on_command_type") == "first":
        return on + found
    if config.get("on_command_type") == "brightness" and found:
        return found
    return found + on


def _color_temp(config: Config, kelvin: int) -> int:
    return kelvin if config.get("color_temp_kelvin") else round(1_000_000 / kelvin)


def _json_light(
    config: Config, service: str, data: dict[str, Any], changed: Mapping[str, Any]
) -> list[Message]:
    topic = config.get("command_topic")
    if not topic:
        return []
    if service == "turn_off" or changed.get("state") == "off":
        return [(str(topic), '{"state":"OFF"}')]
    said: dict[str, Any] = {"state": "ON"}
    if changed.get("brightness") is not None and data:
        scale = float(config.get("brightness_scale", 255))
        said["brightness"] = round(changed["brightness"] * scale / 255)
    if changed.get("color_temp_kelvin"):
        said["color_temp"] = _color_temp(config, changed["color_temp_kelvin"])
    if changed.get("rgb_color"):
        red, green, blue = changed["rgb_color"]
        modes = set(config.get("supported_color_modes", ()))
        if "hs" in modes and not modes & {"rgb", "xy"}:
            hue, saturation = changed["hs_color"]
            said["color"] = {"h": hue, "s": saturation}
        else:
            said["color"] = {"r": red, "g": green, "b": blue}
    for key in ("effect", "transition", "flash"):
        if key in data:
            said[key] = data[key]
    return [(str(topic), encode_json(said).decode())]


def _template_light(config: Config, service: str, changed: Mapping[str, Any]) -> list[Message]:
    topic = config.get("command_topic")
    off = service == "turn_off" or changed.get("state") == "off"
    template = config.get("command_off_template" if off else "command_on_template")
    if not topic or not template:
        return []
    red, green, blue = changed.get("rgb_color") or (None, None, None)
    kelvin = changed.get("color_temp_kelvin")
    variables = {
        "state": "off" if off else "on",
        "brightness": changed.get("brightness"),
        "red": red,
        "green": green,
        "blue": blue,
        "color_temp": _color_temp(config, kelvin) if kelvin else None,
    }
    known = {key: value for key, value in variables.items() if value is not None}
    return [(str(topic), render_command(template, "", known))]


def _from_percent(
    config: Config, value: float, low: tuple[str, float], high: tuple[str, float]
) -> int:
    start, end = float(config.get(*low)), float(config.get(*high))
    return round(start + (end - start) * value / 100)


def _cover(config: Config, service: str, data: dict[str, Any], target: _Target) -> list[Message]:
    words = {
        "open_cover": ("payload_open", "OPEN"),
        "close_cover": ("payload_close", "CLOSE"),
        "stop_cover": ("payload_stop", "STOP"),
    }
    if service in words:
        return _say(config, "", _word(config, *words[service]))
    if service == "set_cover_position":
        return _position(config, data["position"], target)
    tilt = {"open_cover_tilt": 100, "close_cover_tilt": 0}.get(service, data.get("tilt_position"))
    if tilt is None:
        return []
    value = _from_percent(config, tilt, ("tilt_min", 0), ("tilt_max", 100))
    return _say(config, "tilt_", value)


def _position(config: Config, position: float, target: _Target) -> list[Message]:
    topic = config.get("set_position_topic")
    value = _from_percent(config, position, ("position_closed", 0), ("position_open", 100))
    if topic:
        extra = {"position": value, "entity_id": target.entity.id}
        return [(str(topic), render_command(config.get("set_position_template"), value, extra))]
    if position in (0, 100):
        word = ("payload_open", "OPEN") if position else ("payload_close", "CLOSE")
        return _say(config, "", _word(config, *word))
    return []


def _valve(config: Config, service: str, data: dict[str, Any], target: _Target) -> list[Message]:
    goal = {"open_valve": 100, "close_valve": 0}.get(service, data.get("position"))
    if service == "stop_valve":
        return _say(config, "", config["payload_stop"]) if "payload_stop" in config else []
    if goal is None:
        return []
    if config.get("reports_position"):
        value = _from_percent(config, goal, ("position_closed", 0), ("position_open", 100))
        return _say(config, "", value)
    word = ("payload_open", "OPEN") if goal else ("payload_close", "CLOSE")
    return _say(config, "", _word(config, *word)) if goal in (0, 100) else []


def _fan(config: Config, service: str, data: dict[str, Any], target: _Target) -> list[Message]:
    if service == "turn_off" or data.get("percentage") == 0:
        return _say(config, "", _word(config, "payload_off", "OFF"))
    if service == "oscillate":
        on = data.get("oscillating", True)
        word = ("payload_oscillation_on", "oscillate_on") if on else (
            "payload_oscillation_off", "oscillate_off")  # fmt: skip
        return _say(config, "oscillation_", _word(config, *word))
    if service == "set_direction":
        return _say(config, "direction_", data["direction"])
    found: list[Message] = []
    if service == "turn_on" or target.state.state != "on":
        found += _say(config, "", _word(config, "payload_on", "ON"))
    if "percentage" in data:
        low, high = (
            float(config.get("speed_range_min", 1)),
            float(config.get("speed_range_max", 100)),
        )
        speed = max(low, round(low - 1 + data["percentage"] * (high - low + 1) / 100))
        spoken = _say(config, "percentage_", int(speed))
        if not spoken and service == "set_percentage":
            return []
        found += spoken
    if "preset_mode" in data:
        found += _say(config, "preset_mode_", data["preset_mode"])
    return found


def _climate(config: Config, service: str, data: dict[str, Any], target: _Target) -> list[Message]:
    power = {"turn_on": ("payload_on", "ON"), "turn_off": ("payload_off", "OFF")}
    if service in power:
        if config.get("power_command_topic"):
            return _say(config, "power_", _word(config, *power[service]))
        mode = effect(target.entity, target.state, target.call)["state"]
        return _say(config, "mode_", mode)
    found: list[Message] = []
    if "hvac_mode" in data:
        found += _say(config, "mode_", data["hvac_mode"])
    stems = {
        "temperature": "temperature_", "target_temp_high": "temperature_high_",
        "target_temp_low": "temperature_low_", "fan_mode": "fan_mode_",
        "preset_mode": "preset_mode_", "swing_mode": "swing_mode_", "humidity": "target_humidity_",
    }  # fmt: skip
    for key, stem in stems.items():
        if key in data:
            value = float(data[key]) if isinstance(data[key], int) else data[key]
            found += _say(config, stem, value if key != "humidity" else data[key])
    return found


def _humidifier(
    config: Config, service: str, data: dict[str, Any], target: _Target
) -> list[Message]:
    if "humidity" in data:
        return _say(config, "target_humidity_", data["humidity"])
    if "mode" in data:
        return _say(config, "mode_", data["mode"])
    return _switch(config, service, data, target)


def _water_heater(
    config: Config, service: str, data: dict[str, Any], target: _Target
) -> list[Message]:
    if "operation_mode" in data:
        return _say(config, "mode_", data["operation_mode"])
    if "temperature" in data:
        return _say(config, "temperature_", float(data["temperature"]))
    power = {"turn_on": ("payload_on", "ON"), "turn_off": ("payload_off", "OFF")}
    return _say(config, "power_", _word(config, *power[service])) if service in power else []


def _vacuum(config: Config, service: str, data: dict[str, Any], target: _Target) -> list[Message]:
    words = {
        "start": ("payload_start", "start"), "pause": ("payload_pause", "pause"),
        "stop": ("payload_stop", "stop"), "locate": ("payload_locate", "locate"),
        "return_to_base": ("payload_return_to_base", "return_to_base"),
        "clean_spot": ("payload_clean_spot", "clean_spot"),
    }  # fmt: skip
    if service in words:
        return _say(config, "", _word(config, *words[service]))
    if service == "set_fan_speed" and config.get("set_fan_speed_topic"):
        return [(str(config["set_fan_speed_topic"]), str(data["fan_speed"]))]
    if service == "clean_area" and config.get("send_command_topic"):
        said = encode_json({"command": "clean_area", "area": data["area"]})
        return [(str(config["send_command_topic"]), said.decode())]
    if service == "clean_area":
        return _say(config, "", _word(config, "payload_start", "start"))
    return []


def _lawn_mower(
    config: Config, service: str, data: dict[str, Any], target: _Target
) -> list[Message]:
    stem = {"start_mowing": "start_mowing_", "pause": "pause_", "dock": "dock_"}.get(service)
    return _say(config, stem, service) if stem else []


def _alarm(config: Config, service: str, data: dict[str, Any], target: _Target) -> list[Message]:
    key = service.removeprefix("alarm_")
    word = _word(config, f"payload_{key}", key.upper())
    topic = config.get("command_topic")
    template = config.get("command_template")
    if not topic:
        return []
    rendered = render_command(template, word, {"action": word, "code": data.get("code", "")})
    return [(str(topic), rendered)]


def _siren(config: Config, service: str, data: dict[str, Any], target: _Target) -> list[Message]:
    found = _switch(config, service, data, target)
    if service != "turn_on" or not data or not found or config.get("command_template"):
        return found
    said = {"state": _word(config, "payload_on", "ON"), **data}
    return [(found[0][0], encode_json(said).decode())]


def _value(key: str) -> Any:
    def build(config: Config, service: str, data: dict[str, Any], target: _Target) -> list[Message]:
        value = data.get(key)
        if isinstance(value, float) and value == int(value):
            value = int(value)
        return [] if value is None else _say(config, "", value)

    return build


def _update(config: Config, service: str, data: dict[str, Any], target: _Target) -> list[Message]:
    word = config.get("payload_install")
    return _say(config, "", str(word)) if word and service == "install" else []


_WRITES: Mapping[str, Any] = {
    "alarm_control_panel": _alarm,
    "button": _fixed({"press": ("payload_press", "PRESS")}),
    "climate": _climate,
    "cover": _cover,
    "fan": _fan,
    "humidifier": _humidifier,
    "lawn_mower": _lawn_mower,
    "light": _light,
    "lock": _fixed(
        {
            "lock": ("payload_lock", "LOCK"), "unlock": ("payload_unlock", "UNLOCK"),
            "open": ("payload_open", "OPEN"),
        }
    ),
    "notify": _value("message"),
    "number": _value("value"),
    "scene": _fixed({"turn_on": ("payload_on", "ON")}),
    "select": _value("option"),
    "siren": _siren,
    "switch": _switch,
    "text": _value("value"),
    "update": _update,
    "vacuum": _vacuum,
    "valve": _valve,
    "water_heater": _water_heater,
}  # fmt: skip
