"""Fit the weights of evidence to the tuning questions: a conditional logit with a null alternative,
by gradient ascent, held small by a penalty. Needs nothing but numpy."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hub.bench.ask import Asking, is_gold, knowledge_of, questions, says
from hub.knowledge import Found
from hub.knowledge.evidence import FEATURES, Floats, weigh

Doubles = NDArray[np.float64]

WEIGHTS = Path(str(files("hub.knowledge"))) / "weights.json"
WEIGHTS_BY_WORDS = WEIGHTS.with_name("weights_by_words.json")
"""For questions in languages that the encoder does not know."""
PENALTY = 0.004
ROUNDS = 1200
RATE = 0.04
THRESHOLD = 0.5
"""The fit calibrates the probabilities: an answer is given when it is likelier than none."""
HIDDEN_WEIGHT = 0.15
"""What a question counts whose answer was hidden from it, beside one as people asked it: its
documents speak of everything around the answer, as those of a question without one often do."""


@dataclass(frozen=True, slots=True)
class Example:
    """Evidence of a question's candidates, and which of them are right (none: no answer)."""

    rows: Floats
    right: NDArray[np.bool_]
    answerable: bool
    weight: float = 1.0


def examples(manuals: Path, asked: Sequence[Asking]) -> list[Example]:
    """Evidence for every question of a set; for those with an answer also without it."""
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
            if asking.facts:
                _, _, rest = knowledge.evidence(asking.text, hidden=_gold_of(asking))
                nothing = np.zeros(len(rest), bool)
                found.append(Example(rest, nothing, False, HIDDEN_WEIGHT))
    return [example for example in found if len(example.rows)]


def _gold_of(asking: Asking) -> Callable[[Found], bool]:
    return lambda found: is_gold(found, asking)


def fit(known: Sequence[Example]) -> Doubles:
    """Weights of maximum penalised likelihood, by Adam."""
    values = np.zeros(len(FEATURES))
    first, second = np.zeros_like(values), np.zeros_like(values)
    for step in range(1, ROUNDS + 1):
        slope = np.average(
            [_slope(example, values) for example in known],
            axis=0,
            weights=[example.weight for example in known],
        )
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


def write(sets: Sequence[Path], out: Path) -> int:
    """Fit to sets (`MANUALS/questions/NAME.tsv`) and write the weights; returns to how many
    questions they were fitted, those with a hidden answer among them."""
    known = [example for path in sets for example in examples(path.parents[1], questions(path))]
    values = fit(known)
    names = ", ".join(f"{path.parents[1].name}/{path.stem}" for path in sets)
    content = {
        "fitted_to": f"{names}: {len(known)} questions",
        "threshold": THRESHOLD,
        "weights": {n: round(float(v), 4) for n, v in zip(FEATURES, values, strict=True)},
    }
    out.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    return len(known)
