"""Score answers on questions with known facts: passages found, facts given, nothing invented.

A set is a table `questions/NAME.tsv` beside the manuals: question, file, heading, fact; several
right facts or headings are divided by `|`, a question without a fact has no answer. Each set is
asked of a knowledge base of the files that it names, and of nothing else.
"""

from __future__ import annotations

import csv
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hub.knowledge import Found, Knowledge
from hub.knowledge.search import Way
from hub.languages import fold

WAYS: tuple[Way, ...] = ("words", "meaning", "fused")


@dataclass(frozen=True, slots=True)
class Asking:
    """A question with where its answer stands; `facts` is empty where there is none."""

    text: str
    file: str
    headings: tuple[str, ...]
    facts: tuple[str, ...]


@dataclass(slots=True)
class Scores:
    """Of one set."""

    questions: int = 0
    unanswerable: int = 0
    in_first_three: dict[str, int] = field(default_factory=lambda: dict.fromkeys(WAYS, 0))
    fact_given: int = 0
    falsely_answered: int = 0
    milliseconds: list[float] = field(default_factory=list)
    misses: list[dict[str, Any]] = field(default_factory=list)


def questions(path: Path) -> list[Asking]:
    """Read a set."""
    with path.open(encoding="utf-8", newline="") as lines:
        return [
            Asking(
                row["question"], row["file"],
                tuple(filter(None, row["heading"].split("|"))),
                tuple(filter(None, row["fact"].split("|"))),
            )
            for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        ]  # fmt: skip


@contextmanager
def knowledge_of(
    manuals: Path, asked: Sequence[Asking], judged: bool = False
) -> Iterator[Knowledge]:
    """A knowledge base of the files that a set names, with the judge of answers or without."""
    with tempfile.TemporaryDirectory(prefix="hearthd-ask-") as folder:
        knowledge = Knowledge(Path(folder), judge=None if judged else "none")
        for name in sorted({asking.file for asking in asked if asking.file}):
            knowledge.add(manuals / name, datetime.now(UTC))
        yield knowledge
        knowledge.close()


def says(text: str, facts: Sequence[str]) -> bool:
    """Whether a text has one of the facts in it."""
    plain = " ".join(fold(text).split())
    return any(" ".join(fold(fact).split()) in plain for fact in facts)


def is_gold(found: Found, asking: Asking) -> bool:
    """Whether a passage is where the answer stands."""
    if Path(found.passage.file).name != asking.file:
        return False
    return says(f"{' '.join(found.passage.chunk.heading)} {found.passage.chunk.text}", asking.facts)


def measure(manuals: Path, name: str, judged: bool = True) -> Scores:
    """Ask a whole set."""
    asked = questions(manuals / "questions" / f"{name}.tsv")
    scores = Scores()
    with knowledge_of(manuals, asked, judged) as knowledge:
        for asking in asked:
            _score(knowledge, asking, scores)
    return scores


def _score(knowledge: Knowledge, asking: Asking, scores: Scores) -> None:
    if asking.facts:
        scores.questions += 1
        for way in WAYS:
            best = knowledge.search(asking.text, 3, way=way)
            scores.in_first_three[way] += any(is_gold(found, asking) for found in best)
    else:
        scores.unanswerable += 1
    started = time.perf_counter()
    answered = knowledge.ask(asking.text)
    scores.milliseconds.append((time.perf_counter() - started) * 1000)
    right = answered.known and says(answered.text, asking.facts)
    scores.fact_given += right
    scores.falsely_answered += answered.known and not asking.facts
    if (asking.facts and not right) or (not asking.facts and answered.known):
        scores.misses.append(
            {
                "question": asking.text, "wanted": list(asking.facts),
                "answer": answered.text, "confidence": answered.confidence,
                "known": answered.known,
            }
        )  # fmt: skip
