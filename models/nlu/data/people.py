"""Real people's sentences, mapped onto our heads: HWU64 and CLINC150.

The mapping is by label, and by rules where a label covers several wishes; a row whose words
contradict its label ("lights out" labelled as light on) is dropped by `_contradicts`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from edge.tasks.understanding_schema import NONE
from models.nlu.data.examples import Clause, Example, Word
from models.nlu.data.readings import DOMAIN_OF_INTENT
from models.nlu.data.wordlists import scope_of, tag_device_words

Reading = tuple[str, Mapping[str, str]]

HWU: Mapping[str, Reading] = {
    "iot_hue_lighton": ("HassTurnOn", {"domain": "light"}),
    "iot_hue_lightoff": ("HassTurnOff", {"domain": "light"}),
    "iot_hue_lightdim": ("HassLightSet", {"direction": "down"}),
    "iot_hue_lightup": ("HassLightSet", {"direction": "up"}),
    "iot_hue_lightchange": ("HassLightSet", {}),
    "iot_wemo_on": ("HassTurnOn", {"domain": "switch", "device_class": "outlet"}),
    "iot_wemo_off": ("HassTurnOff", {"domain": "switch", "device_class": "outlet"}),
    "iot_coffee": ("HassTurnOn", {"domain": "switch", "device_class": "coffee"}),
    "iot_cleaning": ("HassVacuumStart", {}),
    "audio_volume_up": ("HassSetVolumeRelative", {"direction": "up"}),
    "audio_volume_down": ("HassSetVolumeRelative", {"direction": "down"}),
    "audio_volume_mute": ("HassMediaPlayerMute", {}),
    "weather_query": ("HassGetWeather", {"question": "value"}),
    "calendar_query": ("HassGetCalendarEvents", {"domain": "calendar", "question": "value"}),
    "lists_query": ("HassGetListItems", {"question": "value"}),
    "play_music": ("HassMediaSearchAndPlay", {}),
    "play_radio": ("HassMediaSearchAndPlay", {}),
    "play_podcasts": ("HassMediaSearchAndPlay", {}),
    "play_audiobook": ("HassMediaSearchAndPlay", {}),
    "general_affirm": ("HassConfirm", {}),
    "general_confirm": ("HassConfirm", {}),
    "general_negate": ("HassNevermind", {}),
    "general_commandstop": ("HassNevermind", {}),
    "general_repeat": ("HassRepeat", {}),
}
"""HWU64 label to intent and attributes; every other label is not for us."""

HWU_AMBIGUOUS = frozenset(
    "datetime_query general_explain music_query lists_createoradd lists_remove".split()
)
"""Labels that cover both what is and what is not for us: used neither way, but for the rows that
`_HWU_RULES` recognises."""

_HWU_SLOTS = {
    "house_place": "area",
    "device_type": "device",
    "color_type": "color",
    "change_amount": "value",
    "time": "time",
    "date": "time",
    "general_frequency": "time",
    "list_name": "list",
    "song_name": "query",
    "artist_name": "query",
    "music_genre": "query",
    "podcast_name": "query",
    "audiobook_name": "query",
    "radio_name": "query",
    "playlist_name": "query",
    "event_name": "query",
}

CLINC: Mapping[str, Reading] = {
    "shopping_list": ("HassGetListItems", {"question": "value"}),
    "todo_list": ("HassGetListItems", {"question": "value"}),
    "weather": ("HassGetWeather", {"question": "value"}),
    "calendar": ("HassGetCalendarEvents", {"domain": "calendar", "question": "value"}),
    "meeting_schedule": ("HassGetCalendarEvents", {"domain": "calendar", "question": "value"}),
    "date": ("HassGetCurrentDate", {"question": "value"}),
    "next_song": ("HassMediaNext", {}),
    "play_music": ("HassMediaSearchAndPlay", {}),
    "greeting": ("HassRespond", {}),
    "thank_you": ("HassRespond", {}),
    "yes": ("HassConfirm", {}),
    "no": ("HassNevermind", {}),
    "who_made_you": ("HassRespond", {}),
    "what_can_i_ask_you": ("HassRespond", {}),
    "what_is_your_name": ("HassRespond", {}),
    "are_you_a_bot": ("HassRespond", {}),
}

CLINC_AMBIGUOUS = frozenset(
    "timer smart_home change_volume shopping_list_update todo_list_update time repeat cancel "
    "goodbye what_song next_holiday reminder reminder_update".split()
)

_FOREIGN_TIME = re.compile(r"\b(in|of|at|for) [a-z]+ ?[a-z]*$|timezone|time zone|convert")
_HOW_TO = re.compile(r"^(\w+ )?(how (do|to|can|does)|what (is|are) (a|the best)|is there anything)")
_RELATIVE = re.compile(r"\b(little|bit|up|down|more|less|brighter|darker|dimmer|dim|warmer)\b")


def texts(data: Path) -> Iterator[str]:
    """All sentences of both collections."""
    for name in ("hwu64.en.train.jsonl", "clinc150.en.train.jsonl"):
        yield from (str(row["text"]) for row in _rows(data / name))


def hwu(path: Path) -> Iterator[Example]:
    """HWU64's rows as examples."""
    for row in _rows(path):
        label, text = row["intent"], row["text"]
        reading = _special_hwu(label, text) or HWU.get(label)
        if label in HWU_AMBIGUOUS and reading is None:
            continue
        if reading is None:
            yield Example(_plain(text), (), "hwu64")
        elif not _contradicts(reading[0], text):
            yield _for_us(text, reading, row["slots"], "hwu64")


