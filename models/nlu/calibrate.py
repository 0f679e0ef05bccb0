"""Choose the refusal: from which probability on a sentence counts as meant for the home.

Measured on development sentences and on other talk drawn from templates that were kept from
training (`development`), never on what the model is trained on or scored by. The threshold is the
lowest that accepts no more than the allowed share of other talk; a language gets a higher one of
its own if it needs it and its own commands bear it.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.tasks.understanding_schema import LANGUAGES
from models.nlu.data import people
from models.nlu.data.own import OwnGrammar

ALLOWED = 0.0035
"""Share of other talk that may be accepted."""
SPARED = 0.004
"""Share of a language's own commands that its own threshold may refuse."""
DRAWN = 300
"""Sentences of other talk, and of our commands, that are drawn for each language."""
SEED = 4099
"""Another than any recipe's."""

_HOMELY = frozenset("iot lists datetime weather audio play music alarm calendar".split())
"""SLURP's scenarios that a home may well answer."""
_CANDIDATES = 1 / (1 + np.exp(-np.arange(-3.0, 7.65, 0.05)))
"""0.047 to 0.9995, in even steps of the logit."""


@dataclass(frozen=True, slots=True)
class Development:
    """Sentences for the home and other talk: people's, in English, and by language our own."""

    ours: tuple[str, ...]
    others: tuple[str, ...]
    ours_in: Mapping[str, tuple[str, ...]]
    others_in: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Refusal:
    """The chosen `threshold`, with the shares of the development sentences that it gets wrong, and
    the languages that have another."""

    threshold: float
    others_accepted: float
    ours_refused: float
    thresholds: Mapping[str, float]


Probabilities = NDArray[np.float64]


def development(data: Path) -> Development:
    """Home Assistant's and SLURP's home sentences; SLURP's and CLINC150's other talk; other talk of
    our own and our own commands in every language."""
    slurp = list(_rows(data / "slurp.en.dev.jsonl"))
    said = {language: _drawn(language) for language in LANGUAGES}
    commands: dict[str, list[str]] = {language: [] for language in LANGUAGES}
    for row in _rows(data / "ha-intents.dev.jsonl"):
        if row["language"] in commands:
            commands[row["language"]].append(row["text"])
    ours = [row["text"] for row in slurp if row["domain"] == "iot"]
    ours += [text for texts in commands.values() for text in texts]
    others = [row["text"] for row in slurp if row["domain"] not in _HOMELY]
    others += [e.text for e in people.clinc(data / "clinc150.en.dev.jsonl") if not e.for_us]
    return Development(
        tuple(ours),
        tuple(others),
        {language: (*commands[language], *said[language][0]) for language in LANGUAGES},
        {language: said[language][1] for language in LANGUAGES},
    )


def _drawn(language: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Commands of our own, and other talk of templates that no training draws from."""
    grammar, rng = OwnGrammar(language), random.Random(f"{SEED} {language}")
    ours = tuple(grammar.sample(rng).text for _ in range(DRAWN))
    return ours, tuple(grammar.sample_unheard(rng).text for _ in range(DRAWN))


def refusal(
    ours: Probabilities,
    others: Probabilities,
    ours_in: Mapping[str, Probabilities] | None = None,
    others_in: Mapping[str, Probabilities] | None = None,
    allowed: float = ALLOWED,
) -> Refusal:
    """The refusal for the probabilities that a model gives to all kinds of sentences."""
    chosen = _lowest(others, allowed)
    thresholds = {}
    for language, talk in (others_in or {}).items():
        wanted = _lowest(talk, allowed)
        borne = float(np.quantile((ours_in or {})[language], SPARED, method="lower"))
        own = min(wanted, borne)
        if own > chosen:
            thresholds[language] = round(own, 4)
    return Refusal(
        round(chosen, 4),
        float((others >= chosen).mean()),
        float((ours < chosen).mean()),
        thresholds,
    )


def _lowest(others: Probabilities, allowed: float) -> float:
    """The lowest threshold that accepts no more than the allowed share."""
    few = (others[None, :] >= _CANDIDATES[:, None]).mean(1) <= allowed
    return float(_CANDIDATES[int(few.argmax())] if few.any() else _CANDIDATES[-1])


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)
