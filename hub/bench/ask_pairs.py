"""What the judge of answers may learn from manuals: questions of a set with what would be quoted,
and whether that is the answer; also with the answer hidden, as if the manual did not tell."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from hub.bench.ask import Asking, is_gold, knowledge_of, questions, says
from hub.knowledge import Knowledge
from hub.knowledge.encoder import ENCODED
from hub.knowledge.evidence import fitted, weigh
from hub.knowledge.judge import judged_texts

SHOWN = 6
"""Of the best candidates of a question."""


def write(sets: Sequence[Path], out: Path) -> int:
    """Write a JSON line `text`, `answered` for each pair of the sets; returns how many."""
    found = [pair for path in sets for pair in _of_set(path)]
    lines = (json.dumps({"text": text, "answered": answered}) + "\n" for text, answered in found)
    out.write_text("".join(lines), "utf-8")
    return len(found)


def _of_set(path: Path) -> Iterator[tuple[str, bool]]:
    asked = questions(path)
    with knowledge_of(path.parents[1], asked) as knowledge:
        for asking in asked:
            yield from _of_question(knowledge, asking, hide=False)
            if asking.facts:
                yield from _of_question(knowledge, asking, hide=True)


def _of_question(knowledge: Knowledge, asking: Asking, hide: bool) -> Iterator[tuple[str, bool]]:
    question, candidates, rows = knowledge.evidence(
        asking.text, hidden=lambda found: hide and is_gold(found, asking)
    )
    shares = weigh(rows, fitted(question.language in ENCODED).values)
    best = sorted(zip(candidates, shares, strict=True), key=lambda each: -each[1])[:SHOWN]
    texts = judged_texts(question, [candidate for candidate, _ in best])
    for (candidate, _), text in zip(best, texts, strict=True):
        right = Path(candidate.found.passage.file).name == asking.file
        yield text, bool(asking.facts) and right and says(text, asking.facts)
