"""Two of a kind that only their owners tell apart: "dad's lamp on, mum's off"."""

from __future__ import annotations

from dataclasses import replace

from devices.home import Entity, Home
from edge.tasks.understanding_schema import ClauseReading, Scored, Span
from hub.ground.context import Context
from hub.ground.followup import pointing
from hub.ground.index import names_a_person, words_of
from hub.ground.listed import known_thing
from hub.ground.names import tokens, weight, word_fit
from hub.ground.places import find_area
from hub.ground.spans import blank

_SAME = 0.86
_NAMING = ("name", "device", "area", "entity")
_AMOUNTS = ("value", "color", "time", "delay", "duration", "condition", "except")


def theirs_too(clause: ClauseReading, home: Home, context: Context) -> ClauseReading:
    """The clause pointing at what is to who is named in it as the thing of the wish before, in the
    same sentence, is to another; as it is where it names a thing or a room itself."""
    before = [home.entities[i] for i in context.extra.get("meant", ()) if i in home.entities]
    if len(before) != 1:
        return clause
    if any(_is_a_place(s, home) or known_thing(s.text, home) for s in clause.spans):
        return clause
    amounts = [span for span in clause.spans if span.slot in _AMOUNTS]
    said = frozenset(tokens(blank(clause, amounts)))
    found = [
        (entity, owner)
        for entity in words_of(home).by_domain.get(before[0].domain, ())
        if entity != before[0] and (owner := _owner(entity, before[0], said, home))
    ]
    if len(found) != 1:
        return clause
    entity, owner = found[0]
    named = {w for s in clause.spans if s.slot in _NAMING for w in tokens(s.text)}
    if named - owner:
        return clause
    kept = (s for s in clause.spans if s.slot not in _NAMING)
    attributes = {**clause.attributes, "domain": Scored(entity.domain, 1.0)}
    return replace(clause, spans=(*kept, *pointing(clause, (entity.id,))), attributes=attributes)


def _is_a_place(span: Span, home: Home) -> bool:
    """Whether a span says where, and not only whose."""
    if span.slot == "floor":
        return True
    known = span.slot == "area" and find_area(span.text, home) is not None
    return known and not names_a_person(tokens(span.text), home)


def _owner(
    entity: Entity, before: Entity, said: frozenset[str], home: Home
) -> frozenset[str] | None:
    """The words of `said` that tell a thing from the one `before` whose name it shares otherwise;
    None if they do not, or if it is no pair."""
    shared = words_of(home).own[before.id]
    if not any(weight(word) == 1 for word in shared):
        return None
    for name in (entity.name, *entity.aliases):
        words = set(tokens(name))
        apart = words - shared
        fitting = {w: [s for s in said if word_fit(s, w) >= _SAME] for w in apart}
        if apart and words & shared and all(fitting.values()):
            return frozenset(s for each in fitting.values() for s in each)
    return None
