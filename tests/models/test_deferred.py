import random

import pytest

from edge.tasks.understanding_schema import LANGUAGES
from models.nlu.data.deferred import delays
from models.nlu.data.examples import words_from

DRAWN = 40


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_delay_is_said_as_the_templates_say_it_and_holds_no_wish(language: str) -> None:
    known, rng = delays(language), random.Random(1)
    for delay in [known.sample(rng) for _ in range(DRAWN)] if known else []:
        words = words_from([(delay.said, "delay")], language)
        assert [word.begins for word in words] == [True, *[False] * (len(words) - 1)]
        assert {word.slot for word in words} == {"delay"}
        assert "\0" not in delay.said


@pytest.mark.parametrize(
    ("language", "leads"),
    [("pt-BR", {"em", "dentro", "daqui", "depois"}), ("de", {"in", "nach"}), ("sv", {"om"})],
)
def test_a_delay_begins_with_its_own_word_and_not_with_the_wish(
    language: str, leads: set[str]
) -> None:
    known, rng = delays(language), random.Random(2)
    assert known is not None
    assert {known.sample(rng).said.split()[0].casefold() for _ in range(DRAWN)} <= leads


def test_where_the_word_for_a_delay_comes_last_it_belongs_to_it() -> None:
    known, rng = delays("hu"), random.Random(3)
    assert known is not None
    assert {known.sample(rng).said.split()[-1] for _ in range(DRAWN)} == {"múlva"}
    assert any("perc" in known.sample(rng).said for _ in range(DRAWN))
