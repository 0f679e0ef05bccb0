"""How far, how fast, how loud: positions, speeds, humidity, volume, and values by name."""

from __future__ import annotations

from collections.abc import Mapping

from devices.home import Entity, Home
from edge.tasks.understanding_schema import NONE, ClauseReading
from hub.ground.amounts import (
    Built,
    Call,
    direction,
    factor,
    facts_of,
    has_goal,
    is_step,
    notches,
    percent,
    plain_number,
    reading_of,
    said_amount,
    step,
    value_text,
)
from hub.ground.options import KNOBS, choice, not_offered, offered, options_said
from hub.ground.results import Impossible
from hub.ground.switching import tilted
from hub.languages import Lexicon, phrase, plain
from hub.quantities import Amount, Unit, amount, duration, seconds_of


def position(clause: ClauseReading, home: Home, words: Lexicon) -> Built:
    """Position of covers and valves, 0 (closed) to 100 (open); of slats, if they were named."""
    text = plain(clause.text)
    further = words.has("further", text)
    sign, said = direction(clause) or (further and _way(text, words)), said_amount(clause, words)
    tilt = words.has("tilt", text)
    if said is not None and not (sign and is_step(clause, words) and (further or not said.level)):
        goal = 0.0 if said.level and said.value <= _SHUT else said.value
        by_a_level = said.level and goal and "lowering" in words.groups
        closing = words.has("lowering" if by_a_level else "closing", text) and goal
        if closing and ((said.level and goal == 100) or not has_goal(clause, words)):
            goal = 100 - goal  # "close it three quarters"
        slots = {"position": plain_number(said.value)}
        return slots, lambda entity: _position_call(entity, home, percent(goal, "A position"), tilt)
    if not sign:
        return _by_a_crack(clause, home, words, tilt)
    change, spoken = step(clause, 20, words, sign)

    def call(entity: Entity) -> Call:
        key = "current_tilt_position" if tilt else "current_position"
        now = reading_of(entity, home, key)
        if now is None:
            now = 0.0 if home.state(entity.id).state == "closed" else 100.0
        return _position_call(entity, home, max(0, min(100, round(now + change))), tilt)

    return {"position_step": spoken}, call


_SHUT = 1
"""The lowest level is 1 for what must stay on; a cover that is "all the way down" is shut."""


def _way(text: str, words: Lexicon) -> int:
    """1 where the words open or raise, -1 where they close or lower."""
    return -1 if words.has("lowering", text) else int(words.has("raising", text))


_CRACK = 10


def _by_a_crack(clause: ClauseReading, home: Home, words: Lexicon, tilt: bool) -> Built:
    """ "Open it a crack": a little from where it is shut, or more than it is open."""
    text = plain(clause.text)
    by_a_crack = words.has("crack", text)
    sign = _way(text, words) or int(by_a_crack)
    if not sign or not (by_a_crack or words.has("small", text)):
        return {}, None

    def call(entity: Entity) -> Call:
        now = reading_of(entity, home, "current_tilt_position" if tilt else "current_position")
        if now is None:
            now = 0.0 if home.state(entity.id).state == "closed" else 100.0
        return _position_call(entity, home, max(0, min(100, round(now + sign * _CRACK))), tilt)

    return {"position_step": "up" if sign > 0 else "down"}, call


def _position_call(entity: Entity, home: Home, goal: int, tilt: bool) -> Call:
    if tilt and entity.domain == "cover":
        return tilted(entity, home, "set_cover_tilt_position", {"tilt_position": goal})
    return f"set_{entity.domain}_position", {"position": goal}


_SPEEDS = 10
"""A bare number up to this, said as a speed, is the number of a step and not a percentage."""


def fan_speed(clause: ClauseReading, home: Home, words: Lexicon) -> Built:
    """Speed in percent, or by the fan's own step or preset."""
    sign, said = direction(clause), said_amount(clause, words)
    spoken = plain(value_text(clause))
    level = words.find("fan_level", spoken)
    value = level if level is not None else (said.value if said else None)
    if value is not None and not (sign and is_step(clause, words)):
        numbered = said is not None and level is None and _is_numbered(said, clause, words)
        slots = {"percentage": plain_number(value)}
        return slots, lambda e: _speed_call(e, home, float(value), spoken, numbered)
    if not sign:
        return {}, None
    change, way = step(clause, 25, words)
    count = notches(clause, words)

    def call(entity: Entity) -> Call:
        now = reading_of(entity, home, "percentage")
        if now is None:
            now = 0.0 if home.state(entity.id).state == "off" else 50.0
        own = reading_of(entity, home, "percentage_step")
        if count is not None and own is not None and own >= _LEAST_NOTCH:
            return "set_percentage", {
                "percentage": max(1, min(100, round(now + sign * count * own)))
            }
        return "set_percentage", {"percentage": max(1, min(100, round(now + change)))}

    return {"percentage_step": way}, call


