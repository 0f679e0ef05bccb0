"""Home entity to discovery message, and state to state message, as a table over domains.

Devices differ on purpose, as they do in a real house: some use abbreviations, lights use the JSON
schema or the default one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from devices.home import Area, Device, Entity, EntityState, Home


@dataclass(frozen=True, slots=True)
class Announced:
    """An entity on MQTT: where it is announced, what it listens to, where it reports."""

    entity: Entity
    discovery_topic: str
    config: Mapping[str, Any]
    command_topics: tuple[str, ...]
    state_topic: str
    availability_topic: str


def announce(entity: Entity, home: Home, prefix: str = "homeassistant") -> Announced | None:
    """How the entity introduces itself; None if MQTT discovery does not know its domain."""
    build = _CONFIGS.get(entity.domain)
    if build is None:
        return None
    base = f"home/{entity.id.replace('.', '/')}"
    own = {
        "name": entity.name,
        "unique_id": f"sim_{entity.id.replace('.', '_')}",
        "object_id": entity.id.partition(".")[2],
        "~": base,
        "availability_topic": "~/availability",
        **({"device_class": entity.device_class} if entity.device_class in _MQTT_CLASSES else {}),
        **build(entity),
    }
    device = _device(entity, home)
    if device is not None:
        own["device"] = device
    commands = tuple(
        value.replace("~", base) for key, value in own.items() if key.endswith("command_topic")
        or key in ("set_position_topic", "set_fan_speed_topic", "send_command_topic")
    )  # fmt: skip
    topic = f"{prefix}/{entity.domain}/{entity.id.partition('.')[2]}/config"
    config = _abbreviated(own) if len(entity.id) % 3 == 0 else own
    return Announced(entity, topic, config, commands, f"{base}/state", f"{base}/availability")


_MQTT_CLASSES = frozenset(
    "awning blind curtain damper door garage gate shade shutter window outlet temperature humidity "
    "battery motion occupancy presence smoke carbon_monoxide gas moisture power energy illuminance "
    "pressure carbon_dioxide pm25 vibration sound tamper problem plug light lock opening "
    "connectivity switch water humidifier dehumidifier restart identify update running".split()
)
_SHORT = {
    "unique_id": "uniq_id", "object_id": "obj_id", "availability_topic": "avty_t",
    "command_topic": "cmd_t", "state_topic": "stat_t", "device_class": "dev_cla",
    "unit_of_measurement": "unit_of_meas", "value_template": "val_tpl", "device": "dev",
}  # fmt: skip


def _abbreviated(config: Mapping[str, Any]) -> dict[str, Any]:
    return {_SHORT.get(key, key): value for key, value in config.items()}


def _device(entity: Entity, home: Home) -> dict[str, Any] | None:
    device = home.devices.get(entity.device or "") or Device(f"sim-{entity.id}", entity.name)
    area: Area | None = home.areas.get(entity.area or "")
    found: dict[str, Any] = {"identifiers": [device.id], "name": device.name}
    if entity.device is None:
        found["name"] = entity.name
    for key in ("manufacturer", "model"):
        if getattr(device, key):
            found[key] = getattr(device, key)
    if area is not None:
        found["suggested_area"] = area.name
    return found


def _plain(entity: Entity) -> dict[str, Any]:
    return {"command_topic": "~/set", "state_topic": "~/state", "value_template": _STATE}


_STATE = "{{ value_json.state }}"


def _light(entity: Entity) -> dict[str, Any]:
    features = entity.features if entity.features is not None else frozenset({"brightness"})
    modes = [m for m, f in (("rgb", "color"), ("color_temp", "color_temp")) if f in features]
    modes = modes or (["brightness"] if "brightness" in features else ["onoff"])
    return {
        "schema": "json",
        "command_topic": "~/set",
        "state_topic": "~/state",
        "brightness": "brightness" in features,
        "supported_color_modes": modes,
        "color_temp_kelvin": True,
    }


def _switch(entity: Entity) -> dict[str, Any]:
    return {**_plain(entity), "payload_on": "ON", "payload_off": "OFF"}


def _cover(entity: Entity) -> dict[str, Any]:
    return {
        "command_topic": "~/set",
        "state_topic": "~/state",
        "value_template": _STATE,
        "set_position_topic": "~/position/set",
        "position_topic": "~/state",
        "position_template": "{{ value_json.current_position }}",
    }


def _valve(entity: Entity) -> dict[str, Any]:
    return {**_plain(entity), "payload_stop": "STOP"}


def _fan(entity: Entity) -> dict[str, Any]:
    return {
        "command_topic": "~/set",
        "state_topic": "~/state",
        "state_value_template": _STATE,
        "percentage_command_topic": "~/percentage/set",
        "percentage_state_topic": "~/state",
        "percentage_value_template": "{{ value_json.percentage }}",
    }


def _climate(entity: Entity) -> dict[str, Any]:
    modes = list(entity.options.get("hvac_modes", ["off", "heat", "cool", "auto"]))
    return {
        "modes": modes,
        "mode_command_topic": "~/mode/set",
        "mode_state_topic": "~/state",
        "mode_state_template": _STATE,
        "temperature_command_topic": "~/temperature/set",
        "temperature_state_topic": "~/state",
        "temperature_state_template": "{{ value_json.temperature }}",
        "current_temperature_topic": "~/state",
        "current_temperature_template": "{{ value_json.current_temperature }}",
        "min_temp": entity.options.get("min_temp", 7),
        "max_temp": entity.options.get("max_temp", 30),
    }


def _humidifier(entity: Entity) -> dict[str, Any]:
    return {
        "command_topic": "~/set",
        "state_topic": "~/state",
        "state_value_template": _STATE,
        "target_humidity_command_topic": "~/humidity/set",
        "target_humidity_state_topic": "~/state",
        "target_humidity_state_template": "{{ value_json.humidity }}",
    }


def _water_heater(entity: Entity) -> dict[str, Any]:
    return {
        "modes": ["off", "eco", "performance"],
        "mode_command_topic": "~/mode/set",
        "mode_state_topic": "~/state",
        "mode_state_template": _STATE,
        "power_command_topic": "~/set",
        "temperature_command_topic": "~/temperature/set",
        "temperature_state_topic": "~/state",
        "temperature_state_template": "{{ value_json.temperature }}",
    }


def _alarm(entity: Entity) -> dict[str, Any]:
    return {**_plain(entity), "code_arm_required": False, "code_disarm_required": False}


def _select(entity: Entity) -> dict[str, Any]:
    return {**_plain(entity), "options": list(entity.options.get("options", ["auto"]))}


def _number(entity: Entity) -> dict[str, Any]:
    bounds = {k: entity.options[k] for k in ("min", "max", "step") if k in entity.options}
    return {**_plain(entity), **bounds}


def _sensor(entity: Entity) -> dict[str, Any]:
    unit = entity.options.get("unit_of_measurement")
    found: dict[str, Any] = {"state_topic": "~/state", "value_template": _STATE}
    return {**found, "unit_of_measurement": unit} if unit else found


def _binary_sensor(entity: Entity) -> dict[str, Any]:
    return {"state_topic": "~/state", "value_template": "{{ value_json.state | upper }}"}


def _vacuum(entity: Entity) -> dict[str, Any]:
    return {
        "command_topic": "~/set",
        "state_topic": "~/state",
        "send_command_topic": "~/send",
        "supported_features": ["start", "pause", "stop", "return_home", "send_command"],
    }


def _mower(entity: Entity) -> dict[str, Any]:
    return {
        "activity_state_topic": "~/state",
        "activity_value_template": _STATE,
        "start_mowing_command_topic": "~/set",
        "pause_command_topic": "~/set",
        "dock_command_topic": "~/set",
    }


def _command_only(entity: Entity) -> dict[str, Any]:
    return {"command_topic": "~/set"}


def _update(entity: Entity) -> dict[str, Any]:
    return {"state_topic": "~/state", "value_template": "{{ value_json.installed_version }}"}


_CONFIGS: Mapping[str, Callable[[Entity], dict[str, Any]]] = {
    "light": _light, "switch": _switch, "siren": _switch, "cover": _cover, "valve": _valve,
    "fan": _fan, "climate": _climate, "humidifier": _humidifier, "water_heater": _water_heater,
    "alarm_control_panel": _alarm, "select": _select, "number": _number, "text": _plain,
    "lock": _plain, "sensor": _sensor, "binary_sensor": _binary_sensor, "vacuum": _vacuum,
    "lawn_mower": _mower, "button": _command_only, "scene": _command_only,
    "notify": _command_only, "update": _update,
}  # fmt: skip


def report(entity: Entity, state: EntityState) -> bytes:
    """The state message of an entity."""
    said: dict[str, Any] = dict(state.attributes)
    said["state"] = _SPOKEN.get(entity.domain, str)(state.state or "unknown")
    if entity.domain == "light":
        said["state"] = (state.state or "off").upper()
        rgb = said.pop("rgb_color", None)
        if rgb:
            said["color"] = dict(zip("rgb", rgb, strict=True))
        kelvin = said.pop("color_temp_kelvin", None)
        if kelvin:
            said["color_temp"] = kelvin
    return json.dumps(said, default=str).encode()


_SPOKEN: Mapping[str, Callable[[str], str]] = {
    "switch": str.upper, "fan": str.upper, "siren": str.upper, "humidifier": str.upper,
    "lock": str.upper, "binary_sensor": str.upper,
}  # fmt: skip
