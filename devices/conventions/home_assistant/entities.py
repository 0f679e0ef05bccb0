"""From a discovery configuration to the Home's Entity and Device."""

from __future__ import annotations

import math
from collections.abc import Container, Mapping
from typing import Any

from devices.conventions.home_assistant.config import EntityConfig
from devices.home import Device, Entity
from devices.homefile import object_id

WITHOUT_ENTITY = frozenset({"device_automation", "tag"})
"""Components that announce triggers, not things that have a state."""

_CAPS: Mapping[str, tuple[float, float]] = {"climate": (5, 35), "water_heater": (20, 65)}
"""Hard limits in degrees Celsius, which no device can widen."""

_OPTIONS = (
    "min", "max", "step", "options", "preset_modes", "fan_modes", "swing_modes",
    "unit_of_measurement", "effect_list", "fan_speed_list", "event_types", "available_tones",
)  # fmt: skip


def build_device(config: EntityConfig) -> Device | None:
    """The device that an entity is part of; `area` still is a name here."""
    device = config.device
    identifiers = [str(item) for item in device.get("identifiers", [])]
    connections = [str(pair[1]) for pair in device.get("connections", []) if len(pair) == 2]
    if not identifiers and not connections:
        return None
    key = (identifiers or connections)[0]
    name = device.get("name") or key
    return Device(
        key,
        str(name),
        device.get("suggested_area"),
        device.get("manufacturer"),
        device.get("model"),
        device.get("via_device"),
    )


def build_entity(
    config: EntityConfig, device: Device | None, taken: Container[str]
) -> Entity | None:
    """The entity, or None for components that have none. Its id is made as Home Assistant does."""
    if config.component in WITHOUT_ENTITY:
        return None
    settings = config.config
    name = _name(settings, device, config)
    wanted = settings.get("default_entity_id") or settings.get("object_id")
    slug = object_id(str(wanted).rpartition(".")[2] if wanted else name)
    key, number = f"{config.component}.{slug}", 2
    while key in taken:
        key, number = f"{config.component}.{slug}_{number}", number + 1
    return Entity(
        key,
        name,
        config.component,
        device=device.id if device else None,
        device_class=_text(settings.get("device_class")),
        features=_features(config.component, settings),
        options=_options(config.component, settings),
        reports_state=_reports(config.component, settings),
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _name(settings: Mapping[str, Any], device: Device | None, config: EntityConfig) -> str:
    """The device's name and the entity's, as Home Assistant joins them; `name: null` means that
    the entity is the device's main feature."""
    own = settings.get("name")
    if device is None:
        return str(own or config.object_id.replace("_", " "))
    if own is None:
        if "name" in settings:
            return device.name
        kind = str(settings.get("device_class") or config.component).replace("_", " ")
        return f"{device.name} {kind}"
    if str(own).casefold().startswith(device.name.casefold()):
        return str(own)
    return f"{device.name} {own}"


def _features(component: str, settings: Mapping[str, Any]) -> frozenset[str] | None:
    if component == "light":
        return _light_features(settings)
    topics = {
        "fan": {"percentage": "percentage_command_topic", "preset": "preset_mode_command_topic"},
        "cover": {"position": "set_position_topic", "tilt": "tilt_command_topic"},
        "climate": {
            "target_temperature": "temperature_command_topic",
            "fan_mode": "fan_mode_command_topic",
            "preset": "preset_mode_command_topic",
        },
    }.get(component)
    if topics is None:
        return None
    return frozenset(feature for feature, key in topics.items() if settings.get(key))


def _light_features(settings: Mapping[str, Any]) -> frozenset[str]:
    found = set()
    modes = set(settings.get("supported_color_modes") or ())
    if settings.get("brightness") or settings.get("brightness_command_topic") or modes - {"onoff"}:
        found.add("brightness")
    if modes & {"hs", "rgb", "xy", "rgbw", "rgbww"} or any(
        settings.get(f"{kind}_command_topic") for kind in ("rgb", "hs", "xy")
    ):
        found.add("color")
    if "color_temp" in modes or settings.get("color_temp_command_topic"):
        found.add("color_temp")
    template = str(settings.get("command_on_template", ""))
    found |= {"brightness"} if "brightness" in template else set()
    found |= {"color"} if "red" in template else set()
    return frozenset(found)


def _options(component: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    options = {key: settings[key] for key in _OPTIONS if key in settings}
    if component in ("climate", "water_heater"):
        options["hvac_modes"] = settings.get("modes", ["auto", "off", "cool", "heat"])
        low, high = _CAPS[component]
        if settings.get("temperature_unit") == "F":
            low, high = low * 9 / 5 + 32, high * 9 / 5 + 32
        options["min_temp"] = max(low, _number(settings.get("min_temp"), low))
        options["max_temp"] = min(high, _number(settings.get("max_temp"), high))
    if component == "number":
        options.setdefault("min", 1)
        options.setdefault("max", 100)
    if component == "humidifier":
        options["available_modes"] = settings.get("modes", [])
    return options


def _number(value: Any, default: float) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    return default


def _reports(component: str, settings: Mapping[str, Any]) -> bool:
    keys = [key for key in settings if key.endswith("state_topic") or key == "position_topic"]
    return bool(keys) and component not in ("event", "image")
