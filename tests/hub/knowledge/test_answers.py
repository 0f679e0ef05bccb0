"""Questions are answered in the documents' own words, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.knowledge import Knowledge
from hub.knowledge.kinds import holds
from hub.knowledge.terms import codes_in, language_of, question_of
from tests.hub.knowledge.conftest import MANUALS, NOW


@pytest.mark.parametrize(
    ("question", "fact"),
    [
        ("how many watts does the coffee machine draw", "1450 W"),
        ("What does E03 on the coffee machine mean?", "Brewing unit cannot move"),
        ("how loud is the smoke alarm", "85 dB"),
        ("How often do I have to test the smoke alarm?", "once a month"),
        ("Can the brewing unit go in the dishwasher?", "do not put it into the dishwasher"),
        ("what do two beeps every 48 seconds mean", "sensor is dirty"),
    ],
)
def test_the_fact_is_in_the_answer(shelf: Knowledge, question: str, fact: str) -> None:
    answered = shelf.ask(question)
    assert fact in answered.text
    assert any(fact in source.text for source in answered.sources)


@pytest.mark.parametrize(
    "question",
    [
        "What does E99 on the coffee machine mean?",  # another code
        "How loud is the coffee machine?",  # another device's attribute
        "How do I descale the smoke alarm?",
        "What is the capital of Australia?",
        "How much does the coffee machine cost?",
    ],
)
def test_what_the_documents_do_not_tell_is_not_known(shelf: Knowledge, question: str) -> None:
    answered = shelf.ask(question)
    assert not answered.known, answered.text
    assert answered.text == "The documents do not say."
    assert answered.sources == ()


def test_what_is_not_known_has_a_place_to_look_only_where_it_is_spoken_of(
    shelf: Knowledge,
) -> None:
    answered = shelf.ask("Where was the descaling liquid made?")
    assert not answered.known
    assert answered.nearest is not None and answered.nearest.heading.endswith("Descaling")
    assert shelf.ask("What is the capital of Australia?").nearest is None


def test_how_to_gives_all_steps_with_their_place(shelf: Knowledge) -> None:
    answered = shelf.ask("How do I rinse the brewing unit?")
    assert len(answered.steps) == 4
    assert answered.text.startswith("1. Switch the machine off")
    assert answered.sources[0].heading == (
        "Barosa Duo 5 coffee machine > Cleaning and care > Rinsing the brewing unit"
    )
    assert answered.sources[0].place.startswith("line ")


def test_the_same_file_is_read_once_and_a_changed_one_again(tmp_path: Path) -> None:
    knowledge, note = Knowledge(tmp_path / "kb"), tmp_path / "docs" / "note.md"
    note.parent.mkdir()
    note.write_text("# Bins\n\nThe bins are collected on Tuesday.\n")
    assert knowledge.add(note.parent, NOW).added == [str(note)]
    assert knowledge.add(note.parent, NOW).unchanged == [str(note)]
    note.write_text("# Bins\n\nThe bins are collected on Friday.\n")
    assert knowledge.add(note.parent, NOW).added == [str(note)]
    assert "Friday" in knowledge.ask("When are the bins collected?").text
    note.unlink()
    (note.parent / "other.txt").write_text("Plants\n\nWater the ficus every ten days.\n")
    assert knowledge.add(note.parent, NOW).removed == [str(note)]
    assert not knowledge.ask("When are the bins collected?").known


def test_without_documents_it_says_so(tmp_path: Path) -> None:
    answered = Knowledge(tmp_path).ask("how heavy is the dishwasher")
    assert not answered.known
    assert "hearthd kb add" in answered.text


def test_codes_are_one_however_they_are_written() -> None:
    assert codes_in("it shows E 18") == codes_in("it shows e-18") == codes_in("E18") == ("e18",)
    assert codes_in("wait for 10 minutes at 60 C") == ()


def test_a_question_says_which_kind_of_fact_it_wants() -> None:
    assert "weight" in question_of("how heavy is it", "en").expects
    assert "duration" in question_of("wie lange dauert das", "de").expects
    assert "temperature" in question_of("¿a qué temperatura lava?", "es").expects
    assert holds("weight", "Gewicht: 38 kg")
    assert not holds("weight", "38 cm")


def test_the_language_is_told_by_its_small_words() -> None:
    assert language_of("Wie oft muss ich den Filter reinigen?") == "de"
    assert language_of("¿Con qué frecuencia hay que limpiar el filtro?") == "es"
    assert language_of("how often should I clean the filter") == "en"


def test_the_same_code_of_another_device_is_not_told(tmp_path: Path) -> None:
    knowledge = Knowledge(tmp_path)
    for name in ("dishwasher.md", "washing-machine.md"):
        knowledge.add(MANUALS / name, NOW)
    answered = knowledge.ask("What does E18 mean on the washing machine?")
    assert {Path(source.file).name for source in answered.sources} == {"washing-machine.md"}
    assert "does not drain" in answered.text
