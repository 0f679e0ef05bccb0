"""What of a thing is asked about: its battery, brightness, volume, set point; and who tells it.

An aspect is told by an attribute of the thing itself, or by a sensor that measures it: one that has
the thing's name or device, or that stands in the room that was said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from devices.colors import nearest_name
from devices.home import Entity, Home
from edge.tasks.understanding_schema import NONE, ClauseReading
from hub.ground.by_name import NAMED
from hub.ground.context import Context
from hub.ground.index import Match, match_all, words_of
from hub.ground.kinds import PEOPLE
from hub.ground.names import kind_of_word, tokens
from hub.ground.places import find_area, find_floor
from hub.ground.search import find_target
from hub.ground.spans import spans_of
from hub.ground.target import Wanted
from hub.languages import lexicon, plain

SENSING = frozenset({"sensor", "binary_sensor"})
VALUED = SENSING | frozenset(
    "select number text input_select input_number input_text input_datetime counter".split()
)
"""Domains whose state is a value of its own, named for what it tells."""


@dataclass(frozen=True, slots=True)
class Aspect:
    """`classes` are the device classes of sensors that measure it; `keys` the attributes of other
    things that tell it, best first, and `shown` puts such a value into words."""

    classes: frozenset[str]
    keys: tuple[str, ...]
    shown: Callable[[Any], str]


def _plain(value: Any) -> str:
    return str(value).replace("_", " ")


def _percent(value: Any) -> str:
    return f"{value}%"


def _share(value: Any) -> str:
    return f"{round(value * 100)}%"


def _degrees(value: Any) -> str:
    return f"{value} degrees"


def _colour(value: Any) -> str:
    """An RGB colour by the name that comes nearest, a colour temperature in kelvin."""
    if isinstance(value, int | float):
        return f"{value} K"
    return nearest_name((value[0], value[1], value[2])) if _is_rgb(value) else _plain(value)


def _is_rgb(value: Any) -> bool:
    return (
        isinstance(value, list | tuple)
        and len(value) == 3
        and all(isinstance(part, int | float) for part in value)
    )


def _aspect(classes: str, keys: str, shown: Callable[[Any], str]) -> Aspect:
    return Aspect(frozenset(classes.split()), tuple(keys.split()), shown)


ASPECTS: Mapping[str, Aspect] = {
    "battery": _aspect("battery", "battery_level battery", _percent),
    "brightness": _aspect("illuminance", "brightness", lambda v: _share(v / 255)),
    "volume": _aspect("", "volume_level", _share),
    "level": _aspect("", "current_position brightness percentage volume_level", _plain),
    "source": _aspect("", "source media_channel", _plain),
    "artist": _aspect("", "media_artist", _plain),
    "target": _aspect("", "temperature humidity", _degrees),
    "humidity": _aspect("humidity moisture", "current_humidity humidity", _percent),
    "speed": _aspect("speed", "percentage preset_mode fan_speed", _plain),
    "position": _aspect("", "current_position", lambda v: f"{v}% open"),
    "color": _aspect("", "color_name rgb_color color_temp_kelvin", _colour),
    "color_temp": _aspect("", "color_temp_kelvin", lambda v: f"{v} K"),
    "mode": _aspect("", "preset_mode mode operation_mode", _plain),
    "left": _aspect("duration timestamp", "remaining time_left", _plain),
    "power": _aspect("power", "current_power_w power", lambda v: f"{v} W"),
    "energy": _aspect("energy", "", _plain),
    "cost": _aspect("monetary", "", _plain),
    "carbon_dioxide": _aspect("carbon_dioxide", "carbon_dioxide", _plain),
    "pm25": _aspect("pm25 aqi", "pm25 air_quality_index", _plain),
    "air": _aspect("carbon_dioxide pm25 pm10 aqi volatile_organic_compounds "
                   "volatile_organic_compounds_parts", "air_quality", _plain),
    "wind": _aspect("wind_speed", "wind_speed", _plain),
    "uv": _aspect("", "uv_index", _plain),
    "illuminance": _aspect("illuminance", "", _plain),
    "program": _aspect("", "program", _plain),
    "pressure": _aspect("pressure atmospheric_pressure", "pressure", _plain),
    "temperature": _aspect("temperature", "current_temperature temperature", _degrees),
}  # fmt: skip


_AMOUNTS: Mapping[str, Callable[[Any], str]] = {
    "percentage": _percent, "humidity": _percent, "volume_level": _share,
    "current_position": _percent, "brightness": lambda v: _share(v / 255),
}  # fmt: skip
"""How an attribute is told where just the amount is asked for."""


def aspect_of(clause: ClauseReading, context: Context) -> str | None:
    """The aspect that the clause asks about: by its words, else by the model's device class."""
    said = plain(_without_names(clause))
    spoken = context.words.find("aspect", said)
    if spoken in _OF_ANYTHING:  # "what percentage", "how high": of what, if that is said too
        others = context.words.without_reading("aspect", said, spoken)
        spoken = context.words.find("aspect", others) or spoken
    if spoken == "left":  # of the battery
        others = context.words.without_reading("aspect", said, spoken)
        spoken = "battery" if context.words.find("aspect", others) == "battery" else spoken
    if spoken in _TARGETS and context.words.has("set_point", said):
        return "target"
    if spoken is not None:
        return str(spoken)
    device_class = clause.attributes["device_class"].label
    return device_class if device_class in ASPECTS else None


