"""Brightness, colour, colour temperature and effects of lights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from devices.home import Entity, EntityState, Home
from edge.tasks.understanding_schema import ClauseReading
from hub.ground.amounts import (
    Built,
    Call,
    direction,
    factor,
    is_step,
    percent,
    plain_number,
    reading_of,
    said_amount,
    step,
)
from hub.ground.index import words_of
from hub.ground.names import tokens
from hub.ground.options import KNOBS, choice, offered
from hub.ground.results import Impossible
from hub.ground.spans import blank, spans_of
from hub.languages import Lexicon, phrase, plain
from hub.quantities import Amount, Unit, amount, colour

_KELVIN = (1000, 12000)
"""A number in this range is a colour temperature, not a percentage."""
_COLOURS = frozenset({"color", "color_temp"})
_NEUTRAL = 4000
"""Kelvin of "white" where a light has no colours."""


def light(clause: ClauseReading, home: Home, words: Lexicon) -> Built:
    """HassLightSet."""
    slots, data = _asked_colour(clause, words)
    said = said_amount(clause, words) or (None if slots else _level_for_a_colour(clause, words))
    sign = direction(clause)
    vaguely = sign or words.has("small", plain(_effect_said(clause)))
    if vaguely and not slots and not said and (warmth := _warmth_said(clause, words)):
        slots["temperature_step"] = warmth
    times = factor(clause, words)
    if times is not None and not data:
        slots["brightness_step"] = "up" if times > 1 else "down"
        return slots, lambda entity: _light_times(home, entity, times)
    effect = "" if slots or said else _effect_said(clause)
    if said and not said.level and (said.unit is Unit.KELVIN or _is_kelvin(said.value)):
        slots["temperature"] = data["color_temp_kelvin"] = int(said.value)
    elif said and (not sign or not is_step(clause, words)):
        slots["brightness"] = plain_number(said.value)
        data["brightness_pct"] = said.value
    elif sign and not data and "temperature_step" not in slots:
        change, spoken = step(clause, 25, words)
        slots["brightness_step"] = spoken
        return slots, lambda entity: _light_step(home, entity, change)
    if "temperature_step" in slots and not data:
        return slots, lambda entity: _warmth_step(home, entity, slots["temperature_step"])
    mood = words.find("mood", plain(clause.text))
    if not data and mood is not None:
        data["brightness_pct"] = float(mood)
    said_effect = () if data or effect else _effect_in_text(clause)
    if any(_named(said_effect, e, home) for e in words_of(home).by_domain.get("light", ())):
        return slots, lambda entity: _effect_of_text(entity, home, said_effect)
    if effect and not data:
        return {"effect": effect}, lambda entity: _effect_call(entity, home, effect)
    if not data:
        return slots, None
    return slots, lambda entity: _light_call(entity, home, data)


def _is_kelvin(value: float) -> bool:
    return _KELVIN[0] <= value <= _KELVIN[1]


def _asked_colour(clause: ClauseReading, words: Lexicon) -> tuple[dict[str, Any], dict[str, Any]]:
    slots: dict[str, Any] = {}
    data: dict[str, Any] = {}
    for span in spans_of(clause, "color"):
        found = colour(span.text, words)
        if warmth := words.which("warmth", plain(span.text)):
            slots["temperature_step"] = warmth
        elif found and found.kelvin:
            slots["temperature"] = data["color_temp_kelvin"] = found.kelvin
            data["named"] = not any(c.isdigit() for c in span.text)
        elif found and found.name:
            slots["color"] = data["color_name"] = found.name
        elif warmth := words.find("warmth", plain(span.text)):
            slots["temperature_step"] = warmth
    untold = spans_of(clause, "color") and not (slots or data)
    if untold and (warmth := words.find("warmth", plain(clause.text))):
        slots["temperature_step"] = warmth
    return slots, data


def _warmth_said(clause: ClauseReading, words: Lexicon) -> Any:
    """ "Warmer" or "cooler" of a light, where the model heard only more or less."""
    return words.find("warmth", plain(blank(clause, clause.spans)))


def _level_for_a_colour(clause: ClauseReading, words: Lexicon) -> Amount | None:
    """A level that the model took for a colour ("naplno")."""
    for span in spans_of(clause, "color"):
        if words.which("level", plain(span.text)) is not None:
            return amount(span.text, words)
    return None


def _effect_said(clause: ClauseReading) -> str:
    said = [s.text for s in clause.spans if s.slot in ("color", "value", "query")]
    return said[0] if said else ""


def _effect_in_text(clause: ClauseReading) -> tuple[str, ...]:
    return tokens(clause.text) if not spans_of(clause, "value") else ()


def _effect_of_text(entity: Entity, home: Home, said: tuple[str, ...]) -> Call:
    """An effect of the light whose name stands in the sentence ("candle effect on the strip")."""
    named = _named(said, entity, home)
    if named is None:
        raise Impossible(phrase("Which colour or brightness?", "which_colour"))
    return "turn_on", {"effect": named}


def _named(said: tuple[str, ...], entity: Entity, home: Home) -> str | None:
    """The effect of the light that these words say beside its own name."""
    options = offered(entity, home, KNOBS["light"][0]) if said else []
    own = words_of(home).own[entity.id] if options else frozenset()
    free = set(said) - own
    return next((option for option in options if free.issuperset(tokens(option))), None)


def _effect_call(entity: Entity, home: Home, said: str) -> Call:
    found = choice(entity, home, said)
    if found is None:
        text = f"{entity.name} knows no colour or effect called {said}."
        raise Impossible(phrase(text, "no_such_colour", name=entity.name, value=said))
    return "turn_on", {"effect": found[1]}


def _light_call(entity: Entity, home: Home, data: Mapping[str, Any]) -> Call:
    wanted = dict(data)
    named = wanted.pop("named", False)
    if "brightness_pct" in wanted:
        wanted["brightness_pct"] = percent(wanted["brightness_pct"], "Brightness")
        _needs(entity, "brightness", "dimmed")
    if "color_name" in wanted:
        if (
            entity.features is not None
            and "color" not in entity.features
            and (wanted["color_name"] == "white" and "color_temp" in entity.features)
        ):
            del wanted["color_name"]
            wanted["color_temp_kelvin"], named = _NEUTRAL, True
        else:
            _needs(entity, "color", "coloured")
    if "color_temp_kelvin" in wanted:
        wanted["color_temp_kelvin"] = _kelvin(entity, home, wanted["color_temp_kelvin"], named)
    return "turn_on", wanted


def _kelvin(entity: Entity, home: Home, wanted: int, named: bool) -> int:
    """A colour temperature that the light has: a named one as near as it gets, a number or none."""
    if entity.features is not None and not entity.features & _COLOURS:
        text = f"{entity.name} has no colour temperature."
        raise Impossible(phrase(text, "no_colour_temperature", name=entity.name))
    low = reading_of(entity, home, "min_color_temp_kelvin")
    high = reading_of(entity, home, "max_color_temp_kelvin")
    if low is None or high is None or low <= wanted <= high:
        return wanted
    if named:
        return round(max(low, min(high, wanted)))
    text = f"{entity.name} goes from {low:g} to {high:g} kelvin."
    raise Impossible(phrase(text, "out_of_range", name=entity.name, low=low, high=high))


def _needs(entity: Entity, feature: str, verb: str) -> None:
    if entity.features is not None and feature not in entity.features:
        text = f"{entity.name} cannot be {verb}."
        raise Impossible(phrase(text, f"not_{verb}", name=entity.name))


def _light_step(home: Home, entity: Entity, change: float) -> Call:
    if change > 0 and home.state(entity.id).state == "off":
        if entity.features is not None and "brightness" not in entity.features:
            return "turn_on", {}
        return "turn_on", {"brightness_pct": max(50, round(change))}
    _needs(entity, "brightness", "dimmed")
    if home.state(entity.id).state == "off":
        return "turn_on", {"brightness_pct": 20}
    now = _brightness_percent(home.state(entity.id))
    return "turn_on", {"brightness_pct": max(1, min(100, round(now + change)))}


def _light_times(home: Home, entity: Entity, times: float) -> Call:
    _needs(entity, "brightness", "dimmed")
    if home.state(entity.id).state == "off":
        text = f"{entity.name} is off: to which brightness?"
        raise Impossible(phrase(text, "cannot", name=entity.name))
    now = _brightness_percent(home.state(entity.id))
    return "turn_on", {"brightness_pct": max(1, min(100, round(now * times)))}


def _brightness_percent(state: EntityState) -> float:
    brightness = state.attributes.get("brightness")
    if isinstance(brightness, int | float):
        return float(brightness) * 100 / 255
    return 50.0 if state.state is None else 100.0


def _warmth_step(home: Home, entity: Entity, towards: str) -> Call:
    now = reading_of(entity, home, "color_temp_kelvin") or 3500
    low = reading_of(entity, home, "min_color_temp_kelvin") or 2000
    high = reading_of(entity, home, "max_color_temp_kelvin") or 6500
    goal = now + (700 if towards == "up" else -700)
    return "turn_on", {"color_temp_kelvin": round(max(low, min(high, goal)))}
