"""What is left out by its kind, "the other" of two, and questions that compare rooms."""

from __future__ import annotations

import json
from typing import Any

from edge.tasks.understand import UnderstandingModel
from hub.rehearse import Stage

SENSOR = {"domain": "sensor", "device_class": "temperature"}
HOME = {
    "areas": [{"name": "Living Room"}, {"name": "Nursery"}, {"name": "Garden"}],
    "entities": [
        {"name": "Ceiling Light", "domain": "light", "area": "Living Room", "state": "on"},
        {
            "name": "Floor Lamp", "domain": "light", "area": "Living Room", "state": "off",
            "attributes": {
                "supported_color_modes": ["color_temp"], "color_temp_kelvin": 3500,
                "min_color_temp_kelvin": 2000, "max_color_temp_kelvin": 6500,
            },
        },
        {"name": "Night Light", "domain": "light", "area": "Nursery", "state": "off"},
        {"name": "Big TV", "domain": "media_player", "area": "Living Room", "state": "playing"},
        {"name": "Speaker", "domain": "media_player", "area": "Living Room", "state": "playing"},
        {
            "name": "Thermostat", "domain": "climate", "area": "Living Room", "state": "heat",
            "attributes": {"temperature": 20, "current_temperature": 19.5},
        },
        {"name": "Nursery Temperature", "area": "Nursery", "state": "21.5", **SENSOR},
        {"name": "Outdoor Temperature", "area": "Garden", "state": "8.5", **SENSOR},
        {
            "name": "Shopping List", "domain": "todo", "state": "1",
            "attributes": {"items": [
                {"summary": "milk", "status": "needs_action"},
                {"summary": "eggs", "status": "completed"},
            ]},
        },
        {
            "name": "Family", "domain": "calendar",
            "attributes": {"events": [{
                "summary": "Dentist", "start": "2026-11-24T09:00:00+00:00",
                "end": "2026-11-24T10:00:00+00:00",
            }]},
        },
    ],
}  # fmt: skip


async def said(model: UnderstandingModel, text: str) -> dict[str, Any]:
    line = {"text": text, "home": HOME, "area": "Living Room", "now": "2026-11-24T18:00:00+00:00"}
    return dict(await Stage(model).run_line(json.dumps(line)))


def acted_on(reply: dict[str, Any]) -> set[str]:
    return {action["entity_id"] for action in reply["actions"]}


async def test_what_is_left_out_by_its_kind_stays(model: UnderstandingModel) -> None:
    reply = await said(model, "everything off in the living room except the tv")
    assert acted_on(reply) == {
        "light.ceiling_light", "light.floor_lamp", "media_player.speaker"
    }  # fmt: skip


async def test_a_kind_that_is_left_out_is_all_of_that_kind(model: UnderstandingModel) -> None:
    reply = await said(model, "turn off everything in the living room except the lights")
    assert acted_on(reply) == {"media_player.big_tv", "media_player.speaker"}


async def test_the_other_light_is_the_one_here_that_is_not_on(model: UnderstandingModel) -> None:
    reply = await said(model, "turn on the other light")
    assert acted_on(reply) == {"light.floor_lamp"}


async def test_a_cooler_lamp_keeps_its_brightness(model: UnderstandingModel) -> None:
    reply = await said(model, "make the floor lamp cooler")
    assert [action["data"] for action in reply["actions"]] == [{"color_temp_kelvin": 4200}]


async def test_the_warmest_room_is_looked_for_in_all_rooms(model: UnderstandingModel) -> None:
    reply = await said(model, "which room is the warmest")
    assert reply["reply"] == "Nursery: 21.5 degrees."


async def test_a_room_is_compared_with_the_outdoors(model: UnderstandingModel) -> None:
    reply = await said(model, "is it colder outside than in the nursery")
    assert reply["reply"] == "Yes: Outdoor Temperature 8.5 degrees, Nursery 21.5 degrees."


async def test_what_is_done_is_needed_no_more(model: UnderstandingModel) -> None:
    assert (await said(model, "do we still need eggs"))["reply"].startswith("No,")
    assert (await said(model, "do we need milk"))["reply"].startswith("Yes,")
    assert (await said(model, "did we buy eggs"))["reply"].startswith("Yes,")


async def test_when_something_was_is_told_if_nothing_like_it_is_to_come(
    model: UnderstandingModel,
) -> None:
    reply = await said(model, "when is my dentist appointment")
    assert "24 November, 09:00" in reply["reply"]


async def test_how_warm_a_floor_is_leaves_out_other_floors_and_the_garden(
    model: UnderstandingModel,
) -> None:
    upstairs = {"Nursery": "up", "Living Room": "down", "Garden": "down"}
    home = {
        **HOME,
        "floors": [{"id": "up", "name": "Upper Floor"}, {"id": "down", "name": "Ground Floor"}],
        "areas": [{"name": name, "floor": floor} for name, floor in upstairs.items()],
    }
    line = {"text": "how warm is it downstairs", "home": home}
    reply = await Stage(model).run_line(json.dumps(line))
    assert (reply["status"], reply["reply"]) == ("answered", "19.5 degrees.")