_OF_ANYTHING = ("level", "position")
_TARGETS = (None, "temperature", "humidity", "level")
"""Of these a thing may have one that it was set to beside the one that is measured."""


def _without_names(clause: ClauseReading) -> str:
    text = clause.text
    for span in clause.spans:
        if span.slot in ("area", "floor"):
            start, end = span.start - clause.start, span.end - clause.start
            text = f"{text[:start]}{'.' * (end - start)}{text[end:]}"
    return text


@dataclass(frozen=True, slots=True)
class Told:
    """An entity with its own state as the answer, or with a value of one of its attributes."""

    entity: Entity
    value: str | None = None


def told(aspect: str, clause: ClauseReading, home: Home, context: Context) -> list[Told]:
    """Who tells the aspect of what the clause is about; empty if nothing in the home does."""
    if aspect in ("target", "level"):
        set_to = _by_attribute(aspect, _things(aspect, clause, home, context), home)
        return set_to or _by_attribute("level", _things("level", clause, home, context), home)
    measuring = [e for e in home.entities.values() if _measures(e, aspect)]
    measuring = [e for e in measuring if e.device_class == aspect] or measuring
    named = _named_sensors(measuring, aspect, clause, home)
    if named:
        return [Told(entity) for entity in named]
    in_the_room = _in_the_room(measuring, clause, home)
    something = any(s.slot in ("name", "device") for s in clause.spans)
    if aspect == "humidity" and in_the_room and not something:
        return in_the_room  # what a humidifier there is set to is no answer
    things = _things(aspect, clause, home, context)
    own = _by_attribute(aspect, things, home)
    devices = {e.device for e in things if e.device}
    beside = [Told(e) for e in measuring if e.device in devices]
    called = [Told(e) for e in measuring if any(_bears(e, thing) for thing in things)]
    if own or beside or called:
        return own or beside or called
    if spans_of(clause, "name"):
        return []
    if spans_of(clause, "area"):
        return in_the_room
    floors = [
        f for s in spans_of(clause, "floor") if (f := find_floor(s.text, home, context.words))
    ]
    if floors:
        return [Told(e) for e in measuring if home.floor_of(e) == floors[0].id]
    here = [e for e in measuring if context.area and e.area == context.area]
    return [Told(entity) for entity in here or measuring]


def _in_the_room(measuring: Iterable[Entity], clause: ClauseReading, home: Home) -> list[Told]:
    """The sensors of the rooms that are asked about."""
    rooms = {a.id for s in spans_of(clause, "area") if (a := find_area(s.text, home))}
    return [Told(entity) for entity in measuring if entity.area in rooms]


def _bears(entity: Entity, thing: Entity) -> bool:
    """Whether a sensor bears the whole name of a thing ("Restzeit Waschmaschine")."""
    own = set(tokens(thing.name))
    return bool(own) and own < set(tokens(entity.name))


def _measures(entity: Entity, aspect: str) -> bool:
    if entity.domain not in VALUED:
        return False
    if entity.device_class in ASPECTS[aspect].classes:
        return True
    if entity.device_class is not None:
        return False
    names = (entity.name, *entity.aliases)
    return aspect in {w for name in names for w in tokens(name)} or aspect in map(_named_for, names)


@lru_cache(maxsize=4096)
def _named_for(name: str) -> str | None:
    """The aspect that a reading or setting has its name from ("Dishwasher Programme")."""
    found = lexicon("en").find("aspect", plain(name))
    return None if found is None else str(found)


