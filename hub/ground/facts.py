"""Questions about the time, the date and temperatures."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from devices.home import Area, Entity, EntityState, Floor, Home
from edge.tasks.understanding_schema import ClauseReading
from hub.ground.aspects import aspect_of
from hub.ground.by_name import NAMED
from hub.ground.context import Context
from hub.ground.index import match_all
from hub.ground.measured import outdoor_gauges
from hub.ground.names import kind_of_word, synonym, tokens
from hub.ground.places import find_area, find_floor
from hub.ground.questions import ground_state_question
from hub.ground.results import Grounded, frame, text_answer
from hub.ground.spans import spans_of
from hub.ground.weather import weather
from hub.languages import Lexicon, phrase, plain
from hub.languages.phrases import spoken_date, spoken_time


def current_time(clause: ClauseReading, home: Home, context: Context) -> Grounded:
    """What time it is."""
    language = context.words.language
    told = f"It is {context.now:%H:%M}." if language == "en" else spoken_time(context.now, language)
    return _said(clause, told)


def current_date(clause: ClauseReading, home: Home, context: Context) -> Grounded:
    """What day it is."""
    now = context.now
    language = context.words.language
    told = f"It is {now:%A}, {now.day} {now:%B %Y}."
    return _said(clause, told if language == "en" else spoken_date(now, language))


def _said(clause: ClauseReading, text: str, slots: Mapping[str, Any] | None = None) -> Grounded:
    return Grounded((frame(clause, slots or {}),), answers=(text_answer(clause, text),))


def temperature(clause: ClauseReading, home: Home, context: Context) -> Grounded:
    """How warm it is somewhere, what it is set to, or where it is warmest."""
    if aspect_of(clause, context) in ("target", "mode"):
        return ground_state_question(clause, home, context)
    rooms = [s for s in spans_of(clause, "name") if find_area(s.text, home)]
    comparing = context.words.has("than", plain(clause.text))
    spans = [*spans_of(clause, "area"), *(rooms if comparing else ())]
    areas = [a for s in spans if (a := find_area(s.text, home))]
    slots = {"area": areas[0].name} if areas else {}
    floors = [
        floor
        for span in spans_of(clause, "floor")
        if (floor := find_floor(span.text, home, context.words))
    ]
    if floors:
        slots["floor"] = floors[0].name
    outside = context.words.has("outside", plain(clause.text))
    if outside and not spans and not comparing:
        return _outdoors(clause, home, context)
    named = [] if comparing and len(areas) > 1 else _named(clause, home)
    if named:
        slots = {**slots, "name": named[0].name}
    everywhere = comparing or context.words.find("extreme", plain(clause.text)) in _UTMOST
    if floors and not areas:
        asked = _upon(floors[0], home, context.words)
    else:
        asked = _thermometers(areas, home, context, everywhere)
    readings = _readings(named or asked, home)
    frames = (frame(clause, slots),)
    if not readings or (spans and not areas and not named):
        return Grounded(frames, refused=phrase("I know no thermometer there.", "no_thermometer"))
    about = tuple(entity.id for entity, _ in readings)
    text = _temperatures(clause, readings, areas, home, context)
    if context.words.language != "en":
        text = text.replace(" degrees", " °")
    return Grounded(frames, answers=(text_answer(clause, text),), about=about)


def _outdoors(clause: ClauseReading, home: Home, context: Context) -> Grounded:
    """How warm it is outside: by a thermometer there, else by the weather service."""
    gauges = outdoor_gauges(home, context.words)
    if not gauges:
        return weather(clause, home, context)
    english = context.words.language == "en"
    told = f"{gauges[0].value:g}{' degrees' if english else ' °'}."
    answer = text_answer(clause, told)
    return Grounded((frame(clause, {}),), answers=(answer,), about=(gauges[0].entity.id,))


def _named(clause: ClauseReading, home: Home) -> list[Entity]:
    said = [s for s in clause.spans if s.slot in ("name", "device", "area")]
    words = tuple(w for s in sorted(said, key=lambda s: s.start) for w in tokens(s.text))
    telling = any(kind_of_word(w) is None for s in said if s.slot != "area" for w in tokens(s.text))
    matches = [m for m in match_all(words, home) if _tells(m.entity) and (telling or m.exact)]
    top = [m for m in matches if m.specific and m.score >= max(NAMED, matches[0].score - 0.03)]
    thermostats = [m.entity for m in top if m.entity.domain != "sensor"]
    return thermostats or [m.entity for m in top]


def _tells(entity: Entity) -> bool:
    return entity.domain in ("climate", "water_heater") or (
        entity.domain == "sensor" and entity.device_class == "temperature"
    )


def _thermometers(
    areas: Sequence[Area], home: Home, context: Context, everywhere: bool
) -> list[Entity]:
    """Those of the rooms that were said, else of the speaker's room unless asked is of every room
    ("the warmest"), else of the whole house."""
    telling = [e for e in home.entities.values() if _tells(e) and e.domain != "water_heater"]
    if areas:
        return [e for e in telling if any(e.area == area.id for area in areas)]
    if everywhere:
        return telling
    here = [e for e in telling if context.area and e.area == context.area]
    climates = [e for e in telling if e.domain == "climate"]
    return here or (climates if len(climates) == 1 else telling)


def _upon(floor: Floor, home: Home, words: Lexicon) -> list[Entity]:
    """The thermometers of the rooms of a floor."""
    there = [e for e in home.entities.values() if home.floor_of(e) == floor.id and _tells(e)]
    return [e for e in there if e.domain != "water_heater" and _of_a_room(e, home, words)]


def _readings(entities: Sequence[Entity], home: Home) -> list[tuple[Entity, str]]:
    return [(e, value) for e in entities if (value := _degrees(home.state(e.id), e)) is not None]


def _temperatures(
    clause: ClauseReading,
    readings: list[tuple[Entity, str]],
    areas: Sequence[Area],
    home: Home,
    context: Context,
) -> str:
    said = plain(clause.text)
    extreme = context.words.find("extreme", said)
    ranked = sorted(readings, key=lambda pair: _number(pair[1]), reverse=extreme != "least")
    if extreme in _UTMOST:
        ranked = [pair for pair in ranked if _of_a_room(pair[0], home, context.words)] or ranked
    if limited := _limited(said, readings, home, context.words):
        return limited
    if extreme in _UTMOST and len(readings) > 1:
        return f"{_place_of(ranked[0][0], home)}: {ranked[0][1]} degrees."
    if context.words.has("than", said) and (two := _two(areas, readings, home, context, said)):
        (name, first), (other, second) = two
        so = first > second if extreme != "less" else first < second
        yes_no = context.words.say("yes_alone" if so else "no_alone")
        return f"{yes_no}: {name} {first:g} degrees, {other} {second:g} degrees."
    same = len({value for _, value in readings}) == 1
    return f"{readings[0][1]} degrees." if same else _listed(readings)


_UTMOST = frozenset({"most", "least"})


def _two(
    areas: Sequence[Area],
    readings: Sequence[tuple[Entity, str]],
    home: Home,
    context: Context,
    said: str,
) -> list[tuple[str, float]] | None:
    """What is compared, in the order in which it was said: two rooms, or one and the outdoors."""
    found = [(area.name, value) for area in areas if (value := _of(area, readings)) is not None]
    if len(found) == 1 and context.words.has("outside", said):
        found.extend((g.entity.name, g.value) for g in outdoor_gauges(home, context.words)[:1])
        before, _, _ = said.partition(plain(areas[0].name))
        found = found[::-1] if context.words.has("outside", before) else found
    return found if len(found) == 2 else None


_NO_ROOM = frozenset(
    "freezer refrigerator oven pool water aquarium tank bed outside outdoor".split()
)


def _of_a_room(entity: Entity, home: Home, words: Lexicon) -> bool:
    """Whether a thermometer tells how warm a room is, and not a freezer or the garden."""
    area = home.areas.get(entity.area or "")
    names = [entity.name, *entity.aliases, *((area.name, *area.aliases) if area else ())]
    said = {synonym(word) for name in names[: 1 + len(entity.aliases)] for word in tokens(name)}
    return not said & _NO_ROOM and not words.has("outdoors", plain("; ".join(names)))


def _limited(
    said: str, readings: Sequence[tuple[Entity, str]], home: Home, words: Lexicon
) -> str | None:
    """Those above or below what was said ("which rooms are below 18 degrees")."""
    bound, number = words.find("bound", said), re.search(r"\d+(\.\d+)?", said)
    if bound not in ("above", "below") or number is None:
        return None
    limit = float(number.group())
    found = [
        (e, value)
        for e, value in readings
        if _of_a_room(e, home, words) and (_number(value) > limit) == (bound == "above")
    ]
    return _listed(found) if found else "None."


def _listed(readings: Sequence[tuple[Entity, str]]) -> str:
    return "; ".join(f"{entity.name} {value} degrees" for entity, value in readings[:12]) + "."


def _place_of(entity: Entity, home: Home) -> str:
    area = home.areas.get(entity.area or "")
    return area.name if area else entity.name


def _of(area: Area, readings: Sequence[tuple[Entity, str]]) -> float | None:
    return next((_number(value) for entity, value in readings if entity.area == area.id), None)


def _number(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        return 0.0


def _degrees(state: EntityState, entity: Entity) -> str | None:
    value = (
        state.state if entity.domain == "sensor" else state.attributes.get("current_temperature")
    )
    return None if value in (None, "unknown", "unavailable") else str(value)
