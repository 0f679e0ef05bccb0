"""A question is answered from the documents in its own language."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.bench.ask import measure
from hub.knowledge import Knowledge
from tests.hub.knowledge.conftest import MANUALS, NOW

WASHING_MACHINES = ("washing-machine.md", "de/waschmaschine.md", "es/lavadora.md")


@pytest.fixture(scope="module")
def polyglot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Knowledge]:
    """The same manual in three languages."""
    knowledge = Knowledge(tmp_path_factory.mktemp("polyglot"))
    for name in WASHING_MACHINES:
        knowledge.add(MANUALS / name, NOW)
    yield knowledge
    knowledge.close()


@pytest.mark.parametrize(
    ("question", "file", "fact"),
    [
        ("What does E18 mean?", "washing-machine.md", "Water does not drain"),
        ("Was bedeutet E18?", "waschmaschine.md", "Das Wasser läuft nicht ab"),
        ("¿Qué significa E18?", "lavadora.md", "El agua no sale"),
        ("Wie oft muss ich das Flusensieb reinigen?", "waschmaschine.md", "alle zwei Monate"),
    ],
)
def test_the_question_s_language_chooses_the_document(
    polyglot: Knowledge, question: str, file: str, fact: str
) -> None:
    answered = polyglot.ask(question)
    assert fact in answered.text
    assert {Path(source.file).name for source in answered.sources} == {file}


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Was bedeutet E03 bei der Kaffeemaschine?", "Die Unterlagen sind in einer anderen Sprache: en."),
        ("¿Qué significa E03 en la cafetera?", "Los documentos están en otro idioma: en."),
    ],
)  # fmt: skip
def test_where_there_is_none_in_its_language_that_is_said(
    shelf: Knowledge, question: str, said: str
) -> None:
    answered = shelf.ask(question)
    assert not answered.known
    assert answered.text == said


@pytest.mark.parametrize(("language", "passage", "fact"), [("de", 0.85, 0.75), ("es", 0.9, 0.85)])
def test_most_questions_find_their_passage_and_fact(
    language: str, passage: float, fact: float
) -> None:
    scores = measure(MANUALS / language, "held")
    assert scores.in_first_three["fused"] >= passage * scores.questions
    assert scores.fact_given >= fact * scores.questions
    assert scores.falsely_answered <= 0.1 * scores.unanswerable


def test_a_small_manual_is_looked_at_whole_where_no_word_is_the_same(tmp_path: Path) -> None:
    manual = tmp_path / "schrank.md"
    manual.write_text(
        "# Schrank Halvor\n\n## Türen\n\nDie Scharniere nimmt man mit einem Kreuzschlitz ab.\n\n"
        "## Pflege\n\nDas Holz wird jedes Jahr mit Öl eingerieben.\n"
    )
    knowledge = Knowledge(tmp_path / "kb")
    knowledge.add(manual, NOW)
    found = knowledge.search("Womit schraube ich das auseinander?")
    knowledge.close()
    assert {each.passage.chunk.heading[-1] for each in found} == {"Türen", "Pflege"}
