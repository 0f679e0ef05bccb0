"""What a model says to a text, and how much of that it says to another text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.artefact import load_artefact
from edge.tasks.embed import cosine
from edge.tasks.registry import open_folder
from export.errors import ExportFailed

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Attention:
    """One layer's map, mean over its heads, shape (rows, columns): each row sums to one."""

    layer: int
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: Floats


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model said to a text. `still(other)` tells in [0, 1] how much of it the model says to
    another text."""

    said: str
    still: Callable[[str], float]
    attention: tuple[Attention, ...] = ()


def artefact_answer(folder: Path, text: str) -> Answer:
    """Of an artefact, without attention. Raises `ExportFailed` for tasks not about texts."""
    task = load_artefact(folder).manifest.task
    if task not in _ARTEFACTS:
        raise ExportFailed(f"{folder}: does {task}; explained are {', '.join(_ARTEFACTS)}")
    return _ARTEFACTS[task](open_folder(folder), text)


def _classified(model: Any, text: str) -> Answer:
    found = model.classify_sync(text)
    if not found:
        raise ExportFailed("the model's tokenizer finds nothing in this text")
    label = found[0].label

    def still(other: str) -> float:
        return next((c.probability for c in model.classify_sync(other) if c.label == label), 0.0)

    return Answer(f"{label} {found[0].probability:.0%}", still)


def _embedded(model: Any, text: str) -> Answer:
    vector = model.embed_sync([text])[0]
    return Answer("its meaning", lambda other: cosine(vector, model.embed_sync([other])[0]))


def _translated(model: Any, text: str) -> Answer:
    made = model.translate_sync(text).text
    return Answer(made, lambda other: alike(model.translate_sync(other).text, made))


def _understood(model: Any, text: str) -> Answer:
    def confidences(other: str) -> dict[str, float]:
        clauses = model.read_sync(other).clauses
        return {intent.label: intent.confidence for clause in clauses for intent in clause.intents}

    found = confidences(text)
    if not found:
        raise ExportFailed("the model finds no wish in this text")
    best = max(found, key=lambda intent: found[intent])
    return Answer(f"{best} {found[best]:.0%}", lambda other: confidences(other).get(best, 0.0))


_ARTEFACTS: dict[str, Callable[[Any, str], Answer]] = {
    "classify": _classified, "embed": _embedded, "translate": _translated,
    "understand": _understood,
}  # fmt: skip


def alike(one: str, other: str) -> float:
    """chrF of two texts, in [0, 1]."""
    from sacrebleu import sentence_chrf  # noqa: PLC0415

    return float(sentence_chrf(one, [other]).score) / 100
