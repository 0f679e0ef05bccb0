"""Temperatures and modes of heating, cooling and hot water."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from devices.home import Entity, Home
from edge.tasks.understanding_schema import ClauseReading
from hub.ground.amounts import (
    Built,
    Call,
    amounts,
    direction,
    facts_of,
    is_step,
    plain_number,
    reading_of,
    said_amount,
    step,
    value_text,
)
from hub.ground.names import tokens
from hub.ground.options import (
    KNOBS,
    choice,
    not_offered,
    offered,
    option_fit,
    options_said,
)
from hub.ground.results import Impossible
from hub.ground.spans import spans_of
from hub.languages import Lexicon, phrase, plain
from hub.quantities import Amount, Unit

_LARGEST_STEP = 12.0
"""More degrees than these nobody asks to add: it is the temperature that is wished."""
_FAHRENHEIT_FROM = 45.0
"""A room thermostat whose highest temperature lies above this counts in Fahrenheit."""


def temperature(clause: ClauseReading, home: Home, words: Lexicon) -> Built:
    """HassClimateSetTemperature: a goal, a range, or a change; in the entity's own unit."""
    said = [each for each in amounts(clause, words) if not each.level] or [
        each for each in (said_amount(clause, words),) if each is not None and not each.level
    ]
    felt = _as_it_feels(clause, words)
    sign = felt or _towards(clause, words, bool(said))
    if len(said) == 2:
        slots = {"target_temp_low": said[0].value, "target_temp_high": said[1].value}
        return slots, lambda entity: _range_call(entity, home, said)
    if said and not (sign and said[0].value <= _LARGEST_STEP and is_step(clause, words)):
        mode = _mode_said(clause, words)
        slots = {"temperature": plain_number(said[0].value)}
        return slots, lambda entity: _goal_call(entity, home, said[0], mode)
    if not sign:
        return {}, None
    change, spoken = step(clause, 1, words, felt)
    if isinstance(spoken, str):
        change = float(sign)
    return {"temperature_step": spoken}, lambda entity: change_call(entity, home, change)


def _as_it_feels(clause: ClauseReading, words: Lexicon) -> int:
    """The direction that "warm" or "cold" tells where the model is not sure of one ("make the
    bathroom warm"); 0 where it is, as of "it's too warm"."""
    if clause.attributes["direction"].confidence >= _SURE:
        return 0
    felt = words.find("felt", plain(clause.text))
    return {"warm": 1, "hot": 1, "cold": -1, "freezing": -1}.get(str(felt), 0)


_SURE = 0.6


def _towards(clause: ClauseReading, words: Lexicon, counted: bool) -> int:
    """The direction of a change; more of what cools, without a number, is colder."""
    sign = direction(clause)
    device = plain(" ".join(span.text for span in spans_of(clause, "device")))
    return -sign if not counted and device and words.has("cooling", device) else sign


def _mode_said(clause: ClauseReading, words: Lexicon) -> str | None:
    """ "Cool the bedroom to 21", "cool and 72 degrees": the mode that the verb or a value names."""
    text = clause.text
    for span in clause.spans:
        if span.slot in ("name", "device", "area"):
            start, end = span.start - clause.start, span.end - clause.start
            text = f"{text[:start]}{'.' * (end - start)}{text[end:]}"
    mode = words.find("mode", plain(text))
    return str(mode) if mode in ("heat", "cool") else None


def unit_of(entity: Entity, home: Home) -> Unit:
    """The unit that an entity's temperatures are in."""
    facts = facts_of(entity, home)
    told = str(facts.get("temperature_unit") or facts.get("unit_of_measurement") or "")
    if told:
        return Unit.FAHRENHEIT if "F" in told else Unit.CELSIUS
    highest = reading_of(entity, home, "max_temp")
    if highest is None:
        highest = reading_of(entity, home, "target_temp_high", "temperature") or 0.0
    limit = 90.0 if entity.domain == "water_heater" else _FAHRENHEIT_FROM
    return Unit.FAHRENHEIT if highest > limit else Unit.CELSIUS


_USUAL: Mapping[tuple[str, Unit], tuple[float, float]] = {
    ("climate", Unit.CELSIUS): (5, 35),
    ("climate", Unit.FAHRENHEIT): (41, 95),
    ("water_heater", Unit.CELSIUS): (30, 85),
    ("water_heater", Unit.FAHRENHEIT): (86, 185),
}


def _in_unit(entity: Entity, home: Home, said: Amount) -> float:
    """What was said, in the entity's unit and limits. Raises `Impossible` outside them."""
    unit = unit_of(entity, home)
    usual = _USUAL.get((entity.domain, unit), (-50.0, 150.0))
    low = reading_of(entity, home, "min_temp")
    high = reading_of(entity, home, "max_temp")
    low, high = usual[0] if low is None else low, usual[1] if high is None else high
    value = said.value
    if said.unit is Unit.FAHRENHEIT and unit is Unit.CELSIUS:
        value = round((value - 32) * 5 / 9 * 2) / 2
    elif said.unit is Unit.CELSIUS and unit is Unit.FAHRENHEIT:
        value = round(value * 9 / 5 + 32)
    if not low <= value <= high:
        sign = "°F" if unit is Unit.FAHRENHEIT else "°C"
        text = f"{entity.name} goes from {low:g} to {high:g} {sign}."
        raise Impossible(phrase(text, "out_of_range", name=entity.name, low=low, high=high))
    return plain_number(value)


