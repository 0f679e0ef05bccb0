"""Words that say what kind of thing is meant, by domain: they never tell which one."""

from __future__ import annotations

from collections.abc import Mapping

from devices.home import Entity
from hub.ground.names import kinds_in

_WORDS: Mapping[str, str] = {
    "light": "light lamp bulb lighting spotlight spot led strip",
    "switch": "switch plug outlet socket",
    "cover": "cover blind curtain drape shade shutter window awning gate garage door screen",
    "fan": "fan ventilator ventilation purifier extractor",
    "climate": "thermostat heating heater heat radiator climate hvac ac aircon air conditioner "
    "conditioning cooling temperature",
    "lock": "lock door deadbolt",
    "media_player": "tv television telly speaker music radio stereo player sound soundbar",
    "vacuum": "vacuum cleaner robot hoover mop sweeper roomba robovac floor carpet rug",
    "lawn_mower": "mower lawnmower robot lawn",
    "valve": "valve water tap sprinkler irrigation",
    "humidifier": "humidifier humidity",
    "water_heater": "water heater boiler hot",
    "siren": "siren alarm",
    "alarm_control_panel": "alarm",
    "camera": "camera cam",
    "scene": "scene mode",
    "script": "script routine",
    "automation": "automation",
    "button": "button",
    "sensor": "sensor level",
    "binary_sensor": "sensor detector",
    "todo": "list",
    "calendar": "calendar",
    "person": "person",
    "update": "update firmware",
}
KIND_WORDS: Mapping[str, frozenset[str]] = {
    domain: frozenset(words.split()) for domain, words in _WORDS.items()
}
PEOPLE = frozenset({"person", "device_tracker"})
"""They have names, and nothing that is loud, bright or open."""
_LIKE = {"input_boolean": "switch", "input_button": "button"}


def says_kind(word: str, entity: Entity) -> bool:
    """Whether the word names the kind of thing that the entity is."""
    domain = _LIKE.get(entity.domain, entity.domain)
    if word in KIND_WORDS.get(domain, frozenset()):
        return domain != "cover" or word == "cover" or _same_cover(word, entity.device_class)
    return word in (entity.device_class or "").split("_")


def is_screen(entity: Entity) -> bool:
    """Whether a player is one to look at."""
    return "tv" in {entity.device_class, *kinds_in(entity.name)}


SHADING = frozenset({"blind", "shade", "shutter"})
"""People use these words for the same thing; a curtain, a door or a gate is never meant by them."""


def _same_cover(word: str, device_class: str | None) -> bool:
    return device_class in (None, word) or {word, device_class} <= SHADING
