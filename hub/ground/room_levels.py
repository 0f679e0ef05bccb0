"""An amount for a room, not said of what: of the thing there that it suits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from devices.home import Entity, Home
from edge.tasks.understanding_schema import NONE, ClauseReading, Scored
from hub.ground.places import find_area
from hub.ground.results import Grounded
from hub.ground.spans import spans_of
from hub.languages import Lexicon
from hub.quantities import Amount, Unit, amount


def for_the_room(
    clause: ClauseReading, done: Grounded, home: Home, words: Lexicon
) -> Iterator[ClauseReading]:
    """ "Turn the kitchen down to eighteen", which the model takes for music where there is none:
    degrees that the heating there goes to, else per cent of its lights."""
    places = [s for s in clause.spans if s.slot in ("area", "name") and find_area(s.text, home)]
    areas = [area for s in places if (area := find_area(s.text, home))]
    values = spans_of(clause, "value")
    named = any(s not in places for s in clause.spans if s.slot in ("name", "device", "entity"))
    if not done.refused or clause.intent not in _LEVELS or named or len(values) != 1:
        return
    said = amount(values[0].text, words)
    if said is None or said.level or len(areas) != 1:
        return
    there = [e for e in home.entities.values() if e.area == areas[0].id]
    suits = _suiting(said, there, home)
    if suits is not None and (suits[1] != clause.intent or places[0].slot == "name"):
        sure = Scored(suits[1], max(clause.intents[0].confidence, _SURE))
        none = Scored(NONE, 1.0)
        attributes = {**clause.attributes, "domain": Scored(suits[0], 1.0), "direction": none}
        spans = (replace(places[0], slot="area"), *values)
        yield replace(clause, intents=(sure,), attributes=attributes, spans=spans)


_LEVELS = frozenset(
    {"HassSetVolume", "HassSetVolumeRelative", "HassSetValue", "HassFanSetSpeed", "HassLightSet",
     "HassClimateSetTemperature", "HassSetPosition"}
)  # fmt: skip
_SURE = 0.6


def _suiting(said: Amount, there: Sequence[Entity], home: Home) -> tuple[str, str] | None:
    """The kind of thing in a room that an amount suits, and the intent that sets it."""
    heating = [e for e in there if e.domain == "climate" and _within(said.value, e, home)]
    if heating and said.unit is not Unit.PERCENT:
        return "climate", "HassClimateSetTemperature"
    lights = any(e.domain == "light" for e in there)
    if lights and said.unit in (Unit.PERCENT, Unit.NONE) and 0 <= said.value <= _FULL:
        return "light", "HassLightSet"
    return None


_FULL = 100


def _within(value: float, thing: Entity, home: Home) -> bool:
    given = home.state(thing.id).attributes
    low, high = given.get("min_temp"), given.get("max_temp")
    return isinstance(low, int | float) and isinstance(high, int | float) and low <= value <= high
