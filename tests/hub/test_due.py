"""What of the schedule is due: by the sun, or by what the home has come to be."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from devices.home import Home
from devices.homefile import load_home
from hub.automations.moments import Place, sun_at
from hub.due import after_this, noticed
from hub.ground.context import ScheduleView
from hub.stores import Scheduled, Stores

GREENWICH = Place(51.48, 0.0)
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
OPEN = {"condition": "state", "entity_id": ["binary_sensor.window"], "state": ["on"]}


def home(state: str) -> Home:
    return load_home(
        {"entities": [{"name": "Window", "domain": "binary_sensor", "device_class": "window",
                       "state": state}]}
    )  # fmt: skip


def waiting(held: bool, repeat: str | None = None) -> Stores:
    view = ScheduleView("a", "turn on the light", None, repeat, "when the window opens")
    return Stores({}, {"a": Scheduled(view, "kitchen", condition=OPEN, held=(held,))})


def test_a_condition_comes_about_when_it_begins_to_hold() -> None:
    stores, due = noticed(waiting(held=False), home("on"), NOW, GREENWICH)
    assert [one.view.id for one in due] == ["a"]
    assert not stores.schedules


@pytest.mark.parametrize("state", ["on", "off"])
def test_what_held_already_has_to_end_first(state: str) -> None:
    stores, due = noticed(waiting(held=True), home(state), NOW, GREENWICH)
    assert not due
    assert stores.schedules["a"].held == (state == "on",)


@pytest.mark.parametrize("held", [True, False])
def test_a_device_that_says_nothing_changes_nothing(held: bool) -> None:
    before = waiting(held)
    assert noticed(before, home("unavailable"), NOW, GREENWICH) == (before, [])


def test_what_is_meant_for_every_time_waits_on() -> None:
    stores, due = noticed(waiting(held=False, repeat="EACH"), home("on"), NOW, GREENWICH)
    assert len(due) == 1
    assert stores.schedules["a"].held == (True,)


def test_darkness_comes_by_the_place_of_the_house() -> None:
    dark: dict[str, Any] = {"condition": "sun", "after": "sunset"}
    view = ScheduleView("a", "turn on the light", None, None, "when it gets dark")
    stores = Stores({}, {"a": Scheduled(view, "kitchen", condition=dark, held=(False,))})
    assert not noticed(stores, home("off"), NOW, GREENWICH)[1]
    assert noticed(stores, home("off"), NOW.replace(hour=18), GREENWICH)[1]


def test_what_repeats_by_the_sun_moves_with_it() -> None:
    sun = {"event": "sunset", "offset": -1800.0, "weekday": []}
    today, tomorrow = (
        sun_at(GREENWICH, (NOW + timedelta(days=n)).date(), "sunset") for n in (0, 1)
    )
    assert today is not None and tomorrow is not None
    half = timedelta(minutes=30)
    view = ScheduleView("a", "close the blinds", today - half, "FREQ=DAILY")
    following = after_this(Scheduled(view, "kitchen", sun=sun), today - half, GREENWICH)
    assert following == tomorrow - half
    assert following - (today - half) != timedelta(days=1)
