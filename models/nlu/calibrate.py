"""Choose the refusal: from which probability on a sentence counts as meant for the home.

Measured on development sentences alone (`development`), never on what the model is trained on or
scored by. The threshold is the lowest that accepts no more than the allowed share of other talk.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.tasks.understanding_schema import LANGUAGES
from models.nlu.data import people

ALLOWED = 0.007
"""Share of other talk that may be accepted."""

_HOMELY = frozenset("iot lists datetime weather audio play music alarm calendar".split())
"""SLURP's scenarios that a home may well answer."""


@dataclass(frozen=True, slots=True)
class Development:
    """Sentences for the home and other talk."""

    ours: tuple[str, ...]
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """The chosen `threshold`, with the shares of the development sentences that it gets wrong."""

    threshold: float
    others_accepted: float
    ours_refused: float


def development(data: Path) -> Development:
    """Home Assistant's and SLURP's home sentences; SLURP's and CLINC150's other talk."""
    slurp = list(_rows(data / "slurp.en.dev.jsonl"))
    ours = [row["text"] for row in slurp if row["domain"] == "iot"]
    ours += [
        row["text"] for row in _rows(data / "ha-intents.dev.jsonl") if row["language"] in LANGUAGES
    ]
    others = [row["text"] for row in slurp if row["domain"] not in _HOMELY]
    others += [e.text for e in people.clinc(data / "clinc150.en.dev.jsonl") if not e.for_us]
    return Development(tuple(ours), tuple(others))


def refusal(
    ours: NDArray[np.float64], others: NDArray[np.float64], allowed: float = ALLOWED
) -> Refusal:
    """The refusal for the probabilities that a model gives to both kinds of sentences."""
    candidates = np.linspace(0.05, 0.995, 190)
    few = (others[None, :] >= candidates[:, None]).mean(1) <= allowed
    chosen = float(candidates[int(few.argmax())] if few.any() else candidates[-1])
    return Refusal(
        round(chosen, 3), float((others >= chosen).mean()), float((ours < chosen).mean())
    )


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)
