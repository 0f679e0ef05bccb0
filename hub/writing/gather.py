"""The facts of the house that a text is about: states, measurements, weather, calendars, lists,
what happened and what failed. Nothing is put in that is not written down somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from devices.home import Entity, Home
from hub.journal_history import Lived
from hub.writing.facts import WEATHER, Fact, Kind, be, called, notable, state_word
from hub.writing.happened import Past, happened
from hub.writing.quantity import number, start, with_unit
from hub.writing.topics import meant_by, told_of
from hub.writing.wish import Form, Wish

FACTS = 60
"""At most so many facts go into a text; the weightiest."""
_GUARDS = (frozenset({"alarm_control_panel", "lock"}), frozenset({"window", "door", "garage"}))


def gather(wish: Wish, home: Home, now: datetime, past: Past) -> tuple[Fact, ...]:
    """The facts for a wish, in the order in which they should be told."""
    found: list[Fact] = []
    if wish.given is not None:
        found.append(_given(wish.given))
    elif wish.period is not None:
        found += happened(home, past, now)
    elif wish.form is Form.MORNING:
        found += [*_weather(home), *_events(home, now, now.date()), *_lists(home, None)]
        found += [f for f in _states(home, told_of(home)) if f.weight >= 3]
    elif wish.form is Form.EVENING:
        found += [f for f in happened(home, past, now) if f.weight >= 2]
        found += _events(home, now, now.date() + timedelta(days=1))
        found += [f for f in _states(home, told_of(home)) if f.weight >= 2]
    else:
        found += _on_topic(wish, home, now, past)
    return _weightiest(found)


def _given(text: str) -> Fact:
    said = text.strip()
    return Fact(Kind.SAID, "", said[0].upper() + said[1:], "request", weight=3)


def _weightiest(found: Iterable[Fact]) -> tuple[Fact, ...]:
    unique = list({fact.text: fact for fact in found}.values())
    if len(unique) <= FACTS:
        return tuple(unique)
    kept = set(sorted(range(len(unique)), key=lambda n: -unique[n].weight)[:FACTS])
    return tuple(fact for number, fact in enumerate(unique) if number in kept)


def _on_topic(wish: Wish, home: Home, now: datetime, past: Past) -> list[Fact]:
    topic = (wish.topic or "").lower()
    if not topic:
        domains, classes = _GUARDS
        entities = [e for e in told_of(home) if e.domain in domains or e.device_class in classes]
        return [*_lists(home, "chore"), *(f for f in _states(home, entities) if f.weight >= 2)]
    entities = meant_by(topic, home)
    found = [*_states(home, entities)]
    named = {e.name for e in entities}
    found += [f for f in _support(past) if f.subject in named or _same(f.subject, topic)]
    if re.search(r"shopping|chore|list\b|to.?do", topic):
        found += _lists(home, topic)
    if re.search(r"weather", topic):
        found += _weather(home)
    if re.search(r"calendar|appointment|plans|day\b|tomorrow|event", topic):
        day = now.date() + timedelta(days=1) if "tomorrow" in topic else now.date()
        found += _events(home, now, day)
    lived = [row for row in past.rows if row.entity_id in {e.id for e in entities}]
    found += [f for f in happened(home, _only(past, lived, entities), now) if f.weight >= 3]
    return found


def _only(past: Past, rows: Sequence[Lived], entities: Sequence[Entity]) -> Past:
    ids = {e.id for e in entities}
    failed = [one for one in past.failed if one[1] in ids]
    return Past(past.start, past.end, rows, failed)


def _same(one: str, other: str) -> bool:
    return bool(one) and (one.lower() in other or other in one.lower())


def _states(home: Home, entities: Iterable[Entity]) -> list[Fact]:
    found = []
    for entity in entities:
        found += _measured(entity, home)
        word = state_word(entity, home.state(entity.id))
        if word is not None and entity.domain not in ("sensor", "weather", "calendar", "todo"):
            text = f"{start(called(entity))} {be(entity)} {word}"
            found.append(
                Fact(Kind.STATE, entity.name, text, entity.id, word, weight=notable(entity, word))
            )
    return found


_LOW_BATTERY = 20.0


def _measured(entity: Entity, home: Home) -> list[Fact]:
    state = home.state(entity.id)
    values = state.attributes
    if not state.available or state.state is None:
        return []
    name, found = start(called(entity)), []
    if entity.domain == "sensor" and number(state.state) is not None:
        unit = values.get("unit_of_measurement") or entity.options.get("unit_of_measurement")
        low = entity.device_class == "battery" and (number(state.state) or 0) <= _LOW_BATTERY
        text = f"{name} {be(entity)} at {with_unit(state.state, unit)}"
        found.append(Fact(Kind.MEASURED, entity.name, text, entity.id, weight=3 if low else 1))
    if entity.domain in ("climate", "water_heater"):
        unit = values.get("temperature_unit", "°C")
        for key, verb in (("current_temperature", "measures"), ("temperature", "is set to")):
            if number(values.get(key)) is not None:
                text = f"{name} {verb} {with_unit(values[key], unit)}"
                found.append(Fact(Kind.MEASURED, entity.name, text, entity.id, weight=2))
    for key, says in (("humidity", "is set to"), ("battery_level", "has a battery at")):
        if (
            entity.domain in ("humidifier", "vacuum", "lawn_mower")
            and number(values.get(key)) is not None
        ):
            text = f"{name} {says} {with_unit(values[key], '%')}"
            found.append(Fact(Kind.MEASURED, entity.name, text, entity.id, weight=0))
    return found


def _weather(home: Home) -> list[Fact]:
    found = []
    for entity in home.entities.values():
        state = home.state(entity.id)
        if entity.domain != "weather" or state.state is None or not state.available:
            continue
        values, source = state.attributes, entity.id
        word = WEATHER.get(state.state, state.state)
        found.append(Fact(Kind.WEATHER, "weather", f"The weather is {word}", source, weight=2))
        if number(values.get("temperature")) is not None:
            degrees = with_unit(values["temperature"], values.get("temperature_unit", "°C"))
            text = f"The temperature outside is {degrees}"
            found.append(Fact(Kind.WEATHER, "temperature outside", text, source, weight=2))
        if number(values.get("wind_speed")) is not None:
            speed = with_unit(values["wind_speed"], values.get("wind_speed_unit", "km/h"))
            found.append(Fact(Kind.WEATHER, "wind", f"The wind is at {speed}", source, weight=0))
    return found


def _events(home: Home, now: datetime, day: Any) -> list[Fact]:
    found = []
    for entity in home.entities.values():
        events = home.state(entity.id).attributes.get("events")
        if entity.domain != "calendar" or not isinstance(events, Sequence):
            continue
        for event in events:
            begins, whole_day = _moment(event.get("start"), now)
            if begins is None or begins.date() != day:
                continue
            at = "all day" if whole_day else f"at {begins:%H:%M}"
            when = "today" if day == now.date() else "tomorrow"
            where = f" ({event['location']})" if event.get("location") else ""
            text = f"{start(when)} {at}: {event.get('summary', '')}{where}"
            found.append(
                Fact(
                    Kind.EVENT, str(event.get("summary", "")), text, entity.id, at=begins, weight=2
                )
            )
    return sorted(found, key=lambda fact: fact.at or now)


def _moment(raw: Any, now: datetime) -> tuple[datetime | None, bool]:
    try:
        found = datetime.fromisoformat(str(raw))
    except ValueError:
        return None, False
    whole_day = len(str(raw)) == len("2026-01-01")
    return (found if found.tzinfo else found.replace(tzinfo=now.tzinfo)).astimezone(
        now.tzinfo
    ), whole_day


def _lists(home: Home, topic: str | None) -> list[Fact]:
    found = []
    for entity in home.entities.values():
        items = home.state(entity.id).attributes.get("items")
        if entity.domain != "todo" or not isinstance(items, Sequence):
            continue
        names = " ".join((entity.name, *entity.aliases)).lower()
        if (
            topic is not None
            and not any(word in topic for word in names.split())
            and topic not in names
        ):
            continue
        open_items = [str(i.get("summary")) for i in items if i.get("status") == "needs_action"]
        if open_items:
            text = f"{entity.name}: {', '.join(open_items)}"
            found.append(Fact(Kind.ITEM, entity.name, text, entity.id, weight=1))
    return found


def _support(past: Past) -> list[Fact]:
    found = []
    for visit in past.support.values():
        if not isinstance(visit, Mapping) or not visit.get("name"):
            continue
        name = str(visit["name"])
        problem = str(visit.get("problem", "")).strip().rstrip(".")
        text = f"A problem with the {name} is being looked into: {problem}"
        found.append(Fact(Kind.SUPPORT, name, text, "support", weight=3))
        for step in visit.get("tried", ()):
            text = f"Tried with the {name}: {str(step).strip().rstrip('.')}"
            found.append(Fact(Kind.SUPPORT, name, text, "support", weight=2))
    return found


def period_of(
    wish: Wish, now: datetime, away: tuple[datetime, datetime] | None
) -> tuple[datetime, datetime]:
    """The time that a wish is about. `away` is when somebody was last out, if that is known."""
    midnight = datetime.combine(now.date(), time(), now.tzinfo)
    match wish.period:
        case "yesterday":
            return midnight - timedelta(days=1), midnight
        case "night":
            return midnight - timedelta(hours=2), min(now, midnight + timedelta(hours=8))
        case "away" if away is not None:
            return away
    return midnight, now + timedelta(seconds=1)  # the history counts in whole seconds
