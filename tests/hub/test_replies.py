"""Answers about the home are in the language they were asked in."""

from __future__ import annotations

import json

import pytest

from edge.tasks.understand import UnderstandingModel
from hub.rehearse import Stage

HOME = {
    "areas": [{"id": "living", "name": "Wohnzimmer"}],
    "people": ["Anna"],
    "entities": [
        {"name": "Anna", "domain": "person", "state": "not_home"},
        {"name": "Kalender", "domain": "calendar", "state": "off"},
        {
            "name": "Temperatur", "domain": "sensor", "device_class": "temperature",
            "area": "living", "state": "21",
        },
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("language", "text", "reply"),
    [
        ("de", "ist jemand zu hause", "Niemand ist zu Hause."),
        ("zh-CN", "家里有人吗", "家里没有人。"),
        ("de", "was steht heute im kalender", "Im Kalender steht nichts."),
        ("zh-CN", "今天有什么安排", "日历里没有安排。"),
        ("de", "wie warm ist es im wohnzimmer", "21 °."),
    ],
)
async def test_an_answer_is_in_the_language_of_the_question(
    model: UnderstandingModel, language: str, text: str, reply: str
) -> None:
    line = json.dumps({"text": text, "language": language, "home": HOME})
    assert (await Stage(model).run_line(line))["reply"] == reply
