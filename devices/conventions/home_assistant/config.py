"""A discovery message, unabbreviated and checked, as one or more entity configurations.

Both forms are read: one component a message (`<prefix>/<component>/[<node>/]<object>/config`) and
one device a message (`<prefix>/device/[<node>/]<object>/config`, with `components`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from devices.conventions.home_assistant.abbreviations import CONFIG, DEVICE, ORIGIN
from devices.conventions.home_assistant.templates import TemplateRefused, check_template
from devices.payload import DISCOVERY, PayloadError, decode_json

COMPONENTS = frozenset(
    [
        "alarm_control_panel",
        "binary_sensor",
        "button",
        "camera",
        "climate",
        "cover",
        "device_automation",
        "device_tracker",
        "event",
        "fan",
        "humidifier",
        "image",
        "lawn_mower",
        "light",
        "lock",
        "notify",
        "number",
        "scene",
        "select",
        "sensor",
        "siren",
        "switch",
        "tag",
        "text",
        "update",
        "vacuum",
        "valve",
        "water_heater",
    ]
)

_TOPIC = re.compile(
    r"(?P<component>[a-z_]+)/(?:(?P<node>[A-Za-z0-9_-]+)/)?(?P<object>[A-Za-z0-9_-]+)/config"
)
_TEXT_LIMIT = 255
_TOPIC_LIMIT = 1024
_LEVELS_LIMIT = 100
"""Brokers have their own, lower than the standard's: mosquitto takes 200."""


class DiscoveryError(ValueError):
    """A discovery message that is not accepted. The message says why, for the vendor."""


@dataclass(frozen=True, slots=True)
class DiscoveryTopic:
    """The parts of a discovery topic."""

    component: str
    node_id: str | None
    object_id: str


@dataclass(frozen=True, slots=True)
class EntityConfig:
    """One entity as its device describes it: full key names, `~` filled in, topics checked.

    `disguised` tells that its name had characters that nobody sees.
    """

    component: str
    object_id: str
    config: Mapping[str, Any]
    device: Mapping[str, Any]
    disguised: bool = False

    @property
    def unique_id(self) -> str:
        """The unique id; made from the topic where the device gives none."""
        return str(self.config.get("unique_id") or f"{self.component}:{self.object_id}")


def parse_topic(topic: str, prefix: str) -> DiscoveryTopic | None:
    """The parts of a discovery topic under `prefix`, or None if it is none."""
    if not topic.startswith(f"{prefix}/"):
        return None
    found = _TOPIC.fullmatch(topic.removeprefix(f"{prefix}/"))
    if not found:
        return None
    return DiscoveryTopic(found["component"], found["node"], found["object"])


def read_discovery(topic: DiscoveryTopic, payload: bytes) -> list[EntityConfig]:
    """All entities of a discovery message. Raises `DiscoveryError`."""
    try:
        raw = decode_json(payload, DISCOVERY)
    except PayloadError as error:
        raise DiscoveryError(str(error)) from error
    if not isinstance(raw, dict):
        raise DiscoveryError("expected a JSON object")
    if topic.component == "device":
        return _read_device_form(topic, raw)
    if topic.component not in COMPONENTS:
        raise DiscoveryError(f"there is no component {topic.component!r}")
    config = _full(raw, CONFIG)
    device = _device(config.pop("device", None))
    key = f"{topic.node_id}_{topic.object_id}" if topic.node_id else topic.object_id
    return [_checked(topic.component, key, config, device)]


def _read_device_form(topic: DiscoveryTopic, raw: Mapping[str, Any]) -> list[EntityConfig]:
    shared = _full(raw, CONFIG)
    components = shared.pop("components", None)
    if not isinstance(components, dict) or not components:
        raise DiscoveryError("components: expected an object with at least one component")
    device = _device(shared.pop("device", None))
    if not device:
        raise DiscoveryError("device: is required in the device form")
    if not isinstance(shared.pop("origin", None), dict):
        raise DiscoveryError("origin: is required in the device form")
    entities = []
    for key, given in components.items():
        if not isinstance(given, dict):
            raise DiscoveryError(f"components.{key}: expected an object")
        own = _full(given, CONFIG)
        platform = own.pop("platform", None)
        if not own:
            continue  # a component that only names its platform is a removed one
        if platform not in COMPONENTS:
            raise DiscoveryError(f"components.{key}.platform: there is no {platform!r}")
        entities.append(_checked(platform, f"{topic.object_id}_{key}", {**shared, **own}, device))
    return entities


