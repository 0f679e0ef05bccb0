"""Doors with a lock and no motor, things named one after the other, and reasons before a wish."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from edge.tasks.understand import UnderstandingModel
from hub.rehearse import Stage
from tests.hub.household import CASES


async def _said(
    model: UnderstandingModel, home: str, text: str, language: str | None = None
) -> Mapping[str, Any]:
    line = {"text": text, "home": str(CASES / "homes" / f"{home}.yaml"), "language": language}
    return await Stage(model).run_line(json.dumps(line))


@pytest.mark.parametrize(
    ("home", "text"),
    [
        ("reihenhaus", "Mach die Terrassentür zu"),
        ("piso", "Cierra la puerta de la terraza"),
        ("mieszkanie", "Zamknij drzwi tarasowe"),
    ],
)
async def test_a_door_that_has_only_a_lock_is_closed_by_locking_it(
    model: UnderstandingModel, home: str, text: str
) -> None:
    done = await _said(model, home, text)
    assert [a["service"] for a in done["actions"]] == ["lock.lock"]


@pytest.mark.parametrize(
    ("home", "text", "language"),
    [("chengdu", "把院门开一下", "zh-CN"), ("guesthouse", "open the wine cellar", "en")],
)
async def test_what_opens_never_locks(
    model: UnderstandingModel, home: str, text: str, language: str
) -> None:
    asked = await _said(model, home, text, language)
    assert (asked["status"], asked["actions"]) == ("confirm", [])


async def test_opening_such_a_door_asks_first_and_in_the_language_that_was_spoken(
    model: UnderstandingModel,
) -> None:
    asked = await _said(model, "mieszkanie", "otwórz drzwi tarasowe")
    assert (asked["status"], asked["actions"]) == ("confirm", [])
    assert asked["reply"] == "Czy mam odblokować: Drzwi tarasowe?"


async def test_things_named_without_a_pause_are_all_meant(model: UnderstandingModel) -> None:
    done = await _said(model, "casa", "accendi il bollitore la macchina del caffè")
    assert {a["entity_id"] for a in done["actions"]} == {"switch.kettle", "switch.coffee"}


async def test_what_is_named_instead_of_another_is_not_done_to_both(
    model: UnderstandingModel,
) -> None:
    asked = await _said(model, "reihenhaus", "mach den Wasserkocher statt der Kaffeemaschine an")
    assert {a["entity_id"] for a in asked["actions"]} <= {"switch.kettle"}


async def test_a_reason_is_no_wish_of_its_own(model: UnderstandingModel) -> None:
    done = await _said(model, "maison", "je vais me coucher donc éteins la cuisine")
    assert {a["entity_id"] for a in done["actions"]} <= {"light.kitchen", "light.table"}
