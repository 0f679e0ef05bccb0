"""A fan of its own and that of an air conditioner are told apart by what the home has."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from devices.homefile import load_home
from edge.tasks.understand import UnderstandingModel
from hub.rehearse import Stage

DEMO = Path(__file__).parents[2] / "configs/homes/demo.yaml"


@pytest.mark.parametrize(
    ("said", "percentage"),
    [("set the fan to medium", 66), ("fan on high", 100), ("mets le ventilateur sur moyen", 66)],
)
async def test_a_mode_that_no_air_conditioner_has_is_the_speed_of_a_fan(
    model: UnderstandingModel, said: str, percentage: int
) -> None:
    asked = json.dumps({"text": said, "area": "bedroom"})
    reply = await Stage(model, load_home(DEMO)).run_line(asked)
    assert reply["changes"]["fan.bedroom"]["attributes"]["percentage"] == percentage


@pytest.mark.parametrize("said", ["set the ac fan to low", "turn the ac fan off"])
async def test_the_fan_of_an_air_conditioner_is_no_fan_of_its_own(
    model: UnderstandingModel, said: str
) -> None:
    reply = await Stage(model, load_home(DEMO)).run_line(json.dumps({"text": said}))
    assert reply["status"] in ("refused", "clarify")
    assert not reply["actions"]


async def test_a_fan_that_is_switched_needs_no_mode(model: UnderstandingModel) -> None:
    reply = await Stage(model, load_home(DEMO)).run_line(
        '{"text": "please switch on the bedroom fan"}'
    )
    assert [done["service"] for done in reply["actions"]] == ["fan.turn_on"]
