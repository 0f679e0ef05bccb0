"""What people say to a home in few words, and what the home makes of words that fit two things."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from edge.tasks.understand import UnderstandingModel
from hub.rehearse import Stage

HOMES = Path(__file__).parent / "cases" / "homes"


async def said(model: UnderstandingModel, home: str, text: str, **more: Any) -> dict[str, Any]:
    line = json.dumps({"text": text, "home": str(HOMES / f"{home}.yaml"), **more})
    return dict(await Stage(model).run_line(line))


def acted_on(reply: dict[str, Any]) -> set[str]:
    return {call["entity_id"] for call in reply["actions"]}


@pytest.mark.parametrize("text", ["stealth mode", "stealth mode please"])
async def test_the_bare_name_of_a_mode_turns_it_on(model: UnderstandingModel, text: str) -> None:
    reply = await said(model, "campervan", text)
    assert reply["changes"] == {"input_boolean.stealth": {"state": "on"}}


async def test_the_bare_name_of_an_option_chooses_it(model: UnderstandingModel) -> None:
    reply = await said(model, "villa", "quick wash please")
    assert reply["changes"]["select.washer"]["state"] == "Quick Wash"


async def test_one_word_that_an_option_is_called_too_chooses_nothing(
    model: UnderstandingModel,
) -> None:
    reply = await said(model, "villa", "guests")
    assert not reply["actions"]


async def test_left_and_right_are_as_near_although_one_sounds_like_light(
    model: UnderstandingModel,
) -> None:
    reply = await said(model, "campervan", "switch my reading light on", area="bunk")
    assert reply["status"] == "clarify"
    assert not reply["actions"]


async def test_who_asks_for_leave_has_not_said_to_do_it(model: UnderstandingModel) -> None:
    asked = await said(model, "campervan", "can i turn the fridge off")
    told = await said(model, "campervan", "can you turn the fridge off")
    assert asked["status"] == "answered"
    assert not asked["actions"]
    assert told["changes"] == {"switch.fridge": {"state": "off"}}


async def test_garage_doors_are_no_doors_of_a_room(model: UnderstandingModel) -> None:
    reply = await said(model, "ranch", "close the garage doors")
    assert reply["changes"]["cover.garage_right"]["state"] == "closed"


async def test_the_alarm_guards_every_room_wherever_it_hangs(model: UnderstandingModel) -> None:
    reply = await said(model, "agency", "arm the office")
    assert [done["service"] for done in reply["actions"]] == ["alarm_control_panel.alarm_arm_away"]


async def test_what_is_left_on_is_what_the_next_wish_is_about(model: UnderstandingModel) -> None:
    reply = await said(model, "splitlevel", "leave the porch light on but dim it")
    assert {done["entity_id"] for done in reply["actions"]} == {"light.porch"}
    assert reply["actions"][-1]["data"].keys() & {"brightness", "brightness_pct", "brightness_step"}
    assert "state" not in reply["changes"]["light.porch"]


async def test_a_title_that_the_player_has_as_a_source_is_chosen(model: UnderstandingModel) -> None:
    reply = await said(model, "villa", "radio to jazz fm")
    assert reply["changes"]["media_player.radio"]["attributes"]["source"] == "Jazz FM"


async def test_a_source_with_a_number_written_as_a_word_is_chosen(
    model: UnderstandingModel,
) -> None:
    reply = await said(model, "guesthouse", "put our telly on netflix and then on bbc one")
    assert reply["actions"][-1]["data"] == {"source": "BBC One"}


async def test_an_amount_that_no_lamp_takes_sets_the_desk(model: UnderstandingModel) -> None:
    reply = await said(model, "agency", "raise my desk to 110", area="boss")
    assert reply["changes"] == {"number.desk": {"state": "110"}}


async def test_a_name_that_is_a_room_beside_a_kind_of_thing_is_where_it_is(
    model: UnderstandingModel,
) -> None:
    reply = await said(model, "agency", "lights in picasso down to 30 percent")
    assert set(reply["changes"]) >= {"light.picasso"}
