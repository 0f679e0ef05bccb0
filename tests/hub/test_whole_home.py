"""Changes by a factor or a step, names that read like other things, and questions that weigh."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from edge.tasks.understand import UnderstandingModel
from hub.rehearse import Stage

HOME = str(Path(__file__).parent / "cases" / "homes" / "villa.yaml")
Json = Mapping[str, Any]


async def _said(model: UnderstandingModel, text: str) -> Json:
    line = {"text": text, "home": HOME, "now": "2026-11-24T08:00:00+00:00"}
    return await Stage(model).run_line(json.dumps(line))


@pytest.mark.parametrize(
    ("text", "entity", "attribute", "value"),
    [
        ("double the brightness of oscar's lamp", "light.bed_right", "brightness", 102),
        ("tower fan up two notches", "fan.den", "percentage", 60),
        ("open the skylight another 20 percent", "cover.skylight", "current_position", 50),
        ("set the tower fan oscillating", "fan.den", "oscillating", True),
        ("put iplayer on in the lounge", "media_player.lounge_tv", "source", "iPlayer"),
        ("set the bedroom ac to swing vertically", "climate.bedroom", "swing_mode", "vertical"),
    ],
)
async def test_a_change_is_by_as_much_as_was_said(
    model: UnderstandingModel, text: str, entity: str, attribute: str, value: Any
) -> None:
    done = await _said(model, text)
    found = done["changes"][entity]["attributes"][attribute]
    assert found == pytest.approx(value, abs=1) if isinstance(value, int) else found == value


async def test_a_number_is_lowered_by_what_was_said(model: UnderstandingModel) -> None:
    done = await _said(model, "lower the fountain speed by one")
    assert done["changes"]["number.fountain"]["state"] == "2"


async def test_a_colour_in_a_name_colours_nothing(model: UnderstandingModel) -> None:
    done = await _said(model, "white noise on in the nursery")
    assert list(done["changes"]) == ["switch.white_noise"]


async def test_what_cannot_be_paused_is_not_turned_off(model: UnderstandingModel) -> None:
    told = await _said(model, "pause the slow cooker")
    assert told["status"] in ("refused", "not_understood") and not told["actions"]


@pytest.mark.parametrize(
    "text",
    ["is it safe to switch the router off", "is it a good idea to open the skylight"],
)
async def test_asking_whether_to_do_something_does_nothing(
    model: UnderstandingModel, text: str
) -> None:
    assert not (await _said(model, text))["actions"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("what colour temperature is oscar's lamp at", "2700"),
        ("which programme is the washing machine on", "Cotton"),
        ("how long has the washing machine got left", "23"),
        ("which windows are open upstairs", "Bedroom Window"),
        ("does the router need an update", "Router Firmware"),
        ("how warm will it get today", "11"),
        ("is anyone in the gym", "No"),
    ],
)
async def test_an_answer_is_of_the_thing_that_knows_it(
    model: UnderstandingModel, text: str, says: str
) -> None:
    told = await _said(model, text)
    assert told["status"] == "answered" and says in told["reply"]
