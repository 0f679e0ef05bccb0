"""The exact first step of understanding: sentences that the householder has taught.

A phrase that means another sentence lets the model read that one; a phrase with an intent is the
reading itself. Either way grounding and the permit gate follow as for any other sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from hassil.intents import SlotList, TextSlotList, TextSlotValue
from hassil.recognize import RecognizeResult, recognize_best
from hassil.trie import Trie

from devices.home import Area, Entity, Floor, Home
from edge.tasks.understanding_schema import (
    ATTRIBUTES,
    NONE,
    ClauseReading,
    Reading,
    Scored,
    Span,
)
from hub.sentence_file import SPAN_OF_SLOT, Phrase, SentenceFile, load_sentences


@dataclass(frozen=True, slots=True)
class TaughtReading(Reading):
    """A reading that comes of a taught phrase, and which one: its template, file and line, and
    the language of that file."""

    template: str = ""
    where: str = ""
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Match:
    """The phrase that a sentence is, with what it means: a sentence for the model, or a reading."""

    phrase: Phrase
    meant: str | None
    reading: TaughtReading | None


def taught_in(folder: Path | None) -> Taught | None:
    """What a folder teaches; None without one. Raises `ConfigurationError`."""
    return Taught(load_sentences(folder)) if folder is not None else None


@dataclass(slots=True)
class _Names:
    """A home's names as hassil wants them. The trie finds those that stand in a sentence."""

    entities: Mapping[str, Entity]
    trie: Trie
    places: dict[str, SlotList]


@dataclass(slots=True)
class Taught:
    """All taught phrases, matched against a home's names."""

    files: Sequence[SentenceFile]
    _names: _Names | None = field(default=None, init=False)

    def match(self, text: str, home: Home, language: str | None = None) -> Match | None:
        """The phrase that the whole sentence is, in any language if none is given."""
        lists = self._lists(text, home) if self.files else {}
        for file in self.files:
            if language is not None and file.language != language:
                continue
            result = recognize_best(
                text,
                file.templates,
                slot_lists=lists,
                language=file.language,
                best_slot_name="name",
            )
            if result is not None:
                match = _match(text, file.phrases[int(result.intent.name)], result)
                if match is not None:
                    return match
        return None

    def _lists(self, text: str, home: Home) -> dict[str, SlotList]:
        if self._names is None or self._names.entities is not home.entities:
            self._names = _names_of(home)
        said = text.strip().lower()
        values = [found[2] for found in self._names.trie.find(said)]
        return {**self._names.places, "name": TextSlotList(name="name", values=values)}


def _names_of(home: Home) -> _Names:
    trie = Trie()
    for entity in home.entities.values():
        for name in (entity.name, *entity.aliases):
            value = TextSlotValue.from_tuple((name, entity.name), allow_template=False)
            trie.insert(name.strip().lower(), value)
    places: dict[str, SlotList] = {
        "area": _places("area", home.areas.values()),
        "floor": _places("floor", home.floors.values()),
    }
    return _Names(home.entities, trie, places)


def _places(name: str, things: Iterable[Area | Floor]) -> TextSlotList:
    tuples = [(said, thing.name) for thing in things for said in (thing.name, *thing.aliases)]
    return TextSlotList.from_tuples(tuples, allow_template=False, name=name)


def _match(text: str, phrase: Phrase, result: RecognizeResult) -> Match | None:
    """None where the meant sentence needs a word that was left out."""
    slots = {name: entity.value for name, entity in result.entities.items()}
    if phrase.meant is None:
        return Match(phrase, None, _reading(text, phrase, {**slots, **phrase.slots}))
    wanted = set(re.findall(r"\{(\w+)\}", phrase.meant))
    if not wanted <= set(slots):
        return None
    return Match(phrase, phrase.meant.format_map({name: slots[name] for name in wanted}), None)


def as_taught(reading: Reading, phrase: Phrase) -> TaughtReading:
    """The model's reading of what a phrase means; the householder's word that it is for us."""
    values = {item.name: getattr(reading, item.name) for item in fields(Reading)}
    return TaughtReading(
        **{**values, "for_us": 1.0},
        template=phrase.template, where=phrase.where, language=phrase.language,
    )  # fmt: skip


def _reading(text: str, phrase: Phrase, slots: Mapping[str, Any]) -> TaughtReading:
    """One clause of the intent. Its text is the slots' values, so that spans have their places."""
    said, spans = "", []
    for slot, value in slots.items():
        if slot in SPAN_OF_SLOT:
            start = len(said) + bool(said)
            words = _spoken(slot, value)
            said = f"{said} {words}".strip()
            spans.append(Span(start, start + len(words), SPAN_OF_SLOT[slot], words, 1.0))
    attributes = {
        name: Scored(str(slots.get(name) or NONE), 1.0) for name in ATTRIBUTES
    }  # others: none
    everywhere = not any(slot in slots for slot in ("name", "area", "floor"))
    if everywhere and "domain" in slots:
        attributes["scope"] = Scored("one", 1.0)
    clause = ClauseReading(
        0, len(said), said, (Scored(phrase.intent, 1.0),), attributes, tuple(spans)
    )
    return TaughtReading(
        text, 1.0, (clause,), (),
        template=phrase.template, where=phrase.where, language=phrase.language,
    )  # fmt: skip


_PERCENT = frozenset(
    "brightness position percentage fan_speed volume_level volume_step humidity".split()
)


def _spoken(slot: str, value: Any) -> str:
    number = isinstance(value, int | float)
    shown = f"{value:g}" if number else str(value)
    return f"{shown}%" if number and slot in _PERCENT else shown
