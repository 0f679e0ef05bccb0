"""How much: brightness, colour, position, speed, temperature, volume; absolute and relative.

A relative wish becomes an absolute value here, against the state of now, so that it can be repeated
without harm.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from devices.home import Entity, EntityState, Home
from edge.tasks.understanding_schema import NONE, ClauseReading
from hub.ground.names import SURE, best_fit
from hub.ground.results import Impossible
from hub.ground.target import spans_of
from hub.languages import Lexicon, plain
from hub.quantities import Amount, Unit, amount, colour

Call = tuple[str, Mapping[str, Any]] | None
Built = tuple[dict[str, Any], Callable[[Entity], Call] | None]

QUESTIONS: Mapping[str, str] = {
    "HassLightSet": "Which colour or brightness?",
    "HassClimateSetTemperature": "To which temperature?",
    "HassSetPosition": "To which position?",
    "HassSetVolume": "To which volume?",
    "HassFanSetSpeed": "To which speed?",
    "HassSetValue": "To which value?",
}


def question(clause: ClauseReading) -> str:
    """What to ask when the amount is missing."""
    return QUESTIONS.get(clause.intent, "To which value?")


def _said_amount(clause: ClauseReading, words: Lexicon) -> Amount | None:
    for span in spans_of(clause, "value"):
        if (found := amount(span.text, words)) is not None:
            return found
    goals = list(words.groups["goal"].finditer(plain(clause.text)))
    if not goals or spans_of(clause, "value"):
        return None
    return amount(plain(clause.text)[goals[-1].end() :], words)


def _is_step(clause: ClauseReading, words: Lexicon) -> bool:
    """Whether the amount is a change ("by 20%", "20% brighter") and not a goal ("to 20%")."""
    spans = spans_of(clause, "value")
    if not spans:
        return True
    before = plain(clause.text[: max(0, spans[0].start - clause.start)]).split()[-1:]
    first = plain(spans[0].text).split()[:1]
    return not any(words.fits("goal", word) for word in (*before, *first))


def _direction(clause: ClauseReading) -> int:
    return {"up": 1, "down": -1}.get(clause.attributes["direction"].label, 0)


def _step(clause: ClauseReading, default: float, words: Lexicon) -> tuple[float, Any]:
    """Signed change, and how the frame says it: a number where one was said, else "up"/"down"."""
    sign = _direction(clause)
    found = _said_amount(clause, words)
    if found is not None and not found.level:
        return sign * found.value, int(sign * found.value)
    said = plain(" ".join(span.text for span in spans_of(clause, "value")))
    large, small = words.has("large", said), words.has("small", said)
    size = default / 2 if small else default * 2 if large else default
    return sign * size, "up" if sign > 0 else "down"


def _percent(value: float, what: str) -> int:
    if not 0 <= value <= 100:
        raise Impossible(f"{what} goes from 0 to 100 percent.")
    return round(value)


def _plain_number(value: float) -> int | float:
    return int(value) if value == int(value) else value


# --- lights ---------------------------------------------------------------------------------


def light(clause: ClauseReading, home: Home, words: Lexicon) -> Built:
    """Brightness, colour and colour temperature."""
    slots: dict[str, Any] = {}
    data: dict[str, Any] = {}
    for span in spans_of(clause, "color"):
        found = colour(span.text, words)
        if found and found.kelvin:
            slots["temperature"] = data["color_temp_kelvin"] = found.kelvin
        elif found and found.name:
            slots["color"] = data["color_name"] = found.name
        elif warmth := words.find("warmth", plain(span.text)):
            slots["temperature_step"] = warmth
    said = _said_amount(clause, words)
    sign = _direction(clause)
    if said and (said.unit is Unit.KELVIN or 1000 <= said.value <= 12000) and not said.level:
        slots["temperature"] = data["color_temp_kelvin"] = int(said.value)
    elif said and (not sign or not _is_step(clause, words)):
        slots["brightness"] = _plain_number(said.value)
        data["brightness_pct"] = said.value
    elif sign and not data:
        step, spoken = _step(clause, 25, words)
        slots["brightness_step"] = spoken
        return slots, lambda entity: _light_step(home, entity, step)
    if "temperature_step" in slots and not data:
        return slots, lambda entity: _warmth_step(home, entity, slots["temperature_step"])
    if not data:
        return slots, None
    return slots, lambda entity: _light_call(entity, data)


def _light_call(entity: Entity, data: Mapping[str, Any]) -> Call:
    wanted = dict(data)
    if "brightness_pct" in wanted:
        wanted["brightness_pct"] = _percent(wanted["brightness_pct"], "Brightness")
        _needs(entity, "brightness", "dimmed")
    if "color_name" in wanted:
        _needs(entity, "color", "coloured")
    if "color_temp_kelvin" in wanted and not (entity.features or {"color_temp"}) & _COLOURS:
        raise Impossible(f"{entity.name} has no colour temperature.")
    return "turn_on", wanted


_COLOURS = frozenset({"color", "color_temp"})


def _needs(entity: Entity, feature: str, verb: str) -> None:
    if entity.features is not None and feature not in entity.features:
        raise Impossible(f"{entity.name} cannot be {verb}.")


def _light_step(home: Home, entity: Entity, step: float) -> Call:
    _needs(entity, "brightness", "dimmed")
    state = home.state(entity.id)
    now = _brightness_percent(state)
    if state.state == "off":
        return "turn_on", {"brightness_pct": max(50, round(step)) if step > 0 else 20}
    return "turn_on", {"brightness_pct": max(1, min(100, round(now + step)))}


def _brightness_percent(state: EntityState) -> float:
    brightness = state.attributes.get("brightness")
    if isinstance(brightness, int | float):
        return float(brightness) * 100 / 255
    return 50.0 if state.state is None else 100.0


def _warmth_step(home: Home, entity: Entity, step: str) -> Call:
    now = home.state(entity.id).attributes.get("color_temp_kelvin")
    kelvin = int(now) if isinstance(now, int | float) else 3500
    return "turn_on", {
        "color_temp_kelvin": max(2000, min(6500, kelvin + (700 if step == "up" else -700)))
    }


# --- covers, fans, humidity ------------------------------------------------------------------


def position(clause: ClauseReading, home: Home, words: Lexicon) -> Built:
    """Position of covers and valves, 0 (closed) to 100 (open)."""
    sign, said = _direction(clause), _said_amount(clause, words)
    if said is not None and not (sign and _is_step(clause, words)):
        slots = {"position": _plain_number(said.value)}
        return slots, lambda e: (
            f"set_{e.domain}_position", {"position": _percent(said.value, "A position")}
        )  # fmt: skip
    if not sign:
        return {}, None
    step, spoken = _step(clause, 20, words)

    def call(entity: Entity) -> Call:
        now = home.state(entity.id).attributes.get("current_position")
        if not isinstance(now, int | float):
            now = 0 if home.state(entity.id).state == "closed" else 100
        goal = max(0, min(100, round(now + step)))
        return f"set_{entity.domain}_position", {"position": goal}

    return {"position_step": spoken}, call


def fan_speed(clause: ClauseReading, home: Home, words: Lexicon) -> Built:
    """Speed in percent."""
    sign, said = _direction(clause), _said_amount(clause, words)
    spoken = plain(" ".join(span.text for span in spans_of(clause, "value")))
    level = words.find("fan_level", spoken)
    value = level if level is not None else (said.value if said else None)
    if value is not None and not (sign and _is_step(clause, words)):
        slots = {"percentage": _plain_number(value)}
        return slots, lambda e: ("set_percentage", {"percentage": _percent(value, "Fan speed")})
    if not sign:
        return {}, None
    step, spoken = _step(clause, 25, words)

    def call(entity: Entity) -> Call:
        state = home.state(entity.id)
        now = state.attributes.get("percentage")
        base = float(now) if isinstance(now, int | float) else (0 if state.state == "off" else 50)
        return "set_percentage", {"percentage": max(1, min(100, round(base + step)))}

    return {"percentage_step": spoken}, call


def humidity(clause: ClauseReading, home: Home, words: Lexicon) -> Built:
    """Target humidity in percent."""
    sign, said = _direction(clause), _said_amount(clause, words)
    if said is not None and not (sign and _is_step(clause, words)):
        goal = said.value
        return {"humidity": _plain_number(goal)}, lambda e: (
            "set_humidity", {"humidity": _percent(goal, "Humidity")}
        )  # fmt: skip
    if not sign:
        return {}, None
    step, spoken = _step(clause, 10, words)

    def call(entity: Entity) -> Call:
        now = home.state(entity.id).attributes.get("humidity")
        base = float(now) if isinstance(now, int | float) else 50.0
        return "set_humidity", {"humidity": max(0, min(100, round(base + step)))}

    return {"humidity_step": spoken}, call


# --- climate --------------------------------------------------------------------------------


def temperature(clause: ClauseReading, home: Home, words: Lexicon) -> Built:
    """Target temperature, in the entity's own unit."""
    sign, said = _direction(clause), _said_amount(clause, words)
    if said is not None and not said.level and not (sign and _is_step(clause, words)):
        slots = {"temperature": _plain_number(said.value)}
        return slots, lambda entity: _temperature_call(entity, said)
    if not sign:
        return {}, None
    step, spoken = _step(clause, 1, words)
    if isinstance(spoken, str):
        step = float(sign)

    def call(entity: Entity) -> Call:
        now = home.state(entity.id).attributes.get("temperature")
        if not isinstance(now, int | float):
            now = home.state(entity.id).attributes.get("current_temperature")
        if not isinstance(now, int | float):
            raise Impossible(f"{entity.name} does not tell its temperature: say how many degrees.")
        return _temperature_call(entity, Amount(now + step, Unit.NONE))

    return {"temperature_step": spoken}, call


