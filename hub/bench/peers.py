"""Other people's recognisers, used as Home Assistant uses them, over the same homes.

Home Assistant 2026.10 asks hassil first (its sentence templates, with the names that occur in the
sentence found by a trie), and what hassil declines goes, in English, to gazetteer-matcher.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from typing import Any

from gazetteer_matcher import GazetteerMatcher
from hassil.intents import Intents, TextSlotList, TextSlotValue
from hassil.recognize import recognize_best
from hassil.trie import Trie
from hassil.util import remove_punctuation
from home_assistant_intents import get_intents

from devices.home import Area, Entity, Floor, Home


@dataclass(frozen=True, slots=True)
class Answer:
    """What a recogniser made of a sentence, and in how many milliseconds."""

    frames: tuple[Mapping[str, Any], ...]
    ms: float


VERSIONS = {name: version(name) for name in ("hassil", "gazetteer-matcher")} | {
    "home-assistant-intents": version("home-assistant-intents")
}


@lru_cache(maxsize=2)
def _templates(language: str) -> Intents | None:
    raw = get_intents(language)
    return Intents.from_dict(raw) if raw else None


@lru_cache(maxsize=1)
def _matcher() -> GazetteerMatcher:
    return GazetteerMatcher(home={"areas": {}, "floors": {}, "entities": {}})


class Hassil:
    """hassil with the templates of one language, in one home."""

    def __init__(self, home: Home, language: str) -> None:
        self._language = language
        self._intents = _templates(language)
        self._home = home
        self._names = Trie()
        for entity in home.entities.values():
            context = {"domain": entity.domain, "device_class": entity.device_class}
            for name in (entity.name, *entity.aliases):
                value = TextSlotValue.from_tuple((name, entity.name, context), False)
                self._names.insert(name.strip().lower(), value)
        self._places = {
            "area": _slot_list("area", home.areas.values()),
            "floor": _slot_list("floor", home.floors.values()),
        }

    def read(self, text: str, area: str | None = None) -> Answer:
        """One frame, or none. `area` is the id of the speaker's area."""
        if self._intents is None:
            return Answer((), 0.0)
        started = time.perf_counter()
        said = remove_punctuation(text).strip().lower()
        names = TextSlotList(name="name", values=[found[2] for found in self._names.find(said)])
        result = recognize_best(
            text,
            self._intents,
            slot_lists={**self._places, "name": names},
            intent_context={"area": self._home.areas[area].name} if area else None,
            language=self._language,
            best_slot_name="name",
        )
        milliseconds = (time.perf_counter() - started) * 1000
        if result is None:
            return Answer((), milliseconds)
        slots = {name: entity.value for name, entity in result.entities.items()}
        return Answer(({"intent": result.intent.name, "slots": slots},), milliseconds)


def _slot_list(name: str, things: Any) -> TextSlotList:
    tuples = [(said, thing.name) for thing in things for said in (thing.name, *thing.aliases)]
    return TextSlotList.from_tuples(tuples, allow_template=False, name=name)


class Gazetteer:
    """gazetteer-matcher (English), in one home. Only the last one made may be asked."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._matcher = _matcher()
        self._matcher.set_home(_gazetteer_home(home))

    def read(self, text: str, area: str | None = None) -> Answer:
        """All frames, if it accepts the sentence."""
        started = time.perf_counter()
        found = self._matcher.interpret(text, context_area=area)
        milliseconds = (time.perf_counter() - started) * 1000
        if not found.accepted:
            return Answer((), milliseconds)
        frames = [{"intent": f.intent, "slots": self._named(f.slots)} for f in found.frames]
        return Answer(tuple(frames), milliseconds)

    def _named(self, slots: Mapping[str, Any]) -> dict[str, Any]:
        """The slots with names instead of ids."""
        by_slot: dict[str, Mapping[str, Entity | Area | Floor]] = {
            "name": self._home.entities, "area": self._home.areas, "floor": self._home.floors,
        }  # fmt: skip
        return {
            slot: by_slot[slot][value].name if value in by_slot.get(slot, ()) else value
            for slot, value in slots.items()
        }


def _gazetteer_home(home: Home) -> dict[str, Any]:
    return {
        "areas": {
            a.id: {"name": a.name, "aliases": list(a.aliases), "floor": a.floor}
            for a in home.areas.values()
        },
        "floors": {
            f.id: {"name": f.name, "aliases": list(f.aliases)} for f in home.floors.values()
        },
        "entities": {
            e.id: {
                "name": e.name, "aliases": list(e.aliases), "domain": e.domain, "area": e.area,
                **({"device_class": e.device_class} if e.device_class else {}),
            }
            for e in home.entities.values()
        },
    }  # fmt: skip


def in_a_chain(first: Answer, second: Answer | None) -> Answer:
    """What Home Assistant answers: hassil's reading, else the gazetteer's where it has one."""
    if first.frames or second is None:
        return first
    return Answer(second.frames, first.ms + second.ms)
