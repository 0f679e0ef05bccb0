"""Fit how much the judge counts beside the other evidence: the weights of a conditional logit."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hub.bench.ask import Asking, is_gold, knowledge_of, questions, says
from hub.knowledge import Knowledge
from hub.knowledge.answer import quoted
from hub.knowledge.judge import Heard, LazyJudge, Trust, believed, hear

TRUST = Path(str(files("hub.knowledge"))) / "trust.json"
TRUST_BY_WORDS = TRUST.with_name("trust_by_words.json")
"""For questions in languages that the encoder does not know."""
THRESHOLD = 0.7
"""Likelier than none is not enough: a wrong answer does more harm than none."""
THRESHOLD_BY_WORDS = 0.5
UNMET = -5.0
"""What an unmet demand counts where the demands are worked out (English). Fitted it would be less:
the sets have more questions with an answer than without, and a false answer does more harm."""
HIDDEN_WEIGHT = 0.3
"""What a question counts whose answer was hidden from it."""
ROUNDS = 3000
RATE = 0.02
PENALTY = 0.002


@dataclass(frozen=True, slots=True)
class Example:
    """What the judge was asked about for one question, and which of it is right."""

    heard: Heard
    right: NDArray[np.bool_]
    asked_as_is: bool


def examples(path: Path, judge: LazyJudge) -> list[Example]:
    """Of a set; its questions with an answer also without it."""
    asked = questions(path)
    with knowledge_of(path.parents[1], asked) as knowledge:
        return [
            example
            for asking in asked
            for hide in (False, True)[: 1 + bool(asking.facts)]
            for example in _example(knowledge, judge, asking, hide)
        ]


def _example(
    knowledge: Knowledge, judge: LazyJudge, asking: Asking, hide: bool
) -> Iterator[Example]:
    question, candidates, rows = knowledge.evidence(
        asking.text, hidden=lambda found: hide and is_gold(found, asking)
    )
    heard = hear(judge, question, candidates, rows)
    right = np.array(
        [
            bool(asking.facts) and not hide and says(quoted(question, each), asking.facts)
            for each in heard.candidates
        ],
        bool,
    )
    yield Example(heard, right, not hide)


def fit(known: Sequence[Example], encoded: bool = True) -> Trust:
    """Weights of maximum penalised likelihood, by gradient ascent; without `encoded`, for languages
    that the encoder does not know."""
    usable = [each for each in known if len(each.right)]
    weights = np.array([1.0 if each.asked_as_is else HIDDEN_WEIGHT for each in usable])
    start = np.array([0.0, 0.5, 0.7, -1.0, UNMET if encoded else -1.0])
    free = np.array([1.0, 1.0, 1.0, 1.0, 0.0 if encoded else 1.0])
    values = start.copy()
    for _ in range(ROUNDS):
        slopes = np.array([_slope(each, values) for each in usable])
        slope = np.average(slopes, axis=0, weights=weights) - PENALTY * (values - start)
        values += RATE * slope * free
    threshold = THRESHOLD if encoded else THRESHOLD_BY_WORDS
    bias, value, judge, excluded, unmet = (round(float(v), 4) for v in values)
    return Trust(bias, value, judge, excluded, unmet, threshold)


def _slope(example: Example, values: NDArray[np.float64]) -> NDArray[np.float64]:
    evidence = example.heard.evidence.astype(np.float64)
    shares = believed(example.heard, values.astype(np.float32)).astype(np.float64)
    expected: NDArray[np.float64] = shares @ evidence
    if not example.right.any():
        return -expected
    right = shares * example.right
    wanted: NDArray[np.float64] = (right / max(right.sum(), 1e-12)) @ evidence
    return wanted - expected


def write(sets: Sequence[Path], out: Path) -> int:
    """Fit to sets and write what was found; returns to how many questions it was fitted."""
    judge = LazyJudge()
    known = [example for path in sets for example in examples(path, judge)]
    judge.close()
    names = ", ".join(f"{path.parents[1].name}/{path.stem}" for path in sets)
    content = {"fitted_to": f"{names}: {len(known)} questions", **asdict(fit(known, out == TRUST))}
    out.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    return len(known)
