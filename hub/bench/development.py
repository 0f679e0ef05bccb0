"""The development sets: Home Assistant's sentences, people's, phrases, and what is not for us."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from devices.homefile import load_home
from hub.bench.cases import Case, rows
from hub.bench.other_talk import other_talk
from hub.bench.phrases import phrases

# --- Home Assistant's own test sentences ---------------------------------------------------------


def home_assistant(data: Path, home: Path, languages: Sequence[str]) -> Iterator[Case]:
    """Intent and slots, in the home that each row carries."""
    for row in rows(data / "ha-intents.dev.jsonl"):
        if row["language"] in languages:
            yield Case(
                f"Home Assistant {row['language']}", row["text"], row["language"], row["home"],
                row["context_area"], (frozenset({row["intent"]}),), row["slots"],
            )  # fmt: skip


# --- people's sentences in English (SLURP), and what is not for us ------------------------------

SLURP_INTENTS: Mapping[str, frozenset[str]] = {
    "iot_hue_lightchange": frozenset({"HassLightSet"}),
    "iot_hue_lightdim": frozenset({"HassLightSet"}),
    "iot_hue_lightup": frozenset({"HassLightSet"}),
    "iot_hue_lighton": frozenset({"HassTurnOn"}),
    "iot_hue_lightoff": frozenset({"HassTurnOff"}),
    "iot_wemo_on": frozenset({"HassTurnOn"}),
    "iot_wemo_off": frozenset({"HassTurnOff"}),
    "iot_cleaning": frozenset({"HassVacuumStart", "HassVacuumCleanArea", "HassTurnOn"}),
    "iot_coffee": frozenset({"HassTurnOn"}),
}

SLURP_OURS = frozenset("iot lists datetime weather audio play music alarm calendar".split())
"""Domains that a home may well answer."""


def slurp(data: Path, home: Path, languages: Sequence[str]) -> Iterator[Case]:
    """The home's rows in the demo home, with place and colour; the rest as not for us."""
    if "en" not in languages:
        return
    rooms, areas_of = _rooms(home)
    for row in rows(data / "slurp.en.dev.jsonl"):
        if row["domain"] == "iot":
            group = "people, dim and brighten" if _dims(row["intent"]) else "people, home"
            slots = _place_and_colour(row, rooms)
            yield Case(
                group, row["text"], "en", str(home), None,
                (SLURP_INTENTS[row["intent"]],), slots or None, areas_of,
            )  # fmt: skip
        elif row["domain"] not in SLURP_OURS:
            yield Case("not for us: chatter (SLURP)", row["text"], "en", str(home))


def _dims(intent: str) -> bool:
    return intent in ("iot_hue_lightdim", "iot_hue_lightup")


def _rooms(home: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Names of rooms by everything they are called, and the room of each entity's name."""
    loaded = load_home(home)
    areas = loaded.areas.values()
    rooms = {name.casefold(): area.name for area in areas for name in (area.name, *area.aliases)}
    inside = {
        entity.name.casefold(): loaded.areas[entity.area].name
        for entity in loaded.entities.values()
        if entity.area
    }
    return rooms, inside


def _place_and_colour(row: Mapping[str, Any], rooms: Mapping[str, str]) -> dict[str, Any]:
    wanted = {}
    for slot in row["slots"]:
        if slot["slot"] == "house_place" and slot["value"] in rooms:
            wanted["area"] = rooms[slot["value"]]
        if slot["slot"] == "color_type" and slot["value"] in ("blue", "red", "green", "white"):
            wanted["color"] = slot["value"]
    return wanted


CLINC_OURS = frozenset(
    "alarm calendar calendar_update cancel change_speed change_volume current_location date "
    "find_phone goodbye greeting maybe measurement_conversion meeting_schedule next_holiday "
    "next_song no play_music reminder reminder_update repeat reset_settings schedule_meeting "
    "shopping_list shopping_list_update smart_home sync_device tell_joke thank_you time timer "
    "timezone todo_list todo_list_update update_playlist weather what_can_i_ask_you what_song "
    "what_is_your_name whisper_mode who_made_you yes".split()
)
"""Intents that a home's assistant may well answer."""


def clinc(data: Path, home: Path, languages: Sequence[str]) -> Iterator[Case]:
    """What no home can answer."""
    if "en" not in languages:
        return
    for row in rows(data / "clinc150.en.dev.jsonl"):
        if row["intent"] == "oos":
            yield Case("not for us: out of scope (CLINC)", row["text"], "en", str(home))
        elif row["intent"] not in CLINC_OURS:
            yield Case("not for us: other trades (CLINC)", row["text"], "en", str(home))


SOURCES: tuple[Callable[[Path, Path, Sequence[str]], Iterator[Case]], ...] = (
    home_assistant,
    slurp,
    phrases,
    clinc,
    other_talk,
)


def load_cases(data: Path, home: Path, languages: Sequence[str], limit: int | None) -> list[Case]:
    """All cases, at most `limit` of each group: a sample that is the same every time."""
    groups: dict[str, list[Case]] = {}
    for source in SOURCES:
        for case in source(data, home, languages):
            groups.setdefault(case.group, []).append(case)
    for name, cases in groups.items():
        if limit is not None and len(cases) > limit:
            groups[name] = random.Random(name).sample(cases, limit)
    return [case for cases in groups.values() for case in cases]
