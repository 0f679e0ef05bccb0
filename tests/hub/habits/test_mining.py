"""What is found in a history, and that nothing else is."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from random import Random

import pytest

from hub.bench.habits import judge, score
from hub.bench.simulated_life import PLACE, WORKDAYS, ZONE, Life, live, things, write
from hub.habits.found import Found, Kind, as_json, from_json
from hub.habits.mine import mine
from hub.habits.observed import observe
from hub.journal_history import Cause
from hub.journal_schema import migrate

LAMP, DOOR = "light.kitchen_lamp", "binary_sensor.front_door"


@pytest.fixture
def life() -> Life:
    """Sixty days in which nothing happens but two people, so that the days are observed."""
    empty = Life(Random(7), 60)
    for day in empty.dates():
        empty.do(empty.at(day, 0), "person.anna", "home")
        empty.do(empty.at(day, 1430), "person.anna", "not_home")
    return empty


@pytest.fixture
def database() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection)
    yield connection
    connection.close()


def found_in(life: Life, database: sqlite3.Connection) -> list[Found]:
    life.events.sort()
    write(life, database)
    return mine(observe(database, things(), ZONE, PLACE))


def on_and_off(life: Life, at: int, length: int = 1800) -> None:
    life.do(at, LAMP, "on")
    life.do(at + length, LAMP, "off")


def test_planted_habits_are_found_and_little_else() -> None:
    """Lives that nothing was tuned on; what was tuned on has seeds below 20."""
    found = score([judge(live(seed)) for seed in range(100, 108)])
    assert found["recall"] >= 0.9, found
    assert found["precision"] >= 0.9, found


def test_chance_alone_gives_no_suggestions() -> None:
    life = Life(Random(3), 60)
    for day in life.dates():
        for entity_id in (LAMP, "light.office_lamp", "switch.tv_backlight"):
            for _ in range(3):
                at = life.at(day, life.random.uniform(400, 1380))
                life.do(at, entity_id, "on")
                life.do(at + life.random.randint(60, 900), entity_id, "off")
    life.events.sort()
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection)
    write(life, connection)
    assert mine(observe(connection, things(), ZONE, PLACE)) == []
    connection.close()


def test_a_time_is_found_with_its_days_and_how_often(
    life: Life, database: sqlite3.Connection
) -> None:
    for number, day in enumerate(life.dates()):
        if day.weekday() in WORKDAYS and number % 10:
            on_and_off(life, life.at(day, 420 + number % 7), 600 + 137 * (number % 40))
    (one,) = [f for f in found_in(life, database) if f.deeds[0].state == "on"]
    assert (one.kind, one.days) == (Kind.TIME, WORKDAYS)
    assert abs(one.minute - 423) <= 2
    assert one.support < one.of <= 43


def test_a_clock_change_does_not_move_a_habit(
    database: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.bench.simulated_life.FIRST_DAY", date(2026, 9, 25))
    life = Life(Random(7), 60)
    for day in life.dates():
        on_and_off(life, life.at(day, 420), life.random.randint(600, 9000))
    (one,) = [f for f in found_in(life, database) if f.deeds[0].state == "on"]
    assert one.minute == 420
    assert one.of - one.support <= 1


def test_what_automations_do_is_no_habit(life: Life, database: sqlite3.Connection) -> None:
    for day in life.dates():
        on_and_off(life, life.at(day, 420), life.random.randint(600, 9000))
    life.events = [
        (at, e, s, v, int(Cause.AUTOMATION) if e == LAMP else c) for at, e, s, v, c in life.events
    ]
    assert found_in(life, database) == []


def test_an_old_habit_is_none_any_more(life: Life, database: sqlite3.Connection) -> None:
    life.days = 150
    for number, day in enumerate(life.dates()):
        life.do(life.at(day, 5), "person.tom", "home" if number % 2 else "not_home")
        if number < 80:
            on_and_off(life, life.at(day, 420), life.random.randint(600, 9000))
    assert [f for f in found_in(life, database) if f.deeds[0].entity_id == LAMP] == []


def test_what_follows_soon_is_found_with_what_comes_first(
    life: Life, database: sqlite3.Connection
) -> None:
    for day in life.dates():
        for _ in range(2):
            at = life.at(day, life.random.uniform(400, 1300))
            life.do(at, DOOR, "on")
            life.do(at + 20, DOOR, "off")
            on_and_off(life, at + life.random.randint(5, 50), life.random.randint(300, 3000))
    (one,) = [f for f in found_in(life, database) if f.deeds[0].state == "on"]
    assert one.kind is Kind.AFTER
    assert one.after is not None
    assert (one.after.entity_id, one.after.state) == (DOOR, "on")
    assert 5 <= one.seconds <= 50
    assert one.dark is None


def test_what_is_left_on_while_nobody_is_home_is_waste(database: sqlite3.Connection) -> None:
    life = Life(Random(5), 60)
    for day in life.dates():
        life.do(life.at(day, 480), LAMP, "on")
        life.do(life.at(day, life.random.uniform(500, 600)), "person.anna", "not_home")
        life.do(life.at(day, life.random.uniform(960, 1060)), "person.anna", "home")
        life.do(life.at(day, 1100), LAMP, "off")
    wasted = [f for f in found_in(life, database) if f.kind is Kind.WASTE]
    assert [f.deeds[0].entity_id for f in wasted] == [LAMP]
    assert "person.anna" in wasted[0].sensors
    assert 45 < wasted[0].hours < 60


def test_what_is_always_on_is_meant_to_be(life: Life, database: sqlite3.Connection) -> None:
    life.do(life.at(date(2026, 8, 20), 1), "switch.fridge", "off")
    life.do(life.at(date(2026, 8, 20), 2), "switch.fridge", "on")
    assert found_in(life, database) == []


def test_a_finding_keeps_its_id_when_its_time_drifts_and_survives_json() -> None:
    (one, *_) = live(100).planted
    assert from_json(json.loads(json.dumps(as_json(one)))) == one
    assert from_json({**as_json(one), "support": 3, "confidence": 0.8}).id == one.id


def test_it_is_mined_in_a_process_of_its_own(tmp_path: Path) -> None:
    life = live(101)
    journal = tmp_path / "journal.db"
    connection = sqlite3.connect(journal, isolation_level=None)
    migrate(connection)
    connection.execute("begin")
    write(life, connection, samples=5000)
    connection.close()
    known = [{n: getattr(t, n) for n in t.__slots__} for t in things().values()]
    task = {"things": known, "zone": str(ZONE), "place": [PLACE.latitude, PLACE.longitude]}
    done = subprocess.run(
        [sys.executable, "-m", "hub.habits.mine", str(journal)],
        input=json.dumps(task), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert len(json.loads(done.stdout)) >= 5


def test_an_empty_history_has_no_habits(tmp_path: Path) -> None:
    journal = tmp_path / "journal.db"
    connection = sqlite3.connect(journal, isolation_level=None)
    migrate(connection)
    connection.close()
    done = subprocess.run(
        [sys.executable, "-m", "hub.habits.mine", str(journal)],
        input=json.dumps({"things": [], "zone": "UTC"}), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert json.loads(done.stdout) == []


def test_a_habit_at_midnight_is_one_of_the_evening_before(
    life: Life, database: sqlite3.Connection
) -> None:
    for number, day in enumerate(life.dates()):
        if day.weekday() in WORKDAYS:
            on_and_off(life, life.at(day, 1436 + number % 13), 600 + 137 * (number % 40))
    (one,) = [f for f in found_in(life, database) if f.deeds[0].state == "on"]
    assert one.kind is Kind.TIME
    assert one.minute in (0, 1, 2, 3)
    assert one.days == (1, 2, 3, 4, 5)
    assert one.of - one.support <= 1
