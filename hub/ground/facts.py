"""Questions about time, temperature, weather, calendars and lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from devices.home import Entity, EntityState, Home
from edge.tasks.understanding_schema import ClauseReading
from hub.ground.context import Context
from hub.ground.names import SURE, best_fit, tokens, word_fit
from hub.ground.results import Grounded, frame, text_answer
from hub.ground.target import find_area, names_of, spans_of
from hub.languages import Lexicon, lexicon, plain
from hub.times import day_asked


def current_time(clause: ClauseReading, home: Home, context: Context) -> Grounded:
    """What time it is."""
    return _said(clause, f"It is {context.now:%H:%M}.")


def current_date(clause: ClauseReading, home: Home, context: Context) -> Grounded:
    """What day it is."""
    now = context.now
    return _said(clause, f"It is {now:%A}, {now.day} {now:%B %Y}.")


def _said(clause: ClauseReading, text: str, slots: Mapping[str, Any] | None = None) -> Grounded:
    return Grounded((frame(clause, slots or {}),), answers=(text_answer(clause, text),))


def temperature(clause: ClauseReading, home: Home, context: Context) -> Grounded:
    """How warm it is somewhere: from a climate device, or else a temperature sensor."""
    areas = [a for s in spans_of(clause, "area") if (a := find_area(s.text, home))]
    climates = [e for e in home.entities.values() if e.domain == "climate"]
    sensors = [
        e
        for e in home.entities.values()
        if e.domain == "sensor" and e.device_class == "temperature"
    ]
    said = [s.text for s in (*spans_of(clause, "name"), *spans_of(clause, "device"))]
    named = [
        e
        for e in (*climates, *sensors)
        if any(best_fit(text, names_of(e, home)) >= SURE for text in said)
    ]
    slots: dict[str, Any] = {"area": areas[0].name} if areas else {}
    if named:
        slots = {**slots, "name": named[0].name}
    place = areas[0].id if areas else context.area
    found = named or [e for e in (*climates, *sensors) if place and e.area == place]
    if not found and not areas:
        found = climates[:1] if len(climates) == 1 else climates or sensors
    readings = [(e, value) for e in found if (value := _degrees(home.state(e.id), e)) is not None]
    frames = (frame(clause, slots),)
    if not readings:
        return Grounded(frames, refused="I know no thermometer there.")
    if len(readings) == 1 or named:
        return Grounded(frames, answers=(text_answer(clause, f"{readings[0][1]} degrees."),))
    several = "; ".join(f"{entity.name} {value} degrees" for entity, value in readings[:5])
    return Grounded(frames, answers=(text_answer(clause, several + "."),))


def _degrees(state: EntityState, entity: Entity) -> str | None:
    value = (
        state.state if entity.domain == "sensor" else state.attributes.get("current_temperature")
    )
    return None if value in (None, "unknown", "unavailable") else str(value)


# --- weather ---------------------------------------------------------------------------------

_CONDITIONS: Mapping[str, frozenset[str]] = {
    "rain": frozenset({"rainy", "pouring", "lightning-rainy", "snowy-rainy"}),
    "snow": frozenset({"snowy", "snowy-rainy"}),
    "sun": frozenset({"sunny", "partlycloudy"}),
    "cloud": frozenset({"cloudy", "partlycloudy"}),
    "overcast": frozenset({"cloudy"}),
    "wind": frozenset({"windy", "windy-variant"}),
    "storm": frozenset({"lightning", "lightning-rainy"}),
    "fog": frozenset({"fog"}),
    "clear": frozenset({"clear-night", "sunny"}),
    "dry": frozenset({"sunny", "cloudy", "partlycloudy", "clear-night", "windy"}),
    "hail": frozenset({"hail"}),
}


def weather(clause: ClauseReading, home: Home, context: Context) -> Grounded:
    """The weather now, or the forecast of the day that was asked about."""
    entities = [e for e in home.entities.values() if e.domain == "weather"]
    said = [s.text for s in (*spans_of(clause, "name"), *spans_of(clause, "area"))]
    named = [e for e in entities if any(best_fit(t, names_of(e, home)) >= SURE for t in said)]
    slots = {"name": named[0].name} if named else {}
    frames = (frame(clause, slots),)
    chosen = named or entities
    if not chosen:
        return Grounded(frames, refused="I have no weather service.")
    state = home.state(chosen[0].id)
    when = " ".join(s.text for s in spans_of(clause, "time"))
    forecast = _forecast(state, plain(when or clause.text), context)
    report = forecast or {"condition": state.state, **state.attributes}
    text = _report(report, state, "" if forecast is None else f"{_day_word(when)}: ")
    condition = str(report.get("condition"))
    asked = context.words.find("weather", plain(clause.text))
    if asked and clause.attributes["question"].label == "yesno":
        yes = condition in _CONDITIONS[asked]
        text = f"{'Yes' if yes else 'No'}, {text[0].lower()}{text[1:]}"
    return Grounded(frames, answers=(text_answer(clause, text),))


def _day_word(when: str) -> str:
    return when.capitalize() if when else "Forecast"


def _forecast(state: EntityState, said: str, context: Context) -> Mapping[str, Any] | None:
    entries = state.attributes.get("forecast")
    if not isinstance(entries, list) or not entries or context.words.has("now", said):
        return None
    asked = day_asked(said, context.now, context.words)
    if asked is None or asked.date() == context.now.date():
        return None
    day = asked.date()
    for entry in entries:
        if str(entry.get("datetime", ""))[:10] == day.isoformat():
            found: Mapping[str, Any] = entry
            return found
    return None


def _report(report: Mapping[str, Any], state: EntityState, lead: str) -> str:
    unit = state.attributes.get("temperature_unit", "°C")
    parts = [str(report.get("condition") or "unknown").replace("-", " ")]
    if report.get("temperature") is not None:
        parts.append(f"{report['temperature']} {unit}")
    if report.get("templow") is not None:
        parts.append(f"low {report['templow']} {unit}")
    for key, word in (("humidity", "humidity"), ("precipitation_probability", "chance of rain")):
        if report.get(key) is not None:
            parts.append(f"{word} {report[key]}%")
    if report.get("wind_speed") is not None:
        parts.append(
            f"wind {report['wind_speed']} {state.attributes.get('wind_speed_unit', 'km/h')}"
        )
    text = ", ".join(parts)
    return f"{lead}{text[0].upper()}{text[1:]}."


# --- calendars -------------------------------------------------------------------------------

_HOURS: Mapping[int, tuple[int, int]] = {
    8: (5, 12), 12: (11, 14), 15: (12, 18), 19: (17, 24), 21: (17, 24), 22: (18, 24), 0: (0, 5),
}  # fmt: skip
"""The hours of a part of the day, by the hour that stands for it."""
_MEALS: Mapping[str, tuple[int, int]] = {
    "breakfast": (5, 11), "lunch": (11, 15), "dinner": (17, 23),
}  # fmt: skip


def _part_of_day(said: str, words: Lexicon) -> tuple[int, int] | None:
    meal = words.find("meal", said)
    part = words.find("part", said)
    return _MEALS[meal] if meal is not None else None if part is None else _HOURS[int(part)]


def calendar(clause: ClauseReading, home: Home, context: Context) -> Grounded:
    """What the calendars hold on a day, at a meal, or about something."""
    said = plain(clause.text)
    events = sorted(_events(home, context.now), key=lambda event: event["_start"])
    asked = day_asked(said, context.now, context.words)
    day = asked.date() if asked else None
    part = _part_of_day(said, context.words)
    if day is None and part is not None:
        day = context.now.date()
    query = " ".join(s.text for s in (*spans_of(clause, "query"), *spans_of(clause, "name")))
    chosen = [e for e in events if day is None or _covers(e, day)]
    if query:
        fitting = [e for e in chosen if _mentions(e, query)]
        chosen = fitting or ([] if day is None else chosen)
    elif part is not None:
        during = [e for e in chosen if _overlaps(e, part)]
        chosen = during or [e for e in chosen if _mentions(e, said)]
    if day is None:
        upcoming = [e for e in chosen if e["_end"] >= context.now]
        chosen = upcoming[: 1 if context.words.has("next", said) or query else 5]
    frames = (frame(clause, {}),)
    if not chosen:
        return Grounded(frames, answers=(text_answer(clause, "There is nothing in the calendar."),))
    return Grounded(frames, answers=(text_answer(clause, " ".join(map(_event_text, chosen[:6]))),))


def _events(home: Home, now: datetime) -> list[dict[str, Any]]:
    found = []
    for entity in home.entities.values():
        if entity.domain != "calendar":
            continue
        for event in home.state(entity.id).attributes.get("events", ()):
            start = _moment(event.get("start"), now)
            if start is not None:
                end = _moment(event.get("end"), now) or start + timedelta(hours=1)
                found.append({**event, "_start": start, "_end": end})
    return found


def _moment(value: Any, now: datetime) -> datetime | None:
    if isinstance(value, Mapping):
        value = value.get("dateTime") or value.get("date")
    if isinstance(value, datetime):
        moment = value
    elif isinstance(value, date):
        moment = datetime(value.year, value.month, value.day)
    else:
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            return None
    return moment if moment.tzinfo else moment.replace(tzinfo=now.tzinfo)


def _covers(event: Mapping[str, Any], day: date) -> bool:
    last = event["_end"] - timedelta(seconds=1)
    return bool(event["_start"].date() <= day <= max(last.date(), event["_start"].date()))


def _overlaps(event: Mapping[str, Any], hours: tuple[int, int]) -> bool:
    return bool(hours[0] <= event["_start"].hour < hours[1])


def _mentions(event: Mapping[str, Any], query: str) -> bool:
    text = " ".join(str(event.get(k) or "") for k in ("summary", "description", "location"))
    words = tokens(text)
    return any(word_fit(q, w) >= 0.8 for q in tokens(query) if len(q) > 3 for w in words)


def _event_text(event: Mapping[str, Any]) -> str:
    start, end = event["_start"], event["_end"]
    whole_day = start.hour == 0 and start.minute == 0 and (end - start) >= timedelta(hours=23)
    when = f"{start:%A %d %B}" if whole_day else f"{start:%A %d %B, %H:%M} to {end:%H:%M}"
    where = f", {event['location']}" if event.get("location") else ""
    more = f" ({event['description']})" if event.get("description") else ""
    return f"{event.get('summary', 'Event')}: {when}{where}{more}."


# --- lists -----------------------------------------------------------------------------------


def list_items(clause: ClauseReading, home: Home, context: Context) -> Grounded:
    """What is on a list, or whether something is."""
    entity = find_list(clause, home, context.words)
    if entity is None:
        return Grounded((frame(clause, {}),), refused="I know no such list.")
    frames = (frame(clause, {"name": entity.name}),)
    items = [
        str(item.get("summary"))
        for item in home.state(entity.id).attributes.get("items", ())
        if item.get("status", "needs_action") == "needs_action"
    ]
    asked = [s.text for s in spans_of(clause, "item")]
    if asked and clause.attributes["question"].label == "yesno":
        on = [item for item in items if best_fit(asked[0], [item]) >= SURE]
        text = f"Yes, {on[0]} is on {entity.name}." if on else f"No, not on {entity.name}."
    elif context.words.has("how_many", plain(clause.text)):
        text = (
            f"{len(items)} on {entity.name}: {_and(items)}." if items else f"None on {entity.name}."
        )
    else:
        text = f"{entity.name}: {_and(items)}." if items else f"{entity.name} is empty."
    return Grounded(frames, answers=(text_answer(clause, text),))


def _and(items: Sequence[str]) -> str:
    return " and ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)


def find_list(clause: ClauseReading, home: Home, words: Lexicon) -> Entity | None:
    """The to-do entity that a clause is about: by name, by what it is for, or the only one."""
    lists = [e for e in home.entities.values() if e.domain == "todo"]
    said = [s.text for s in (*spans_of(clause, "list"), *spans_of(clause, "name"))]
    named_shopping = words.has("shopping", plain(clause.text))
    shopping = clause.intent.startswith("HassShoppingList") or named_shopping
    if said:
        scored = [
            (max(best_fit(s, (*names_of(e, home), f"{e.name} list")) for s in said), e)
            for e in lists
        ]
        score, best = max(scored, key=lambda pair: pair[0], default=(0.0, None))
        if best is not None and score >= 0.7:
            return best
        if not shopping:
            return None
    if shopping:
        every = (words, lexicon("en"))
        fitting = [
            e
            for e in lists
            if any(w.has("shopping", plain(name)) for name in names_of(e, home) for w in every)
        ]
        return fitting[0] if fitting else None
    return next((e for e in lists if "to" in e.id and "do" in e.id.split(".")[1]), None) or (
        lists[0] if lists else None
    )
