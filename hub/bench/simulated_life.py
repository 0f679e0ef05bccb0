"""People who live in a house that does not exist: a history with planted habits, and with noise.

What is planted is known, so that it can be counted what of it is found, and what else. Everything
else is chance: people walk through rooms, switch things on and off, come and go.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from hub.automations.moments import Place, sun_at
from hub.habits.found import Deed, Found, Kind, Thing
from hub.journal_history import NUMBER, Cause

ZONE = ZoneInfo("Europe/Berlin")
PLACE = Place(52.52, 13.41)
FIRST_DAY = date(2026, 8, 20)
AREAS = ("kitchen", "living_room", "bedroom", "office", "hallway", "bathroom", "dining_room")
WORKDAYS, WEEKEND, DAILY = (0, 1, 2, 3, 4), (5, 6), tuple(range(7))
DAY = 86_400


def _thing(entity_id: str, area: str | None, device_class: str | None = None) -> Thing:
    domain, _, name = entity_id.partition(".")
    shown = area.replace("_", " ").title() if area else None
    return Thing(entity_id, name.replace("_", " ").title(), domain, device_class, area, shown)


def things() -> dict[str, Thing]:
    """The house."""
    found = []
    for area in AREAS:
        found += [_thing(f"light.{area}_ceiling", area), _thing(f"light.{area}_lamp", area)]
        found.append(_thing(f"binary_sensor.{area}_motion", area, "motion"))
        found.append(_thing(f"binary_sensor.{area}_window", area, "window"))
    for area in ("living_room", "bedroom", "office"):
        found.append(_thing(f"cover.{area}_blinds", area, "blind"))
    found += [
        _thing("switch.coffee_machine", "kitchen"),
        _thing("switch.fridge", "kitchen"),
        _thing("media_player.tv", "living_room"),
        _thing("switch.tv_backlight", "living_room"),
        _thing("fan.bathroom", "bathroom"),
        _thing("climate.living_room", "living_room"),
        _thing("binary_sensor.front_door", "hallway", "door"),
        _thing("person.anna", None),
        _thing("person.tom", None),
    ]
    return {thing.id: thing for thing in found}


@dataclass(slots=True)
class Life:
    """A history as it comes about: events are `(seconds, entity, state, value, cause)`."""

    random: Random
    days: int
    keeps: float = 0.9
    events: list[tuple[int, str, str, float | None, int]] = field(default_factory=list)
    planted: list[Found] = field(default_factory=list)
    busy: set[str] = field(default_factory=set)
    first: set[str] = field(default_factory=set)

    def dates(self) -> Iterator[date]:
        """Every day of it."""
        return (FIRST_DAY + timedelta(days=n) for n in range(self.days))

    def at(self, day: date, minute: float) -> int:
        """A minute of a day, by the clock on the wall, as seconds since 1970."""
        midnight = datetime(day.year, day.month, day.day, tzinfo=ZONE)
        return int(midnight.timestamp() + minute * 60)

    def do(self, at: int, entity_id: str, state: str, value: float | None = None) -> None:
        """Somebody, or the thing itself, brings about a state."""
        cause = Cause.PERSON if self.random.random() < 0.4 else Cause.DEVICE
        self.events.append((at, entity_id, state, value, int(cause)))

    def use(self, at: int, entity_id: str, state: str) -> None:
        """Bring about a state and, when one leaves the room again, the state before."""
        length = self.random.randint(900, 5400)
        area = things()[entity_id].area
        if area is not None:
            present(self, area, at - 30, at + length)
        self.do(at, entity_id, state)
        self.do(at + length, entity_id, BACK[state])

    def kept(self) -> bool:
        """Whether a habit is kept this time."""
        return self.random.random() < self.keeps


BACK = {"on": "off", "off": "on", "open": "closed", "closed": "open", "playing": "off"}


def live(seed: int, days: int = 60) -> Life:
    """A life of some days with a handful of planted habits."""
    life = Life(Random(seed), days)
    plans = [_by_the_clock, _by_the_sun, _weekly, _on_arrival, _in_the_dark, _with_the_tv]
    plans += [_movie, _left_on, _thermostat]
    for plan in life.random.sample(plans, life.random.randint(5, len(plans))):
        plan(life)
    _walk_about(life)
    _use_things(life)
    life.events.sort()
    return life


# --- what is planted -----------------------------------------------------------------------------


def _plant(life: Life, kind: Kind, *deeds: Deed, **more: object) -> None:
    life.planted.append(Found(kind, deeds, 0, 0, 1.0, **more))  # type: ignore[arg-type]
    life.busy.update(deed.entity_id for deed in deeds)


def _by_the_clock(life: Life) -> None:
    options = [
        ("switch.coffee_machine", "on", WORKDAYS, 375, 480),
        ("light.bedroom_lamp", "off", DAILY, 1320, 1400),
        ("cover.bedroom_blinds", "open", DAILY, 400, 500),
        ("light.office_lamp", "on", WORKDAYS, 500, 570),
        ("light.dining_room_ceiling", "on", WEEKEND, 1080, 1170),
    ]
    for entity_id, state, days, low, high in life.random.sample(options, 3):
        minute = life.random.randint(low, high)
        _plant(life, Kind.TIME, Deed(entity_id, state), minute=minute, days=days)
        for day in life.dates():
            if day.weekday() in days and life.kept():
                at = life.at(day, minute + life.random.gauss(0, 6))
                if state == "off":
                    begin = at - life.random.randint(2000, 12000)
                    present(life, "bedroom", begin, at)
                    life.do(begin, entity_id, "on")
                    life.do(at, entity_id, state)
                elif state == "open":
                    life.do(at - life.random.randint(30_000, 37_000), entity_id, "closed")
                    life.do(at, entity_id, state)
                else:
                    life.use(at, entity_id, state)


def _by_the_sun(life: Life) -> None:
    offset = life.random.choice([-20, 0, 25])
    deed = Deed("cover.living_room_blinds", "closed")
    _plant(life, Kind.TIME, deed, minute=offset, sun="sunset")
    for day in life.dates():
        sunset = sun_at(PLACE, day, "sunset")
        assert sunset is not None
        if life.kept():
            at = int(sunset.timestamp()) + int(60 * (offset + life.random.gauss(0, 5)))
            life.do(at, deed.entity_id, "closed")
        life.do(life.at(day, life.random.uniform(420, 780)), deed.entity_id, "open")


def _weekly(life: Life) -> None:
    weekday, minute = life.random.randint(0, 6), life.random.randint(560, 900)
    deed = Deed("light.kitchen_lamp", "on")
    _plant(life, Kind.TIME, deed, minute=minute, days=(weekday,))
    for day in life.dates():
        if day.weekday() == weekday and life.kept():
            at = life.at(day, minute + life.random.gauss(0, 6))
            life.use(at, deed.entity_id, "on")


def _on_arrival(life: Life) -> None:
    deed = Deed("light.living_room_lamp", "on")
    _plant(life, Kind.AFTER, deed, after=Deed("person.anna", "home"))
    for day in life.dates():
        for at in _comings(life, day, "person.anna"):
            if life.kept():
                soon = at + life.random.randint(15, 150)
                life.use(soon, deed.entity_id, "on")


def _in_the_dark(life: Life) -> None:
    deed = Deed("light.hallway_ceiling", "on")
    _plant(life, Kind.AFTER, deed, after=Deed("binary_sensor.front_door", "on"), dark=True)
    for day in life.dates():
        for _ in range(life.random.randint(2, 6)):
            at = life.at(day, life.random.uniform(360, 1380))
            life.do(at, "binary_sensor.front_door", "on")
            life.do(at + life.random.randint(5, 40), "binary_sensor.front_door", "off")
            rise, set_ = sun_at(PLACE, day, "sunrise"), sun_at(PLACE, day, "sunset")
            assert rise is not None
            assert set_ is not None
            if not rise.timestamp() < at < set_.timestamp() and life.kept():
                soon = at + life.random.randint(3, 50)
                life.use(soon, deed.entity_id, "on")
    life.busy.add("binary_sensor.front_door")


def _with_the_tv(life: Life) -> None:
    deed = Deed("switch.tv_backlight", "on")
    _plant(life, Kind.AFTER, deed, after=Deed("media_player.tv", "playing"))
    life.first.add("media_player.tv")
    for day in life.dates():
        if life.random.random() < 0.8:
            at = life.at(day, life.random.uniform(1020, 1340))
            life.do(at, "media_player.tv", "playing")
            length = life.random.randint(2400, 9000)
            life.do(at + length, "media_player.tv", "off")
            present(life, "living_room", at - 60, at + length + 300)
            if life.kept():
                life.do(at + life.random.randint(5, 120), deed.entity_id, "on")
                life.do(at + length + life.random.randint(330, 500), deed.entity_id, "off")


def _movie(life: Life) -> None:
    deeds = [
        Deed("light.living_room_ceiling", "off"),
        Deed("light.dining_room_lamp", "on"),
        Deed("cover.office_blinds", "closed"),
    ]
    _plant(life, Kind.TOGETHER, *deeds)
    for day in life.dates():
        if life.random.random() < 0.6:
            at = life.at(day, life.random.uniform(960, 1380))
            life.do(at - life.random.randint(600, 5000), deeds[0].entity_id, "on")
            for area in ("living_room", "dining_room"):
                present(life, area, at - 5000, at + 5400)
            for deed in deeds:
                if life.random.random() < 0.97:
                    life.do(at + life.random.randint(0, 60), deed.entity_id, deed.state)
            for deed in deeds[1:]:
                life.do(at + life.random.randint(3000, 5400), deed.entity_id, BACK[deed.state])


def _left_on(life: Life) -> None:
    """Somebody works in the office in the morning, and leaves the light on."""
    _plant(life, Kind.WASTE, Deed("light.office_ceiling", "off"))
    for day in life.dates():
        if day.weekday() < 5 and life.random.random() < 0.8:
            begin = life.random.uniform(520, 700)
            length = life.random.uniform(60, 120)
            present(life, "office", life.at(day, begin), life.at(day, begin + length))
            life.do(life.at(day, begin + 2), "light.office_ceiling", "on")
            late = 120 if life.kept() else 0
            gone = life.at(day, begin + length + late * life.random.uniform(0.7, 1.3))
            life.do(gone, "light.office_ceiling", "off")


def _thermostat(life: Life) -> None:
    minute = life.random.randint(330, 420)
    deed = Deed("climate.living_room", "heat", 21.5)
    _plant(life, Kind.TIME, deed, minute=minute, days=DAILY)
    for day in life.dates():
        if life.kept():
            life.do(life.at(day, minute + life.random.gauss(0, 6)), deed.entity_id, "heat", 21.5)
        night = life.at(day, life.random.uniform(1260, 1420))
        life.do(night, deed.entity_id, "heat", life.random.choice([17.0, 17.5, 18.0]))


# --- chance --------------------------------------------------------------------------------------


def present(life: Life, area: str, begin: int, end: int) -> None:
    """Somebody moves about in a room."""
    at = begin
    while at < end:
        life.do(at, f"binary_sensor.{area}_motion", "on")
        life.do(min(end, at + life.random.randint(30, 90)), f"binary_sensor.{area}_motion", "off")
        at += life.random.randint(120, 600)


def _comings(life: Life, day: date, person: str) -> list[int]:
    """When somebody comes home on a day; he has left some time before."""
    times = []
    minute = life.random.uniform(460, 620)
    while minute < 1290:
        away = life.random.lognormvariate(math.log(150), 0.8)
        if minute + away > 1400:
            break
        life.do(life.at(day, minute), person, "not_home")
        life.do(life.at(day, minute + away), person, "home")
        times.append(life.at(day, minute + away))
        minute += away + life.random.uniform(120, 420)
    life.busy.add(person)
    return times


def _walk_about(life: Life) -> None:
    for day in life.dates():
        for person in {"person.anna", "person.tom"} - life.busy:
            _comings(life, day, person)
            life.busy.discard(person)
        for area in AREAS:
            if area == "office" and "light.office_ceiling" in life.busy:
                continue
            for _ in range(life.random.randint(2, 6)):
                begin = life.at(day, life.random.uniform(380, 1390))
                present(life, area, begin, begin + life.random.randint(180, 4500))
        for area in AREAS:
            if life.random.random() < 0.3:
                at = life.at(day, life.random.uniform(420, 1300))
                life.do(at, f"binary_sensor.{area}_window", "on")
                life.do(at + life.random.randint(300, 3600), f"binary_sensor.{area}_window", "off")
        if "binary_sensor.front_door" not in life.busy:
            for _ in range(life.random.randint(2, 6)):
                at = life.at(day, life.random.uniform(400, 1380))
                life.do(at, "binary_sensor.front_door", "on")
                life.do(at + 20, "binary_sensor.front_door", "off")


def _use_things(life: Life) -> None:
    """Everything is used at any time, what has a habit less so."""
    for thing in things().values():
        states = {"light": "on", "switch": "on", "fan": "on", "media_player": "playing",
                  "cover": "closed"}  # fmt: skip
        state = states.get(thing.domain)
        if state is None or thing.id in ("switch.fridge", "light.office_ceiling"):
            continue
        if thing.id in life.first:
            continue
        often = 0.15 if thing.id in life.busy else life.random.uniform(0.3, 2.2)
        for day in life.dates():
            uses = int(often) + (life.random.random() < often % 1)
            for _ in range(uses):
                at = life.at(day, life.random.triangular(380, 1400, 1150))
                life.use(at, thing.id, state)


def live_more(life: Life, events: int) -> None:
    """So many more changes of state at any time: motion, and things that go on and off."""
    on_off = [t.id for t in things().values() if t.domain in ("binary_sensor", "light", "switch")]
    first, last = life.events[0][0], life.events[-1][0]
    for _ in range(events // 2):
        at, entity_id = life.random.randint(first, last), life.random.choice(on_off)
        life.do(at, entity_id, "on")
        life.do(at + life.random.randint(20, 600), entity_id, "off")
    life.events.sort()


# --- judging -------------------------------------------------------------------------------------


def is_right(found: Found, planted: Found) -> bool:
    """Whether a finding is the planted one: the same deeds for the same reason."""
    if found.kind is not planted.kind:
        return False
    if {(d.entity_id, d.state) for d in found.deeds} != {
        (d.entity_id, d.state) for d in planted.deeds
    }:
        return False
    if found.kind is Kind.TIME:
        near = abs(found.minute - planted.minute) <= 15
        return near and found.sun == planted.sun and found.days == planted.days
    if found.kind is Kind.AFTER:
        assert found.after is not None
        assert planted.after is not None
        first, wanted = found.after, planted.after
        same = (first.entity_id, first.state) == (wanted.entity_id, wanted.state)
        return same and found.dark == planted.dark
    return True


# --- into a journal ------------------------------------------------------------------------------


def write(life: Life, connection: sqlite3.Connection, samples: int = 0) -> int:
    """Put a life into a journal's history, with so many rows of sensors' numbers beside it."""
    numbers: dict[str, int] = {}

    def number(word: str) -> int:
        if word not in numbers:
            numbers[word] = len(numbers) + 1
            connection.execute("insert into words values (?, ?)", (numbers[word], word))
        return numbers[word]

    rows = [(at, number(e), number(s), v, c, None) for at, e, s, v, c in life.events]
    first, last = life.events[0][0], life.events[-1][0]
    sensors = [number(f"sensor.temperature_{n}") for n in range(20)]
    number_word, step = number(NUMBER), (last - first) / max(1, samples)
    rows += [
        (int(first + n * step), sensors[n % 20], number_word, 20 + (n % 50) / 10, 0, None)
        for n in range(samples)
    ]
    rows.sort(key=lambda row: row[0])
    connection.executemany("insert into history values (?, ?, ?, ?, ?, ?)", rows)
    connection.commit()
    return len(rows)
