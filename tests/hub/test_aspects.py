"""What of a thing a question asks about, by its words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from devices.homefile import load_home
from edge.tasks.understand import UnderstandingModel
from edge.tasks.understanding_schema import ATTRIBUTES, NONE, ClauseReading, Scored
from hub.ground.aspects import aspect_of
from hub.ground.context import Context
from hub.rehearse import Stage


@pytest.mark.parametrize(
    ("language", "text", "aspect"),
    [
        ("en", "how high is the humidity", "humidity"),
        ("en", "how high is the blind", "position"),
        ("en", "what percentage is the battery at", "battery"),
        ("en", "what did the power cost today", "cost"),
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


async def test_a_rooms_humidity_is_what_is_measured_and_not_what_is_wished(
    model: UnderstandingModel,
) -> None:
    home = load_home(
        {
            "areas": [{"id": "bunk", "name": "Bunk Room"}],
            "entities": [
                {"id": "humidifier.bunk", "name": "Bunk Room Humidifier", "area": "bunk",
                 "state": "on", "attributes": {"humidity": 45}},
                {"id": "sensor.bunk", "name": "Bunk Room Humidity", "area": "bunk", "state": "43",
                 "device_class": "humidity", "attributes": {"unit_of_measurement": "%"}},
            ],
        }
    )  # fmt: skip
    reply = await Stage(model, home).run_line('{"text": "how humid is the bunk room"}')
    assert "43" in reply["reply"]
    assert "45" not in reply["reply"]
