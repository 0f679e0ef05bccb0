"""What is remarked beside a wish is left out, and nothing else is."""

from __future__ import annotations

import pytest

from edge.tasks.understand import UnderstandingModel
from hub.cases import Case
from hub.rehearse import Stage
from tests.hub.test_plain_english import HOMES, acted_on, said


@pytest.mark.parametrize(
    ("text", "thing"),
    [
        ("festoons on, the neighbours are calling over", "light.garden"),
        ("Awning in, there's a storm coming", "cover.awning"),
        ("bring Shaun in, it's bucketing down", "lawn_mower.shaun"),
        ("dinner is ready, turn the telly off", "media_player.telly"),
    ],
)
async def test_a_remark_is_left_out(model: UnderstandingModel, text: str, thing: str) -> None:
    reply = await said(model, "townhouse", text)
    assert reply["status"] == "done"
    assert acted_on(reply) == {thing}


async def test_a_part_without_a_word_is_no_remark(model: UnderstandingModel) -> None:
    reply = await said(model, "townhouse", "festoons on, ] [ ]")
    assert reply["status"] == "done"
    assert acted_on(reply) == {"light.garden"}


async def test_a_remark_in_german_is_left_out(model: UnderstandingModel) -> None:
    text = "mach die Glotze leiser, die Kleine schläft"
    reply = await said(model, "altbau", text, language="de")
    assert acted_on(reply) == {"media_player.fernseher"}


async def test_a_remark_in_chinese_is_left_out(model: UnderstandingModel) -> None:
    text = "客人马上要来了，地暖调到二十二度"
    told = await Stage(model).explain(
        Case(text=text, home=str(HOMES / "chengdu.yaml"), language="zh-CN")
    )
    assert acted_on(told["result"]) == {"climate.floor"}
    assert "Left out, as nothing that is wished: “客人马上要来了”." in told["why"]


CONDITIONS = {
    "zh-CN": (
        "如果下雨，关掉客厅电视",
        "等我出门以后，关掉客厅电视",
        "晚上十点，关掉客厅电视",
        "孩子睡了以后，关掉客厅大灯",
        "除非有人在家，关掉客厅电视",
        "关掉客厅电视，算了",
    ),
    "en": (
        "if it is raining, turn the telly off",
        "turn the telly off, if it is raining",
        "when the moon is green, turn the telly off",
        "when Dad is home, turn the telly off",
        "unless it is sunny, turn the telly off",
        "once it's dark, turn the telly off",
        "as long as we are out, turn the telly off",
        "while we are out, turn the telly off",
        "only when he is asleep, turn the telly off",
        "before we are home, turn the telly off",
        "we are leaving in ten minutes, turn the telly off then",
        "in ten minutes we are leaving, turn the telly off",
        "turn the telly off, I changed my mind",
    ),
    "de": (
        "wenn es regnet, mach die Glotze aus",
        "mach die Glotze aus, wenn Jens schläft",
        "falls sie kommt, mach die Glotze aus",
        "sobald wir weg sind, mach die Glotze aus",
        "solange es regnet ist, mach die Glotze aus",
        "bevor er kommt, mach die Glotze aus",
        "mach die Glotze aus, nein doch nicht",
    ),
    "fr": (
        "s'il pleut dehors, éteins la télé",
        "quand il est parti, éteins la télé",
        "éteins la télé, sauf si elle est là",
        "tant que je suis là, éteins la télé",
    ),
    "es": (
        "si está lloviendo fuera, apaga la tele",
        "cuando estamos fuera, apaga la tele",
        "apaga la tele, a menos que hay alguien",
        "mientras estamos fuera, apaga la tele",
    ),
    "it": (
        "se è buio fuori, spegni la tv",
        "quando sono fuori casa, spegni la tv",
        "spegni la tv, a meno che sono in casa",
        "mentre siamo fuori casa, spegni la tv",
    ),
    "nl": (
        "als het is gaan regenen, zet de tv uit",
        "zodra ik weg ben, zet de tv uit",
        "zet de tv uit, tenzij er iemand is",
        "zolang we weg zijn, zet de tv uit",
    ),
    "pl": (
        "jeśli jest ciemno, wyłącz telewizor",
        "kiedy jestem poza domem, wyłącz telewizor",
        "wyłącz telewizor, chyba że ktoś jest",
        "dopóki jestem w domu, wyłącz telewizor",
    ),
    "hu": ("ha esik az eső, kapcsold ki a tévét",),
    "sv": ("om det är mörkt, stäng av tv:n",),
}