def _named_sensors(
    measuring: Iterable[Entity], aspect: str, clause: ClauseReading, home: Home
) -> list[Entity]:
    """The sensors whose names hold what was said ("Mary's phone" of "Mary's Phone Battery")."""
    spans = sorted(
        (s for s in clause.spans if s.slot in ("name", "device", "area")), key=lambda s: s.start
    )
    said = tuple(w for s in spans for w in tokens(s.text))
    about = {*tokens(aspect.replace("_", " "))}
    telling = tuple(w for w in said if w not in about and kind_of_word(w) != "sensor")
    known = tuple(w for w in telling if words_of(home).fitting(w))
    telling = known or telling
    if not telling:
        return []
    ids = {entity.id for entity in measuring}
    found = [m for m in match_all((*telling, *about), home) if m.entity.id in ids]
    kept = [m for m in found if m.exact or (m.score >= NAMED and _names_it(m, telling, home))]
    kept = kept or [m for m in found if _bears_all(m.entity, telling, home)]
    return [m.entity for m in kept if m.score >= kept[0].score - 0.05]


def _bears_all(entity: Entity, telling: tuple[str, ...], home: Home) -> bool:
    """Whether each of the words stands in the entity's names, whatever else does ("how long has the
    laundry got" of "Washer Remaining Time")."""
    index = words_of(home)
    own = index.own[entity.id]
    return all(
        any(fits >= _SAME and word in own for word, fits in index.fitting(each).items())
        for each in telling
    )


_SAME = 0.9


def _names_it(match: Match, telling: tuple[str, ...], home: Home) -> bool:
    own = match_all(telling, home)
    return any(m.entity.id == match.entity.id and (m.specific or m.exact) for m in own)


def _things(aspect: str, clause: ClauseReading, home: Home, context: Context) -> list[Entity]:
    """The things that the clause names, among those that can have the aspect at all."""
    keys = ASPECTS[aspect].keys

    def has(entity: Entity) -> bool:
        attributes = home.state(entity.id).attributes
        return entity.domain not in VALUED and any(attributes.get(k) is not None for k in keys)

    domain = clause.attributes["domain"].label
    others = VALUED | PEOPLE
    if domain in (NONE, *SENSING):
        wanted = Wanted(lambda e: e.domain not in others, has)
    else:
        wanted = Wanted(lambda e: e.domain not in others, lambda e: e.domain == domain)
    spoken = [s for s in clause.spans if s.slot in ("name", "device", "area", "entity")]
    if not spoken and domain in (NONE, *SENSING):
        return []
    able = find_target(clause, home, context, replace(wanted, accepts=has))
    if "name" in able.slots and able.entities:
        return list(able.entities)
    target = find_target(clause, home, context, wanted)
    return list(target.entities or target.tied)


def _by_attribute(aspect: str, things: Iterable[Entity], home: Home) -> list[Told]:
    found = []
    for entity in things:
        value = attribute_told(aspect, entity, home)
        if value is not None:
            found.append(Told(entity, value))
    return found


def attribute_told(aspect: str, entity: Entity, home: Home) -> str | None:
    """The aspect as one of the entity's attributes tells it, in words."""
    attributes = home.state(entity.id).attributes
    if aspect == "target" and attributes.get("temperature") is None:
        low, high = attributes.get("target_temp_low"), attributes.get("target_temp_high")
        if low is not None and high is not None:
            return f"{low} to {high} degrees"
    if aspect == "mode" and entity.domain in ("climate", "water_heater"):
        preset = attributes.get("preset_mode")
        state = _plain(home.state(entity.id).state or "unknown")
        return f"{state}, preset {_plain(preset)}" if preset else state
    for key in ASPECTS[aspect].keys:
        value = attributes.get(key)
        if value is not None:
            shown = ASPECTS[aspect].shown
            return (shown if aspect == "position" else _AMOUNTS.get(key, shown))(value)
    return None


def attribute_said(clause: ClauseReading, entity: Entity, home: Home) -> tuple[str, Any] | None:
    """An attribute whose own name stands in the sentence ("what is the fan mode of the AC")."""
    said = set(tokens(clause.text))
    own = {w for name in (entity.name, *entity.aliases) for w in tokens(name)}
    for key, value in home.state(entity.id).attributes.items():
        words = set(tokens(key.replace("_", " "))) - own
        simple = isinstance(value, str | int | float) and not isinstance(value, bool)
        if words and words <= said and simple:
            return key.replace("_", " "), value
    return None
