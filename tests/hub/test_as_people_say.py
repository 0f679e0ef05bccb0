"""Things said by where they are, by how they are, and by what they are for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from devices.homefile import load_home
from edge.tasks.understand import UnderstandingModel
from hub.rehearse import Stage


def _light(name: str, area: str, state: str = "off") -> dict[str, Any]:
    modes = {
        "supported_color_modes": ["brightness"],
        **({"brightness": 200} if state == "on" else {}),
    }
    ident = "light." + name.lower().replace(" ", "_").replace("'", "")
    return {"id": ident, "name": name, "area": area, "state": state, "attributes": modes}


HEATING = {"temperature": 21, "current_temperature": 20, "hvac_modes": ["off", "heat"],
           "min_temp": 5, "max_temp": 28}  # fmt: skip
HOME = load_home(
    {
        "areas": [{"id": n.lower(), "name": n} for n in ("Kitchen", "Office", "Snug", "Bedroom", "Workshop")],
        "entities": [
            _light("Kitchen Spots", "kitchen", "on"),
            _light("Main Light", "office"),
            {**_light("Main Light", "bedroom"), "id": "light.bedroom_main"},
            _light("Sparkles", "snug", "on"),
            _light("Emma's Lamp", "bedroom"),
            {"id": "climate.kitchen", "name": "Kitchen tado", "area": "kitchen", "state": "heat",
             "attributes": HEATING},
            {"id": "switch.printer", "name": "Printer", "area": "office", "state": "on"},
            {"id": "switch.plug", "name": "Shelly Plug S", "state": "off"},
            {"id": "vacuum.robbie", "name": "Robbie", "area": "kitchen", "state": "docked"},
            {"id": "lawn_mower.dai", "name": "Dai", "state": "docked"},
            {"id": "binary_sensor.snug", "name": "Snug Motion", "area": "snug",
             "device_class": "motion", "state": "off"},
            {"id": "cover.shade", "name": "Office Shade", "area": "office", "device_class": "shade",
             "state": "open", "attributes": {"current_position": 100}},
            {"id": "scene.movie", "name": "Movie Night", "area": "snug"},
            {"id": "scene.film", "name": "Filmabend", "area": "snug"},
            {"id": "scene.dinner", "name": "Dinner Evening", "area": "kitchen"},
            {"id": "todo.orders", "name": "Workshop Orders", "state": "1", "attributes": {
                "items": [{"summary": "Oak table", "status": "needs_action"}]}},
        ],
    }
)  # fmt: skip


async def _said(model: UnderstandingModel, text: str, **more: Any) -> dict[str, Any]:
    case = {"text": text, "now": "2026-11-24T08:00:00+00:00", **more}
    reply: dict[str, Any] = await Stage(model, HOME).run_line(json.dumps(case))
    return reply


def _acted(reply: dict[str, Any]) -> set[tuple[str, str]]:
    return {(done["entity_id"], done["service"].partition(".")[2]) for done in reply["actions"]}


@pytest.mark.parametrize(
    ("said", "changed"),
    [
        ("turn the kitchen down to eighteen", ("climate.kitchen", "temperature", 18)),
        ("turn the kitchen down to forty percent", ("light.kitchen_spots", "brightness", 102)),
        ("turn the snug down to twenty", ("light.sparkles", "brightness", 51)),
    ],
)
async def test_an_amount_for_a_room_is_of_what_it_suits_there(
    model: UnderstandingModel, said: str, changed: tuple[str, str, float]
) -> None:
    entity, attribute, value = changed
    reply = await _said(model, said)
    assert set(reply["changes"]) == {entity}
    assert reply["changes"][entity]["attributes"][attribute] == pytest.approx(value, abs=1)


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("turn off whatever is on in the office", "en"),
        ("switch off anything that's still on in the office", "en"),
        ("schalte aus was im Office noch an ist", "de"),
        ("doe uit wat er nog aan staat in de office", "nl"),
        ("apaga lo que esté encendido en office", "es"),
    ],
)
async def test_whatever_is_on_is_all_that_is_there(
    model: UnderstandingModel, said: str, language: str
) -> None:
    reply = await _said(model, said, language=language)
    assert ("switch.printer", "turn_off") in _acted(reply)
    assert {home for home, _ in _acted(reply)} <= {"switch.printer", "light.main_light"}


@pytest.mark.parametrize(
    ("said", "language", "scene"),
    [
        ("movie time", "en", "scene.movie"),
        ("movie mode please", "en", "scene.movie"),
        ("dinner time", "en", "scene.dinner"),
        ("Filmzeit", "de", "scene.film"),
        ("Zeit für Film", "de", "scene.film"),
    ],
)
async def test_a_scene_is_said_by_its_time(
    model: UnderstandingModel, said: str, language: str, scene: str
) -> None:
    assert _acted(await _said(model, said, language=language)) == {(scene, "turn_on")}


async def test_a_night_is_no_evening(model: UnderstandingModel) -> None:
    assert not (await _said(model, "dinner night"))["actions"]


@pytest.mark.parametrize(
    ("said", "robot"),
    [
        ("vacuum the snug and go back to the dock", ("vacuum.robbie", "clean_area")),
        ("let dai mow and then go back to the dock", ("lawn_mower.dai", "start_mowing")),
    ],
)
async def test_a_robot_that_is_sent_to_work_goes_home_by_itself(
    model: UnderstandingModel, said: str, robot: tuple[str, str]
) -> None:
    assert _acted(await _said(model, said)) == {robot}


async def test_going_home_is_said_of_the_robot_that_was_spoken_of(
    model: UnderstandingModel,
) -> None:
    stage = Stage(model, HOME)
    await stage.run_line(json.dumps({"text": "vacuum the snug", "session": "a"}))
    reply = await stage.run_line(json.dumps({"text": "go back to the dock", "session": "a"}))
    assert _acted(reply) == {("vacuum.robbie", "return_to_base")}


async def test_a_plug_makes_no_coffee(model: UnderstandingModel) -> None:
    assert not (await _said(model, "brew up"))["actions"]


async def test_a_room_that_nobody_knows_has_no_lamp_to_be_made_warmer(
    model: UnderstandingModel,
) -> None:
    assert not (await _said(model, "make emma's room warmer"))["actions"]


async def test_the_office_one_is_not_the_first(model: UnderstandingModel) -> None:
    stage = Stage(model, HOME)
    asked = await stage.run_line(json.dumps({"text": "turn the main light on", "session": "a"}))
    assert asked["status"] == "clarify"
    reply = await stage.run_line(json.dumps({"text": "the office one", "session": "a"}))
    assert _acted(reply) == {("light.main_light", "turn_on")}


async def test_a_list_is_asked_for_by_its_name_though_a_room_is_in_it(
    model: UnderstandingModel,
) -> None:
    assert "Oak table" in (await _said(model, "what's left on the workshop orders"))["reply"]


async def test_the_name_that_the_model_missed_is_not_what_was_spoken_of_before(
    model: UnderstandingModel,
) -> None:
    reply = await _said(model, "kitchen spots to 40 percent and sparkles off")
    assert ("light.sparkles", "turn_off") in _acted(reply)
    assert ("light.kitchen_spots", "turn_off") not in _acted(reply)


@pytest.mark.parametrize("said", ["turn the printer off soon", "we don't need the printer today"])
async def test_soon_is_now(model: UnderstandingModel, said: str) -> None:
    assert _acted(await _said(model, said)) == {("switch.printer", "turn_off")}


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("turn the printer off in a bit", "en"),
        ("turn the printer off later", "en"),
        ("mach den Printer nachher aus", "de"),
        ("apaga el printer más tarde", "es"),
        ("éteins printer plus tard", "fr"),
        ("zet de printer straks uit", "nl"),
    ],
)
async def test_what_is_put_off_to_no_time_is_not_done_at_once(
    model: UnderstandingModel, said: str, language: str
) -> None:
    reply = await _said(model, said, language=language)
    assert (reply["status"], reply["actions"]) == ("refused", [])


@pytest.mark.parametrize(("hour", "done"), [("08", True), ("14", False)])
async def test_a_meal_is_now_at_its_hour_and_else_a_time_that_is_not_known(
    model: UnderstandingModel, hour: str, done: bool
) -> None:
    said = "turn the kitchen spots down to forty over breakfast"
    reply = await _said(model, said, now=f"2026-11-24T{hour}:00:00+00:00")
    assert bool(reply["actions"]) is done


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("if anything moves in the snug turn sparkles off", "en"),
        ("wenn sich im Snug etwas bewegt mach Sparkles aus", "de"),
    ],
)
async def test_what_moves_is_waited_for(
    model: UnderstandingModel, said: str, language: str
) -> None:
    reply = await _said(model, said, language=language)
    assert reply["status"] == "done"
    assert not reply["actions"]


@pytest.mark.parametrize(
    ("said", "language", "told"),
    [
        ("printer on until 11 pm", "en", "Until 23:00"),
        ("printer on for two hours", "en", "Until 10:00"),
        ("printer on until tomorrow at 6 am", "en", "Wednesday"),
        ("Printer bis 23 Uhr an", "de", "Bis 23:00"),
        ("printer aan tot 23 uur", "nl", "Tot 23:00"),
    ],
)
async def test_who_says_until_when_hears_it_back(
    model: UnderstandingModel, said: str, language: str, told: str
) -> None:
    assert told in (await _said(model, said, language=language))["reply"]


@pytest.mark.parametrize(
    ("said", "language", "position"),
    [
        ("pull the office shade all the way down", "en", 0),
        ("pull the office shade down most of the way", "en", 20),
        ("bring the office shade down to a quarter", "en", 25),
        ("baisse le office shade aux trois quarts", "fr", 25),
    ],
)
async def test_what_is_said_to_go_down_by_a_part_is_open_by_the_rest(
    model: UnderstandingModel, said: str, language: str, position: int
) -> None:
    reply = await _said(model, said, language=language)
    assert reply["changes"]["cover.shade"]["attributes"]["current_position"] == position
