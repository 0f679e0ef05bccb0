"""States put into words: values with their units, what "on" means for a thing, names in a list."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from devices.home import Entity, Home

_OPEN_CLOSED = {"on": "open", "off": "closed"}
_DETECTED = {"on": "detected", "off": "clear"}
_BINARY_WORDS: Mapping[str, Mapping[str, str]] = {
    **dict.fromkeys(("door", "window", "garage_door", "opening", "garage"), _OPEN_CLOSED),
    **dict.fromkeys(
        ("motion", "occupancy", "smoke", "gas", "carbon_monoxide", "sound", "vibration"), _DETECTED
    ),
    "moisture": {"on": "wet", "off": "dry"},
    "battery": {"on": "low", "off": "normal"},
    "lock": {"on": "unlocked", "off": "locked"},
    "presence": {"on": "home", "off": "away"},
    "connectivity": {"on": "connected", "off": "disconnected"},
    "running": {"on": "running", "off": "not running"},
    "problem": {"on": "reporting a problem", "off": "fine"},
    "safety": {"on": "unsafe", "off": "safe"},
    "tamper": {"on": "tampered with", "off": "untouched"},
    "plug": {"on": "plugged in", "off": "unplugged"},
    "battery_charging": {"on": "charging", "off": "not charging"},
    "cold": {"on": "cold", "off": "not cold"},
    "heat": {"on": "hot", "off": "not hot"},
    "light": {"on": "seeing light", "off": "seeing no light"},
    "update": {"on": "waiting for an update", "off": "up to date"},
}  # fmt: skip
_DOMAIN_WORDS: Mapping[str, Mapping[str, str]] = {
    "update": {"on": "waiting for an update", "off": "up to date"},
    "person": {"not_home": "away", "home": "at home"},
    "device_tracker": {"not_home": "away", "home": "at home"},
    "climate": {"heat": "heating", "cool": "cooling", "heat_cool": "on automatic"},
}


def unit_of(entity: Entity, home: Home) -> str | None:
    """The unit that an entity's state is in, if it has one."""
    attributes = home.state(entity.id).attributes
    unit = attributes.get("unit_of_measurement") or entity.options.get("unit_of_measurement")
    return str(unit) if unit else None


def state_word(entity: Entity, home: Home) -> str:
    """The state as a person says it: "open", "wet", "heating", "unavailable"."""
    state = home.state(entity.id)
    shown = state.state if state.state is not None else "unknown"
    if not state.available:
        return "unavailable"
    if entity.domain == "binary_sensor":
        shown = _BINARY_WORDS.get(entity.device_class or "", {}).get(shown, shown)
    else:
        shown = _DOMAIN_WORDS.get(entity.domain, {}).get(shown, shown)
    return shown.replace("_", " ")


def value(entity: Entity, home: Home) -> str:
    """The state with its unit."""
    shown, unit = state_word(entity, home), unit_of(entity, home)
    space = "" if unit in ("%", "°", None) else " "
    return f"{shown}{space}{unit}" if unit else shown


def described(home: Home, entity: Entity) -> dict[str, Any]:
    """An entity as the response templates see it."""
    return {
        "name": entity.name,
        "domain": entity.domain,
        "state": state_word(entity, home),
        "state_with_unit": value(entity, home),
        "attributes": dict(home.state(entity.id).attributes),
        "entity_id": entity.id,
    }


_DETAILS: Sequence[tuple[str, Callable[[Any], str]]] = (
    ("brightness", lambda v: f"at {round(v * 100 / 255)}%"),
    ("effect", lambda v: f"effect {v}"),
    ("current_position", lambda v: f"{v}% open"),
    ("percentage", lambda v: f"at {v}%"),
    ("source", lambda v: f"source {v}"),
    ("media_title", lambda v: f"playing {v}"),
    ("media_artist", lambda v: f"by {v}"),
    ("volume_level", lambda v: f"volume {round(v * 100)}%"),
    ("current_temperature", lambda v: f"now {v} degrees"),
    ("temperature", lambda v: f"set to {v} degrees"),
    ("preset_mode", lambda v: f"preset {v}"),
    ("fan_speed", lambda v: f"suction {v}"),
    ("battery_level", lambda v: f"battery {v}%"),
    ("latest_version", lambda v: f"latest version {v}"),
)


def sentence(entity: Entity, home: Home) -> str:
    """ "Hall Light is on, at 40%." """
    attributes = home.state(entity.id).attributes
    told = []
    if entity.domain not in ("sensor", "binary_sensor", "weather"):
        told = [say(attributes[k]) for k, say in _DETAILS if attributes.get(k) is not None]
    more = f", {', '.join(told)}" if told else ""
    return f"{entity.name} is {value(entity, home)}{more}."


def names(entities: Sequence[Entity]) -> str:
    """ "A, B and C"."""
    said = [entity.name for entity in entities]
    return " and ".join([", ".join(said[:-1]), said[-1]] if len(said) > 1 else said)
