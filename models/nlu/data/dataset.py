"""The training set: which sources, how many of each, in which mixture."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from models.nlu.data import people
from models.nlu.data.compose import chain, chainable, shared_verb, timed
from models.nlu.data.examples import Example
from models.nlu.data.noise import noisy
from models.nlu.data.sources import HomeAssistantTemplates, OwnGrammar


@dataclass(frozen=True, slots=True)
class Mixture:
    """How many examples of each source; `people_times` repeats real people's home sentences."""

    templates: int = 26_000
    own: int = 44_000
    chained: int = 12_000
    shared_verb: int = 7_000
    timed: int = 9_000
    chatter: int = 8_000
    people_times: int = 6


def training_set(data: Path, mixture: Mixture, seed: int, language: str = "en") -> list[Example]:
    """All training examples, shuffled. Same seed, same list.

    `data` holds `hwu64.en.train.jsonl` and `clinc150.en.train.jsonl`.
    """
    rng = random.Random(seed)
    templates, own = HomeAssistantTemplates(language), OwnGrammar(language)
    real = [
        *people.hwu(data / "hwu64.en.train.jsonl"),
        *people.clinc(data / "clinc150.en.train.jsonl"),
    ]
    home_rows = [e for e in real if e.for_us and e.clauses[0].attributes.get("domain") in _HOME]

    def any_command() -> Example:
        if rng.random() < 0.15:
            return rng.choice(home_rows)
        return templates.sample(rng) if rng.random() < 0.3 else own.sample(rng)

    made = [templates.sample(rng) for _ in range(mixture.templates)]
    made += [own.sample(rng) for _ in range(mixture.own)]
    made += [
        chain([until(any_command, chainable) for _ in range(rng.choice((2, 2, 2, 3)))], rng)
        for _ in range(mixture.chained)
    ]
    made += [shared_verb(own, rng) for _ in range(mixture.shared_verb)]
    for _ in range(mixture.timed):
        example = timed(until(any_command, lambda e: len(e.clauses) == 1), rng)
        if example:
            made.append(example)
    made += [own.sample_chatter(rng) for _ in range(mixture.chatter)]
    made += [e for e in home_rows for _ in range(mixture.people_times)]
    repeated = {id(e) for e in home_rows}
    made += [e for e in real if id(e) not in repeated]
    rng.shuffle(made)
    return [noisy(example, rng) for example in made]


_HOME = frozenset("light switch vacuum media_player".split())


def until(make: Callable[[], Example], accepts: Callable[[Example], bool]) -> Example:
    """Draw until it fits."""
    while True:
        example = make()
        if accepts(example):
            return example
