"""Slot tags of a sentence as a sequence that is valid as a whole."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edge.tasks.understanding_schema import TAGS

Floats = NDArray[np.float32]


def _transitions() -> Floats:
    """0 where a tag may follow another, else minus infinity: I-x only after B-x or I-x."""
    allowed = np.zeros((len(TAGS), len(TAGS)), dtype=np.float32)
    for column, tag in enumerate(TAGS):
        if tag.startswith("I-"):
            before = {f"B-{tag[2:]}", tag}
            for row, previous in enumerate(TAGS):
                if previous not in before:
                    allowed[row, column] = -np.inf
    return allowed


_TRANSITIONS = _transitions()
_FIRST = np.where([tag.startswith("I-") for tag in TAGS], -np.inf, 0.0).astype(np.float32)


def best_tags(log_probabilities: Floats) -> NDArray[np.int64]:
    """The most probable valid BIO sequence (Viterbi 1967). Shape (words, len(TAGS)) to (words,)."""
    best: NDArray[np.int64] = log_probabilities.argmax(1)
    if np.isfinite(_FIRST[best[0]]) and np.isfinite(_TRANSITIONS[best[:-1], best[1:]]).all():
        return best  # the most probable tags follow each other as they are
    count = len(log_probabilities)
    score = log_probabilities[0] + _FIRST
    back = np.zeros(log_probabilities.shape, dtype=np.int64)
    for i in range(1, count):
        table = score[:, None] + _TRANSITIONS
        back[i] = table.argmax(0)
        score = table[back[i], np.arange(len(TAGS))] + log_probabilities[i]
    path = np.zeros(count, dtype=np.int64)
    path[-1] = score.argmax()
    for i in range(count - 1, 0, -1):
        path[i - 1] = back[i, path[i]]
    return path
