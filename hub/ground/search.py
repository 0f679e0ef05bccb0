"""Which things a clause is about: a constrained search over the live home.

A clause may name a device, a room, a floor, a kind of thing, or combine them, and the same words
can be read in two ways ("kitchen light": the device of that name, or the lights of the kitchen).
Every reading that fits is scored; the best wins if it is clearly better than the next.
"""

from __future__ import annotations

from dataclasses import replace

from devices.home import Entity, Home
from edge.tasks.understanding_schema import NONE, ClauseReading, Span
from hub.ground.by_kind import by_kind
from hub.ground.by_name import by_name, other_thing, room_by_name, scores, unknown_name
from hub.ground.context import Context
from hub.ground.index import Match, words_of
from hub.ground.kinds import KIND_WORDS
from hub.ground.names import SURE, best_fit, tokens, word_fit
from hub.ground.places import Place, find_area, names_of, place_of
from hub.ground.said import Said
from hub.ground.spans import spans_of
from hub.ground.target import Target, Wanted, kind_slots
from hub.ground.told_apart import told_apart
from hub.ground.whose import kind_of_theirs
from hub.languages import plain


def find_target(clause: ClauseReading, home: Home, context: Context, wanted: Wanted) -> Target:
    """The best reading of what the clause is about."""
    found = _target(clause, home, context, wanted)
    if not found.entities and not found.tied and (called := _place_in_a_name(clause)):
        named = _target(called, home, context, wanted)
        by_its_name = len(named.entities) == 1 and "name" in named.slots
        if by_its_name and _passes(named.entities[0], wanted):
            found = named if _bears(named.entities[0], clause, home) else found
    return told_apart(found, clause, home, context.words)


def _bears(entity: Entity, clause: ClauseReading, home: Home) -> bool:
    """Whether a thing's name has a word of the place that was said."""
    said = [word for span in spans_of(clause, "area") for word in tokens(span.text)]
    return any(word_fit(w, other) >= SURE for w in said for other in words_of(home).own[entity.id])


def _passes(entity: Entity, wanted: Wanted) -> bool:
    """Whether a thing is of the kind; of a door, its lock or its sensor is."""
    door = wanted.device_class == "door" and entity.domain in ("lock", "binary_sensor")
    return wanted.kind(entity) or (door and wanted.accepts(entity))


def _place_in_a_name(clause: ClauseReading) -> ClauseReading | None:
    """The clause with a thing and the place beside it as one name: "the door to the terrace" may
    be the terrace door of the living room."""
    things, places = spans_of(clause, "device"), spans_of(clause, "area")
    if len(things) != 1 or len(places) != 1:
        return None
    start, end = min(things[0].start, places[0].start), max(things[0].end, places[0].end)
    text = clause.text[start - clause.start : end - clause.start]
    if len(text.split()) > _LONGEST_NAME:
        return None
    others = (s for s in clause.spans if s not in (*things, *places))
    return replace(clause, spans=(Span(start, end, "name", text, 1.0), *others))


_LONGEST_NAME = 5


def _target(clause: ClauseReading, home: Home, context: Context, wanted: Wanted) -> Target:
    pointed = [home.entities[s.text] for s in spans_of(clause, "entity") if s.text in home.entities]
    if pointed:
        name = {"name": pointed[0].name} if len(pointed) == 1 else {}
        return Target(tuple(e for e in pointed if wanted.accepts(e)) or tuple(pointed), name)
    place = place_of(clause, home, context.words)
    phrase = _said(clause, home, context, wanted, place)
    named = by_name(clause, home, context, wanted, place, phrase)
    if phrase.guessed and not (named and named.entities):
        group = by_kind(clause, home, context, wanted, place)
        asking = clause.intent == "HassGetState" and bool(group.tied)
        named = group if group.entities or asking else named
    elif phrase.guessed and named and _of_another_kind(clause, named, wanted):
        group = by_kind(clause, home, context, wanted, place)
        named = group if group.entities else named
    if named is not None:
        return _with_area(named, clause, home)
    if (room := _room_of_the_kind(clause, home, wanted)) is not None:
        return room
    if (other := other_thing(phrase, wanted, place, home)) is not None:
        said = " ".join(phrase.readings[0][0])
        return Target(slots={"name": other.name}, missing=said, other=other)
    name_spans = [s for s in spans_of(clause, "name") if phrase.tells(s)]
    if name_spans and (nearer := _without_beside(clause, name_spans[0], context)):
        return _target(nearer, home, context, wanted)
    if name_spans and not place.areas and (theirs := kind_of_theirs(clause, name_spans[0], home)):
        return _target(theirs, home, context, wanted)
    if name_spans and not place.areas and not place.floor:
        kind = room_by_name(name_spans, home, wanted)
        if kind is not None:
            return kind
        return unknown_name(name_spans[0].text, home, wanted, place)
    if name_spans and not spans_of(clause, "device") and wanted.domain == NONE:
        return unknown_name(name_spans[0].text, home, wanted, place)
    if place.unknown:
        return unknown_place(place, home, wanted)
    return by_kind(clause, home, context, wanted, place)


