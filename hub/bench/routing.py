"""Fit the router, and count where it sends sentences: a table `language, skill, sentence`."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hub.knowledge.encoder import Encoder, LazyEncoder
from hub.routing.router import Router, Skill, probabilities
from hub.routing.sentences import Example, examples

WEIGHTS = Path(str(files("hub.routing"))) / "weights.json"
SEED = 7
ROUNDS = 1500
RATE = 0.05
PENALTY = 0.0001
Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Missed:
    """A sentence that was sent elsewhere."""

    example: Example
    sent_to: Skill
    probability: float


def fit(encoder: Encoder | None = None, out: Path = WEIGHTS) -> int:
    """Fit to `hub/routing/sentences.toml` and write the weights; returns to how many sentences."""
    encoder = encoder or LazyEncoder()
    known = examples(SEED)
    vectors = encoder.encode([each.text.lower() for each in known], "query").astype(np.float64)
    skills = list(Skill)
    wanted = np.eye(len(skills))[[skills.index(each.skill) for each in known]]
    values = _values(vectors, wanted)
    weights = {s: [round(float(v), 3) for v in values[:, at]] for at, s in enumerate(skills)}
    content = {"encoder": encoder.name, "seed": SEED, "sentences": len(known), "weights": weights}
    out.write_text(json.dumps(content) + "\n", encoding="utf-8")
    return len(known)


def _values(vectors: Doubles, wanted: Doubles) -> Doubles:
    """Weights of maximum penalised likelihood, each skill counting alike, by Adam. `vectors` has
    shape (sentences, hidden), `wanted` (sentences, skills)."""
    inputs = np.hstack([vectors, np.ones((len(vectors), 1))])
    each = (1 / wanted.sum(axis=0) / wanted.shape[1]) @ wanted.T  # (sentences,)
    values = np.zeros((inputs.shape[1], wanted.shape[1]))
    first, second = np.zeros_like(values), np.zeros_like(values)
    for step in range(1, ROUNDS + 1):
        shares = probabilities(vectors.astype(np.float32), values.astype(np.float32))
        slope = inputs.T @ ((wanted - shares) * each[:, None]) - PENALTY * values
        first = 0.9 * first + 0.1 * slope
        second = 0.999 * second + 0.001 * slope**2
        values += RATE * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
    return values


def read(path: Path) -> list[Example]:
    """A table of sentences. Raises `ValueError` for a skill that there is not."""
    with path.open(encoding="utf-8", newline="") as lines:
        return [
            Example(row["sentence"], row["language"], Skill(row["skill"]))
            for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        ]


def missed(known: list[Example], router: Router | None = None) -> list[Missed]:
    """The sentences that are sent elsewhere."""
    router = router or Router()
    found = [(example, router.route(example.text)) for example in known]
    return [
        Missed(example, routed.skill, routed.probability)
        for example, routed in found
        if routed.skill is not example.skill
    ]
