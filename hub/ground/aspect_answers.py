"""What is answered to a question about one side of things: a battery, a position, a temperature."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from devices.home import Home
from edge.tasks.understanding_schema import ClauseReading
from hub.ground.aspects import Told, attribute_said
from hub.ground.context import Context
from hub.ground.results import Grounded, frame, text_answer
from hub.ground.state_answers import GROUP, MOST
from hub.ground.told import value
from hub.languages import plain


def aspect_answer(
    clause: ClauseReading, home: Home, context: Context, aspect: str, found: Sequence[Told]
) -> Grounded:
    """What was told, as a value or a list of them; "low" and "which" are about batteries."""
    entities = [each.entity for each in found]
    slots: dict[str, Any] = {"name": entities[0].name} if len(entities) == 1 else {}
    question = clause.attributes["question"].label
    if aspect == "battery" and (question in GROUP or _says_low(clause, context)):
        return _low_batteries(clause, home, slots, found, question)
    texts = [f"{each.entity.name} is {each.value or value(each.entity, home)}" for each in found]
    if len(found) == 1:
        text = f"{found[0].entity.name}: {found[0].value or value(found[0].entity, home)}."
    else:
        text = "; ".join(texts[:MOST]) + "."
    about = tuple(entity.id for entity in entities[:MOST])
    return Grounded((frame(clause, slots),), answers=(text_answer(clause, text),), about=about)


_LOW_PERCENT = 20.0


def _says_low(clause: ClauseReading, context: Context) -> bool:
    return context.words.has("low", plain(clause.text))


def _low_batteries(
    clause: ClauseReading, home: Home, slots: dict[str, Any], found: Sequence[Told], question: str
) -> Grounded:
    low = [each for each in found if _is_low(each, home)]
    shown = ", ".join(f"{e.entity.name} ({e.value or value(e.entity, home)})" for e in low)
    if len(found) == 1:
        level = found[0].value or value(found[0].entity, home)
        text = f"{'Yes' if low else 'No'}, {found[0].entity.name} is {level}."
    elif question == "how_many":
        text = f"{len(low)}: {shown}." if low else "None."
    else:
        text = f"Yes: {shown}." if low else "No, all batteries are fine."
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
