"""An answer shows the kind of fact that is asked for."""

from __future__ import annotations

import pytest

from hub.knowledge.kinds import holds, other_dimension
from hub.knowledge.terms import question_of


@pytest.mark.parametrize(
    ("question", "kinds"),
    [
        ("How long is the charging cable?", {"length"}),
        ("How long is the guarantee?", {"duration"}),
        ("How far ahead can I set the timer?", {"duration"}),
        ("When was the boiler last inspected?", {"bygone"}),
        ("Where is the kettle made?", {"origin", "where"}),
        ("It leaks, what can I do?", {"steps"}),
    ],
)
def test_a_question_asks_for_a_kind_of_fact(question: str, kinds: set[str]) -> None:
    assert question_of(question, "en").expects == kinds


def test_no_manual_says_what_is_bygone() -> None:
    assert not holds("bygone", "An electrician inspects it every two years, last on 3 May 2020.")


@pytest.mark.parametrize(
    ("said", "other"),
    [
        ("Keep the camera and its cable at least one metre away from the cot.", True),
        ("The cable is 2 m long.", False),
        ("Take the cable out of the box.", False),
    ],
)
def test_a_distance_is_no_length_of_a_thing(said: str, other: bool) -> None:
    assert other_dimension("How long is the cable of the camera?", said) is other
