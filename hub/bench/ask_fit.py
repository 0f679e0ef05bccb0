"""Fit the weights of evidence to the tuning questions: a conditional logit with a null alternative,
by gradient ascent, held small by a penalty. Needs nothing but numpy."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hub.bench.ask import Asking, knowledge_of, questions, says
from hub.knowledge.evidence import FEATURES, Floats, weigh

Doubles = NDArray[np.float64]

WEIGHTS = Path(str(files("hub.knowledge"))) / "weights.json"
PENALTY = 0.004
ROUNDS = 4000
RATE = 0.02
THRESHOLD = 0.5
"""The fit calibrates the probabilities: an answer is given when it is likelier than none."""


@dataclass(frozen=True, slots=True)
class Example:
    """Evidence of a question's candidates, and which of them are right (none: no answer)."""

    rows: Floats
    right: NDArray[np.bool_]
    answerable: bool


def examples(manuals: Path, asked: Sequence[Asking]) -> list[Example]:
    """Evidence for every question of a set."""
    found = []
    with knowledge_of(manuals, asked) as knowledge:
        for asking in asked:
            _, candidates, rows = knowledge.evidence(asking.text)
            right = np.array(
                [
                    bool(asking.facts)
                    and Path(c.found.passage.file).name == asking.file
                    and says(f"{c.unit.lead} {c.unit.text}", asking.facts)
                    for c in candidates
                ],
                bool,
            )
            if right.any() or not asking.facts:
                found.append(Example(rows, right, bool(asking.facts)))
    return found


def fit(known: Sequence[Example]) -> Doubles:
    """Weights of maximum penalised likelihood, by Adam."""
    values = np.zeros(len(FEATURES))
    first, second = np.zeros_like(values), np.zeros_like(values)
    for step in range(1, ROUNDS + 1):
        slope = np.mean([_slope(example, values) for example in known], axis=0)
        slope -= PENALTY * np.where(np.arange(len(values)) == 0, 0, values)
        first = 0.9 * first + 0.1 * slope
        second = 0.999 * second + 0.001 * slope**2
        values += RATE * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
    return values


def _slope(example: Example, values: Doubles) -> Doubles:
    """Gradient of the log probability of any right candidate, or of none."""
    shares = weigh(example.rows, values.astype(np.float32)).astype(np.float64)
    expected: Doubles = shares @ example.rows
    if not example.answerable:
        return -expected
    right = shares * example.right
    total = max(right.sum(), 1e-12)
    wanted: Doubles = (right / total) @ example.rows
    return wanted - expected


def write(manuals: Path, name: str, out: Path) -> int:
    """Fit to a set and write the weights; returns how many questions they were fitted to."""
    known = examples(manuals, questions(manuals / "questions" / f"{name}.tsv"))
    values = fit(known)
    content = {
        "fitted_to": f"{name}: {len(known)} questions",
        "threshold": THRESHOLD,
        "weights": {n: round(float(v), 4) for n, v in zip(FEATURES, values, strict=True)},
    }
    out.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    return len(known)
