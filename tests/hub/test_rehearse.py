"""The real road with the shipped model over the demo home: what a householder would try."""

import json
from typing import Any

import pytest

from devices.homefile import load_home
from edge.tasks.understand import UnderstandingModel
from hub.rehearse import Stage
from tests.conftest import HOMES

HOME = load_home(HOMES / "demo.yaml")


async def said(model: UnderstandingModel, text: str, **case: Any) -> dict[str, Any]:
    return await Stage(model, HOME).run_line(json.dumps({"id": 1, "text": text, **case}))


def acted(result: dict[str, Any]) -> set[tuple[str, str]]:
    return {(action["service"], action["entity_id"]) for action in result["actions"]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("turn off the kitchen lights",
         {("light.turn_off", "light.kitchen_ceiling"), ("light.turn_off", "light.kitchen_counter")}),
        ("switch on the pendant", {("light.turn_on", "light.dining_pendant")}),
        ("close the office curtain", {("cover.close_cover", "cover.office_curtain")}),
        ("make me a coffee", {("switch.turn_on", "switch.coffee_machine")}),
        ("set the living room thermostat to 22 degrees",
         {("climate.set_temperature", "climate.living_room")}),
        ("activate movie night", {("scene.turn_on", "scene.movie_night")}),
        ("hoover the living room", {("vacuum.clean_area", "vacuum.rosie")}),
        ("lock the front door", {("lock.lock", "lock.front_door")}),
        ("turn off the hallway light and close the bedroom blinds",
         {("light.turn_off", "light.hallway_light"), ("cover.close_cover", "cover.bedroom_blinds")}),
        ("put eggs on the shopping list", {("todo.add_item", "todo.shopping_list")}),
        ("turn on the flor lamp", {("light.turn_on", "light.floor_lamp")}),
    ],
)  # fmt: skip
async def test_a_wish_reaches_its_devices(
    model: UnderstandingModel, text: str, expected: set[tuple[str, str]]
) -> None:
    result = await said(model, text)
    assert result["status"] == "done", result["reply"]
    assert acted(result) == expected


async def test_dim_is_relative_to_the_light_of_now(model: UnderstandingModel) -> None:
    result = await said(model, "dim the floor lamp")
    assert 0 < result["changes"]["light.floor_lamp"]["attributes"]["brightness"] < 180


async def test_here_is_where_the_speaker_is(model: UnderstandingModel) -> None:
    result = await said(model, "turn off the lights", area="hallway")
    assert acted(result) == {("light.turn_off", "light.hallway_light")}


async def test_without_a_place_and_with_several_rooms_it_asks(model: UnderstandingModel) -> None:
    result = await said(model, "turn off the light")
    assert result["status"] == "clarify"
    assert not result["actions"]
    assert result["frames"][0]["intent"] == "HassTurnOff"


async def test_the_answer_to_the_question_is_understood(model: UnderstandingModel) -> None:
    stage = Stage(model, HOME)
    for text, status in (("turn on the bedside lamp", "clarify"), ("the left one", "done")):
        result = await stage.run_line(json.dumps({"text": text, "session": "s"}))
        assert result["status"] == status, result["reply"]
    assert acted(result) == {("light.turn_on", "light.bedside_left")}


async def test_a_danger_waits_for_a_yes_of_the_same_conversation(model: UnderstandingModel) -> None:
    stage = Stage(model, HOME)

    async def turn(text: str, session: str) -> dict[str, Any]:
        return await stage.run_line(json.dumps({"text": text, "session": session}))

    assert (await turn("unlock the front door", "hall"))["status"] == "confirm"
    assert (await turn("yes", "bedroom"))["status"] == "refused"
    result = await turn("yes", "hall")
    assert acted(result) == {("lock.unlock", "lock.front_door")}
    assert (await turn("yes", "hall"))["status"] == "refused"


