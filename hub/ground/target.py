"""Which things a clause is about: a constrained search over the live home.

A clause may name a device, a room, a floor, a kind of thing, or combine them, and the same words
can be read in two ways ("kitchen light": the device of that name, or the lights of the kitchen).
Every reading that fits is scored; the best wins if it is clearly better than the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from devices.home import Area, Entity, Floor, Home
from edge.tasks.understanding_schema import NONE, ClauseReading, Span
from hub.ground.context import Context
from hub.ground.names import ARTICLES, POSSIBLE, SURE, best_fit, tokens
from hub.languages import Lexicon, plain

MARGIN = 0.06
"""Two readings closer than this are a tie: ask."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a clause is about. `slots` are the frame's name, area, floor, domain, device_class.

    `entities` may be empty although the words are clear (a room without such a device): then
    `missing` says what could not be found. `tied` holds entities that fit equally well.
    """

    entities: tuple[Entity, ...] = ()
    slots: dict[str, Any] = field(default_factory=dict)
    areas: tuple[str, ...] = ()
    floor: str | None = None
    tied: tuple[Entity, ...] = ()
    missing: str | None = None
    nearest: tuple[str, ...] = ()
    needs_place: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """What can be meant: `accepts` says of an entity whether the intent can be about it;
    `kind` narrows a group ("the lights") further than a name needs to."""

    accepts: Callable[[Entity], bool]
    kind: Callable[[Entity], bool]
    domain: str = NONE
    device_class: str = NONE


def names_of(thing: Entity | Area | Floor, home: Home) -> list[str]:
    """All names of a thing: its own, its aliases; an entity's device's maker and model too."""
    found = [thing.name, *thing.aliases]
    if isinstance(thing, Entity) and thing.device and (device := home.devices.get(thing.device)):
        found += [x for x in (device.name, device.manufacturer, device.model) if x]
    return found


def spans_of(clause: ClauseReading, slot: str) -> list[Span]:
    """The clause's spans of one slot."""
    return [span for span in clause.spans if span.slot == slot]


def find_area(said: str, home: Home) -> Area | None:
    """The area that the words name, or None."""
    scored = [(best_fit(said, names_of(area, home)), area) for area in home.areas.values()]
    best = max(scored, key=lambda pair: pair[0], default=(0.0, None))
    return best[1] if best[0] >= 0.78 else None


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


def find_target(clause: ClauseReading, home: Home, context: Context, wanted: Wanted) -> Target:
    """The best reading of what the clause is about."""
    place = _place(clause, home, context.words)
    name_spans = spans_of(clause, "name")
    device_spans = spans_of(clause, "device")
    named = _named(clause, home, wanted, place)
    if named is not None:
        return named
    if name_spans and not place.areas and not place.floor:
        kind = _kind_from_name(name_spans, home, wanted)
        if kind is not None:
            return kind
        return _unknown(name_spans[0].text, home, wanted, place)
    if name_spans and not device_spans and wanted.domain == NONE:
        return _unknown(name_spans[0].text, home, wanted, place)
    if place.unknown:
        return _unknown_place(place, home, wanted)
    return _group(clause, home, context, wanted, place)


@dataclass(frozen=True, slots=True)
class _Place:
    areas: tuple[Area, ...] = ()
    floor: Floor | None = None
    unknown: str | None = None
    whole: bool = False


def _place(clause: ClauseReading, home: Home, words: Lexicon) -> _Place:
    areas: list[Area] = []
    floor: Floor | None = None
    unknown: str | None = None
    whole = False
    for span in (*spans_of(clause, "area"), *spans_of(clause, "floor")):
        if words.has("house", plain(span.text)) and find_area(span.text, home) is None:
            whole = True
            continue
        area, level = find_area(span.text, home), find_floor(span.text, home, words)
        if span.slot == "floor" and level is not None:
            floor = level
        elif area is not None:
            areas.append(area)
        elif level is not None:
            floor = level
        else:
            unknown = span.text
    return _Place(tuple(dict.fromkeys(areas)), floor, unknown, whole)