def _of_another_kind(clause: ClauseReading, named: Target, wanted: Wanted) -> bool:
    """Whether what is asked about is of a surer kind than a thing whose name the model did not mark
    ("is the carbon monoxide alarm ok" is about no alarm panel)."""
    told = clause.attributes["device_class"]
    asked = clause.intent == "HassGetState" and told.label != NONE
    return asked and not any(wanted.kind(entity) for entity in named.entities)


def _room_of_the_kind(clause: ClauseReading, home: Home, wanted: Wanted) -> Target | None:
    """What is called just as a room is, where such things are: "unlock the shed" is its lock, and
    not the light that is called after it."""
    spans = [s for s in spans_of(clause, "name") if (area := find_area(s.text, home))
             and tokens(s.text) in [tokens(name) for name in names_of(area, home)]]  # fmt: skip
    found = room_by_name(spans, home, wanted) if len(spans) == 1 else None
    return found if found and found.entities else None


def _without_beside(clause: ClauseReading, name: Span, context: Context) -> ClauseReading | None:
    """The clause with a name that nothing bears cut before the words that say beside what the thing
    stands ("the strip behind the TV"); None where it has none."""
    at = context.words.where("beside", name.text)
    if not at:
        return None
    shorter = Span(name.start, name.start + at, "device", name.text[:at].rstrip(), 1.0)
    return replace(clause, spans=tuple(shorter if s is name else s for s in clause.spans))


def _said(
    clause: ClauseReading, home: Home, context: Context, wanted: Wanted, place: Place
) -> Said:
    text = plain(clause.text)
    kind = KIND_WORDS.get(wanted.domain, frozenset())
    if context.words.has("watering", text):
        kind |= KIND_WORDS["valve"]
    return Said.of(clause, home, place, kind, context.words.has("joining", text))


def candidates(
    clause: ClauseReading, home: Home, context: Context, wanted: Wanted
) -> list[tuple[float, Match]]:
    """The things that the clause may name with their scores, best first: for explanations."""
    place = place_of(clause, home, context.words)
    phrase = _said(clause, home, context, wanted, place)
    return scores(home, context, wanted, place, phrase)


def _with_area(target: Target, clause: ClauseReading, home: Home) -> Target:
    """The room that stands in the name ("Вентиль в Кухня"), beside the thing's own name."""
    if len(target.entities) != 1 or {"area", "floor"} & set(target.slots):
        return target
    entity = target.entities[0]
    own = {word for name in names_of(entity, home) for word in tokens(name)}
    said = (word for span in spans_of(clause, "name") for word in tokens(span.text))
    left = [word for word in said if not any(word_fit(word, other) >= 0.7 for other in own)]
    area = find_area(" ".join(left), home) if left else None
    if area is None or entity.area not in (None, area.id):
        return target
    return replace(target, slots={**target.slots, "area": area.name})


def unknown_place(place: Place, home: Home, wanted: Wanted) -> Target:
    """The home has no such place: with the rooms that come near it."""
    said = place.unknown or ""
    scored = sorted(
        ((best_fit(said, names_of(a, home)), a.name) for a in home.areas.values()),
        key=lambda pair: -pair[0],
    )
    nearest = tuple(name for score, name in scored[:3] if score > 0.45)
    return Target(slots={**kind_slots(wanted), "area": said}, missing=said, nearest=nearest)
