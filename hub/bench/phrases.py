"""Phrases for device services in five languages (home-llm), in a home made of the same rows.

The rows name devices by file-like ids or by friendly names and leave `<placeholders>`; this puts a
device of the right domain into the home for each, and a name of such a device into each template.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from hub.bench.cases import Case, rows

DOMAINS: Mapping[str, tuple[str, str | None]] = {
    "blinds": ("cover", "blind"), "garage_door": ("cover", "garage"), "light": ("light", None),
    "fan": ("fan", None), "switch": ("switch", None), "lock": ("lock", None),
    "media_player": ("media_player", None), "vacuum": ("vacuum", None),
    "climate": ("climate", None), "todo": ("todo", None),
}  # fmt: skip
"""Domain and device class of a row's device."""

KIND_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {"blinds": "Blinds", "fan": "Fan", "garage_door": "Garage Door", "vacuum": "Vacuum",
           "media_player": "Speaker", "light": "Light"},
    "de": {"blinds": "Jalousien", "fan": "Ventilator", "garage_door": "Garagentor",
           "vacuum": "Staubsauger", "media_player": "Lautsprecher", "light": "Licht"},
    "fr": {"blinds": "Stores", "fan": "Ventilateur", "garage_door": "Porte de garage",
           "vacuum": "Aspirateur", "media_player": "Enceinte", "light": "Lumière"},
    "es": {"blinds": "Persianas", "fan": "Ventilador", "garage_door": "Puerta de garaje",
           "vacuum": "Aspiradora", "media_player": "Altavoz", "light": "Luz"},
    "pl": {"blinds": "Rolety", "fan": "Wentylator", "garage_door": "Brama garażowa",
           "vacuum": "Odkurzacz", "media_player": "Głośnik", "light": "Lampa"},
}  # fmt: skip

COLOURS = {"en": "blue", "de": "blau", "fr": "bleu", "es": "azul", "pl": "niebieski"}
LISTS = {"en": "Shopping List", "de": "Einkaufsliste", "fr": "Liste de courses",
         "es": "Lista de la compra", "pl": "Lista zakupów"}  # fmt: skip
GROCERIES = {"en": "milk", "de": "Milch", "fr": "lait", "es": "leche", "pl": "mleko"}

ON, OFF, STOP = frozenset({"HassTurnOn"}), frozenset({"HassTurnOff"}), frozenset({"HassStopMoving"})
SET_LIGHT = frozenset({"HassLightSet"})
INTENTS: Mapping[str, frozenset[str]] = {
    "turn_on": ON, "turn_off": OFF, "open_cover": ON, "close_cover": OFF, "stop_cover": STOP,
    "lock": ON, "unlock": OFF, "toggle": frozenset({"HassToggle"}),
    "increase_speed": frozenset({"HassFanSetSpeed"}),
    "decrease_speed": frozenset({"HassFanSetSpeed"}),
    "volume_up": frozenset({"HassSetVolumeRelative"}),
    "volume_down": frozenset({"HassSetVolumeRelative"}),
    "volume_mute": frozenset({"HassMediaPlayerMute"}),
    "media_next_track": frozenset({"HassMediaNext"}),
    "media_previous_track": frozenset({"HassMediaPrevious"}),
    "media_pause": frozenset({"HassMediaPause"}),
    "media_stop": frozenset({"HassMediaPause", "HassTurnOff", "HassStopMoving"}),
    "media_play": frozenset({"HassMediaUnpause", "HassTurnOn", "HassMediaSearchAndPlay"}),
    "media_play_pause": frozenset({"HassMediaPause", "HassMediaUnpause"}),
    "set_temperature": frozenset({"HassClimateSetTemperature"}),
    "set_humidity": frozenset({"HassHumidifierSetpoint"}),
    "set_fan_mode": frozenset({"HassClimateSetFanMode"}),
    "set_hvac_mode": frozenset({"HassClimateSetMode"}),
    "return_to_base": frozenset({"HassVacuumReturnToBase"}),
    "stop": frozenset({"HassStopMoving", "HassTurnOff", "HassVacuumReturnToBase"}),
    "pause": frozenset({"HassStopMoving", "HassMediaPause", "HassTurnOff"}),
    "start": frozenset({"HassVacuumStart", "HassVacuumCleanArea", "HassTurnOn"}),
    "add_item": frozenset({"HassListAddItem", "HassShoppingListAddItem"}),
}  # fmt: skip
"""By service; rows of other services are left out."""

QUESTION = frozenset({"HassGetState"})


