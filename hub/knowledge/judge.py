"""A judge of answers: a small model that reads the question and what would be quoted together, and
says how likely the one answers the other.

Its probability is one more piece of evidence: the value of a candidate in the conditional logit
becomes a + b v + c logit(p), less where the evidence alone would exclude it or a demand is not met,
with weights fitted on questions that it was not taught on (`hearthd bench ask --fit-judge`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from threading import Lock, Timer
from typing import Protocol

import numpy as np

from edge.artefact import load_artefact, shipped
from edge.sessions import give_back_memory
from edge.tasks.classify import Classifier
from hub.knowledge.answer import quoted
from hub.knowledge.demands import unmet
from hub.knowledge.encoder import ENCODED
from hub.knowledge.evidence import FEATURES, Candidate, Floats, excluded, fitted, impossible
from hub.knowledge.terms import Question

SHIPPED = "judge"
JUDGED = ("en", "de", "es")
"""Languages that the shipped judge reads."""
HEARD = 12
"""Candidates that the judge is asked about, with different quotations."""
_SEPARATOR = " [SEP] "
_IDLE_SECONDS = 120.0
_LEAST = 1e-4
_DOUBT = 1.5
"""What an excluded candidate falls back by, in the order of who is heard first."""
_HOPELESS = -8.0
"""The value below which the judge is not asked in a language that the encoder does not know."""
_FLOOR = -6.0
"""The least value of the evidence: who asks in other words than the document's has little of it."""


class Judge(Protocol):
    """Says how likely a passage answers a question."""

    def judge(self, texts: Sequence[str]) -> Floats:
        """Of texts as `judged_texts` makes them, each in [0, 1]. Raises `EdgeError`."""

    def close(self) -> None:
        """Give its memory back; the next question opens it again."""


class LazyJudge:
    """The `classify` artefact in `folder` (that which hearthd ships, if None): opened with the
    first question, and given back when none has come for two minutes."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or shipped(SHIPPED)
        self._lock = Lock()
        self._model: Classifier | None = None
        self._timer: Timer | None = None

    def judge(self, texts: Sequence[str]) -> Floats:
        """Of each text, in [0, 1]. Raises `EdgeError`."""
        with self._lock:
            if self._model is None:
                self._model = Classifier(load_artefact(self._folder))
            self._start_waiting()
            found = [self._of_one(self._model, text) for text in texts]
        return np.array(found, np.float32)

    @staticmethod
    def _of_one(model: Classifier, text: str) -> float:
        classes = model.classify_sync(text)
        return next(each.probability for each in classes if each.label == "answers")

    def _start_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = Timer(_IDLE_SECONDS, self.close)
        self._timer.daemon = True
        self._timer.start()

    def close(self) -> None:
        """Give its memory back."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            self._model = self._timer = None
        give_back_memory()


@dataclass(frozen=True, slots=True)
class Trust:
    """How much the judge counts: the value of a candidate is `bias + value v + judge logit(p) +
    excluded x + unmet u`, where x is 1 for what the evidence alone would exclude, and u for what
    does not meet a demand of the question; an answer is given from `threshold` on."""

    bias: float
    value: float
    judge: float
    excluded: float
    unmet: float
    threshold: float

    @property
    def weights(self) -> Floats:
        """In the order of `Heard.evidence`."""
        return np.array([self.bias, self.value, self.judge, self.excluded, self.unmet], np.float32)


@lru_cache(maxsize=2)
def trust(encoded: bool = True) -> Trust:
    """As it came with hearthd; without `encoded`, for languages that the encoder does not know."""
    name = "trust.json" if encoded else "trust_by_words.json"
    found = json.loads(files(__package__).joinpath(name).read_text("utf-8"))
    return Trust(**{name.name: found[name.name] for name in fields(Trust)})


def judged_texts(question: Question, candidates: Sequence[Candidate]) -> list[str]:
    """What the judge reads of each candidate."""
    return [f"{question.text}{_SEPARATOR}{_shown(question, each)}" for each in candidates]


def _shown(question: Question, candidate: Candidate) -> str:
    passage = candidate.found.passage
    heading = " > ".join([passage.title, *passage.chunk.heading[-1:]])
    return f"{heading}: {' '.join(quoted(question, candidate).split())}"


@dataclass(frozen=True, slots=True)
class Heard:
    """Candidates that the judge was asked about. `evidence` has shape (candidates, 5): one, the
    value without it, the logit of its probability, whether it would be excluded, and whether it
    lacks what the question demands."""

    candidates: list[Candidate]
    evidence: Floats


def hear(judge: Judge, question: Question, candidates: Sequence[Candidate], rows: Floats) -> Heard:
    """Ask the judge about the likeliest candidates and those nearest in meaning, with different
    quotations; also about those that the evidence alone would exclude, but for another code or
    device. `rows` is the evidence. Raises `EdgeError`."""
    values = rows @ fitted(question.language in ENCODED).values
    doubted, chosen = excluded(rows), _chosen(question, candidates, rows, values)
    probabilities = judge.judge(list(chosen)).clip(_LEAST, 1 - _LEAST) if chosen else ()
    evidence = [
        [1.0, max(float(values[i]), _FLOOR), float(np.log(p / (1 - p))), float(doubted[i]),
         float(unmet(question, candidates[i], quoted(question, candidates[i]), rows[i]))]
        for i, p in zip(chosen.values(), probabilities, strict=True)
    ]  # fmt: skip
    shaped = np.array(evidence, np.float32).reshape(len(evidence), 5)
    return Heard([candidates[i] for i in chosen.values()], shaped)


def _chosen(
    question: Question, candidates: Sequence[Candidate], rows: Floats, values: Floats
) -> dict[str, int]:
    """What the judge reads, and of which candidate: in turn the likeliest by the evidence and the
    nearest in meaning, which is often said in no word of the question. Where the encoder does not
    know the language, the likeliest alone, unless hopeless."""
    likeliest = np.argsort(-(values - _DOUBT * excluded(rows)), kind="stable")
    nearest = np.argsort(-rows[:, FEATURES.index("cosine_unit")], kind="stable")
    never = impossible(rows)
    order = [int(i) for both in zip(likeliest, nearest, strict=True) for i in both]
    if question.language not in ENCODED:
        order = [int(i) for i in likeliest if values[i] >= _HOPELESS]
    chosen: dict[str, int] = {}
    for index in order:
        if not never[index]:
            chosen.setdefault(judged_texts(question, [candidates[index]])[0], index)
        if len(chosen) == HEARD:
            break
    return chosen


def believed(heard: Heard, weights: Floats) -> Floats:
    """Probability of each candidate; what is missing to 1 is that of no answer."""
    if not len(heard.evidence):
        return np.zeros(0, np.float32)
    values = heard.evidence @ weights
    top = max(0.0, float(values.max()))
    odds = np.exp(values.astype(np.float64) - top)
    shares: Floats = (odds / (odds.sum() + np.exp(-top))).astype(np.float32)
    return shares
