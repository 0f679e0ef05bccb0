"""Whose thing is meant, and whose room: owners, pronouns, and the people that are only spoken of."""

from __future__ import annotations

from typing import Any

import pytest

from edge.tasks.understand import UnderstandingModel
from tests.hub.test_plain_english import acted_on, said


def _done(reply: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {call["entity_id"]: call["data"] for call in reply["actions"]}


async def test_the_second_of_a_pair_is_known_by_its_owner_alone(
    model: UnderstandingModel,
) -> None:
    text = "Le radiateur des garçons à vingt et celui d'Inès à dix-huit"
    reply = await said(model, "croixrousse", text, language="fr")
    assert _done(reply) == {
        "climate.petits": {"temperature": 20},
        "climate.ines": {"temperature": 18},
    }


async def test_the_second_of_a_pair_in_chinese(model: UnderstandingModel) -> None:
    reply = await said(model, "chengdu", "把爸爸的床头灯打开，妈妈的关掉", language="zh-CN")
    services = {call["entity_id"]: call["service"] for call in reply["actions"]}
    assert services == {"light.bed_dad": "light.turn_on", "light.bed_mom": "light.turn_off"}


async def test_her_radiator_is_the_one_in_the_room_of_what_was_spoken_of(
    model: UnderstandingModel,
) -> None:
    text = "Mias Vorhang auf, Schreibtischlampe aus und ihren Heizkörper auf 21"
    reply = await said(model, "wg", text, language="de")
    assert _done(reply)["climate.room1"] == {"temperature": 21}


@pytest.mark.parametrize(
    ("home", "language", "text", "acted"),
    [
        ("gdynia", "pl", "Tymek cały spocony, u niego jest za gorąco", "climate.tymek"),
        ("gdynia", "pl", "Zosia ma tak sucho w pokoju, że aż kaszle", "humidifier.zosia"),
    ],
)
async def test_his_room_is_that_of_who_is_named(
    model: UnderstandingModel, home: str, language: str, text: str, acted: str
) -> None:
    reply = await said(model, home, text, language=language)
    assert acted_on(reply) == {acted}


async def test_my_room_is_where_the_speaker_is_where_several_are_called_so(
    model: UnderstandingModel,
) -> None:
    text = "J'étouffe dans ma chambre, c'est un four"
    reply = await said(model, "croixrousse", text, language="fr", area="ines")
    assert acted_on(reply) == {"climate.ines"}


async def test_at_mine_is_where_the_speaker_is(model: UnderstandingModel) -> None:
    text = "Ich will die LEDs bei mir in Rot"
    reply = await said(model, "plattenbau", text, language="de", area="jannik")
    assert acted_on(reply) == {"light.jannik_led"}


async def test_who_is_only_spoken_of_lends_no_thing_its_name(model: UnderstandingModel) -> None:
    text = "Mom's sleeping so turn my speaker way down"
    reply = await said(model, "duplex", text, area="tyler")
    assert acted_on(reply) == {"media_player.tyler"}


async def test_a_person_is_no_second_thing_of_a_list(model: UnderstandingModel) -> None:
    text = "der Rechner von Jannik soll ausgehen"
    assert acted_on(await said(model, "plattenbau", text, language="de")) == {"switch.pc"}


async def test_a_wish_beside_one_for_a_room_is_about_that_room(model: UnderstandingModel) -> None:
    text = "U Zosi włącz nawilżacz, a lampę sufitową zgaś"
    reply = await said(model, "gdynia", text, language="pl")
    assert acted_on(reply) == {"humidifier.zosia", "light.zosia"}


@pytest.mark.parametrize(
    ("home", "language", "text", "answer"),
    [
        ("aanbouw", "nl", "Hoe luid staat oma haar radio wel niet?", "60"),
        ("bungalow", "en", "How loud has Maya got her speaker?", "80"),
        ("croixrousse", "fr", "il reste combien de batterie sur le tel d'Inès", "58"),
        ("altbau", "de", "von wem ist das Lied, was bei Paul grad läuft", "Casper"),
    ],
)
async def test_what_is_asked_of_somebodys_thing_is_no_question_where_they_are(
    model: UnderstandingModel, home: str, language: str, text: str, answer: str
) -> None:
    reply = await said(model, home, text, language=language)
    assert reply["status"] == "answered"
    assert answer in reply["reply"]