def _goal_call(entity: Entity, home: Home, said: Amount, mode: str | None) -> Call:
    value = _in_unit(entity, home, said)
    state = home.state(entity.id).state
    if _has_range(entity, home):
        low, high = _range(entity, home)
        return _range_call(entity, home, _around(value, low, high))
    modes = offered(entity, home, KNOBS["climate"][0]) if entity.domain == "climate" else []
    if mode in modes and state != mode and (state == "off" or mode == "cool"):
        return "set_temperature", {"temperature": value, "hvac_mode": mode}
    return "set_temperature", {"temperature": value}


def _has_range(entity: Entity, home: Home) -> bool:
    facts = facts_of(entity, home)
    return facts.get("temperature") is None and facts.get("target_temp_low") is not None


def _range(entity: Entity, home: Home) -> tuple[float, float]:
    low = reading_of(entity, home, "target_temp_low") or 0.0
    return low, reading_of(entity, home, "target_temp_high") or low


def _around(value: float, low: float, high: float) -> list[Amount]:
    half = (high - low) / 2
    return [Amount(value - half), Amount(value + half)]


def _range_call(entity: Entity, home: Home, said: Sequence[Amount]) -> Call:
    low, high = sorted(_in_unit(entity, home, each) for each in said)
    if "temperature" in home.state(entity.id).attributes and not _has_range(entity, home):
        text = f"{entity.name} keeps one temperature, not a range."
        raise Impossible(phrase(text, "one_temperature", name=entity.name))
    return "set_temperature", {"target_temp_low": low, "target_temp_high": high}


def change_call(entity: Entity, home: Home, change: float) -> Call:
    """The set point of now, changed. Raises `Impossible` where the entity tells none."""
    if _has_range(entity, home):
        low, high = _range(entity, home)
        return _range_call(entity, home, [Amount(low + change), Amount(high + change)])
    now = reading_of(entity, home, "temperature", "current_temperature")
    if now is None:
        text = f"{entity.name} does not tell its temperature: say how many degrees."
        raise Impossible(phrase(text, "no_own_temperature", name=entity.name))
    return "set_temperature", {"temperature": _in_unit(entity, home, Amount(now + change))}


def climate_fan_mode(clause: ClauseReading, home: Home, words: Lexicon) -> Built:
    """HassClimateSetFanMode."""
    said = value_text(clause).lower()
    mode = str(words.which("fan_mode", plain(said)) or said)
    if not mode:
        return {}, None
    return {"fan_mode": mode}, lambda entity: _chosen(
        entity, home, mode, "HassClimateSetFanMode", ("set_fan_mode", {"fan_mode": mode})
    )


def climate_mode(clause: ClauseReading, home: Home, words: Lexicon) -> Built:
    """HassClimateSetMode: an HVAC mode, a preset, or how hot water is made."""
    said = value_text(clause).lower().removesuffix(" mode")
    if not said:
        return _preset_or_step(clause, home, words) if direction(clause) else ({}, None)
    if direction(clause) and words.has(Unit.DEGREES, plain(said)):
        return temperature(clause, home, words)  # "down a degree" is no mode
    mode = str(words.find("mode", plain(said)) or said).replace(" ", "_")
    service = ("set_hvac_mode", {"hvac_mode": mode})

    def call(entity: Entity) -> Call:
        plainly = ("set_operation_mode", {"operation_mode": mode})
        free = plainly if entity.domain == "water_heater" else service
        apart = [span.text for span in spans_of(clause, "value")]  # "in den Sparmodus, also eco"
        for spoken in (said, mode, *apart):
            if found := choice(entity, home, spoken, "HassClimateSetMode"):
                return found[0].service, {found[0].datum: found[1]}
        if words.has("swinging", plain(clause.text)) and (way := _swing(entity, home, clause)):
            return "set_swing_mode", {"swing_mode": way}
        return _chosen(entity, home, mode, "HassClimateSetMode", free)

    return {"mode": mode}, call


def _preset_or_step(clause: ClauseReading, home: Home, words: Lexicon) -> Built:
    """ "Boost the heating": the preset of that name, else warmer or cooler."""
    slots, change = temperature(clause, home, words)

    def call(entity: Entity) -> Call:
        presets = offered(entity, home, KNOBS["climate"][1]) if entity.domain == "climate" else []
        named = next((o for o in options_said(entity, home, clause.text) if o in presets), None)
        if named is not None:
            return "set_preset_mode", {"preset_mode": named}
        return change(entity) if change else None

    return slots, call if change else None


_LIKE = 0.85


def _swing(entity: Entity, home: Home, clause: ClauseReading) -> str | None:
    """The way of swinging that stands in the sentence ("swing vertically")."""
    knob = next((k for k in KNOBS.get(entity.domain, ()) if k.listed == "swing_modes"), None)
    options = offered(entity, home, knob) if knob else []
    scored = [(option_fit(w, o), o) for w in tokens(clause.text) for o in options]
    best = max(scored, default=(0.0, ""))
    return best[1] if best[0] >= _LIKE else None


def _chosen(
    entity: Entity, home: Home, said: str, intent: str, free: tuple[str, Mapping[str, Any]]
) -> Call:
    """The option called so; `free` where the device lists none. Raises `Impossible`."""
    found = choice(entity, home, said, intent)
    if found is not None:
        return found[0].service, {found[0].datum: found[1]}
    listed = [
        option for knob in KNOBS.get(entity.domain, ()) for option in offered(entity, home, knob)
    ]
    if listed:
        raise Impossible(not_offered(entity, said, listed))
    return free
