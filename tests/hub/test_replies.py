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
            "name": "Einkaufsliste", "domain": "todo", "state": "1",
            "attributes": {"items": [{"summary": "Milch", "status": "needs_action"}]},
        },
        {
            "name": "Garagenlicht", "domain": "light", "state": "off",
            "attributes": {"supported_color_modes": ["onoff"]},
        },
        {
            "name": "Zuhause", "domain": "weather", "state": "rainy",
            "attributes": {"temperature": 6, "humidity": 88},
        },
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
        ("de", "ist milch auf der einkaufsliste", "Ja, Milch steht auf der Liste (Einkaufsliste)."),
        ("de", "wie ist das wetter", "Regnerisch, 6 °C, Luftfeuchtigkeit 88%."),
        ("de", "dimme das garagenlicht auf 30 prozent", "Garagenlicht lässt sich nicht dimmen."),
        ("de", "wie warm ist es im wohnzimmer", "21 °."),
    ],
)
async def test_an_answer_is_in_the_language_of_the_question(
    model: UnderstandingModel, language: str, text: str, reply: str
) -> None:
    line = json.dumps({"text": text, "language": language, "home": HOME})
    assert (await Stage(model).run_line(line))["reply"] == reply
