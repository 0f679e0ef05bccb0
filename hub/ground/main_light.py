"""The light that a room has most of all, as people call it: "the big light", "das große Licht"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from devices.home import Entity, Home
from edge.tasks.understanding_schema import ClauseReading, Span
from hub.ground.context import Context
from hub.ground.followup import pointing
from hub.ground.index import words_of
from hub.ground.names import ARTICLES, OVERHEAD, kind_of_word, tokens
from hub.ground.places import names_of, place_of
from hub.languages import Lexicon, plain


def main_light(clause: ClauseReading, home: Home, context: Context) -> ClauseReading:
    """The clause with the room's main light in place of such words, where nothing is called so and
    it is plain which one it is; of the room that is said, else the speaker's."""
    said = next((s for s in clause.spans if _is_main(s, clause, context.words)), None)
    if said is None or tuple(sorted(tokens(said.text))) in words_of(home).exactly:
        return clause
    rooms = place_of(clause, home, context.words).ids or frozenset(filter(None, [context.area]))
    lights = words_of(home).by_domain.get("light", ())
    there = [e for e in lights if e.area in rooms]
    found = _most_of_all(there, home)
    kept = tuple(s for s in clause.spans if s is not said)
    if found is None:  # not all of them, as the light of a room would be
        return replace(clause, spans=(*kept, replace(said, slot="name"))) if there else clause
    return replace(clause, spans=(*kept, *pointing(clause, (found.id,))))


def _is_main(span: Span, clause: ClauseReading, words: Lexicon) -> bool:
    """Whether a span, with the word before it, says no more than "main light"."""
    if span.slot not in ("name", "device"):
        return False
    before = plain(clause.text[: max(0, span.start - clause.start)]).split()[-1:]
    said = [word for word in (*before, *plain(span.text).split()) if word not in ARTICLES]
    main = [word for word in said if words.fits("main_light", word)]
    inside = [word for word in tokens(span.text) if not words.fits("main_light", word)]
    return bool(main) and bool(inside) and all(kind_of_word(word) == "light" for word in inside)


def _most_of_all(lights: Sequence[Entity], home: Home) -> Entity | None:
    """The one that hangs from the ceiling by its name, else the one with the room's own name, else
    the only one."""
    overhead = [e for e in lights if words_of(home).own[e.id] & OVERHEAD]
    for some in (overhead, [e for e in lights if _called_after_its_room(e, home)], lights):
        if some:
            return some[0] if len(some) == 1 else None
    return None


def _called_after_its_room(light: Entity, home: Home) -> bool:
    area = home.areas.get(light.area or "")
    room = {word for name in names_of(area, home) for word in tokens(name)} if area else set()
    telling = [word for word in tokens(light.name) if kind_of_word(word) != "light"]
    return all(word in room for word in telling)
