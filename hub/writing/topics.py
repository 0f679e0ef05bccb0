"""What a text is about: which entities a topic means."""

from __future__ import annotations

import re
from collections.abc import Mapping

from devices.home import Entity, Home

LEFT_OUT = frozenset(
    "button scene notify event update camera image tts stt conversation text select number "
    "input_boolean input_text input_select input_number date time datetime automation "
    "script".split()
)
_TOPICS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "heating": (frozenset({"climate", "water_heater"}), frozenset({"temperature"})),
    "heat": (frozenset({"climate", "water_heater"}), frozenset({"temperature"})),
    "radiator": (frozenset({"climate"}), frozenset({"temperature"})),
    "thermostat": (frozenset({"climate"}), frozenset()),
    "hot water": (frozenset({"water_heater"}), frozenset()),
    "temperature": (frozenset({"climate"}), frozenset({"temperature"})),
    "cooling": (frozenset({"climate", "fan"}), frozenset({"temperature"})),
    "light": (frozenset({"light"}), frozenset()), "lamp": (frozenset({"light"}), frozenset()),
    "window": (frozenset(), frozenset({"window"})),
    "door": (frozenset({"lock"}), frozenset({"door", "garage", "garage_door"})),
    "lock": (frozenset({"lock"}), frozenset({"lock"})),
    "blind": (frozenset(), frozenset({"blind", "shade", "shutter", "curtain"})),
    "shutter": (frozenset(), frozenset({"blind", "shade", "shutter"})),
    "curtain": (frozenset(), frozenset({"curtain"})),
    "alarm": (frozenset({"alarm_control_panel", "siren"}), frozenset({"smoke"})),
    "security": (
        frozenset({"alarm_control_panel", "lock"}), frozenset({"window", "door", "garage"})
    ),
    "battery": (frozenset(), frozenset({"battery"})),
    "batterie": (frozenset(), frozenset({"battery"})),
    "power": (frozenset(), frozenset({"power", "energy"})),
    "energy": (frozenset(), frozenset({"power", "energy"})),
    "electricity": (frozenset(), frozenset({"power", "energy"})),
    "humidity": (frozenset({"humidifier"}), frozenset({"humidity"})),
    "leak": (frozenset({"valve"}), frozenset({"moisture", "water"})),
    "water": (frozenset({"valve", "water_heater"}), frozenset({"moisture", "water"})),
    "smoke": (frozenset(), frozenset({"smoke"})),
    "media": (frozenset({"media_player"}), frozenset()),
    "music": (frozenset({"media_player"}), frozenset()),
    "vacuum": (frozenset({"vacuum"}), frozenset()),
    "mower": (frozenset({"lawn_mower"}), frozenset()),
    "people": (frozenset({"person"}), frozenset()),
    "who is home": (frozenset({"person"}), frozenset()),
    "weather": (frozenset({"weather"}), frozenset()),
    "calendar": (frozenset({"calendar"}), frozenset()),
    "appointment": (frozenset({"calendar"}), frozenset()),
    "shopping": (frozenset(), frozenset()), "chore": (frozenset(), frozenset()),
}  # fmt: skip
"""Words of a topic, and the domains and device classes that they mean."""


def told_of(home: Home) -> list[Entity]:
    """All entities that texts speak of."""
    return [e for e in home.entities.values() if e.domain not in LEFT_OUT]


def meant_by(topic: str, home: Home) -> list[Entity]:
    """The entities of a topic: named, in a room that is named, or of a kind that is named."""
    entities = [e for e in told_of(home) if e.domain not in ("todo", "calendar", "weather")]
    named = [e for e in entities if any(_in(n, topic) for n in (e.name, *e.aliases))]
    devices = {d.id for d in home.devices.values() if _in(d.name, topic)}
    named += [e for e in entities if e.device in devices and e not in named]
    if named:
        return named
    areas = {a.id for a in home.areas.values() if any(_in(n, topic) for n in (a.name, *a.aliases))}
    floors = {
        f.id for f in home.floors.values() if any(_in(n, topic) for n in (f.name, *f.aliases))
    }
    areas |= {a.id for a in home.areas.values() if a.floor in floors}
    kinds = [pair for word, pair in _TOPICS.items() if re.search(rf"\b{word}(?:e?s)?\b", topic)]
    kind = [e for e in entities if any(e.domain in d or e.device_class in c for d, c in kinds)]
    if kinds and areas:
        return [e for e in kind if e.area in areas]
    if kinds:
        return kind
    if areas:
        return [e for e in entities if e.area in areas]
    whole = re.search(r"\b(?:house|home|everything|all devices|apartment|flat)\b", topic)
    return entities if whole else []


def _in(name: str, topic: str) -> bool:
    return re.search(rf"\b{re.escape(name.lower())}s?\b", topic) is not None
