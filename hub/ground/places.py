"""Rooms and floors that a clause names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from devices.home import Area, Entity, Floor, Home
from edge.tasks.understanding_schema import ClauseReading
from hub.ground.areas_said import floor_untagged
from hub.ground.forms import all_forms
from hub.ground.index import words_of
from hub.ground.names import best_fit, compound_head, kind_of_word, tokens
from hub.ground.spans import blank, spans_of
from hub.languages import Lexicon, lexicon, plain


def names_of(thing: Entity | Area | Floor, home: Home) -> list[str]:
    """All names of a thing: its own, its aliases; an entity's device's maker and model too."""
    found = list(all_forms((thing.name, *thing.aliases)))
    if isinstance(thing, Entity) and thing.device and (device := home.devices.get(thing.device)):
        found += [x for x in (device.name, device.manufacturer, device.model) if x]
    return found


def find_area(said: str, home: Home) -> Area | None:
    """The area that the words name, or None."""
    score, area = next(iter(words_of(home).area_fits(said, home)), (0.0, None))
    if score < 0.78 and (compound := compound_head(said)) and compound[0] != said:
        return find_area(compound[0], home)
    return area if score >= 0.78 else None


def find_areas(said: str, home: Home) -> list[Area]:
    """All areas that the words name equally well ("bedroom", where two are called so)."""
    scored = words_of(home).area_fits(said, home)
    top = scored[0][0] if scored else 0.0
    return [area for score, area in scored if score >= max(0.78, top - 0.02)]


def find_floor(said: str, home: Home, words: Lexicon) -> Floor | None:
    """The floor that the words name; "upstairs" and "downstairs" by level too."""
    scored = [(best_fit(said, names_of(floor, home)), floor) for floor in home.floors.values()]
    best = max(scored, key=lambda pair: pair[0], default=(0.0, None))
    if best[0] >= 0.78:
        return best[1]
    levels = sorted((f for f in home.floors.values() if f.level is not None), key=_level)
    if not levels:
        return None
    if words.has("upstairs", plain(said)):
        return levels[-1] if len(levels) > 1 else None
    if words.has("downstairs", plain(said)):
        return next((floor for floor in levels if floor.level == 0), levels[0])
    return None


def _level(floor: Floor) -> int:
    return floor.level or 0


@dataclass(frozen=True, slots=True)
class Place:
    """Where: areas and a floor that were said. `unknown` is a place that the home does not have,
    `whole` that the whole house was named."""

    areas: tuple[Area, ...] = ()
    floor: Floor | None = None
    unknown: str | None = None
    whole: bool = False

    @property
    def ids(self) -> frozenset[str]:
        """The ids of the areas."""
        return frozenset(area.id for area in self.areas)

    def within(self, things: Iterable[Entity], home: Home) -> list[Entity]:
        """The things that are known to be there."""
        ids, floor = self.ids, self.floor
        there = [e for e in things if not ids or e.area in ids]
        return [e for e in there if home.floor_of(e) == floor.id] if floor else there

    def holds(self, entity: Entity, home: Home) -> bool:
        """Whether the entity is there; one without a room may be anywhere."""
        if self.areas and entity.area and entity.area not in self.ids:
            return False
        return not (self.floor and home.floor_of(entity) not in (None, self.floor.id))


def place_of(clause: ClauseReading, home: Home, words: Lexicon) -> Place:
    """The rooms and the floor that the clause names, and what of them the home does not have."""
    areas: list[Area] = []
    floor: Floor | None = None
    unknown: str | None = None
    whole = False
    for span in (*spans_of(clause, "area"), *spans_of(clause, "floor")):
        if words.has("house", plain(span.text)) and find_area(span.text, home) is None:
            whole = True
            continue
        if words.fits("speaker", plain(span.text)):
            continue  # "at mine" is where the speaker is
        found, level = find_areas(span.text, home), find_floor(span.text, home, words)
        if not found and all(kind_of_word(word) == "room" for word in tokens(span.text)):
            continue  # "the room" is the one that the speaker is in
        if not found and all(words.fits("articles", word) for word in plain(span.text).split()):
            continue  # "on" of "on the ground floor", which the model cut off
        if span.slot == "floor" and level is not None:
            floor = level
        elif found:
            areas += found
        elif level is not None:
            floor = level
        elif words.has("outside", plain(span.text)) and (outdoors := outdoor_areas(home, words)):
            areas += outdoors
        else:
            unknown = span.text
    if not (areas or floor or unknown or whole):
        floor = floor_untagged(clause, home, words)
    if not (areas or floor or unknown or whole) and _says_outside(clause, words):
        areas += outdoor_areas(home, words)
    return Place(tuple(dict.fromkeys(areas)), floor, unknown, whole)


def _says_outside(clause: ClauseReading, words: Lexicon) -> bool:
    """Whether "outside" begins or ends the clause and says where ("the lights outside"), not what
    the weather is there ("turn the heating up, it is cold outside")."""
    said = plain(blank(clause, clause.spans)).strip(" .,!?")
    of_the_weather = any(words.find(kind, said) for kind in ("felt", "weather", "sun"))
    at_an_end = words.ending("outside", said) or words.starts("outside", said)
    return bool(at_an_end) and not of_the_weather


def outdoor_areas(home: Home, words: Lexicon) -> list[Area]:
    """The home's places under the sky, by their names in the language that is spoken or English."""
    tables = (words, lexicon("en"))
    return [
        area
        for area in home.areas.values()
        if any(table.has("outdoors", plain("; ".join(names_of(area, home)))) for table in tables)
    ]


def place_slots(
    place: Place, named: Entity | None = None, apart: frozenset[str] = frozenset()
) -> dict[str, Any]:
    """Where, unless the name of the thing says it already and the words `apart` from it do not."""
    slots: dict[str, Any] = {}
    outside = [
        a
        for a in place.areas
        if named is None or not _mentions(named, a) or set(tokens(a.name)) <= apart
    ]
    if outside:
        slots["area"] = outside[0].name
    if place.floor:
        slots["floor"] = place.floor.name
    return slots


def _mentions(named: Entity, area: Area) -> bool:
    return any(set(tokens(area.name)) <= set(tokens(n)) for n in (named.name, *named.aliases))
