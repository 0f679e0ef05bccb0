"""Conditions about what is measured: "it is above 23 degrees", "the humidity drops below 40%"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from devices.home import Entity, Home
from edge.tasks.understanding_schema import ATTRIBUTES, NONE, ClauseReading, Scored, Span
from hub.automations.schema import NumericStateCondition
from hub.automations.triggers import number_of
from hub.ground.areas_said import areas_said
from hub.ground.aspects import ASPECTS, aspect_of, told
from hub.ground.awaited import Told, which
from hub.ground.by_name import NAMED
from hub.ground.context import Context
from hub.ground.index import match_all
from hub.ground.names import tokens
from hub.ground.told import unit_of
from hub.languages import Lexicon, Phrase, plain
from hub.quantities import Unit, amount, numeric

_ASPECTS = frozenset(
    "temperature humidity battery power energy carbon_dioxide pm25 air illuminance pressure wind "
    "left".split()
)
"""Aspects whose values are numbers as a person says them."""
_DEGREES = frozenset({Unit.DEGREES, Unit.CELSIUS, Unit.FAHRENHEIT})
_AS_GOOD_AS = 1e-6
"""A bound is crossed beyond it; what "reaches" a number need not go beyond."""


@dataclass(frozen=True, slots=True)
class Gauge:
    """Something with a number: the state of an entity, or one of its attributes."""

    entity: Entity
    attribute: str | None
    value: float
    unit: str


def measured(
    core: str, home: Home, context: Context, near: Sequence[str] = ()
) -> Told | Phrase | None:
    """A bound that a number must cross; None if the words name no number, no bound, or nothing
    that is measured here; a question if they may mean several things."""
    words = context.words
    bound = words.find("bound", core)
    bare = words.without_reading("bound", core)
    found = amount(bare, words)
    if found is None or found.level or not any(c.isdigit() for c in numeric(bare, words)):
        return None
    if bound is None and found.unit not in _DEGREES and not words.has("percent", core):
        return None
    gauges = _gauges(bare, found.unit in _DEGREES, home, context, near)
    if len(gauges) != 1:
        return which([g.entity for g in gauges]) if len(gauges) > 1 else None
    gauge = gauges[0]
    level = _in_unit(found.value, found.unit, gauge.unit)
    way = str(bound or "reach")
    if way == "reach":
        way = "at_least" if gauge.value < level else "at_most"
    return _bounded(gauge, way, level)


def _bounded(gauge: Gauge, way: str, level: float) -> Told:
    slack = _AS_GOOD_AS if way.startswith("at_") else 0.0
    rising = way in ("above", "at_least")
    condition = NumericStateCondition(
        condition="numeric_state", entity_id=[gauge.entity.id], attribute=gauge.attribute,
        above=level - slack if rising else None, below=None if rising else level + slack,
    )  # fmt: skip
    unit = f" {gauge.unit}" if gauge.unit and gauge.unit != "%" else gauge.unit
    english = {
        "above": "is above",
        "below": "is below",
        "at_least": "reaches",
        "at_most": "is down to",
    }
    sign = {"above": ">", "below": "<", "at_least": "≥", "at_most": "≤"}[way]
    name = gauge.entity.name
    return Told(
        condition,
        f"{name} {english[way]} {level:g}{unit}",
        f"{name} {sign} {level:g}{unit}",
        f"{name} is at {gauge.value:g}{unit}",
        (gauge.entity.id,),
    )


def _in_unit(value: float, said: Unit, unit: str) -> float:
    if said is Unit.FAHRENHEIT and unit == "°C":
        return round((value - 32) / 1.8, 2)
    if said is Unit.CELSIUS and unit == "°F":
        return round(value * 1.8 + 32, 2)
    return value


def _gauges(
    bare: str, degrees: bool, home: Home, context: Context, near: Sequence[str]
) -> list[Gauge]:
    """What has the number that is meant: of the place or thing that is named; else of where the
    wish is about, where the speaker is, or the only one."""
    areas = areas_said(bare, home)
    clause = _clause(bare, areas, home)
    aspect = aspect_of(clause, context)
    if aspect not in _ASPECTS:
        aspect = "temperature" if degrees else None
    if aspect is None:
        return _named(bare, home)
    if aspect == "temperature" and context.words.has("outside", bare) and not areas:
        outdoors = outdoor_gauges(home, context.words)
        if outdoors:
            return outdoors
    unplaced = not areas and not any(s.slot == "name" for s in clause.spans)
    asking = context
    found = _told(aspect, clause, home, asking)
    if unplaced:
        for places in (near, [context.area] if context.area else []):
            there = [g for g in found if g.entity.area in places]
            if not there and places:
                there = [g for g in _all(aspect, home) if g.entity.area in places]
            if there:
                return _best(there)
        found = _all(aspect, home)
    return _best(found)


def _best(found: list[Gauge]) -> list[Gauge]:
    """One: a sensor of its own rather than a thermostat beside it."""
    sensors = [g for g in found if g.attribute is None]
    return sensors if len(sensors) == 1 and len(_areas(found)) == 1 else found


def _areas(found: list[Gauge]) -> set[str | None]:
    return {g.entity.area for g in found}


def _clause(bare: str, areas: Sequence[str], home: Home) -> ClauseReading:
    """The words as a question about a value, with what they name as spans."""
    attributes = {name: Scored(NONE, 1.0) for name in ATTRIBUTES}
    attributes["question"] = Scored("value", 1.0)
    spans = [Span(0, len(bare), "area", home.areas[a].name, 1.0) for a in areas]
    said = tokens(bare)
    named = [m for m in match_all(said, home, telling=True) if m.exact or m.score >= NAMED]
    if named and not areas:
        spans.append(Span(0, len(bare), "name", named[0].entity.name, 1.0))
    plain_spans = tuple(Span(0, 0, s.slot, s.text, 1.0) for s in spans)
    return ClauseReading(
        0, len(bare), bare, (Scored("HassGetState", 1.0),), attributes, plain_spans
    )


def _told(aspect: str, clause: ClauseReading, home: Home, context: Context) -> list[Gauge]:
    entities = {each.entity.id: each.entity for each in told(aspect, clause, home, context)}
    return [g for e in entities.values() if (g := _gauge(e, aspect, home))]


def _all(aspect: str, home: Home) -> list[Gauge]:
    found = [g for e in home.entities.values() if (g := _gauge(e, aspect, home))]
    outdoors = {"weather"}
    return [g for g in found if g.entity.domain not in outdoors]


def _gauge(entity: Entity, aspect: str, home: Home) -> Gauge | None:
    state = home.state(entity.id)
    if entity.domain == "sensor":
        fits = entity.device_class in ASPECTS[aspect].classes
        value = number_of(state)
        return (
            Gauge(entity, None, value, unit_of(entity, home) or "")
            if fits and value is not None
            else None
        )
    key = next((k for k in ASPECTS[aspect].keys if state.attributes.get(k) is not None), None)
    if key is None or (
        aspect == "temperature" and key == "temperature" and entity.domain != "weather"
    ):
        return None
    value = number_of(state, key)
    unit = "%" if aspect in ("humidity", "battery") else ""
    if aspect == "temperature":
        unit = str(state.attributes.get("temperature_unit") or "°C")
    return None if value is None else Gauge(entity, key, value, unit)


def outdoor_gauges(home: Home, words: Lexicon) -> list[Gauge]:
    """The sensors outside, else the weather service."""
    gauges = [g for e in home.entities.values() if (g := _gauge(e, "temperature", home))]
    sensors = [g for g in gauges if g.attribute is None and _is_outside(g.entity, words)]
    return sensors or [g for g in gauges if g.entity.domain == "weather"]


def _is_outside(entity: Entity, words: Lexicon) -> bool:
    names = (entity.name, *entity.aliases)
    english = any(word in _OUTSIDE for name in names for word in tokens(name))
    return english or words.has("outdoors", plain("; ".join(names)))


_OUTSIDE = frozenset({"outdoor", "outside", "garden", "balcony", "terrace", "patio"})


def _named(bare: str, home: Home) -> list[Gauge]:
    """A sensor that is named by its own name, whatever it measures."""
    found = []
    for match in match_all(tokens(bare), home, telling=True):
        value = number_of(home.state(match.entity.id))
        if (
            match.entity.domain in ("sensor", "number")
            and match.score >= NAMED
            and value is not None
        ):
            unit = unit_of(match.entity, home) or ""
            found.append((match.score, Gauge(match.entity, None, value, unit)))
    return [gauge for score, gauge in found if score >= found[0][0] - 0.03]