def phrases(data: Path, home: Path, languages: Sequence[str]) -> Iterator[Case]:
    """Commands, questions and sentences of several wishes; `home` plays no part."""
    found = list(rows(data / "home-llm-piles.dev.jsonl"))
    for language in KIND_WORDS:
        if language in languages:
            ours = [row for row in found if row["language"] == language]
            own = _home(ours, language)
            names = _names(own)
            for number, row in enumerate(ours):
                case = _case(row, language, own, names, number)
                if case is not None:
                    yield case


def _case(
    row: Mapping[str, Any],
    language: str,
    home: Mapping[str, Any],
    names: Mapping[str, list[str]],
    number: int,
) -> Case | None:
    domains, _, services = row["service"].partition(".")
    kinds = domains.split("|")
    text = _filled(row, kinds, language, names, number)
    if text is None or _contradicts(row):
        return None
    if row["source"].endswith("status_requests"):
        if kinds[0] == "timer" or kinds[0] == "todo":
            return None
        return Case(f"questions {language}", text, language, home, None, (QUESTION,))
    wanted = [_intents(kind, name, row["text"]) for kind, name in zip(
        kinds, services.split("|"), strict=False)]  # fmt: skip
    if not all(wanted):
        return None
    group = "several wishes" if len(wanted) > 1 else "phrases"
    return Case(f"{group} {language}", text, language, home, None, tuple(filter(None, wanted)))


def _contradicts(row: Mapping[str, Any]) -> bool:
    """Rows that say "turn off" and mean a toggle: a device in the wrong state was toggled there."""
    return bool(row["source"].endswith("failed_tool_calls") and "toggle" in row["service"])


def _intents(kind: str, service: str, template: str) -> frozenset[str] | None:
    if kind == "timer":
        return {"cancel": frozenset({"HassCancelTimer", "HassCancelAllTimers"})}.get(service)
    if kind == "light" and re.search("<color>|<brightness>", template):
        return SET_LIGHT
    if kind == "light" and service == "turn_on":
        return ON | SET_LIGHT  # some rows say a colour in words
    return INTENTS.get(service)


def _filled(
    row: Mapping[str, Any],
    kinds: Sequence[str],
    language: str,
    names: Mapping[str, list[str]],
    number: int,
) -> str | None:
    """The template with a device's name, a colour and amounts; None where the home has none."""
    values = {
        "<color>": COLOURS[language], "<brightness>": "40", "<temp_f>": "70", "<temp_c>": "21",
        "<humidity>": "45", "<fan_mode>": "auto", "<hvac_mode>": "auto",
        "<todo>": GROCERIES[language],
    }  # fmt: skip
    for place, kind in enumerate(kinds, start=1):
        known = names.get(kind)
        if not known:
            continue
        name = row["slots"].get("friendly_name") or known[(number * 7 + place) % len(known)]
        values[f"<device_name{place}>"] = name
        if place == 1:
            values["<device_name>"] = name
    text = str(row["text"])
    for placeholder, value in values.items():
        text = text.replace(placeholder, value)
    return None if "<" in text else text


def _home(found: Sequence[Mapping[str, Any]], language: str) -> dict[str, Any]:
    """One device for each that the rows name."""
    entities: dict[tuple[str, str], dict[str, Any]] = {
        ("todo", LISTS[language]): {"name": LISTS[language], "domain": "todo"}
    }
    for row in found:
        kind = row["service"].partition(".")[0]
        if kind not in DOMAINS or kind == "todo":
            continue
        name = _friendly(row["slots"], kind, language)
        if name:
            domain, device_class = DOMAINS[kind]
            entity = {"name": name, "domain": domain}
            if device_class:
                entity["device_class"] = device_class
            entities[(kind, name)] = entity
    return {"entities": list(entities.values())}


def _friendly(slots: Mapping[str, Any], kind: str, language: str) -> str | None:
    given = slots.get("friendly_name") or slots.get("correct_friendly_name")
    if given:
        return str(given)
    written = slots.get("device_name")
    if not written:
        return None
    words = re.sub(r"[_\d]+", " ", str(written)).strip().title()
    said = KIND_WORDS[language].get(kind)
    if said and len(words.split()) == 1:
        return f"{words} {said}" if language == "en" else f"{said} {words}"
    return words


def _names(home: Mapping[str, Any]) -> dict[str, list[str]]:
    """Names by the kind of device, as the rows call it."""
    kinds = {value: key for key, value in DOMAINS.items()}
    found: dict[str, list[str]] = {}
    for entity in home["entities"]:
        kind = kinds[(entity["domain"], entity.get("device_class"))]
        found.setdefault(kind, []).append(entity["name"])
    return found
