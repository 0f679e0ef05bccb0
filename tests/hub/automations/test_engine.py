"""What fires, when, and never twice."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from devices.home import EntityState, Home
from devices.registry_values import StateChange
from hub.automations.conditions import Now, met
from hub.automations.engine import MOST_RUNS, Engine, Firing, engine_from
from hub.automations.moments import Place, moments, sun_at
from hub.automations.schema import Automation, AutomationsFile

BERLIN = ZoneInfo("Europe/Berlin")
PLACE = Place(52.52, 13.41)
NOON = datetime(2026, 11, 25, 12, 0, tzinfo=BERLIN)  # a Wednesday
SAY = [{"action": "hearthd.say", "data": {"message": "x"}}]


def automation(trigger: dict[str, Any], **more: Any) -> Automation:
    raw = {"id": "a", "alias": "A", "triggers": [trigger], "actions": SAY, **more}
    return AutomationsFile.model_validate({"automations": [raw]}).automations[0]


def home(**states: str) -> Home:
    return Home(states={k.replace("__", "."): EntityState(v) for k, v in states.items()})


def engine(*automations: Automation, through: datetime = NOON) -> Engine:
    return Engine(automations, through, PLACE)


def change(entity_id: str, before: str | None, after: str, **more: Any) -> StateChange:
    return StateChange(entity_id, EntityState(before), EntityState(after, **more))


def runs(firings: list[Firing]) -> int:
    return sum(firing.runs for firing in firings)


# --- time ----------------------------------------------------------------------------------------


def test_a_time_fires_once_when_it_comes() -> None:
    found = engine(automation({"trigger": "time", "at": "12:05"}))
    assert found.tick(home(), NOON + timedelta(minutes=4)) == []
    (firing,) = found.tick(home(), NOON + timedelta(minutes=5))
    assert firing.runs
    assert found.tick(home(), NOON + timedelta(minutes=6)) == []
    assert runs(found.tick(home(), NOON + timedelta(days=1, minutes=6))) == 1


def test_a_time_of_other_weekdays_does_not_fire() -> None:
    found = engine(automation({"trigger": "time", "at": "12:05", "weekday": ["sat"]}))
    assert found.tick(home(), NOON + timedelta(minutes=5)) == []
    assert found.next_due(NOON) == datetime(2026, 11, 28, 12, 5, tzinfo=BERLIN)


def test_a_time_that_was_missed_by_more_than_minutes_is_told_and_not_run() -> None:
    found = engine(automation({"trigger": "time", "at": "12:05"}))
    (firing,) = found.tick(home(), NOON + timedelta(hours=2))
    assert firing.late
    assert not firing.runs


def test_the_same_time_has_the_same_key_after_a_restart() -> None:
    before = engine(automation({"trigger": "time", "at": "12:05"}))
    kept = before.as_json()
    (first,) = before.tick(home(), NOON + timedelta(minutes=5))
    after = engine_from(kept, before.automations, NOON + timedelta(minutes=6), PLACE)
    (again,) = after.tick(home(), NOON + timedelta(minutes=6))
    assert again.key == first.key


def test_a_clock_set_back_fires_nothing_again() -> None:
    found = engine(automation({"trigger": "time", "at": "12:05"}))
    found.tick(home(), NOON + timedelta(minutes=6))
    assert found.tick(home(), NOON) == []
    assert found.tick(home(), NOON + timedelta(minutes=6)) == []


def test_a_clock_that_was_a_year_ahead_stops_nothing() -> None:
    found = engine(automation({"trigger": "time", "at": "12:05"}))
    found.tick(home(), NOON + timedelta(days=365))
    found.tick(home(), NOON)
    assert runs(found.tick(home(), NOON + timedelta(minutes=5))) == 1


def test_a_time_that_the_clocks_skip_comes_after_they_did() -> None:
    (trigger,) = automation({"trigger": "time", "at": "02:30"}).triggers
    night = datetime(2026, 3, 29, 0, 0, tzinfo=BERLIN)
    (moment,) = moments(trigger, night, night + timedelta(hours=12), None)  # type: ignore[arg-type]
    assert moment.isoformat() == "2026-03-29T03:30:00+02:00"


def test_a_time_that_comes_twice_in_autumn_fires_once() -> None:
    (trigger,) = automation({"trigger": "time", "at": "02:30"}).triggers
    night = datetime(2026, 10, 25, 0, 0, tzinfo=BERLIN)
    assert len(list(moments(trigger, night, night + timedelta(hours=12), None))) == 1  # type: ignore[arg-type]


# --- the sun -------------------------------------------------------------------------------------


def test_the_sun_sets_over_berlin_when_the_almanac_says() -> None:
    sunset = sun_at(PLACE, NOON.date(), "sunset")
    assert sunset is not None
    assert abs(sunset - datetime(2026, 11, 25, 14, 59, tzinfo=UTC)) < timedelta(minutes=3)


def test_an_offset_moves_the_sun() -> None:
    found = engine(automation({"trigger": "sun", "event": "sunset", "offset": "-00:30"}))
    due = found.next_due(NOON)
    sunset = sun_at(PLACE, NOON.date(), "sunset")
    assert due is not None
    assert sunset is not None
    assert due == sunset - timedelta(minutes=30)
    assert runs(found.tick(home(), due)) == 1


def test_where_the_sun_does_not_rise_nothing_fires() -> None:
    found = Engine((automation({"trigger": "sun", "event": "sunrise"}),), NOON, Place(78.2, 15.6))
    assert found.next_due(NOON) is None
    assert found.tick(home(), NOON + timedelta(days=1)) == []


def test_without_a_place_the_sun_fires_nothing() -> None:
    found = Engine((automation({"trigger": "sun", "event": "sunrise"}),), NOON, None)
    assert found.tick(home(), NOON + timedelta(days=1)) == []


# --- states --------------------------------------------------------------------------------------

OPENED = {"trigger": "state", "entity_id": "binary_sensor.door", "to": "on"}


@pytest.mark.parametrize(
    ("before", "after", "fires"),
    [("off", "on", 1), ("on", "on", 0), ("on", "off", 0), (None, "on", 0)],
)
def test_a_state_fires_when_it_comes_about_and_not_at_the_start(
    before: str | None, after: str, fires: int
) -> None:
    found = engine(automation(OPENED))
    assert runs(found.changed(change("binary_sensor.door", before, after), home(), NOON)) == fires


def test_a_device_that_comes_back_in_its_old_state_fires_nothing() -> None:
    away = StateChange(
        "binary_sensor.door", EntityState("on", available=False), EntityState("on", available=True)
    )
    assert engine(automation(OPENED)).changed(away, home(), NOON) == []


def test_from_restricts_the_state_before() -> None:
    found = engine(automation({**OPENED, "from": "off"}))
    assert runs(found.changed(change("binary_sensor.door", "ajar", "on"), home(), NOON)) == 0
    assert runs(found.changed(change("binary_sensor.door", "off", "on"), home(), NOON)) == 1


def test_a_number_fires_when_it_crosses_and_not_while_it_stays() -> None:
    found = engine(automation({"trigger": "numeric_state", "entity_id": "sensor.t", "above": 25}))
    fired = [
        runs(found.changed(change("sensor.t", a, b), home(), NOON))
        for a, b in (("24", "26"), ("26", "27"), ("27", "25"), ("25", "nan"), ("nan", "25.5"))
    ]
    assert fired == [1, 0, 0, 0, 1]


def test_a_number_may_be_an_attribute() -> None:
    trigger = {
        "trigger": "numeric_state",
        "entity_id": "climate.a",
        "attribute": "current_temperature",
        "below": 15,
    }
    found = engine(automation(trigger))
    before, after = (EntityState("heat", {"current_temperature": n}) for n in (16, 14.5))
    assert runs(found.changed(StateChange("climate.a", before, after), home(), NOON)) == 1


STAYED = {**OPENED, "for": "00:10:00"}


def test_a_state_that_stays_fires_when_it_has_stayed() -> None:
    found = engine(automation(STAYED))
    there = home(binary_sensor__door="on")
    assert found.changed(change("binary_sensor.door", "off", "on"), there, NOON) == []
    assert found.next_due(NOON) == NOON + timedelta(minutes=10)
    assert found.tick(there, NOON + timedelta(minutes=9)) == []
    assert runs(found.tick(there, NOON + timedelta(minutes=10))) == 1
    assert found.tick(there, NOON + timedelta(minutes=11)) == []


def test_a_state_that_does_not_stay_fires_nothing() -> None:
    found = engine(automation(STAYED))
    found.changed(change("binary_sensor.door", "off", "on"), home(), NOON)
    found.changed(change("binary_sensor.door", "on", "off"), home(), NOON + timedelta(minutes=5))
    assert found.tick(home(binary_sensor__door="off"), NOON + timedelta(hours=1)) == []


def test_what_waits_goes_on_waiting_after_a_restart() -> None:
    before = engine(automation(STAYED))
    there = home(binary_sensor__door="on")
    before.changed(change("binary_sensor.door", "off", "on"), there, NOON)
    now = NOON + timedelta(minutes=12)
    after = engine_from(before.as_json(), before.automations, now, PLACE)
    assert runs(after.tick(there, now)) == 1


def test_what_waits_ends_with_the_automation_that_was_edited() -> None:
    found = engine(automation(STAYED))
    there = home(binary_sensor__door="on")
    found.changed(change("binary_sensor.door", "off", "on"), there, NOON)
    found.replace((automation({**STAYED, "for": "01:00:00"}),))
    assert found.tick(there, NOON + timedelta(minutes=10)) == []


# --- events, conditions, storms ------------------------------------------------------------------


def test_an_event_fires_with_the_content_that_is_asked_for() -> None:
    trigger = {"trigger": "event", "event_type": "timer", "event_data": {"name": "eggs"}}
    found = engine(automation(trigger))
    assert runs(found.told("timer", {"name": "eggs", "id": "1"}, home(), NOON)) == 1
    assert found.told("timer", {"name": "pasta"}, home(), NOON) == []
    assert found.told("done", {"name": "eggs"}, home(), NOON) == []


def test_a_disabled_automation_is_silent() -> None:
    found = engine(
        automation({"trigger": "time", "at": "12:05"}, enabled=False),
        automation(OPENED, id="b", enabled=False),
    )
    assert found.tick(home(), NOON + timedelta(minutes=5)) == []
    assert not found.watches("binary_sensor.door")


def test_a_condition_that_does_not_hold_is_named() -> None:
    conditions = [
        {"condition": "time", "after": "08:00"},
        {"condition": "state", "entity_id": "person.anna", "state": "home"},
    ]
    found = engine(automation(OPENED, conditions=conditions))
    opened = change("binary_sensor.door", "off", "on")
    (firing,) = found.changed(opened, home(person__anna="not_home"), NOON)
    assert firing.unmet == 1
    assert runs(found.changed(opened, home(person__anna="home"), NOON)) == 1


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({"condition": "time", "after": "11:00", "before": "13:00"}, True),
        ({"condition": "time", "after": "22:00", "before": "06:00"}, False),
        ({"condition": "time", "after": "11:00", "before": "06:00"}, True),
        ({"condition": "time", "weekday": ["wed"]}, True),
        ({"condition": "time", "weekday": ["sat", "sun"]}, False),
        ({"condition": "sun", "after": "sunset", "before": "sunrise"}, False),
        ({"condition": "sun", "after": "sunrise", "before": "sunset"}, True),
        ({"condition": "sun", "after": "sunset", "after_offset": "-05:00", "before": "sunrise"}, True),
        ({"condition": "state", "entity_id": ["light.a", "light.b"], "state": ["on", "off"]}, True),
        ({"condition": "state", "entity_id": "light.a", "state": "off"}, False),
        ({"condition": "state", "entity_id": "light.c", "state": "off"}, False),
        ({"condition": "numeric_state", "entity_id": "sensor.t", "above": 20, "below": 22}, True),
        ({"condition": "numeric_state", "entity_id": "light.a", "above": 20}, False),
        ({"condition": "not", "conditions": {"condition": "time", "weekday": "wed"}}, False),
        (
            {"condition": "or", "conditions": [{"condition": "time", "weekday": "sat"}, {"condition": "state", "entity_id": "light.a", "state": "on"}]},
            True,
        ),
        (
            {"condition": "and", "conditions": [{"condition": "time", "weekday": "sat"}, {"condition": "state", "entity_id": "light.a", "state": "on"}]},
            False,
        ),
    ],
)  # fmt: skip
def test_a_condition(condition: dict[str, Any], holds: bool) -> None:
    (read,) = automation(OPENED, conditions=[condition]).conditions
    there = home(light__a="on", light__b="off", sensor__t="21.5")
    assert met(read, Now(there, NOON, PLACE)) is holds


def test_how_long_it_has_been_so_counts() -> None:
    raw = {"condition": "state", "entity_id": "light.a", "state": "on", "for": "00:10:00"}
    (read,) = automation(OPENED, conditions=[raw]).conditions
    since = Home(states={"light.a": EntityState("on", changed=NOON - timedelta(minutes=9))})
    assert not met(read, Now(since, NOON))
    assert met(read, Now(since, NOON + timedelta(minutes=1)))


def test_an_automation_that_runs_away_is_put_at_rest_and_comes_back() -> None:
    found = engine(automation(OPENED))
    opened = change("binary_sensor.door", "off", "on")
    ran = sum(runs(found.changed(opened, home(), NOON)) for _ in range(MOST_RUNS * 3))
    assert ran == MOST_RUNS
    assert runs(found.changed(opened, home(), NOON + timedelta(minutes=11))) == 1