_LEAST_NOTCH = 5
"""Percent: a fan with a hundred speeds has none that one could hear."""


def _is_numbered(said: Amount, clause: ClauseReading, words: Lexicon) -> bool:
    small = said.value <= _SPEEDS and said.unit is Unit.NONE and not said.level
    return small and words.has("speed", plain(clause.text))


def _speed_call(entity: Entity, home: Home, value: float, spoken: str, numbered: bool) -> Call:
    if found := choice(entity, home, spoken):
        return found[0].service, {found[0].datum: found[1]}
    if numbered:
        value = min(100.0, value * (reading_of(entity, home, "percentage_step") or 100 / 3))
    return "set_percentage", {"percentage": percent(value, "Fan speed")}


def humidity(clause: ClauseReading, home: Home, words: Lexicon) -> Built:
    """Target humidity in percent."""
    sign, said = direction(clause), said_amount(clause, words)
    if said is not None and not (sign and is_step(clause, words)):
        goal = said.value
        slots = {"humidity": plain_number(goal)}
        return slots, lambda entity: _humidity_call(entity, home, percent(goal, "Humidity"))
    if not sign:
        return {}, None
    change, spoken = step(clause, 10, words)

    def call(entity: Entity) -> Call:
        now = reading_of(entity, home, "humidity", "current_humidity")
        goal = round((50.0 if now is None else now) + change)
        return _humidity_call(entity, home, max(0, min(100, goal)))

    return {"humidity_step": spoken}, call


def _humidity_call(entity: Entity, home: Home, goal: int) -> Call:
    low = reading_of(entity, home, "min_humidity")
    high = reading_of(entity, home, "max_humidity")
    if (low is not None and goal < low) or (high is not None and goal > high):
        text = f"{entity.name} goes from {low or 0:g} to {high or 100:g} percent."
        limits = {"low": low or 0.0, "high": high or 100.0}
        raise Impossible(phrase(text, "out_of_range", name=entity.name, **limits))
    return "set_humidity", {"humidity": goal}


# --- volume ----------------------------------------------------------------------------------


def volume(clause: ClauseReading, home: Home, words: Lexicon) -> Built:
    """Volume in percent."""
    said = said_amount(clause, words)
    if said is None:
        return {}, None
    value = said.value
    return {"volume_level": plain_number(value)}, lambda entity: (
        "volume_set", {"volume_level": percent(value, "Volume") / 100}
    )  # fmt: skip


def volume_step(clause: ClauseReading, home: Home, words: Lexicon) -> Built:
    """Louder or quieter."""
    times = factor(clause, words)
    if clause.attributes["direction"].label == NONE and times is None:
        return {}, None
    change, spoken = step(clause, 10, words)

    def call(entity: Entity) -> Call:
        now = reading_of(entity, home, "volume_level")
        if now is not None and times is not None:
            return "volume_set", {"volume_level": round(max(0.0, min(1.0, now * times)), 3)}
        if now is None:
            return ("volume_up" if change > 0 else "volume_down"), {}
        return "volume_set", {"volume_level": round(max(0.0, min(1.0, now + change / 100)), 3)}

    return {"volume_step": spoken}, call


# --- values by name ---------------------------------------------------------------------------


def set_value(clause: ClauseReading, home: Home, words: Lexicon) -> Built:
    """HassSetValue: an option of whatever the thing offers, a number, or a text."""
    said = _numbered(clause, words) or value_text(clause)
    named = [s.text for s in clause.spans if s.slot in ("name", "device", "query")]
    if not said and not named:
        return {}, None

    change = _number_change(clause, words)

    def call(entity: Entity) -> Call:
        if entity.domain in ("number", "input_number") and change is not None:
            return _changed_by(entity, home, change)
        whole = options_said(entity, home, clause.text)
        if said and whole and not choice(entity, home, said):
            return _value_call(entity, home, whole[0], words)
        turned = words.find("fan_motion", plain(clause.text)) if entity.domain == "fan" else None
        if turned and not choice(entity, home, said):
            stopped = turned == "oscillate" and words.has("stopping", plain(clause.text))
            return _motion_call("still" if stopped else turned)
        if said and (choice(entity, home, said) or not _other_option(entity, home, named)):
            return _value_call(entity, home, said, words)
        fitting = next((text for text in named if choice(entity, home, text)), None)
        if fitting is None:
            text = f"To what shall I set {entity.name}?"
            raise Impossible(phrase(text, "set_to_what", name=entity.name))
        return _value_call(entity, home, fitting, words)

    return ({"value": said} if said else {}), call


