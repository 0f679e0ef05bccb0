"""Delays as `home-assistant-intents` says them: "in 1 hour and 30 seconds", before or after a wish.

Its templates around another sentence are drawn with a mark in the place of that sentence; what
stands on one side of the mark is the delay.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from hassil.intents import Intents, RangeSlotList
from home_assistant_intents import get_intents

from models.nlu.data.lexicon import lexicon
from models.nlu.data.sampler import Grammar, ListValue, draw, number_words

_WISH = "\0"
_COMMAND = "conversation_command"


@dataclass(frozen=True, slots=True)
class Delay:
    """The words of a delay, and whether they are said before the wish."""

    said: str
    before: bool


class Delays:
    """Samples the delays of one language. `leads` are the few words that a delay begins with: a
    template may have another one, of the wish, before them ("schalte in 5 Minuten"). There are
    none where a delay begins with its number."""

    def __init__(self, language: str) -> None:
        raw = get_intents(language) or {}
        intents = Intents.from_dict(raw)
        self.spaced = lexicon(language).spaced
        self.grammar = Grammar(intents.expansion_rules, _lists(raw, intents, language), {})
        started = intents.intents.get("HassStartTimer")
        self.templates = [
            template
            for block in (started.data if started else ())
            for template in block.sentences
            if _takes_a_wish(template.expression, intents)
        ]
        found = [self._drawn(random.Random(n)) for n in range(8 * len(self.templates))]
        leads = {_first(delay) for delay in found if delay and not delay.before}
        self.leads = leads if len(leads) <= _MOST_LEADS else set()

    def sample(self, rng: random.Random) -> Delay:
        """One delay."""
        while True:
            delay = self._drawn(rng)
            if delay and (not delay.before or not self.leads or _first(delay) in self.leads):
                return delay

    def _drawn(self, rng: random.Random) -> Delay | None:
        pieces = draw(rng.choice(self.templates), self.grammar, rng).pieces
        before, _, after = "".join(text for text, _ in pieces).partition(_WISH)
        said = " ".join(f"{before} {after}".split()).strip(", ")
        if not self.spaced and after.strip():
            return None  # there a wish with a length after it sets a timer for it
        return Delay(said, not after.strip()) if said else None


_MOST_LEADS = 8
_LARGEST = 60
"""Few people wait for more hours, minutes or seconds than these; what is not said is not learnt."""


def _first(delay: Delay) -> str:
    return delay.said.split()[0].casefold()


def _takes_a_wish(expression: Any, intents: Intents) -> bool:
    references = expression.list_references(intents.expansion_rules)
    return any(reference.slot_name == _COMMAND for reference in references)


def _lists(raw: dict[str, Any], intents: Intents, language: str) -> dict[str, Sequence[ListValue]]:
    engine = number_words(language)
    lists: dict[str, Sequence[ListValue]] = {"timer_command": [ListValue(_WISH)]}
    for name, values in raw["lists"].items():
        ranged = intents.slot_lists.get(name)
        if "values" in values:
            listed = [v if isinstance(v, str) else v["in"] for v in values["values"]]
            lists[name] = [ListValue(str(value)) for value in listed]
        elif isinstance(ranged, RangeSlotList):
            numbers = [n for n in ranged.get_numbers() if isinstance(n, int) and n <= _LARGEST]
            spelled = [engine.format_number(n).text.replace("-", " ") for n in numbers]
            lists[name] = [ListValue(said) for said in (*map(str, numbers), *spelled)]
    return lists


@cache
def delays(language: str) -> Delays | None:
    """The delays of a language; None where the templates have none."""
    found = Delays(language)
    return found if found.templates else None
