"""The bench of large knowledge bases makes what it says, and times every question."""

from __future__ import annotations

from hub.bench.ask import questions
from hub.bench.retrieval import measure
from tests.hub.knowledge.conftest import MANUALS


def test_it_searches_a_base_of_the_wanted_size_for_every_question() -> None:
    run = measure(MANUALS, ["held"], chunks=400)
    assert run.chunks == 400
    assert len(run.milliseconds) == len(questions(MANUALS / "questions" / "held.tsv"))
    assert 0 < run.percentile(50) <= run.percentile(95)
