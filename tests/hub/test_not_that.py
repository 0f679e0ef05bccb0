"""Words that come near to something in the home, and do not mean it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from devices.homefile import load_home
from edge.tasks.understand import UnderstandingModel
from hub.rehearse import Stage

DEMO = Path(__file__).parents[2] / "configs/homes/demo.yaml"


@pytest.mark.parametrize("said", ["turn the tv to channel 4", "switch the tv to hdmi 1"])
async def test_a_channel_or_an_input_is_no_volume(model: UnderstandingModel, said: str) -> None:
    reply = await Stage(model, load_home(DEMO)).run_line(json.dumps({"text": said}))
    assert reply["status"] == "refused"
    assert not reply["actions"]


async def test_a_thing_called_home_is_not_where_the_vacuum_is_sent(
    model: UnderstandingModel,
) -> None:
    reply = await Stage(model, load_home(DEMO)).run_line('{"text": "send the vacuum home"}')
    assert [done["service"] for done in reply["actions"]] == ["vacuum.return_to_base"]


async def test_what_the_home_does_not_have_is_not_answered_with_something_else(
    model: UnderstandingModel,
) -> None:
    reply = await Stage(model, load_home(DEMO)).run_line('{"text": "is the oven on"}')
    assert "I know nothing called" in reply["reply"]


async def test_a_question_that_tells_nothing_is_not_answered_with_every_sensor(
    model: UnderstandingModel,
) -> None:
    reply = await Stage(model, load_home(DEMO)).run_line('{"text": "what is going on"}')
    assert reply["status"] == "not_understood"


async def test_what_is_to_be_left_is_not_switched(model: UnderstandingModel) -> None:
    said = "all lamps in the living room off but leave the floor lamp"
    reply = await Stage(model, load_home(DEMO)).run_line(json.dumps({"text": said}))
    assert reply["reply"] == "Living Room Light and TV Backlight: turned off."