def _temperature_call(entity: Entity, said: Amount) -> Call:
    low = float(entity.options.get("min_temp", 5))
    high = float(entity.options.get("max_temp", 35 if said.value < 45 else 95))
    value = said.value
    if said.unit is Unit.FAHRENHEIT and high <= 45:
        value = round((value - 32) * 5 / 9 * 2) / 2
    if not low <= value <= high:
        raise Impossible(f"{entity.name} goes from {low:g} to {high:g} degrees.")
    return "set_temperature", {"temperature": _plain_number(value)}


def climate_fan_mode(clause: ClauseReading, home: Home, words: Lexicon) -> Built:
    """Fan mode of a climate device."""
    said = " ".join(span.text for span in spans_of(clause, "value")).lower()
    mode = words.which("fan_mode", plain(said)) or said
    if not mode:
        return {}, None
    return {"fan_mode": mode}, lambda entity: ("set_fan_mode", {"fan_mode": mode})


def climate_mode(clause: ClauseReading, home: Home, words: Lexicon) -> Built:
    """HVAC mode or preset."""
    said = " ".join(span.text for span in spans_of(clause, "value")).lower().removesuffix(" mode")
    if not said:
        return {}, None
    mode = str(words.find("mode", plain(said)) or said).replace(" ", "_")

    def call(entity: Entity) -> Call:
        presets = [str(p) for p in entity.options.get("preset_modes", ())]
        modes = [str(m) for m in entity.options.get("hvac_modes", ())]
        if mode in modes or not (modes or presets):
            return "set_hvac_mode", {"hvac_mode": mode}
        best = max(presets, key=lambda preset: best_fit(said, [preset]), default=None)
        if best is not None and best_fit(said, [best]) >= SURE:
            return "set_preset_mode", {"preset_mode": best}
        raise Impossible(f"{entity.name} knows {', '.join((*modes, *presets))}.")

    return {"mode": mode}, call


# --- volume ----------------------------------------------------------------------------------


def volume(clause: ClauseReading, home: Home, words: Lexicon) -> Built:
    """Volume in percent."""
    said = _said_amount(clause, words)
    if said is None:
        return {}, None
    value = said.value
    return {"volume_level": _plain_number(value)}, lambda entity: (
        "volume_set", {"volume_level": _percent(value, "Volume") / 100}
    )  # fmt: skip


def volume_step(clause: ClauseReading, home: Home, words: Lexicon) -> Built:
    """Louder or quieter."""
    if clause.attributes["direction"].label == NONE:
        return {}, None
    step, spoken = _step(clause, 10, words)

    def call(entity: Entity) -> Call:
        now = home.state(entity.id).attributes.get("volume_level")
        if not isinstance(now, int | float):
            return ("volume_up" if step > 0 else "volume_down"), {}
        return "volume_set", {"volume_level": round(max(0.0, min(1.0, now + step / 100)), 3)}

    return {"volume_step": spoken}, call