async def test_it_is_the_thing_of_the_last_turn_and_undo_brings_it_back(
    model: UnderstandingModel,
) -> None:
    stage = Stage(model, HOME)
    results = [
        await stage.run_line(json.dumps({"text": text, "session": "s"}))
        for text in ("turn on the pendant", "turn it off again", "undo that")
    ]
    services = [next(iter(acted(result))) for result in results]
    assert services == [
        ("light.turn_on", "light.dining_pendant"),
        ("light.turn_off", "light.dining_pendant"),
        ("light.turn_on", "light.dining_pendant"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "is the front door locked", "are any lights on upstairs", "which lights are on",
        "what is the temperature in the living room", "how is the weather", "what time is it",
        "what is on the shopping list", "is the bathroom window open",
        "what do i have tomorrow", "where is tom",
    ],
)  # fmt: skip
async def test_a_question_is_answered_and_never_acts(model: UnderstandingModel, text: str) -> None:
    result = await said(model, text, now="2026-11-23T21:00:00+00:00")
    assert result["status"] == "answered", result["reply"]
    assert not result["actions"] and not result["changes"]


async def test_answers_tell_the_facts(model: UnderstandingModel) -> None:
    now = "2026-11-23T21:00:00+00:00"
    assert (await said(model, "is the front door locked"))["reply"].startswith("Yes")
    assert "20.5" in (await said(model, "how warm is it in the living room"))["reply"]
    assert "milk" in (await said(model, "what is on the shopping list"))["reply"]
    dinner = (await said(model, "who am i meeting for dinner tomorrow", now=now))["reply"]
    assert "Julia" in dinner


@pytest.mark.parametrize(
    "text",
    [
        "turn off the lights in the kitchen in ten minutes",
        "close the bedroom blinds at half past nine",
    ],
)
async def test_a_wish_with_a_time_in_it_does_not_act_at_once(
    model: UnderstandingModel, text: str
) -> None:
    result = await said(model, text)
    assert result["status"] == "done"
    assert not result["actions"] and not result["changes"]


async def test_a_delayed_command_is_framed_as_home_assistant_does(
    model: UnderstandingModel,
) -> None:
    (frame,) = (await said(model, "turn off the kitchen lights in 5 minutes"))["frames"]
    assert frame["intent"] == "HassStartTimer"
    assert frame["slots"] == {"minutes": 5, "conversation_command": "turn off the kitchen lights"}


async def test_what_it_cannot_wait_for_is_refused_and_not_done(model: UnderstandingModel) -> None:
    result = await said(model, "turn off the kitchen lights when the washing machine is done")
    assert result["status"] == "refused"
    assert not result["actions"]


@pytest.mark.parametrize(
    "text",
    ["who won the world cup", "tell me a joke", "order a pizza", "what is the capital of france",
     "?!?!", "🔓🚪", "asdf qwer zxcv", ""],
)  # fmt: skip
async def test_what_is_not_for_the_home_is_not_understood(
    model: UnderstandingModel, text: str
) -> None:
    result = await said(model, text)
    assert result["status"] == "not_understood"
    assert not result["frames"] and not result["actions"]


async def test_an_unknown_device_is_named_and_nothing_is_done(model: UnderstandingModel) -> None:
    result = await said(model, "turn on the xylophone lamp")
    assert result["status"] in ("refused", "clarify")
    assert not result["actions"]


async def test_an_unavailable_device_is_not_done(model: UnderstandingModel) -> None:
    setup = {"light.floor_lamp": {"state": "unavailable"}}
    result = await said(model, "turn off the floor lamp", setup=setup)
    assert result["status"] == "failed"
    assert "unavailable" in result["reply"]


@pytest.mark.parametrize("line", ["{", "[]", '{"id": 1}', '{"text": 3}', "null"])
async def test_a_bad_line_gives_a_refusal_and_the_next_one_works(
    model: UnderstandingModel, line: str
) -> None:
    stage = Stage(model, HOME)
    assert (await stage.run_line(line))["status"] == "refused"
    assert (await stage.run_line('{"text": "turn on the pendant"}'))["status"] == "done"
