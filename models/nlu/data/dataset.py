"""The training set: which sources, how many of each, in which mixture."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.nlu.data import people
from models.nlu.data.compose import chain, chainable, elided, second_thing, shared_verb, timed
from models.nlu.data.examples import Example, Word
from models.nlu.data.noise import noisy
from models.nlu.data.own import OwnGrammar
from models.nlu.data.several import several, wishes_of
from models.nlu.data.strange import strange
from models.nlu.data.templates import HomeAssistantTemplates
from models.nlu.data.together import forms, together


@dataclass(frozen=True, slots=True)
class Mixture:
    """How many examples of each source in one language; `people_times` repeats real people's
    home sentences, which there are in English, `real_times` their other sentences."""

    templates: int = 26_000
    own: int = 44_000
    chained: int = 12_000
    shared_verb: int = 7_000
    elided: int = 0
    together: int = 0
    several: int = 0
    two_things: int = 0
    timed: int = 9_000
    chatter: int = 8_000
    salad: int = 0
    people_times: int = 0
    real_times: int = 1


def training_set(language: str, mixture: Mixture, data: Path, seed: int) -> list[Example]:
    """All training examples of a language, shuffled. Same seed, same list.

    `data` holds `hwu64.en.train.jsonl` and `clinc150.en.train.jsonl`.
    """
    rng = random.Random(f"{seed} {language}")
    real = _real(data) if mixture.people_times else []
    made = _of_language(language, mixture, real, rng)
    pool = [example for example in made if not example.for_us]
    made = [
        strange(example, pool, rng) if example.source in _FILLED else example for example in made
    ]
    made += [salad(made, rng) for _ in range(mixture.salad)]
    rng.shuffle(made)
    return [noisy(example, rng) for example in made]


def salad(pool: Sequence[Example], rng: random.Random) -> Example:
    """Words of many sentences in no order: nobody's wish, and not for us."""
    words = [rng.choice(rng.choice(pool).words) for _ in range(rng.randint(4, 14))]
    plain = tuple(Word(word.text, glued=bool(i) and word.glued) for i, word in enumerate(words))
    return Example(plain, (), "salad", language=pool[0].language)


def _real(data: Path) -> list[Example]:
    return [
        *people.hwu(data / "hwu64.en.train.jsonl"),
        *people.clinc(data / "clinc150.en.train.jsonl"),
    ]


def _of_language(
    language: str, mixture: Mixture, real: list[Example], rng: random.Random
) -> list[Example]:
    templates, own = HomeAssistantTemplates(language), OwnGrammar(language)
    home_rows = [e for e in real if e.for_us and e.clauses[0].attributes.get("domain") in _HOME]

    def any_command() -> Example:
        if home_rows and rng.random() < 0.15:
            return rng.choice(home_rows)
        return templates.sample(rng) if rng.random() < 0.3 else own.sample(rng)

    def single() -> Example:
        return until(any_command, lambda e: len(e.clauses) == 1)

    made = [templates.sample(rng) for _ in range(mixture.templates)]
    made += [own.sample(rng) for _ in range(mixture.own)]
    made += [
        chain([until(any_command, chainable) for _ in range(rng.choice((2, 2, 2, 3)))], rng)
        for _ in range(mixture.chained)
    ]
    made += [shared_verb(own, rng) for _ in range(mixture.shared_verb)]
    made += [elided(own, rng) for _ in range(mixture.elided if own.ellipses else 0)]
    made += [together(own, rng) for _ in range(mixture.together if forms(language) else 0)]
    made += [several(own, rng) for _ in range(mixture.several if wishes_of(language) else 0)]
    drawn = [second_thing(single(), rng) for _ in range(mixture.two_things)]
    drawn += [timed(single(), rng) for _ in range(mixture.timed)]
    made += [example for example in drawn if example]
    made += [own.sample_chatter(rng) for _ in range(mixture.chatter)]
    made += [e for e in home_rows for _ in range(mixture.people_times)]
    repeated = {id(e) for e in home_rows}
    made += [e for e in real if id(e) not in repeated for _ in range(mixture.real_times)]
    return made


_FILLED = frozenset({"own", "home-assistant-intents"})
_HOME = frozenset("light switch vacuum media_player".split())


def until(make: Callable[[], Example], accepts: Callable[[Example], bool]) -> Example:
    """Draw until it fits."""
    while True:
        example = make()
        if accepts(example):
            return example
