"""The words for a kind of thing: which they pick, and what stays when they are left out."""

from __future__ import annotations

import pytest

from edge.tasks.understand import UnderstandingModel
from tests.hub.test_plain_english import acted_on, said


@pytest.mark.parametrize(
    ("home", "language", "text", "area", "spots"),
    [
        ("canalside", "en", "spots at ten percent", "kitchen", "light.kitchen_spots"),
        ("townhouse", "en", "those spots are blinding me", "kitchen", "light.kitchen_spots"),
        ("atico", "es", "los focos, al diez", "cocina", "light.cocina"),
    ],
)
async def test_spots_are_not_every_light(
    model: UnderstandingModel, home: str, language: str, text: str, area: str, spots: str
) -> None:
    assert acted_on(await said(model, home, text, language=language, area=area)) == {spots}


async def test_a_name_may_lack_the_word_for_its_kind(model: UnderstandingModel) -> None:
    text = "éteins la lampe de chevet"
    reply = await said(model, "croixrousse", text, language="fr", area="parents")
    assert reply["status"] == "clarify"
    assert "Chevet de Mathieu" in reply["reply"]


async def test_without_its_kind_a_name_is_of_that_kind_only(model: UnderstandingModel) -> None:
    reply = await said(model, "piso", "apaga la luz de los ninos", language="es")
    assert acted_on(reply) == {"light.kids"}


@pytest.mark.parametrize(
    ("home", "language", "text", "spared"),
    [
        ("plattenbau", "de", "Alle Lampen in der Wohnung ausmachen, bloß im Flur nicht", "light.flur"),
        ("townhouse", "en", "turn off all the lights, just not in the kitchen", "light.kitchen_spots"),
    ],
)  # fmt: skip
async def test_only_not_there_spares_and_is_never_the_place(
    model: UnderstandingModel, home: str, language: str, text: str, spared: str
) -> None:
    acted = acted_on(await said(model, home, text, language=language))
    assert len(acted) > 5
    assert spared not in acted


async def test_what_is_to_be_left_is_not_switched(model: UnderstandingModel) -> None:
    text = "apaga los focos de la cocina pero la radio déjamela"
    assert acted_on(await said(model, "atico", text, language="es")) == {"light.cocina"}


@pytest.mark.parametrize("text", ["Ventilator ne Stufe runter", "Ventilator eine Stufe runter"])
async def test_a_notch_is_the_fans_own_step(model: UnderstandingModel, text: str) -> None:
    reply = await said(model, "plattenbau", text, language="de", area="jannik")
    (call,) = reply["actions"]
    assert call["data"] == {"percentage": 50}


async def test_by_half_is_half_as_loud(model: UnderstandingModel) -> None:
    text = "niech ten głośnik Leny gra o połowę ciszej"
    reply = await said(model, "podkrakow", text, language="pl")
    (call,) = reply["actions"]
    assert call["data"]["volume_level"] == pytest.approx(0.375)


async def test_a_crack_opens_a_curtain_that_is_shut(model: UnderstandingModel) -> None:
    text = "den Schlafzimmervorhang nur einen Spalt auf"
    reply = await said(model, "altbau", text, language="de")
    (call,) = reply["actions"]
    assert call["data"] == {"position": 10}


async def test_and_before_a_name_is_no_part_of_it(model: UnderstandingModel) -> None:
    text = "Okap włącz i lampki pod szafkami też"
    assert acted_on(await said(model, "gdynia", text, language="pl")) == {"fan.okap", "light.blat"}


@pytest.mark.parametrize(
    ("home", "language", "text", "answer"),
    [
        ("lakehouse", "en", "when is the laundry done", "23"),
        ("plattenbau", "de", "wann is die wäsche fertig", "38"),
        ("longere", "fr", "Le velux, il est ouvert à combien ?", "40"),
        ("gdynia", "pl", "Do ilu procent otwarta jest roleta u Tymka?", "60"),
        ("atico", "es", "¿cuánta pila le queda a la cerradura?", "12"),
    ],
)
async def test_how_long_how_far_and_how_full(
    model: UnderstandingModel, home: str, language: str, text: str, answer: str
) -> None:
    reply = await said(model, home, text, language=language)
    assert reply["status"] == "answered"
    assert answer in reply["reply"]
