""" "The big light" of a room."""

from __future__ import annotations

import json
from typing import Any

import pytest

from devices.homefile import load_home
from edge.tasks.understand import UnderstandingModel
from hub.rehearse import Stage

LIGHTS = {
    "living": ["Chandelier", "Reading Lamp"],
    "kids": ["Kinderzimmerlampe", "Nachtlicht"],
    "hall": ["Left Lamp", "Right Lamp"],
}
HOME = load_home(
    {
        "areas": [
            {"id": "living", "name": "Living Room"},
            {"id": "kids", "name": "Kinderzimmer"},
            {"id": "hall", "name": "Hall"},
        ],
        "entities": [
            {"id": f"light.{name.lower().replace(' ', '_')}", "name": name, "area": room,
             "state": "on"}
            for room, names in LIGHTS.items()
            for name in names
        ],
    }
)  # fmt: skip


async def _said(
    model: UnderstandingModel, text: str, area: str | None = None, language: str = "en"
) -> dict[str, Any]:
    line = {"text": text, "area": area, "language": language}
    return await Stage(model, HOME).run_line(json.dumps(line))


@pytest.mark.parametrize(
    ("text", "area", "language", "light"),
    [
        ("turn off the big light", "Living Room", "en", "light.chandelier"),
        ("turn off the main light in the living room", None, "en", "light.chandelier"),
        ("im Kinderzimmer das große Licht aus", None, "de", "light.kinderzimmerlampe"),
    ],
)
async def test_the_big_light_is_the_one_that_lights_the_room(
    model: UnderstandingModel, text: str, area: str | None, language: str, light: str
) -> None:
    reply = await _said(model, text, area, language)
    assert [done["entity_id"] for done in reply["actions"]] == [light]


async def test_where_it_is_not_plain_which_one_that_is_nothing_is_switched(
    model: UnderstandingModel,
) -> None:
    assert not (await _said(model, "turn off the main light", "Hall"))["actions"]
