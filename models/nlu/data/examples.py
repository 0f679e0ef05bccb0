"""A training example: words with their slots, and what each clause means.

Everything is kept at word level, so noise can drop, split or respell words without breaking spans;
character offsets exist only after tokenisation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from edge.tasks.understanding_schema import ATTRIBUTES, INTENTS, SLOTS
from edge.tasks.words import UNSPACED
from models.nlu.data.lexicon import NO_TIME, Lexicon, lexicon


@dataclass(frozen=True, slots=True)
class Word:
    """One word, or one character of a script that writes no spaces. `slot` is None outside of
    slots; `begins` marks the first word of a span; a `glued` word follows without a space."""

    text: str
    slot: str | None = None
    begins: bool = False
    glued: bool = False


@dataclass(frozen=True, slots=True)
class Clause:
    """One wish: it starts at word `start` and runs to the next clause. Attributes that are not
    listed are `none`; those in `unknown` are not trained on (the source does not tell)."""

    start: int
    intent: str
    attributes: Mapping[str, str]
    unknown: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.intent not in INTENTS:
            raise ValueError(f"unknown intent {self.intent!r}")
        for name, value in self.attributes.items():
            if value not in ATTRIBUTES[name]:
                raise ValueError(f"unknown {name} {value!r}")


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence. `tags_known` is False where the source marks no spans; without clauses the
    sentence is not for us."""

    words: tuple[Word, ...]
    clauses: tuple[Clause, ...]
    source: str
    tags_known: bool = True
    language: str = "en"

    @property
    def for_us(self) -> bool:
        """Whether the home is addressed at all."""
        return bool(self.clauses)

    @property
    def text(self) -> str:
        """The sentence as it is shown to the tokenizer."""
        return joined(self.words)


def joined(words: Sequence[Word]) -> str:
    """The words as one text."""
    text = "".join(word.text if word.glued else f" {word.text}" for word in words)
    return text.removeprefix(" ")


_WORD = re.compile(rf"{UNSPACED.pattern}|(?:(?!{UNSPACED.pattern})\S)+")


def words_from(pieces: list[tuple[str, str | None]], language: str = "en") -> tuple[Word, ...]:
    """Join sampled pieces of text, each with a slot or None, and cut them into words.

    A word that only partly lies in a slot ("5-minute") belongs to it. Neighbouring pieces of one
    duration are one span.
    """
    text = ""
    owners: list[tuple[str, int] | None] = []
    for number, (piece, slot) in enumerate(pieces):
        owner = (slot, number) if slot in SLOTS else None
        text += piece
        owners.extend([owner] * len(piece))
    words: list[Word] = []
    previous: tuple[str, int] | None = None
    for found in _WORD.finditer(text):
        start, end = found.span()
        owner = next((o for o in owners[start:end] if o is not None), None)
        glued = start > 0 and not text[start - 1].isspace()
        if owner is None:
            words.append(Word(found.group(), glued=glued))
        else:
            words.append(Word(found.group(), owner[0], owner != previous, glued))
        previous = owner
    return _with_units(words, lexicon(language))


_MEASURES = ("value", "duration", "start_duration", "color")
_DURATIONS = ("duration", "start_duration")
_LONGEST_UNIT = 4  # words; characters in Chinese


def _with_units(words: list[Word], known: Lexicon) -> tuple[Word, ...]:
    """Let an amount swallow its unit, and a duration its parts ("1 hour and 5 minutes")."""
    slots = [word.slot for word in words]
    for i in range(1, len(words)):
        measured = slots[i - 1] in _MEASURES
        if slots[i - 1] in _DURATIONS and words[i].text.lower() in NO_TIME:
            measured = False
        if slots[i] is None and measured:
            for at in range(i, i + _unit_at(words, slots, i, known)):
                slots[at] = slots[i - 1]
    for i in range(1, len(words) - 1):
        between = words[i].text.lower() in known.between
        if between and slots[i] is None and slots[i - 1] in _DURATIONS:
            later = slots[i + 1] or (slots[i + 2] if i + 2 < len(words) else None)
            unit = _unit_at(words, slots, i + 1, known)
            if later == slots[i - 1] or unit:
                for at in range(i, i + 1 + unit):
                    slots[at] = slots[i - 1]
    merged: list[Word] = []
    for i, word in enumerate(words):
        continues = i > 0 and slots[i] == slots[i - 1] and slots[i] is not None
        joins = continues and (not word.begins or slots[i] in _DURATIONS)
        begins = slots[i] is not None and not joins
        merged.append(replace(word, slot=slots[i], begins=begins))
    return tuple(merged)


def _unit_at(words: list[Word], slots: list[str | None], start: int, known: Lexicon) -> int:
    """How many words from `start` on are a unit of measure."""
    for count in range(_LONGEST_UNIT, 0, -1):
        run = words[start : start + count]
        joins = known.spaced or all(word.glued for word in run[1:])
        free = all(slot is None for slot in slots[start : start + count])
        if len(run) == count and joins and free and joined(run).strip().lower() in known.units:
            return count
    return 0
