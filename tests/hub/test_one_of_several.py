"""One of several things that fit: it asks, unless the home or the words tell which."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from devices.homefile import load_home
from edge.tasks.understand import UnderstandingModel
from edge.tasks.understanding_schema import Span
from hub.ground.reasons import without_bare_names
from hub.rehearse import Stage


def _player(name: str, area: str, state: str) -> dict[str, Any]:
    ident = "media_player." + name.lower().replace(" ", "_")
    return {"id": ident, "name": name, "area": area, "state": state,
            "attributes": {"volume_level": 0.4, "source": "FM4", "media_artist": "Leosia"}}  # fmt: skip


def _home(*playing: str) -> Any:
    dimmed = {"supported_color_modes": ["brightness"], "brightness": 200}
    players = (("Kitchen Radio", "kitchen"), ("Maya Speaker", "room"))
    return load_home(
        {
            "areas": [{"id": "kitchen", "name": "Kitchen"}, {"id": "room", "name": "Maya's Room"},
                      {"id": "master", "name": "主卧"}],
            "entities": [
                *(_player(n, a, "playing" if n in playing else "off") for n, a in players),
                {"id": "light.kitchen", "name": "Kitchen Downlights", "area": "kitchen",
                 "state": "on", "attributes": dimmed},
                {"id": "light.room", "name": "Maya's Downlights", "area": "room",
                 "state": "on", "attributes": dimmed},
                {"id": "light.master", "name": "吸顶灯", "area": "master", "state": "off"},
                {"id": "light.pool", "name": "Pool Light", "state": "on", "attributes": dimmed},
                {"id": "select.pool", "name": "Pool Mode", "state": "Pool",
                 "attributes": {"options": ["Pool", "Spa"]}},
                {"id": "lock.front", "name": "Front Door Lock", "state": "unlocked"},
                {"id": "lock.side", "name": "Side Door Lock", "state": "locked"},
            ],
        }
    )  # fmt: skip


BOTH = ("Kitchen Radio", "Maya Speaker")


async def _said(model: UnderstandingModel, home: Any, text: str, **also: str) -> dict[str, Any]:
    return await Stage(model, home).run_line(json.dumps({"text": text, **also}))


async def test_of_several_that_play_it_asks_which_is_to_be_louder(
    model: UnderstandingModel,
) -> None:
    reply = await _said(model, _home(*BOTH), "turn up the volume")
    assert reply["status"] == "clarify"


async def test_the_one_that_plays_is_meant(model: UnderstandingModel) -> None:
    reply = await _said(model, _home("Kitchen Radio"), "turn up the volume")
    assert set(reply["changes"]) == {"media_player.kitchen_radio"}


async def test_all_that_play_are_paused(model: UnderstandingModel) -> None:
    reply = await _said(model, _home(*BOTH), "pause the music")
    assert len(reply["changes"]) == len(BOTH)


async def test_it_asks_which_of_two_groups_of_one_name(model: UnderstandingModel) -> None:
    reply = await _said(model, _home(), "set the downlights to fifty percent")
    assert reply["status"] == "clarify"


async def test_a_group_where_the_speaker_is_needs_no_question(model: UnderstandingModel) -> None:
    said = "set the downlights to fifty percent"
    reply = await _said(model, _home(), said, area="kitchen")
    assert set(reply["changes"]) == {"light.kitchen"}


@pytest.mark.parametrize("said", ["打开主卧的灯", "打开竹卧的灯"])
async def test_a_chinese_name_is_known_by_its_sound(model: UnderstandingModel, said: str) -> None:
    reply = await _said(model, _home(), said, language="zh-CN")
    assert set(reply["changes"]) == {"light.master"}


@pytest.mark.parametrize(
    ("said", "named", "unnamed"),
    [
        ("which of the doors isn't locked?", "Front", "Side"),
        ("which doors are locked?", "Side", "Front"),
    ],
)
async def test_which_are_not_so(
    model: UnderstandingModel, said: str, named: str, unnamed: str
) -> None:
    reply = await _said(model, _home(), said)
    assert named in reply["reply"]
    assert unnamed not in reply["reply"]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("which station is on the kitchen radio?", "FM4"),
        ("who is singing on the kitchen radio?", "Leosia"),
        ("how loud is the kitchen radio?", "40%"),
    ],
)
async def test_what_plays_is_told_as_it_is_asked(
    model: UnderstandingModel, said: str, told: str
) -> None:
    reply = await _said(model, _home("Kitchen Radio"), said)
    assert told in reply["reply"]


@pytest.mark.parametrize("said", ["switch the pool to spa mode", "set the pool to spa"])
async def test_what_a_lamp_cannot_do_the_choice_of_that_name_can(
    model: UnderstandingModel, said: str
) -> None:
    reply = await _said(model, _home(), said)
    assert set(reply["changes"]) == {"select.pool"}


async def test_a_name_alone_behind_a_question_is_no_wish(model: UnderstandingModel) -> None:
    asked = (await model.read("is the front door locked")).clauses[0]
    light = (await model.read("turn on the pool light")).clauses[0]
    bare = replace(light, text="the pool light", start=0, end=14, spans=(_POOL_LIGHT,))
    assert without_bare_names([asked, bare]) == [asked]
    assert without_bare_names([asked, light]) == [asked, light]
    assert without_bare_names([light, bare]) == [light, bare]


_POOL_LIGHT = Span(4, 14, "name", "pool light", 1.0)