def _named(clause: ClauseReading, home: Home, wanted: Wanted, place: _Place) -> Target | None:
    """The clause read as naming devices: each phrase that can be a name, against all names."""
    best: list[tuple[float, Entity]] = []
    phrase = ""
    explicit = bool(spans_of(clause, "name")) or place.unknown is not None
    phrases: dict[str, float] = {}
    for said, bonus in (*_phrases(clause), *_literal(clause, home, wanted)):
        phrases[said] = max(bonus, phrases.get(said, -1.0))
    for said, bonus in phrases.items():
        scored = [
            (_entity_score(said, entity, home, place) + bonus, entity)
            for entity in home.entities.values()
            if wanted.accepts(entity)
        ]
        scored.sort(key=lambda pair: -pair[0])
        if scored and (not best or scored[0][0] > best[0][0]):
            best, phrase = scored, said
    threshold = POSSIBLE + 0.1 if explicit else 0.97
    if not best or best[0][0] < threshold:
        return None
    if not explicit and _plural(clause):
        return None
    if place.unknown is not None and best_fit(phrase, [place.unknown]) > POSSIBLE:
        place = replace(place, unknown=None)
    return _decide(best, phrase, clause, home, wanted, place)


def _phrases(clause: ClauseReading) -> list[tuple[str, float]]:
    """Runs of the clause's words that may be a device's name, with a bonus for the model's view."""
    names, devices = spans_of(clause, "name"), spans_of(clause, "device")
    areas = [*spans_of(clause, "area"), *spans_of(clause, "floor")]
    found = [(span.text, 0.02) for span in names]
    for first in (*areas, *names):
        for second in (*devices, *names):
            if first is not second and first.end < second.start <= first.end + 6:
                found.append((f"{first.text} {second.text}", 0.0))
    found += [(said, 0.05) for span in devices if (said := _with_word_before(clause, span))]
    found += [(span.text, -0.01) for span in devices]
    found += [(span.text, -0.02) for span in areas]
    return found


def _with_word_before(clause: ClauseReading, span: Span) -> str | None:
    """ "flor lamp", where the model knew only the lamp: the word before may tell which."""
    before = clause.text[: span.start - clause.start].split()
    taken = {word for other in clause.spans for word in other.text.split()}
    if not before or before[-1] in taken or before[-1].lower() in ARTICLES:
        return None
    return f"{before[-1]} {span.text}"


_FREE_TEXT = frozenset({"query", "item", "message", "list", "value", "color", "state"})


def _literal(clause: ClauseReading, home: Home, wanted: Wanted) -> list[tuple[str, float]]:
    """Names that stand in the sentence word for word, wherever the model saw them."""
    text = clause.text
    for span in clause.spans:
        if span.slot in _FREE_TEXT or (span.slot == "area" and find_area(span.text, home)):
            start, end = span.start - clause.start, span.end - clause.start
            text = f"{text[:start]}{'.' * (end - start)}{text[end:]}"
    said = f" {' '.join(tokens(text))} "
    found = []
    for entity in home.entities.values():
        if wanted.accepts(entity):
            for name in (entity.name, *entity.aliases):
                if f" {' '.join(tokens(name))} " in said:
                    found.append((name, -0.01))
    return found


def _entity_score(said: str, entity: Entity, home: Home, place: _Place) -> float:
    score = best_fit(said, names_of(entity, home))
    area = home.areas.get(entity.area) if entity.area else None
    if area is not None and 0.45 < score < 1.0:
        with_room = [
            f"{room} {name}"
            for room in (area.name, *area.aliases)
            for name in (entity.name, *entity.aliases)
        ]
        score = max(score, best_fit(said, with_room) - 0.02)
    if place.areas:
        inside = any(entity.area == wanted.id for wanted in place.areas)
        score += 0.04 if inside else (-0.2 if entity.area else 0.0)
    if place.floor and home.floor_of(entity) not in (None, place.floor.id):
        score -= 0.2
    return score


def _plural(clause: ClauseReading) -> bool:
    scope = clause.attributes["scope"].label
    words = [span.text.lower() for span in spans_of(clause, "device")]
    return scope == "all" or any(w.endswith("s") and not w.endswith("ss") for w in words)


def _decide(
    scored: Sequence[tuple[float, Entity]],
    said: str,
    clause: ClauseReading,
    home: Home,
    wanted: Wanted,
    place: _Place,
) -> Target:
    top = scored[0][0]
    close = [entity for score, entity in scored if score >= top - MARGIN]
    kind = [entity for entity in close if wanted.kind(entity)]
    if kind and len(kind) < len(close):
        close = kind
    slots = _place_slots(place, said)
    if len(close) > 1 and _plural(clause) and place.unknown is None and not _exact(close, said):
        return Target(tuple(close), {**slots, **_kind_slots(wanted)})
    if len(close) > 1:
        same_name = len({entity.name for entity in close}) == 1
        name = {"name": close[0].name} if same_name else {}
        return Target(tied=tuple(close[:6]), slots={**name, **slots})
    if top < SURE - 0.1 and len(tokens(said)) == 1 and top < POSSIBLE + 0.12:
        return Target(tied=(close[0],), slots={"name": close[0].name, **slots})
    entity = close[0]
    return Target((entity,), {"name": entity.name, **slots})


