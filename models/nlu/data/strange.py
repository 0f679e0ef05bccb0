"""Names, titles and list items that no list holds: slots filled with words from anywhere.

A home's devices, songs and errands are called by any words at all; a model that has only seen lists
learns the lists. What surrounds a slot must be enough to find it.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace

from models.nlu.data.examples import Clause, Example, Word

_OFTEN: Mapping[str, float] = {
    "query": 0.5, "message": 0.35, "item": 0.3, "list": 0.12, "name": 0.1,
}  # fmt: skip
_OFTEN_A_PLACE = 0.4
"""The name in a question about the weather is a town, and there are many."""
_LONGEST: Mapping[str, int] = {"query": 5, "message": 7, "item": 3, "list": 2, "name": 3}
_UNTOLD = ("domain", "device_class")


def strange(example: Example, pool: Sequence[Example], rng: random.Random) -> Example:
    """The example, at times with a slot of other words. `pool` is where the words come from."""
    at = next((i for i, word in enumerate(example.words) if word.slot in _OFTEN), None)
    if at is None:
        return example
    slot = str(example.words[at].slot)
    often = _OFTEN_A_PLACE if _is_place(example, slot) else _OFTEN[slot]
    if rng.random() >= often or len(example.clauses) != 1:
        return example
    end = at + 1
    while end < len(example.words) and example.words[end].slot == slot:
        if example.words[end].begins:
            break
        end += 1
    said = _run(rng.choice(pool).words, rng.randint(1, _LONGEST[slot]), rng)
    filled = tuple(
        Word(
            word.text.strip(".,!?;:"),
            slot,
            i == 0,
            example.words[at].glued if i == 0 else word.glued,
        )
        for i, word in enumerate(said)
    )
    if not all(word.text for word in filled):
        return example
    clauses = example.clauses if slot != "name" else (_untold(example.clauses[0]),)
    return replace(
        example, words=(*example.words[:at], *filled, *example.words[end:]), clauses=clauses
    )


def _is_place(example: Example, slot: str) -> bool:
    return slot == "name" and example.clauses[0].intent == "HassGetWeather"


def _run(words: Sequence[Word], length: int, rng: random.Random) -> Sequence[Word]:
    start = rng.randrange(max(1, len(words) - length + 1))
    return words[start : start + length]


def _untold(clause: Clause) -> Clause:
    """A strange name tells nothing about the kind of thing, unless the intent does."""
    if clause.intent not in ("HassTurnOn", "HassTurnOff", "HassGetState", "HassToggle"):
        return clause
    return replace(clause, unknown=clause.unknown | set(_UNTOLD))