def _special_hwu(label: str, text: str) -> Reading | None:
    if label == "datetime_query" and not _FOREIGN_TIME.search(text):
        if re.search(r"\btime\b", text):
            return "HassGetCurrentTime", {"question": "value"}
        if re.search(r"\b(date|day|month|year)\b", text):
            return "HassGetCurrentDate", {"question": "value"}
    if label == "iot_cleaning" and re.search(r"\b(stop|off|end)\b", text):
        return "HassVacuumReturnToBase", {}
    if label == "iot_hue_lightdim" and re.search(r"\b(to|at) \w+", text):
        return "HassLightSet", {}
    if label == "audio_volume_mute" and re.search(r"\bunmute\b", text):
        return "HassMediaPlayerUnmute", {}
    if label in ("lists_createoradd", "lists_remove"):
        if re.search(
            r"\b(create|make|start|new|delete|whole|entire|remove|erase)\b.*\blists?\b$", text
        ):
            return None
        if label == "lists_remove":
            return "HassListRemoveItem", {}
        shopping = re.search(r"\b(shopping|grocery|groceries)\b", text)
        return ("HassShoppingListAddItem" if shopping else "HassListAddItem"), {}
    return None


def _contradicts(intent: str, text: str) -> bool:
    """Whether the words plainly say something else than the label."""
    if _HOW_TO.search(text):
        return True
    off = re.search(r"\b(off|out|kill|shut)\b", text)
    on = re.search(r"\bon\b", text)
    return (intent == "HassTurnOn" and bool(off)) or (
        intent == "HassTurnOff" and bool(on and not off)
    )


def clinc(path: Path) -> Iterator[Example]:
    """CLINC150's rows as examples."""
    for row in _rows(path):
        label, text = row["intent"], row["text"]
        reading = _special_clinc(label, text) or CLINC.get(label)
        if reading is None and label in CLINC_AMBIGUOUS:
            continue
        if reading is None:
            yield Example(_plain(text), (), "clinc150")
        elif not _contradicts(reading[0], text):
            yield _for_us(text, reading, [], "clinc150")


def _special_clinc(label: str, text: str) -> Reading | None:
    if label == "change_volume":
        if re.search(r"\bto\b|\bat\b", text):
            return "HassSetVolume", {}
        up = re.search(r"\b(up|increase|raise|louder|higher)\b", text)
        down = re.search(r"\b(down|decrease|lower|reduce|quieter|softer)\b", text)
        if up and not down:
            return "HassSetVolumeRelative", {"direction": "up"}
        if down and not up:
            return "HassSetVolumeRelative", {"direction": "down"}
    if label == "time" and not _FOREIGN_TIME.search(text) and "zone" not in text:
        return "HassGetCurrentTime", {"question": "value"}
    if label == "timer" and re.search(r"\b(set|start|create)\b", text):
        return "HassStartTimer", {}
    if label == "shopping_list_update" and re.search(r"\b(add|put|include)\b", text):
        return "HassShoppingListAddItem", {}
    if label == "todo_list_update" and re.search(r"\b(add|put|include)\b", text):
        return "HassListAddItem", {}
    return None


def _for_us(text: str, reading: Reading, slots: list[Mapping[str, Any]], source: str) -> Example:
    intent, given = reading
    attributes = {"domain": DOMAIN_OF_INTENT.get(intent, NONE), "scope": scope_of(text), **given}
    words = _tag(text, slots)
    if intent == "HassVacuumStart" and any(w.slot == "area" for w in words):
        whole = {"house", "home", "flat", "apartment", "floor", "carpet", "whole"}
        if not any(w.slot == "area" and w.text in whole for w in words):
            intent = "HassVacuumCleanArea"
    if intent == "HassLightSet" and "direction" not in attributes and _RELATIVE.search(text):
        attributes["direction"] = "down" if re.search(r"\b(down|less|dark|dim)", text) else NONE
    words = tag_device_words(words, attributes["domain"])
    clause = Clause(0, intent, {k: v for k, v in attributes.items() if v != NONE})
    known = source == "hwu64" and intent not in _UNTAGGED
    return Example(words, (clause,), source, tags_known=known)


_UNTAGGED = frozenset(
    "HassListAddItem HassListRemoveItem HassShoppingListAddItem HassMediaSearchAndPlay "
    "HassGetCalendarEvents HassGetWeather HassStartTimer".split()
)
"""Intents whose rows are not marked with all the slots that we have."""


def _tag(text: str, slots: list[Mapping[str, Any]]) -> tuple[Word, ...]:
    words = [Word(w) for w in text.split()]
    for slot in slots:
        name = _HWU_SLOTS.get(slot["slot"])
        value = str(slot["value"]).replace(" 's", "'s").split()
        if name == "value" and value[:1] == ["to"]:
            value = value[1:]
        if name is None or not value:
            continue
        for start in range(len(words) - len(value) + 1):
            run = words[start : start + len(value)]
            if [w.text for w in run] == value and all(w.slot is None for w in run):
                first = start
                if name == "time" and start and words[start - 1].text in _TIME_LEADS:
                    first, value = start - 1, [words[start - 1].text, *value]
                words[first : start + len(run)] = [
                    Word(w, name, i == 0) for i, w in enumerate(value)
                ]
                break
    return tuple(words)


_TIME_LEADS = frozenset("at in by on every until for after before".split())


def _plain(text: str) -> tuple[Word, ...]:
    return tuple(Word(w) for w in text.split())


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a data file."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)
