"""What is answered to a question about one side of things: a battery, a position, a temperature."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from devices.home import Home
from edge.tasks.understanding_schema import ClauseReading
from hub.ground.aspects import Told, attribute_said
from hub.ground.context import Context
from hub.ground.places import find_area
from hub.ground.results import Grounded, frame, text_answer
from hub.ground.spans import spans_of
from hub.ground.state_answers import GROUP, MOST
from hub.ground.told import value
from hub.languages import plain


def aspect_answer(
    clause: ClauseReading, home: Home, context: Context, aspect: str, found: Sequence[Told]
) -> Grounded:
    """What was told, as a value or a list of them; "low" and "which" are about batteries."""
    entities = [each.entity for each in found]
    slots: dict[str, Any] = {"name": entities[0].name} if len(entities) == 1 else {}
    if clause.intent == "HassClimateGetTemperature":
        slots = _room_said(clause, home) or slots
    question = clause.attributes["question"].label
    if aspect == "battery" and (question in GROUP or _says_low(clause, context)):
        return _low_batteries(clause, home, context, slots, found, question)
    english = context.words.language == "en"
    verb = " is" if english and len(found) > 1 else ":"
    texts = [f"{each.entity.name}{verb} {_shown(each, home)}" for each in found]
    text = "; ".join(texts[:MOST]) + "."
    text = text if english else text.replace(" degrees", " °")
    about = tuple(entity.id for entity in entities[:MOST])
    return Grounded((frame(clause, slots),), answers=(text_answer(clause, text),), about=about)


def _shown(each: Told, home: Home) -> str:
    return each.value or value(each.entity, home)


def _room_said(clause: ClauseReading, home: Home) -> dict[str, Any]:
    """The room whose temperature is asked for, as its slot."""
    if spans_of(clause, "name"):
        return {}
    areas = [area for s in spans_of(clause, "area") if (area := find_area(s.text, home))]
    return {"area": areas[0].name} if len(areas) == 1 else {}


_LOW_PERCENT = 20.0


def _says_low(clause: ClauseReading, context: Context) -> bool:
    return context.words.has("low", plain(clause.text))


def _low_batteries(
    clause: ClauseReading,
    home: Home,
    context: Context,
    slots: dict[str, Any],
    found: Sequence[Told],
    question: str,
) -> Grounded:
    words, english = context.words, context.words.language == "en"
    low = [each for each in found if _is_low(each, home)]
    shown = ", ".join(f"{e.entity.name} ({_shown(e, home)})" for e in low)
    yes_no = words.say("yes_alone" if low else "no_alone")
    if len(found) == 1:
        name = found[0].entity.name
        text = f"{yes_no}, {name}{' is' if english else ':'} {_shown(found[0], home)}."
    elif question == "how_many":
        text = f"{len(low)}: {shown}." if low else "None." if english else "0."
    else:
        fine = "No, all batteries are fine." if english else f"{yes_no}."
        text = f"{yes_no}: {shown}." if low else fine
    frames = (frame(clause, {**slots, "device_class": "battery", "state": "on"}),)
    about = tuple(each.entity.id for each in low)
    return Grounded(frames, answers=(text_answer(clause, text),), about=about)


def _is_low(each: Told, home: Home) -> bool:
    if each.entity.domain == "binary_sensor":
        return home.state(each.entity.id).state == "on"
    digits = (each.value or home.state(each.entity.id).state or "").rstrip("%")
    try:
        return float(digits) <= _LOW_PERCENT
    except ValueError:
        return False


def of_the_weather(clause: ClauseReading, home: Home) -> str | None:
    """What no sensor measures but the weather service tells ("the UV index")."""
    for entity in home.entities.values():
        if entity.domain == "weather" and (found := attribute_said(clause, entity, home)):
            key, told_value = found
            unit = home.state(entity.id).attributes.get(f"{key.replace(' ', '_')}_unit", "")
            return f"The {key} is {told_value} {unit}".strip() + "."
    return None
