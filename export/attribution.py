"""Why a model said what it said: which words it hangs on, and what its attention looked at.

A word counts for as much as the answer loses when it is left out (Li, Monroe and Jurafsky 2016,
arXiv:1612.08220). That needs nothing of a model but its answers, so artefacts and checkpoints are
explained alike; attention maps need the checkpoint, since exported graphs do not give them out.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from export.answers import Attention, artefact_answer
from export.checkpoint_answers import checkpoint_answer
from export.errors import ExportFailed

MOST_WORDS = 60
"""Larger pictures cannot be read."""


@dataclass(frozen=True, slots=True)
class Attribution:
    """`weights` has, for each word, what the answer loses without it; below 0 where it gains."""

    text: str
    said: str
    words: tuple[str, ...]
    weights: tuple[float, ...]
    attention: tuple[Attention, ...]


def attribute(place: Path, text: str) -> Attribution:
    """Of the artefact or checkpoint in `place`. Raises `ExportFailed` for a text without words or
    with too many, and for models that are not about texts."""
    words = text.split()
    if not 1 <= len(words) <= MOST_WORDS:
        raise ExportFailed(f"give a text of 1 to {MOST_WORDS} words, not {len(words)}")
    artefact = (place / "manifest.json").exists()
    answer = artefact_answer(place, text) if artefact else checkpoint_answer(place, text)
    whole = answer.still(text)
    weights = tuple(
        whole - answer.still(" ".join([*words[:i], *words[i + 1 :]])) for i in range(len(words))
    )
    return Attribution(text, answer.said, tuple(words), weights, answer.attention)


def as_json(found: Attribution) -> str:
    """Words and weights, for `--json`."""
    return json.dumps(
        {"text": found.text, "said": found.said,
         "words": [{"word": w, "weight": round(v, 4)}
                   for w, v in zip(found.words, found.weights, strict=True)]},
        ensure_ascii=False,
    )  # fmt: skip
