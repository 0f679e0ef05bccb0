from datetime import datetime

import pytest

from hub.languages import lexicon
from hub.times import delay, moment, too_often

EN = lexicon("en")
NOW = datetime(2026, 11, 23, 21, 0)  # a Monday


@pytest.mark.parametrize(
    ("said", "due", "repeat"),
    [
        ("at half past six", (24, 6, 30), None),
        ("at 22:00", (23, 22, 0), None),
        ("at ten to eleven", (23, 22, 50), None),
        ("tomorrow morning", (24, 8, 0), None),
        ("on saturday at ten", (28, 10, 0), None),
        ("at 7 pm", (24, 19, 0), None),
        ("every weekday at seven", (24, 7, 0), "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
        ("every evening", (24, 19, 0), "FREQ=DAILY"),
    ],
)
def test_moments(said: str, due: tuple[int, int, int], repeat: str | None) -> None:
    found = moment(said, NOW, EN)
    assert found is not None and found.due is not None
    assert (found.due.day, found.due.hour, found.due.minute) == due
    assert found.repeat == repeat


@pytest.mark.parametrize("said", ["after dinner", "when it rains", "until sunset"])
def test_what_cannot_be_placed_in_time_is_none(said: str) -> None:
    assert moment(said, NOW, EN) is None


def test_a_length_at_the_end_is_a_delay_whatever_word_stands_before_it() -> None:
    found = delay("some 5 minutes", NOW, EN)
    assert found is not None
    assert found[1] == {"minutes": 5}


def test_a_length_before_a_clock_time_is_none() -> None:
    assert delay("5 minutes past seven", NOW, EN) is None


def test_a_delay_keeps_its_length_as_said() -> None:
    found = delay("in ten minutes", NOW, EN)
    assert found is not None
    assert found[0].due == NOW.replace(minute=10)
    assert found[1] == {"minutes": 10}


@pytest.mark.parametrize("text", ["every second", "every ten minutes", "every hour"])
def test_what_repeats_within_the_day_is_known_as_such(text: str) -> None:
    assert too_often(text, lexicon("en"))
    assert not too_often("every day at five", lexicon("en"))


@pytest.mark.parametrize(
    ("language", "text"), [("fr", "dans un four"), ("de", "in einer Höhle"), ("es", "en una cueva")]
)
def test_an_article_before_a_thing_is_no_hour(language: str, text: str) -> None:
    assert moment(text, NOW, lexicon(language)) is None


def test_one_is_an_hour_where_nothing_follows() -> None:
    found = moment("à une heure", NOW, lexicon("fr"))
    assert found is not None
    assert found.due is not None
    assert found.due.hour in (1, 13)
