"""Several wishes in one sentence: each is acted on at its own time, and none is lost."""

import json
from pathlib import Path
from typing import Any

import pytest

from devices.homefile import load_home
from edge.tasks.understand import UnderstandingModel, load_understanding
from edge.tasks.understanding_schema import ClauseReading, Scored, Span
from hub.ground.passed_over import passed_over
from hub.ground.results import Grounded, action
from hub.rehearse import Stage

HOME = Path(__file__).parent / "cases/homes/terrace.yaml"
NOW = "2026-11-24T08:00:00+00:00"


@pytest.fixture(scope="module")
def model() -> UnderstandingModel:
    return load_understanding()


async def said(model: UnderstandingModel, text: str, home: str = "terrace") -> Any:
    stage = Stage(model, load_home(HOME.with_name(f"{home}.yaml")))
    return await stage.run_line(json.dumps({"text": text, "now": NOW}))


def acted(result: Any) -> set[str]:
    return {action["entity_id"] for action in result["actions"]}


async def test_things_with_only_an_article_between_them_are_all_meant(
    model: UnderstandingModel,
) -> None:
    done = await said(model, "turn off the tv the reading lamp and the kitchen spotlights")
    assert acted(done) == {"media_player.tv", "light.reading_lamp", "light.kitchen_spots"}


async def test_names_with_nothing_between_them_are_told_apart_by_the_home(
    model: UnderstandingModel,
) -> None:
    done = await said(model, "turn on the kettle coffee machine and printer")
    assert acted(done) == {"switch.kettle", "switch.coffee", "switch.printer"}


async def test_what_is_to_happen_now_does_not_wait_for_the_time_of_the_next_wish(
    model: UnderstandingModel,
) -> None:
    for text in (
        "turn off the hall light now and the landing light in ten minutes",
        "turn off the hall light and in ten minutes the landing light",
    ):
        assert acted(await said(model, text)) == {"light.hall"}, text


async def test_a_time_before_all_things_is_for_all_of_them(model: UnderstandingModel) -> None:
    for text in (
        "in ten minutes turn off the hall light and the landing light",
        "turn off in ten minutes the hall light and the landing light",
    ):
        done = await said(model, text)
        assert done["status"] == "done" and not acted(done), text


async def test_a_thing_that_is_named_and_not_acted_on_is_asked_about() -> None:
    home = load_home(HOME)
    kettle = ClauseReading(
        0, 25, "kettle on coffee machine ready", (Scored("HassTurnOn", 1.0),), {},
        (Span(0, 6, "name", "kettle", 1.0), Span(10, 24, "name", "coffee machine", 1.0)),
    )  # fmt: skip
    done = Grounded(actions=(action(home, home.entities["switch.kettle"], "turn_on"),))
    missed = passed_over([kettle], [done], home)
    assert missed is not None and missed.id == "switch.coffee"


async def test_a_name_that_only_says_where_or_what_kind_is_not_asked_about(
    model: UnderstandingModel,
) -> None:
    for text in (
        "turn off the landing light",
        "close the blind in the kids room",
        "dim the kitchen spotlights to 20 percent",
        "when the hall light turns off switch on the kettle",
    ):
        assert "What shall I do with" not in (await said(model, text))["reply"], text


@pytest.mark.parametrize(
    ("home", "text", "acted_on"),
    [
        ("flatshare", "bathroom radiator to 20 and the lounge one off",
         {"climate.bath", "climate.living"}),
        ("wg", "Heizkörper im Bad auf 20 und den im Gemeinschaftszimmer auf 18",
         {"climate.bath", "climate.living"}),
        ("hezu", "把厨房的灯关了，走廊的也关了", {"light.kitchen", "light.table", "light.hall"}),
    ],
)  # fmt: skip
async def test_the_one_in_the_other_room_is_of_the_same_kind(
    model: UnderstandingModel, home: str, text: str, acted_on: set[str]
) -> None:
    assert acted(await said(model, text, home)) == acted_on


async def test_the_one_in_the_other_room_is_so_at_its_own_time_too(
    model: UnderstandingModel,
) -> None:
    stage = Stage(model, load_home(HOME.with_name("stancja.yaml")))
    text = "o dziewiątej wieczorem zasłoń roletę Bartka a o dziesiątej wieczorem tę w salonie"
    await stage.run_line(json.dumps({"text": text, "now": NOW, "session": "one"}))
    calls = [[call["entity_id"] for call in one.calls] for one in stage.waiting("one")]
    assert calls == [["cover.room2"], ["cover.living"]]


async def test_a_thing_that_is_not_here_is_no_lamp_of_the_room_named_before(
    model: UnderstandingModel,
) -> None:
    text = "éteins la lumière de l'entrée et allume le jacuzzi"
    done = await said(model, text, "coloc")
    assert acted(done) == {"light.hall"} and "jacuzzi" in done["reply"]


@pytest.mark.parametrize(
    ("home", "text", "acted_on"),
    [
        ("hezu", "阿杰房间的东西都关掉，卷帘不用动", {"light.room2", "fan.room2"}),
        ("stancja", "wyłącz wszystko u Bartka ale roletę zostaw podniesioną",
         {"light.room2", "fan.room2"}),
    ],
)  # fmt: skip
async def test_what_is_to_stay_as_it_is_stays_wherever_that_is_said(
    model: UnderstandingModel, home: str, text: str, acted_on: set[str]
) -> None:
    assert acted(await said(model, text, home)) == acted_on


@pytest.mark.parametrize(
    ("home", "text"),
    [
        ("hezu", "阿杰到家就把沙发灯关掉"),
        ("hezu", "洗衣机一停就把地下室灯打开"),
        ("flatshare", "when the washing machine goes off turn on the basement light"),
    ],
)
async def test_what_hangs_on_something_waits_for_it(
    model: UnderstandingModel, home: str, text: str
) -> None:
    done = await said(model, text, home)
    assert done["status"] == "done" and not acted(done), done


@pytest.mark.parametrize(
    ("home", "text"), [("lagenhet", "stäng av allt"), ("daire", "her şeyi kapat")]
)
async def test_switching_everything_off_closes_nothing(
    model: UnderstandingModel, home: str, text: str
) -> None:
    done = await said(model, text, home)
    assert acted(done) and not {e for e in acted(done) if e.startswith("cover.")}