def _place_slots(place: _Place, said: str = "") -> dict[str, Any]:
    slots: dict[str, Any] = {}
    outside = [a for a in place.areas if not _mentions(said, a)]
    if outside:
        slots["area"] = outside[0].name
    if place.floor:
        slots["floor"] = place.floor.name
    return slots


def _exact(entities: Sequence[Entity], said: str) -> bool:
    return any(tokens(entity.name) == tokens(said) for entity in entities)


def _mentions(said: str, area: Area) -> bool:
    return bool(said) and set(tokens(area.name)) <= set(tokens(said))


def _kind_slots(wanted: Wanted) -> dict[str, Any]:
    slots: dict[str, Any] = {}
    if wanted.domain != NONE:
        slots["domain"] = wanted.domain
    if wanted.device_class not in (NONE, "coffee"):
        slots["device_class"] = wanted.device_class
    return slots


def _kind_from_name(spans: Sequence[Span], home: Home, wanted: Wanted) -> Target | None:
    """A "name" that is really a room ("turn on the bedroom")."""
    areas = [area for span in spans if (area := find_area(span.text, home))]
    if not areas or wanted.domain == NONE:
        return None
    inside = [e for e in home.entities.values() if wanted.kind(e) and e.area == areas[0].id]
    slots = {"area": areas[0].name, **_kind_slots(wanted)}
    missing = None if inside else f"{wanted.domain} in {areas[0].name}"
    return Target(tuple(inside), slots, (areas[0].id,), missing=missing)


def _unknown(said: str, home: Home, wanted: Wanted, place: _Place) -> Target:
    scored = sorted(
        ((best_fit(said, names_of(e, home)), e.name) for e in home.entities.values()),
        key=lambda pair: -pair[0],
    )
    nearest = tuple(dict.fromkeys(name for score, name in scored[:3] if score > 0.45))
    return Target(slots=_place_slots(place), missing=said, nearest=nearest)


def _unknown_place(place: _Place, home: Home, wanted: Wanted) -> Target:
    said = place.unknown or ""
    scored = sorted(
        ((best_fit(said, names_of(a, home)), a.name) for a in home.areas.values()),
        key=lambda pair: -pair[0],
    )
    nearest = tuple(name for score, name in scored[:3] if score > 0.45)
    return Target(slots={**_kind_slots(wanted), "area": said}, missing=said, nearest=nearest)


def _group(
    clause: ClauseReading, home: Home, context: Context, wanted: Wanted, place: _Place
) -> Target:
    """The clause read as naming a kind of thing somewhere."""
    scope = clause.attributes["scope"].label
    candidates = [entity for entity in home.entities.values() if wanted.kind(entity)]
    candidates = _without_excluded(clause, home, candidates, context.words)
    slots = {**_kind_slots(wanted), **_place_slots(place)}
    if place.areas:
        ids = tuple(area.id for area in place.areas)
        inside = [entity for entity in candidates if entity.area in ids]
        missing = None if inside else f"{wanted.domain} in {place.areas[0].name}"
        return Target(tuple(inside), slots, ids, missing=missing)
    if place.floor:
        inside = [e for e in candidates if home.floor_of(e) == place.floor.id]
        missing = None if inside else f"{wanted.domain} on {place.floor.name}"
        return Target(tuple(inside), slots, floor=place.floor.id, missing=missing)
    if scope != "all" and not place.whole and context.area:
        inside = [entity for entity in candidates if entity.area == context.area]
        if inside:
            return Target(tuple(inside), slots, (context.area,))
    if not candidates:
        return Target(slots=slots, missing=wanted.domain if wanted.domain != NONE else "device")
    everywhere = scope == "all" or place.whole or len(candidates) == 1
    if everywhere:
        return Target(tuple(candidates), slots)
    return Target(tied=tuple(candidates), slots=slots, needs_place=True)


def _without_excluded(
    clause: ClauseReading, home: Home, candidates: Iterable[Entity], words: Lexicon
) -> list[Entity]:
    kept = list(candidates)
    for span in spans_of(clause, "except"):
        area = find_area(span.text, home)
        floor = find_floor(span.text, home, words)
        scored = [(best_fit(span.text, names_of(entity, home)), entity) for entity in kept]
        named = {entity.id for score, entity in scored if score >= SURE}
        kept = [
            entity
            for entity in kept
            if entity.id not in named
            and not (area and entity.area == area.id)
            and not (floor and area is None and home.floor_of(entity) == floor.id)
        ]
    return kept
