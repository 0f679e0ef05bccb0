"""A passage about the right thing answers only if it tells what is asked about that thing."""

from __future__ import annotations

import pytest

from hub.knowledge import Knowledge
from tests.hub.knowledge.conftest import NOW

NOTES = """# Rabbit hutch

## Feeding

Fill two bowls with hay each morning. The rabbits drink a bottle of water every day.

## The hatch

The hatch has a keypad; its code is sent to you by letter. A lamp on it blinks red while the hatch moves.

## Straw

Spread fresh straw, 2 kg a week. The straw is best bought from the farm in Elm Road.

## Run

The run has four posts. Close it at dusk.
"""


@pytest.fixture(scope="module")
def hutch(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    folder = tmp_path_factory.mktemp("hutch")
    (folder / "hutch.md").write_text(NOTES)
    knowledge = Knowledge(folder / "kb")
    knowledge.add(folder / "hutch.md", NOW)
    return knowledge


@pytest.mark.parametrize(
    "question",
    [
        "How many rabbits are there?",  # bowls are counted, rabbits are not
        "What is the code of the keypad?",
        "What colour is the hatch?",  # the lamp is red
        "When was the run built?",
        "Which hay tastes best?",
        "Is the hatch heated?",
    ],
)
def test_what_is_not_told_about_a_thing_is_not_answered(hutch: Knowledge, question: str) -> None:
    assert not hutch.ask(question).known


@pytest.mark.parametrize(
    ("question", "fact"),
    [
        ("How many posts does the run have?", "four"),
        ("How much straw do I need?", "2 kg"),
        ("Where is straw best bought?", "Elm Road"),
        ("What colour does the lamp blink?", "red"),
    ],
)
def test_what_is_told_is_answered(hutch: Knowledge, question: str, fact: str) -> None:
    assert fact in hutch.ask(question).text