def _numbered(clause: ClauseReading, words: Lexicon) -> str:
    """The one amount among several values: the others say for whom or what ("give Tyler two
    hours")."""
    said = [s.text for s in clause.spans if s.slot == "value"]
    found = [text for text in said if amount(text, words) is not None]
    return found[0] if len(said) > 1 and len(found) == 1 else ""


def _other_option(entity: Entity, home: Home, named: list[str]) -> bool:
    return any(choice(entity, home, text) for text in named)


def _value_call(entity: Entity, home: Home, said: str, words: Lexicon) -> Call:
    if found := choice(entity, home, said):
        return found[0].service, {found[0].datum: found[1]}
    if entity.domain == "fan" and (turned := words.find("fan_motion", plain(said))):
        return _motion_call(turned)
    knobs = KNOBS.get(entity.domain, ())
    options = [option for knob in knobs for option in offered(entity, home, knob)]
    if options:
        raise Impossible(not_offered(entity, said, options))
    if entity.domain in ("text", "input_text"):
        return "set_value", {"value": said}
    if entity.domain not in ("number", "input_number"):
        text = f"{entity.name} cannot be set to {said}."
        raise Impossible(phrase(text, "not_set_to", name=entity.name, value=said))
    found_amount = _length_in_its_unit(entity, home, said, words) or amount(said, words)
    if found_amount is None:
        text = f"{entity.name} needs a number."
        raise Impossible(phrase(text, "needs_number", name=entity.name))
    return "set_value", {"value": _in_range(entity, home, found_amount)}


def _length_in_its_unit(entity: Entity, home: Home, said: str, words: Lexicon) -> Amount | None:
    """A length of time in the unit of what it is set on ("two hours" of what counts minutes)."""
    unit = str(facts_of(entity, home).get("unit_of_measurement") or "")
    length = duration(said, words) if unit in _UNIT_SECONDS else None
    return Amount(seconds_of(length) / _UNIT_SECONDS[unit]) if length else None


_UNIT_SECONDS: Mapping[str, int] = {"s": 1, "min": 60, "h": 3600, "d": 86400}


def _number_change(clause: ClauseReading, words: Lexicon) -> float | None:
    """By how much a number is to be raised or lowered ("by ten", "one up"); None if it is to be
    set."""
    said = said_amount(clause, words)
    text = plain(clause.text)
    if said is None or said.level or has_goal(clause, words):
        return None
    sign = direction(clause) or (words.find("more_or_less", text) or 0)
    by = words.has("further", text) or direction(clause)
    return float(sign) * said.value if sign and by else None


def _changed_by(entity: Entity, home: Home, change: float) -> Call:
    try:
        now = float(home.state(entity.id).state or "")
    except ValueError:
        text = f"{entity.name} tells no number of now."
        raise Impossible(phrase(text, "needs_number", name=entity.name)) from None
    return "set_value", {"value": _in_range(entity, home, Amount(now + change))}


def _in_range(entity: Entity, home: Home, said: Amount) -> float:
    facts = facts_of(entity, home)
    low, high = reading_of(entity, home, "min"), reading_of(entity, home, "max")
    value = said.value
    if said.level and low is not None and high is not None:
        value = low + (high - low) * said.value / 100  # "half", "max"
    unit = str(facts.get("unit_of_measurement") or "")
    if (low is not None and value < low) or (high is not None and value > high):
        ends = f"{low or 0:g}", f"{high or 0:g} {unit}".strip()
        text = f"{entity.name} goes from {ends[0]} to {ends[1]}."
        raise Impossible(phrase(text, "out_of_range", name=entity.name, low=ends[0], high=ends[1]))
    return plain_number(value)


def _motion_call(turned: str) -> Call:
    if turned == "reverse":
        return "set_direction", {"direction": "reverse"}
    return "oscillate", {"oscillating": turned == "oscillate"}
