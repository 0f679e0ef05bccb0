"""What would be quoted is judged together with the question, before it is given as an answer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from hub.knowledge import Knowledge
from hub.knowledge.evidence import Floats
from hub.knowledge.judge import LazyJudge
from tests.hub.knowledge.conftest import MANUALS, NOW


class Stubborn:
    """A judge that always says the same, and keeps what it was asked."""

    def __init__(self, says: float) -> None:
        self.says, self.asked, self.closed = says, list[str](), False

    def judge(self, texts: Sequence[str]) -> Floats:
        self.asked += texts
        return np.full(len(texts), self.says, np.float32)

    def close(self) -> None:
        self.closed = True


def _asked(judge: Stubborn, folder: Path, question: str) -> bool:
    knowledge = Knowledge(folder, judge=judge)
    knowledge.add(MANUALS / "coffee-machine.md", NOW)
    known = knowledge.ask(question).known
    knowledge.close()
    return known


def test_what_the_judge_rejects_is_not_given(tmp_path: Path) -> None:
    assert not _asked(Stubborn(0.0), tmp_path, "how many watts does the coffee machine draw")


def test_the_judge_reads_question_title_heading_and_what_would_be_quoted(tmp_path: Path) -> None:
    judge = Stubborn(1.0)
    assert _asked(judge, tmp_path, "how many watts does the coffee machine draw")
    assert any(
        text.startswith("how many watts does the coffee machine draw [SEP] Barosa Duo 5")
        and "Technical data: " in text
        and "1450 W" in text
        for text in judge.asked
    )
    assert judge.closed


def test_another_code_is_not_put_to_the_judge(tmp_path: Path) -> None:
    judge = Stubborn(1.0)
    assert not _asked(judge, tmp_path, "What does E99 on the coffee machine mean?")
    assert judge.asked == []


def test_the_shipped_judge_tells_an_answer_from_what_is_only_near() -> None:
    judge = LazyJudge()
    near, answer = judge.judge(
        [
            "How heavy is the kettle? [SEP] Norvo kettle > Technical data: The kettle is 24 cm high.",
            "How heavy is the kettle? [SEP] Norvo kettle > Technical data: The kettle weighs 1.2 kg.",
        ]
    )
    judge.close()
    assert answer > 0.7
    assert near < 0.4


GERMAN = (
    "wie oft entkalken [SEP] Norvo > Pflege: Wischen Sie das Gehäuse mit einem Tuch ab.",
    "wie oft entkalken [SEP] Norvo > Pflege: Entfernen Sie alle vier Wochen den Kalk mit Essig.",
)
SPANISH = (
    "¿cada cuánto lo descalcifico? [SEP] Norvo > Cuidado: Limpie la carcasa con un paño húmedo.",
    "¿cada cuánto lo descalcifico? [SEP] Norvo > Cuidado: Elimine la cal cada cuatro semanas.",
)


@pytest.mark.parametrize("texts", [GERMAN, SPANISH])
def test_the_shipped_judge_reads_german_and_spanish(texts: Sequence[str]) -> None:
    judge = LazyJudge()
    near, answer = judge.judge(texts)
    judge.close()
    assert answer > 0.7
    assert near < 0.4


def test_a_judge_that_was_closed_opens_again() -> None:
    judge = LazyJudge()
    text = "How heavy is it? [SEP] Kettle > Data: It weighs 1.2 kg."
    first = judge.judge([text])
    judge.close()
    assert judge.judge([text]) == first
    judge.close()


def test_what_is_nearest_in_meaning_is_put_to_the_judge_though_no_word_is_the_same(
    tmp_path: Path,
) -> None:
    judge = Stubborn(0.0)
    _asked(judge, tmp_path, "my brew comes out lukewarm")
    assert any("temperature" in text.partition("[SEP]")[2].lower() for text in judge.asked)
