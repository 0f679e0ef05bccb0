"""Wishes that stand beside each other, and what is said once for several of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from devices.homefile import load_home
from edge.tasks.understand import UnderstandingModel
from hub.rehearse import Stage
from tests.hub.household import Household, judge

HOMES = Path(__file__).parent / "cases/homes"
OFF, ON = "off", "on"
SAID: list[tuple[str, str, dict[str, Any]]] = [
    # an amount that is said once, after the last of the things
    ("terrace", "dim the reading lamp and the hall light to 30 percent",
     {"light.reading_lamp": {"brightness": 77}, "light.hall": {"brightness": 77}}),
    ("reihenhaus", "dimm die Stehlampe und das Küchenlicht auf 30 Prozent",
     {"light.floor": {"brightness": 77}, "light.kitchen": {"brightness": 77}}),
    # ... which a wish with a verb of its own does not take
    ("terrace", "dim the reading lamp and set the hall light to 30 percent",
     {"light.reading_lamp": {"brightness": "<77"}, "light.hall": {"brightness": 77}}),
    # a kind of thing in two rooms, the first of which has a thing of that name
    ("maison", "ferme les volets du salon et de la chambre des enfants",
     {"cover.living": "closed", "cover.kids": "closed"}),
    # everything but
    ("maison", "éteins toutes les lumières sauf celle de l'entrée",
     {"light.kitchen": OFF, "light.floor": OFF, "light.kids": OFF}),
    ("reihenhaus", "alle Lichter aus außer im Flur",
     {"light.kitchen": OFF, "light.floor": OFF, "light.kids": OFF}),
    # a floor inside of what may be a name, and lights that are not called so
    ("piso", "apaga las luces de abajo",
     {"light.kitchen": OFF, "light.floor": OFF, "light.hall": OFF}),
    ("maison", "éteins les lumières du rez-de-chaussée",
     {"light.kitchen": OFF, "light.floor": OFF, "light.hall": OFF}),
    # everything that can be shut
    ("terrace", "shut everything upstairs", {"cover.kids_blind": "closed"}),
    ("reihenhaus", "mach unten alles zu", {"cover.living": "closed"}),
]  # fmt: skip


@pytest.mark.parametrize(("home", "said", "then"), SAID, ids=[said for _, said, _ in SAID])
async def test_each_wish_gets_what_is_said_of_it(
    model: UnderstandingModel, home: str, said: str, then: dict[str, Any]
) -> None:
    wrong = await judge(Stage(model), Household(home, "wish", ({"say": said, "then": then},)), said)
    assert wrong is None


@pytest.mark.parametrize(
    ("home", "said", "left"),
    [
        ("lagenhet", "släck överallt utom i sovrummet", {"light.bed", "light.night"}),
        ("byt", "zhasni všude kromě ložnice", {"light.bed"}),
        ("reihenhaus", "alle Lichter aus außer im Flur und in der Küche",
         {"light.hall", "light.kitchen"}),
    ],
)  # fmt: skip
async def test_the_very_room_that_is_excepted_is_left(
    model: UnderstandingModel, home: str, said: str, left: set[str]
) -> None:
    stage = Stage(model, load_home(HOMES / f"{home}.yaml"))
    acted = {a["entity_id"] for a in (await stage.run_line(json.dumps({"text": said})))["actions"]}
    assert acted and not acted & left


LATER = [
    ("maison", "quand Thomas arrive à la maison allume la lumière de l'entrée", "Thomas → ⌂"),
    ("piso", "cuando llegue Tomás enciende la luz de la entrada", "Tomás → ⌂"),
    ("mieszkanie", "jak Tomek wróci do domu włącz światło w przedpokoju", "Tomek → ⌂"),
    ("mieszkanie", "kiedy Anna wyjdzie z domu zgaś światło w przedpokoju", "Anna ⌂ →"),
    ("terrace", "quando a Mary chegar a casa liga a Hall Light", "Mary → ⌂"),
    ("terrace", "quan la Mary arribi a casa encén la Hall Light", "Mary → ⌂"),
    ("terrace", "когда Mary придёт домой включи Hall Light", "Mary → ⌂"),
    ("terrace", "až Mary přijde domů rozsviť Hall Light", "Mary → ⌂"),
    ("terrace", "när Mary kommer hem tänd Hall Light", "Mary → ⌂"),
    ("terrace", "når Mary kommer hjem tænd Hall Light", "Mary → ⌂"),
]


@pytest.mark.parametrize(("home", "said", "awaited"), LATER, ids=[said for _, said, _ in LATER])
async def test_somebody_is_waited_for_in_many_languages(
    model: UnderstandingModel, home: str, said: str, awaited: str
) -> None:
    turn = {"say": said, "then": {}, "answers": [awaited], "status": ["done"]}
    assert await judge(Stage(model), Household(home, "wish", (turn,)), said) is None


async def test_nobody_at_home_may_be_denied_twice(model: UnderstandingModel) -> None:
    turn = {
        "say": "выключи Hall Light если никого нет дома",
        "then": {},
        "answers": ["Mary, John ⌂ →"],
        "status": ["answered"],
    }
    assert await judge(Stage(model), Household("terrace", "wish", (turn,)), "nobody") is None


BY_THE_SUN = [
    ("terrace", "accendi Hall Light mezz'ora prima del tramonto"),
    ("terrace", "liga a Hall Light meia hora antes do pôr do sol"),
    ("terrace", "tänd Hall Light en halvtimme före solnedgången"),
    ("piso", "enciende la luz de la entrada media hora antes de la puesta de sol"),
]


@pytest.mark.parametrize(("home", "said"), BY_THE_SUN, ids=[said for _, said in BY_THE_SUN])
async def test_half_an_hour_before_sunset_is_one_time(
    model: UnderstandingModel, home: str, said: str
) -> None:
    turn = {"say": said, "then": {}, "answers": ["15[:.]29"]}
    household = Household(home, "wish", ({**turn, "status": ["done"]},))
    assert await judge(Stage(model), household, said) is None
