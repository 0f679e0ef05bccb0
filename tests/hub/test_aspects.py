"""What of a thing a question asks about, by its words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from edge.tasks.understanding_schema import ATTRIBUTES, NONE, ClauseReading, Scored
from hub.ground.aspects import aspect_of
from hub.ground.context import Context


@pytest.mark.parametrize(
    ("language", "text", "aspect"),
    [
        ("en", "how high is the humidity", "humidity"),
        ("en", "how high is the blind", "position"),
        ("en", "what percentage is the battery at", "battery"),
        ("de", "wie hoch ist die Temperatur", "temperature"),
        ("de", "wie hoch ist das Rollo", "position"),
        ("fr", "quelle chaîne passe à la télé", "source"),
        ("es", "qué emisora está puesta", "source"),
        ("it", "a che altezza è la tapparella", "position"),
        ("nl", "hoe luid staat de radio", "volume"),
        ("pl", "kto to śpiewa", "artist"),
        ("zh-CN", "今天用了几度电", "energy"),
    ],
)
def test_a_question_is_about_what_its_words_say(language: str, text: str, aspect: str) -> None:
    attributes = {key: Scored(NONE, 1.0) for key in ATTRIBUTES}
    clause = ClauseReading(0, len(text), text, (Scored("HassGetState", 1.0),), attributes, ())
    context = Context(datetime(2026, 11, 24, tzinfo=UTC), language=language)
    assert aspect_of(clause, context) == aspect
