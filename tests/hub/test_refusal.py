"""How sure a sentence must be for the home: by its language, and by what it comes to here."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from devices.homefile import load_home
from edge.tasks.understand import UnderstandingModel
from edge.tasks.understanding_schema import Scored
from hub.ground.context import Context
from hub.ground.sentence import Thresholds, ground
from hub.values import Status

HOME = load_home(Path(__file__).parents[2] / "configs" / "homes" / "demo.yaml")
CAREFUL = Thresholds(for_us=0.5, for_us_named=0.5, languages=("de", "en"), for_us_in={"de": 0.9})


@pytest.mark.parametrize(
    ("language", "sure", "understood"),
    [("en", 0.6, True), ("de", 0.6, False), ("de", 0.95, True)],
)
def test_a_language_with_a_threshold_of_its_own_is_held_to_it(
    model: UnderstandingModel, language: str, sure: float, understood: bool
) -> None:
    reading = replace(model.read_sync("turn on all lights"), for_us=sure)
    context = Context(datetime(2026, 11, 25, 8, tzinfo=UTC), language=language)
    plan = ground(reading, HOME, context, CAREFUL)
    assert (plan.status is not Status.NOT_UNDERSTOOD) is understood


@pytest.mark.parametrize(
    ("text", "sure", "understood"),
    [
        ("which lights are on", 0.93, True),
        ("which lights are on", 0.7, False),
        ("turn on the lights", 0.93, False),  # in which room?
    ],
)
def test_a_doubtful_sentence_is_for_us_if_it_comes_to_what_is_here_with_nothing_left_to_ask(
    model: UnderstandingModel, text: str, sure: float, understood: bool
) -> None:
    reading = replace(model.read_sync(text), for_us=sure)
    context = Context(datetime(2026, 11, 25, 8, tzinfo=UTC), language="en")
    plan = ground(reading, HOME, context, Thresholds(for_us=0.99, languages=("de", "en")))
    assert (plan.status is not Status.NOT_UNDERSTOOD) is understood


@pytest.mark.parametrize(
    ("text", "language", "sure", "understood"),
    [
        ("turn off the kitchen light yesterday", "en", 0.9, False),
        ("turn off the kitchen light yesterday", "en", 0.999, True),
        ("turn off the kitchen light", "en", 0.9, True),
        ("turn off the kitchen light gestern", "de", 0.9, False),
    ],
)
def test_a_doubtful_sentence_about_what_has_been_does_nothing(
    model: UnderstandingModel, text: str, language: str, sure: float, understood: bool
) -> None:
    reading = replace(model.read_sync(text), for_us=sure)
    context = Context(datetime(2026, 11, 25, 8, tzinfo=UTC), language=language)
    plan = ground(reading, HOME, context, Thresholds(for_us=0.99, languages=("de", "en")))
    assert (plan.status is not Status.NOT_UNDERSTOOD) is understood


@pytest.mark.parametrize(("likely", "understood"), [(0.7, True), (0.5, False)])
def test_a_doubtful_sentence_whose_intent_is_doubtful_too_is_not_for_us(
    model: UnderstandingModel, likely: float, understood: bool
) -> None:
    reading = replace(model.read_sync("which lights are on"), for_us=0.93)
    clause = replace(reading.clauses[0], intents=(Scored("HassGetState", likely),))
    context = Context(datetime(2026, 11, 25, 8, tzinfo=UTC), language="en")
    plan = ground(replace(reading, clauses=(clause,)), HOME, context, Thresholds(for_us=0.99))
    assert (plan.status is not Status.NOT_UNDERSTOOD) is understood


@pytest.mark.parametrize(
    ("language", "status"), [("de", Status.ANSWERED), ("en", Status.NOT_UNDERSTOOD)]
)
def test_who_only_speaks_to_the_house_is_answered_but_for_small_talk_in_english(
    model: UnderstandingModel, language: str, status: Status
) -> None:
    reading = replace(model.read_sync("Hi"), for_us=0.95)
    context = Context(datetime(2026, 11, 25, 8, tzinfo=UTC), language=language)
    assert ground(reading, HOME, context, Thresholds(for_us=0.98)).status is status