def _full(raw: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {names.get(key, key): value for key, value in raw.items()}


def _device(raw: Any) -> dict[str, Any]:
    if raw is None:
        return {}
    if not isinstance(raw, dict):
        raise DiscoveryError("device: expected an object")
    device = _full(raw, DEVICE)
    for key in ("name", "manufacturer", "model", "suggested_area", "via_device"):
        value = device.get(key)
        if value is not None and not isinstance(value, str | int | float):
            raise DiscoveryError(f"device.{key}: expected a text")
        if isinstance(value, str):
            device[key] = clean_name(value)
    identifiers = device.get("identifiers", [])
    device["identifiers"] = [identifiers] if isinstance(identifiers, str) else identifiers
    if not all(isinstance(item, str | int) for item in device["identifiers"]):
        raise DiscoveryError("device.identifiers: expected texts")
    return device


def clean_name(text: str) -> str:
    """A name without control, format and bidirectional characters, of bounded length."""
    kept = "".join(
        c for c in unicodedata.normalize("NFC", text) if unicodedata.category(c)[0] != "C"
    )
    return " ".join(kept.split())[:_TEXT_LIMIT]


def _checked(
    component: str, key: str, config: dict[str, Any], device: Mapping[str, Any]
) -> EntityConfig:
    _full_availability(config)
    _fill_base(config)
    for name, value in config.items():
        _check_value(name, value)
    unique_id = config.get("unique_id")
    if unique_id is not None and not isinstance(unique_id, str):
        raise DiscoveryError("unique_id: expected a text")
    disguised = False
    if isinstance(config.get("name"), str):
        name = clean_name(config["name"])
        disguised = name != " ".join(config["name"].split())
        config["name"] = name
    icon = config.get("icon")
    if icon is not None and not re.fullmatch(r"[a-z0-9-]+:[a-z0-9_-]+", str(icon)):
        raise DiscoveryError("icon: expected the form mdi:name")
    return EntityConfig(component, key, config, device, disguised)


def _full_availability(config: dict[str, Any]) -> None:
    entries = config.get("availability")
    if isinstance(entries, dict):
        entries = [entries]
    if isinstance(entries, list):
        config["availability"] = [_full(e, CONFIG) for e in entries if isinstance(e, dict)]
    if isinstance(config.get("origin"), dict):
        config["origin"] = _full(config["origin"], ORIGIN)


def _fill_base(config: dict[str, Any]) -> None:
    base = config.pop("~", None)
    if not isinstance(base, str):
        return

    def fill(value: Any) -> Any:
        if value.startswith("~"):
            return base + value[1:]
        return value[:-1] + base if value.endswith("~") else value

    for key, value in config.items():
        if isinstance(value, str) and _is_topic(key):
            config[key] = fill(value)
    for entry in config.get("availability", ()):
        if isinstance(entry.get("topic"), str):
            entry["topic"] = fill(entry["topic"])


def _is_topic(key: str) -> bool:
    return key == "topic" or key.endswith("_topic")


def _check_topic(name: str, topic: str) -> None:
    """Raise `DiscoveryError` for what is no topic name (MQTT 5, sections 1.5.4 and 4.7.3). A broker
    hangs up on who uses such a one: the whole house would go deaf for the sake of one device."""
    if not topic or len(topic) > _TOPIC_LIMIT or any(mark in topic for mark in "+#"):
        raise DiscoveryError(f"{name}: {topic[:60]!r} is not a topic to publish to")
    if topic.count("/") > _LEVELS_LIMIT:
        raise DiscoveryError(f"{name}: a topic of more than {_LEVELS_LIMIT} levels")
    if any(unicodedata.category(c) == "Cc" or _is_no_character(c) for c in topic):
        raise DiscoveryError(f"{name}: {topic[:60]!r} has a character that no topic may have")


def _is_no_character(c: str) -> bool:
    """Whether Unicode has set a code point apart for ever (23.7, Noncharacters)."""
    return 0xFDD0 <= ord(c) <= 0xFDEF or ord(c) & 0xFFFE == 0xFFFE


def _check_value(name: str, value: Any) -> None:
    if isinstance(value, str) and any(ord(c) < 32 and c not in "\n\t" for c in value):
        raise DiscoveryError(f"{name}: control character")
    if _is_topic(name):
        if not isinstance(value, str):
            raise DiscoveryError(f"{name}: expected a topic")
        _check_topic(name, value)
        if value.startswith("$"):
            raise DiscoveryError(f"{name}: topics under $ belong to the broker")
    if name.endswith("_template") and value is not None:
        if not isinstance(value, str):
            raise DiscoveryError(f"{name}: expected a template")
        try:
            check_template(value)
        except TemplateRefused as error:
            raise DiscoveryError(f"{name}: {error}") from error
    if name == "availability":
        for entry in value if isinstance(value, list) else ():
            for key, item in entry.items():
                _check_value(key, item)
