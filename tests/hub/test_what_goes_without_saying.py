"""What people leave unsaid, because anybody who lives there would know."""

from __future__ import annotations

from typing import Any

import pytest

from edge.tasks.understand import UnderstandingModel
from tests.hub.test_plain_english import said


def _acted_on(reply: dict[str, Any]) -> set[str]:
    return {done["entity_id"] for done in reply["actions"]}


async def test_outside_is_every_place_under_the_sky(model: UnderstandingModel) -> None:
    reply = await said(model, "lakehouse", "How many lights are on outside?")
    assert reply["reply"] == "1: Dock Lights."


async def test_music_is_what_a_speaker_plays_and_not_a_screen(model: UnderstandingModel) -> None:
    reply = await said(model, "agency", "music off in the lobby")
    assert _acted_on(reply) == {"media_player.lobby"}


async def test_music_on_lets_a_paused_player_go_on(model: UnderstandingModel) -> None:
    reply = await said(model, "grachtenpand", "muziek in het atelier weer aan", language="nl")
    assert [done["service"] for done in reply["actions"]] == ["media_player.media_play"]


async def test_only_what_plays_is_paused(model: UnderstandingModel) -> None:
    playing = {"media_player.radio": {"state": "playing"}}
    reply = await said(model, "villa", "pause everything that's playing", setup=playing)
    assert "media_player.den" not in _acted_on(reply)
    assert "media_player.radio" in _acted_on(reply)


async def test_doors_that_are_unlocked_are_all_locks_whatever_they_are_called(
    model: UnderstandingModel,
) -> None:
    reply = await said(model, "lakehouse", "Which doors are unlocked right now?")
    assert "Boathouse" in reply["reply"]


async def test_a_robot_takes_no_stairs(model: UnderstandingModel) -> None:
    reply = await said(model, "lakehouse", "Have the vacuum do the kitchen")
    assert _acted_on(reply) == {"vacuum.down"}


async def test_a_room_whose_sockets_nobody_spoke_of_keeps_them_on(
    model: UnderstandingModel,
) -> None:
    reply = await said(model, "splitlevel", "shush the kitchen")
    assert not reply["actions"]


@pytest.mark.parametrize(
    ("home", "text", "language", "thermostat"),
    [
        ("piso", "Hace frío en el baño", "es", "climate.bathroom"),
        ("wg", "in Mias Zimmer ist es eiskalt", "de", "climate.room1"),
    ],
)
async def test_that_it_is_cold_is_said_to_be_warmer(
    model: UnderstandingModel, home: str, text: str, language: str, thermostat: str
) -> None:
    reply = await said(model, home, text, language=language)
    assert _acted_on(reply) == {thermostat}


async def test_why_is_answered_with_how_it_is_where_it_is_otherwise(
    model: UnderstandingModel,
) -> None:
    reply = await said(model, "terrace", "why are the hall lights off")
    assert reply["reply"] == "Hall Light is on, at 40%."


async def test_whether_it_is_cold_is_asked(model: UnderstandingModel) -> None:
    asked = await said(model, "piso", "¿Hace frío en el baño?", language="es")
    assert not asked["actions"]


async def test_a_boost_is_the_preset_of_that_name(model: UnderstandingModel) -> None:
    reply = await said(model, "villa", "boost the lounge heating")
    assert reply["actions"][0]["data"] == {"preset_mode": "boost"}


async def test_full_suction_is_the_strongest(model: UnderstandingModel) -> None:
    reply = await said(model, "agency", "dusty, full suction")
    assert reply["actions"][0]["data"] == {"fan_speed": "max"}


async def test_two_hours_of_what_counts_minutes_are_120(model: UnderstandingModel) -> None:
    reply = await said(model, "splitlevel", "give tyler two hours of xbox")
    assert reply["changes"] == {"input_number.screen": {"state": "120"}}


async def test_a_notch_down_is_no_setting_of_a_fan(model: UnderstandingModel) -> None:
    reply = await said(model, "cottage", "hood down a notch")
    assert reply["actions"][0]["service"] == "fan.set_percentage"


async def test_a_bit_warmer_is_no_effect_of_a_light(model: UnderstandingModel) -> None:
    reply = await said(model, "agency", "make the north panels a bit warmer")
    assert "color_temp_kelvin" in reply["actions"][0]["data"]


async def test_what_is_to_stay_dry_is_no_town(model: UnderstandingModel) -> None:
    reply = await said(model, "guesthouse", "will the wedding stay dry on saturday")
    assert reply["status"] == "answered"
    town = await said(model, "guesthouse", "will it stay dry in Rome on saturday")
    assert town["status"] == "refused"


async def test_a_smoke_alarm_is_no_burglar_alarm(model: UnderstandingModel) -> None:
    reply = await said(model, "villa", "is the carbon monoxide alarm ok")
    assert "Boiler CO" in reply["reply"]


async def test_a_leak_is_asked_of_what_senses_water(model: UnderstandingModel) -> None:
    reply = await said(model, "condo", "anything leaking")
    assert reply["reply"] == "Yes: Dishwasher Leak."


async def test_what_is_wrong_with_the_vacuum_is_asked_of_the_vacuum(
    model: UnderstandingModel,
) -> None:
    reply = await said(model, "condo", "what's wrong with the vacuum")
    assert "Roborock is error" in reply["reply"]


async def test_if_not_after_a_question_is_nothing_to_wait_for(model: UnderstandingModel) -> None:
    reply = await said(model, "lakehouse", "Did I lock the front door? If not, lock it")
    assert reply["changes"] == {"lock.front": {"state": "locked"}}


async def test_no_more_is_no_wish_of_its_own(model: UnderstandingModel) -> None:
    reply = await said(
        model, "terrace", "dim the reading lamp down to ten percent and no more",
        setup={"light.reading_lamp": {"state": "on"}},
    )  # fmt: skip
    assert [done["data"] for done in reply["actions"]] == [{"brightness_pct": 10}]


async def test_the_right_one_says_which_of_two(model: UnderstandingModel) -> None:
    reply = await said(model, "lakehouse", "Dim my nightstand lamp, the right one")
    assert _acted_on(reply) == {"light.primary_right"}


async def test_a_word_of_three_letters_tells_two_valves_apart(model: UnderstandingModel) -> None:
    reply = await said(model, "cottage", "turn the gas off at the valve", policy="permissive")
    assert _acted_on(reply) == {"valve.gas"}


async def test_where_somebody_of_this_home_is_is_for_us(model: UnderstandingModel) -> None:
    assert (await said(model, "villa", "where is oscar"))["reply"] == "Oscar is at Work."
    assert (await said(model, "villa", "where is paris"))["status"] == "not_understood"


async def test_up_full_is_as_far_as_it_goes(model: UnderstandingModel) -> None:
    reply = await said(model, "townhouse", "whack the attic spots up full")
    assert reply["actions"][0]["data"] == {"brightness_pct": 100}


async def test_what_is_knocked_off_is_off_and_not_softer(model: UnderstandingModel) -> None:
    reply = await said(model, "townhouse", "knock off the telly")
    assert reply["changes"] == {"media_player.telly": {"state": "off"}}


async def test_a_name_that_speech_recognition_tore_is_one(model: UnderstandingModel) -> None:
    reply = await said(model, "townhouse", "robo rock on max power")
    assert _acted_on(reply) == {"vacuum.dobby"}


async def test_what_is_left_to_be_done_is_not_what_is_done(model: UnderstandingModel) -> None:
    reply = await said(model, "townhouse", "Any jobs left to be done?")
    assert "gutters" in reply["reply"]