@pytest.mark.parametrize(
    ("language", "text"), [(code, text) for code, texts in CONDITIONS.items() for text in texts]
)
async def test_a_condition_a_time_and_what_takes_a_wish_back_are_no_remarks(
    model: UnderstandingModel, language: str, text: str
) -> None:
    home = {"de": "altbau", "zh-CN": "chengdu"}.get(language, "townhouse")
    case = Case(text=text, home=str(HOMES / f"{home}.yaml"), language=language)
    told = await Stage(model).explain(case)
    assert not [reason for reason in told["why"] if reason.startswith("Left out")]


async def test_a_wish_that_cannot_be_done_is_no_remark(model: UnderstandingModel) -> None:
    reply = await said(model, "townhouse", "turn the telly off, turn on the jacuzzi")
    assert "jacuzzi" in reply["reply"]


async def test_what_it_is_may_stand_in_the_remark(model: UnderstandingModel) -> None:
    reply = await said(model, "townhouse", "the gramophone is too loud, turn it off")
    assert not reply["actions"]


async def test_a_wish_that_is_taken_back_is_not_done(model: UnderstandingModel) -> None:
    reply = await said(model, "townhouse", "turn the telly off, no wait")
    assert not reply["actions"]


async def test_talk_with_a_comma_stays_talk(model: UnderstandingModel) -> None:
    reply = await said(
        model, "townhouse", "I told him yesterday, turn the telly off, and he laughed"
    )
    assert not reply["actions"]


@pytest.mark.parametrize(
    "text",
    [
        "I want the festoon lights on, turn the telly off",
        "I'm heading out so put the festoon lights on, telly off",
    ],
)
async def test_a_wish_in_the_form_of_a_statement_is_done_too(
    model: UnderstandingModel, text: str
) -> None:
    reply = await said(model, "townhouse", text)
    assert acted_on(reply) == {"light.garden", "media_player.telly"}


async def test_why_it_is_wished_does_nothing_itself(model: UnderstandingModel) -> None:
    reply = await said(
        model, "altbau", "Filmabend bitte starten, das Popcorn ist fertig", language="de"
    )
    assert [done["service"] for done in reply["actions"]] == ["scene.turn_on"]


async def test_what_was_left_out_is_explained(model: UnderstandingModel) -> None:
    text = "festoons on, the neighbours are calling over"
    case = Case(text=text, home=str(HOMES / "townhouse.yaml"))
    told = await Stage(model).explain(case)
    assert "Left out, as nothing that is wished: “the neighbours are calling over”." in told["why"]


async def test_there_is_the_room_that_is_remarked_upon(model: UnderstandingModel) -> None:
    text = "im Bad erfriert man ja beim Zähneputzen, mach da mal die Heizung an"
    reply = await said(model, "altbau", text, language="de")
    assert acted_on(reply) == {"climate.bad"}


async def test_a_statement_that_names_nothing_switches_nothing(model: UnderstandingModel) -> None:
    text = "quick, shut the stopcock, there's water everywhere!"
    reply = await said(model, "townhouse", text)
    assert acted_on(reply) <= {"valve.stopcock"}


async def test_a_state_that_is_wished_in_the_form_of_a_statement_is_no_remark(
    model: UnderstandingModel,
) -> None:
    reply = await said(model, "townhouse", "I need the tv on and I want it off")
    assert reply["actions"][-1]["service"] == "media_player.turn_off"


@pytest.mark.parametrize(
    "text",
    [
        "Rory has an exam tomorrow, so turn the telly off",
        "we are leaving at six, so turn the telly off",
    ],
)
async def test_a_time_in_what_is_said_to_be_why_is_not_waited_for(
    model: UnderstandingModel, text: str
) -> None:
    reply = await said(model, "townhouse", text)
    assert reply["status"] == "done"
    assert acted_on(reply) == {"media_player.telly"}


@pytest.mark.parametrize(
    "text", ["when the film is over, so turn the telly off", "Rory is asleep, so telly off at six"]
)
async def test_a_time_of_the_wish_itself_is_waited_for(
    model: UnderstandingModel, text: str
) -> None:
    reply = await said(model, "townhouse", text)
    assert not reply["actions"]


async def test_wishes_that_are_plain_by_themselves_are_done_though_together_they_are_not(
    model: UnderstandingModel,
) -> None:
    reply = await said(model, "townhouse", "I want the festoon lights on, turn the telly off")
    assert acted_on(reply) == {"light.garden", "media_player.telly"}


@pytest.mark.parametrize("text", ["turn off the telly, actually leave it", "telly off, no wait"])
async def test_what_the_last_words_take_back_is_not_done(
    model: UnderstandingModel, text: str
) -> None:
    reply = await said(model, "townhouse", text)
    assert not reply["actions"]


async def test_no_matter_which_takes_nothing_back(model: UnderstandingModel) -> None:
    text = "mach die Glotze aus, egal wie spät es ist"
    reply = await said(model, "altbau", text, language="de")
    assert acted_on(reply) == {"media_player.fernseher"}
