"""A training example: words with their slots, and what each clause means.

Everything is kept at word level, so noise can drop, split or respell words without breaking spans;
character offsets exist only after tokenisation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from edge.tasks.understanding_schema import ATTRIBUTES, INTENTS, NONE, SLOTS


@dataclass(frozen=True, slots=True)
class Word:
    """One word. `slot` is None outside of slots; `begins` marks the first word of a span."""

    text: str
    slot: str | None = None
    begins: bool = False


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

    @property
    def for_us(self) -> bool:
        """Whether the home is addressed at all."""
        return bool(self.clauses)

    @property
    def text(self) -> str:
        """The sentence as it is shown to the tokenizer."""
        return " ".join(word.text for word in self.words)


def words_from(pieces: list[tuple[str, str | None]]) -> tuple[Word, ...]:
    """Join sampled pieces of text, each with a slot or None, and cut them at white space.

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
    position = 0
    for token in text.split():
        start = text.index(token, position)
        position = start + len(token)
        owner = next((o for o in owners[start:position] if o is not None), None)
        if owner is None:
            words.append(Word(token))
        else:
            words.append(Word(token, owner[0], begins=owner != previous))
        previous = owner
    return _with_units(words)


_UNITS = frozenset(
    "% percent degrees degree ° c f k °c °f kelvin celsius fahrenheit hour hours minute minutes "
    "min mins second seconds secs sec watts amps".split()
)
_BETWEEN = frozenset(("and", "a", "an"))


def _with_units(words: list[Word]) -> tuple[Word, ...]:
    """Let an amount swallow its unit, and a duration its parts ("1 hour and 5 minutes")."""
    slots = [word.slot for word in words]
    measures = ("value", "duration", "start_duration", "color")
    for i in range(1, len(words)):
        if slots[i] is None and slots[i - 1] in measures and words[i].text.lower() in _UNITS:
            slots[i] = slots[i - 1]
    for i in range(1, len(words) - 1):
        if words[i].text in _BETWEEN and slots[i] is None and slots[i - 1] in measures[1:3]:
            later = slots[i + 1] or (slots[i + 2] if i + 2 < len(words) else None)
            unit_follows = words[i + 1].text in _UNITS
            if later == slots[i - 1] or unit_follows:
                slots[i] = slots[i - 1]
                if unit_follows:
                    slots[i + 1] = slots[i - 1]
    merged: list[Word] = []
    for i, word in enumerate(words):
        continues = i > 0 and slots[i] == slots[i - 1] and slots[i] is not None
        joins = continues and (not word.begins or slots[i] in measures[1:3])
        merged.append(Word(word.text, slots[i], slots[i] is not None and not joins))
    return tuple(merged)


def set_attribute(clause: Clause, name: str, value: str) -> Clause:
    """The clause with one attribute set, unless it is set already."""
    if clause.attributes.get(name, NONE) != NONE or value == NONE:
        return clause
    return replace(clause, attributes={**clause.attributes, name: value})
