"""The sentence, the automation, the moment, and what an answer does."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from hub.automations.file import add, read_automations
from hub.bench.simulated_life import live, things
from hub.habits.found import Deed, Found, Kind
from hub.habits.offering import (
    A_DAY,
    MOST_OFFERS,
    Shelf,
    State,
    Suggestion,
    answered,
    offered,
    restocked,
    shelf_as_json,
    shelf_from_json,
    silenced,
    to_offer,
    worth,
)
from hub.habits.suggestion import automation, sentence

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=ZoneInfo("Europe/Berlin"))
COFFEE = Found(
    Kind.TIME,
    (Deed("switch.coffee_machine", "on"),),
    31,
    34,
    0.912,
    minute=411,
    days=(0, 1, 2, 3, 4),
)
DOOR = Found(
    Kind.AFTER, (Deed("light.hallway_ceiling", "on", 127.0),), 42, 47, 0.894,
    after=Deed("binary_sensor.front_door", "on"), seconds=20, dark=True,
)  # fmt: skip
SUN = replace(
    COFFEE,
    deeds=(Deed("cover.office_blinds", "closed"),),
    minute=-20,
    sun="sunset",
    days=tuple(range(7)),
)
HEAT = replace(COFFEE, deeds=(Deed("climate.living_room", "heat", 21.5),), days=(5, 6))
OFFICE = Found(
    Kind.WASTE, (Deed("light.office_ceiling", "off"),), 12, 15, 0.8,
    sensors=("binary_sensor.office_motion",), hours=9.5,
)  # fmt: skip
AWAY = replace(OFFICE, sensors=("person.anna", "person.tom"))
MOVIE = Found(
    Kind.TOGETHER, (Deed("light.living_room_ceiling", "off"), Deed("cover.office_blinds", "closed")), 14, 16, 0.875,
    after=Deed("light.living_room_ceiling", "off"),
)  # fmt: skip


def made(found: Found) -> Suggestion:
    return Suggestion(found, sentence(found, things()), automation(found, things()))


def shelf(*found: Found) -> Shelf:
    return restocked(Shelf(), [made(one) for one in found], NOON)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (COFFEE, "You turn on Coffee Machine at about 6:51 on weekdays (31 of 34 times)."),
        (DOOR, "When Front Door is opened in the dark, you turn on Hallway Ceiling (42 of 47 times)."),
        (SUN, "You close Office Blinds 20 minutes before sunset every day (31 of 34 times)."),
        (HEAT, "You set Living Room to 21.5 degrees at about 6:51 at weekends (31 of 34 times)."),
        (OFFICE, "Office Ceiling stays on while nobody is in the Office: 12 times in the last 60 days, 9.5 hours a week."),
        (AWAY, "Office Ceiling stays on while nobody is home: 12 times in the last 60 days, 9.5 hours a week."),
        (MOVIE, "When you turn off Living Room Ceiling, you also close Office Blinds (14 of 16 times)."),
    ],
)  # fmt: skip
def test_the_sentence_holds_the_evidence(found: Found, said: str) -> None:
    assert sentence(found, things()).startswith(said)
    assert "Shall I" in sentence(found, things())


@pytest.mark.parametrize("found", [COFFEE, DOOR, SUN, HEAT, OFFICE, AWAY, MOVIE])
def test_the_automation_is_one_that_the_file_takes(tmp_path: Path, found: Found) -> None:
    path = tmp_path / "automations.yaml"
    added = add(path, automation(found, things()), "Because.")
    assert read_automations(path) == (added,)
    assert added.id == f"habit_{found.id}"


def test_every_planted_habit_can_become_an_automation(tmp_path: Path) -> None:
    for number, found in enumerate(live(102).planted):
        sensors = ("binary_sensor.office_motion",)
        full = replace(found, sensors=sensors, after=found.after or found.deeds[0])
        add(tmp_path / f"{number}.yaml", automation(full, things()))


def test_the_conditions_say_dark_and_still_on() -> None:
    assert automation(DOOR, things())["conditions"] == [
        {"condition": "sun", "after": "sunset", "before": "sunrise"}
    ]
    empty, still_on = automation(OFFICE, things())["conditions"]
    assert empty["entity_id"] == ["binary_sensor.office_motion"]
    assert still_on["condition"] == "not"


# --- when it is told -----------------------------------------------------------------------------


def test_it_is_told_when_somebody_has_just_done_it() -> None:
    stock = shelf(COFFEE, DOOR)
    one = to_offer(stock, "switch.coffee_machine", "on", NOON)
    assert one is not None
    assert one.found == COFFEE
    assert to_offer(stock, "switch.coffee_machine", "off", NOON) is None
    assert to_offer(stock, "light.office_lamp", "on", NOON) is None


def test_it_is_not_told_at_night() -> None:
    assert to_offer(shelf(COFFEE), "switch.coffee_machine", "on", NOON.replace(hour=6)) is None
    assert to_offer(shelf(COFFEE), "switch.coffee_machine", "on", NOON.replace(hour=22)) is None


def test_few_are_told_in_a_day_and_not_close_together() -> None:
    stock = shelf(COFFEE, DOOR, OFFICE)
    told = 0
    for minute in range(0, 600, 10):
        now = NOON.replace(hour=8) + timedelta(minutes=minute)
        for found in (COFFEE, DOOR, OFFICE):
            one = to_offer(stock, found.deeds[0].entity_id, found.deeds[0].state, now)
            if one is not None:
                stock = offered(stock, one.id, now)
                told += 1
                assert to_offer(stock, "light.hallway_ceiling", "on", now) is None
    assert told == A_DAY


def test_an_ignored_one_comes_again_after_a_week_and_then_no_more() -> None:
    stock, told = shelf(COFFEE), []
    for day in range(60):
        now = NOON + timedelta(days=day)
        one = to_offer(stock, "switch.coffee_machine", "on", now)
        if one is not None:
            stock = offered(stock, one.id, now)
            told.append(day)
    assert told == [0, 7, 14][:MOST_OFFERS]


def test_silence_is_kept() -> None:
    stock = silenced(shelf(COFFEE), NOON, 3)
    doing = ("switch.coffee_machine", "on")
    assert to_offer(stock, *doing, NOON + timedelta(days=2)) is None
    assert to_offer(stock, *doing, NOON + timedelta(days=3)) is not None


# --- answers -------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [State.ACCEPTED, State.DECLINED])
def test_what_was_answered_is_not_told_again_even_when_it_is_found_again(state: State) -> None:
    stock = answered(shelf(COFFEE), COFFEE.id, state)
    stock = restocked(stock, [made(replace(COFFEE, support=40, of=41))], NOON)
    assert to_offer(stock, "switch.coffee_machine", "on", NOON) is None
    stock = restocked(restocked(stock, [], NOON), [made(COFFEE)], NOON)
    assert stock.suggestions[COFFEE.id].state is state


def test_what_is_no_habit_any_more_is_no_suggestion_any_more() -> None:
    assert restocked(shelf(COFFEE, DOOR), [made(DOOR)], NOON).suggestions.keys() == {DOOR.id}


def test_declining_makes_its_kind_rarer_and_accepting_commoner() -> None:
    other = replace(COFFEE, deeds=(Deed("light.office_lamp", "on"),))
    third = replace(COFFEE, deeds=(Deed("light.bedroom_lamp", "off"),))
    stock = shelf(COFFEE, other, third, DOOR)
    at_first = worth(stock, made(third))
    declined = answered(answered(stock, COFFEE.id, State.DECLINED), other.id, State.DECLINED)
    assert worth(declined, made(third)) < at_first
    assert to_offer(declined, "light.bedroom_lamp", "off", NOON) is None
    assert to_offer(declined, "light.hallway_ceiling", "on", NOON) is not None
    accepted = answered(declined, other.id, State.ACCEPTED)
    assert worth(accepted, made(third)) > worth(declined, made(third))


def test_saying_no_twice_counts_once() -> None:
    once = answered(shelf(COFFEE), COFFEE.id, State.DECLINED)
    assert answered(once, COFFEE.id, State.DECLINED).received == once.received


def test_the_shelf_survives_a_restart() -> None:
    stock = offered(
        silenced(answered(shelf(COFFEE, DOOR), COFFEE.id, State.DECLINED), NOON), DOOR.id, NOON
    )
    assert shelf_from_json(shelf_as_json(stock)) == stock
    assert shelf_from_json(None) == Shelf()
