"""A clause read as naming a device."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from devices.home import Entity, Home
from edge.tasks.understanding_schema import NONE, ClauseReading, Span
from hub.ground.context import Context
from hub.ground.index import Match, match_all
from hub.ground.names import ARTICLES, POSSIBLE, tokens, weight
from hub.ground.places import Place, find_area, place_slots
from hub.ground.said import Said, names_said, stands_in
from hub.ground.spans import spans_of
from hub.ground.target import UNSPOKEN, Target, Wanted, kind_slots
from hub.languages import plain

MARGIN = 0.06
"""Two readings closer than this are a tie: ask."""
NAMED = 0.72
"""From here on the best match of a phrase is acted on, if nothing else comes near it."""
APART = 0.12
"""A part of a name is enough if no other thing comes this near to it."""
NEAR = 0.5
"""From here on a name is offered: "did you mean ...?"."""
OTHER_KIND = 0.08
"""What a match loses if the thing is of another kind than the model takes it for."""
_EXACT, _EXACT_UNMARKED = 0.85, 0.9
"""From here on a name counts as said exactly; more where the model marked nothing as one."""
ELSEWHERE = 0.25
"""What a match loses if the thing is not in the place that was said."""


def by_name(
    clause: ClauseReading,
    home: Home,
    context: Context,
    wanted: Wanted,
    place: Place,
    phrase: Said,
) -> Target | None:
    """The clause read as naming devices; None where it names a kind, or nothing that fits."""
    scored = scores(home, context, wanted, place, phrase)
    if not scored or scored[0][0] < POSSIBLE:
        return None
    asking = clause.intent == "HassGetState"
    least = _EXACT_UNMARKED if phrase.guessed else _EXACT
    exact = scored[0][1].exact and (scored[0][0] > least or asking)
    if (
        exact
        and not phrase.telling
        and phrase.plural
        and not _plural_name(clause, scored[0][1].entity)
    ):
        return None
    return _decide(scored, clause, home, context, wanted, place, phrase)


def scores(
    home: Home, context: Context, wanted: Wanted, place: Place, phrase: Said
) -> list[tuple[float, Match]]:
    """What the phrase may name, best first."""
    here = place.ids | ({context.area} if context.area else frozenset())
    best: dict[str, tuple[float, Match]] = {}
    for said, loss in phrase.readings:
        bare = said in phrase.bare
        if bare and wanted.domain == NONE:
            continue
        for match in match_all(said, home, here, telling=True):
            if bare and not wanted.kind(match.entity):
                continue
            if not wanted.accepts(match.entity) or not (match.specific or match.exact):
                continue
            if not match.exact and not phrase.tells_by(said):
                continue
            score = match.score + loss
            if not place.holds(match.entity, home):
                if all(weight(word) < 1 for word in said):
                    continue  # "the telly" of a room that has none
                score -= ELSEWHERE
            if wanted.domain != NONE and not match.exact and not wanted.kind(match.entity):
                score -= OTHER_KIND
            known = best.get(match.entity.id)
            if known is None or score > known[0]:
                best[match.entity.id] = (score, match)
    return sorted(best.values(), key=lambda pair: (-pair[0], pair[1].entity.id))


def _decide(
    scored: Sequence[tuple[float, Match]],
    clause: ClauseReading,
    home: Home,
    context: Context,
    wanted: Wanted,
    place: Place,
    phrase: Said,
) -> Target:
    top = scored[0][0]
    close = [match.entity for score, match in scored if score >= top - MARGIN]
    for narrower in (wanted.kind, lambda e: e.area is not None and e.area == context.area):
        some = [entity for entity in close if narrower(entity)]
        close = some or close
    slots = place_slots(place, scored[0][1].entity, _said_apart(clause))
    exact = scored[0][1].exact
    if len(close) > 1 and exact and _listed(clause, close, home, context):
        return Target(tuple(close), place_slots(place))
    if len(close) > 1 and phrase.plural and not exact and not _each_several(clause, close):
        return Target(tuple(close), {**slots, **kind_slots(wanted)})
    if len(close) > 1:
        same_name = len({entity.name for entity in close}) == 1
        name = {"name": close[0].name} if same_name else {}
        return Target(tied=tuple(close[:6]), slots={**name, **slots})
    apart = len(scored) == 1 or top - scored[1][0] > APART
    if top < NAMED and not (scored[0][1].whole and apart):
        return Target(tied=(close[0],), slots={"name": close[0].name, **slots})
    return Target((close[0],), {"name": close[0].name, **slots})


def _each_several(clause: ClauseReading, close: Sequence[Entity]) -> bool:
    """Whether the plural that was said stands in the name of each, and they are in several rooms:
    of the kitchen's downlights and those of the lounge, "the downlights" are one or the other."""
    said = {w for s in clause.spans for w in plain(s.text).split() if w.endswith("s")}
    apart = len({entity.area for entity in close}) == len(close)
    return apart and all(said & set(plain(entity.name).split()) for entity in close)


def _listed(clause: ClauseReading, close: Sequence[Entity], home: Home, context: Context) -> bool:
    """Whether each of these things is marked by its whole name ("the kettle and the coffee
    machine"), or several are as one name: people make no pause between them."""
    spans = sorted(spans_of(clause, "name"), key=lambda span: span.start)
    if not all(_goes_on(clause, *pair, context) for pair in pairwise(spans)):
        return False
    said = [tokens(span.text) for span in spans]
    runs = [run for run in names_said(clause, home) if any(stands_in(run, s) for s in said)]
    each = [next((run for run in runs if run in _names(e)), ()) for e in close]
    return all(each) and len(set(each)) == len(close)


def _goes_on(clause: ClauseReading, one: Span, other: Span, context: Context) -> bool:
    """Whether nothing but "and" and articles stands between two names: no "instead of"."""
    between = clause.text[one.end - clause.start : other.start - clause.start]
    words = tokens(between)
    return all(w in ARTICLES or context.words.fits("joining", w) for w in words)


def _names(entity: Entity) -> list[tuple[str, ...]]:
    return [tokens(name) for name in (entity.name, *entity.aliases)]


def _said_apart(clause: ClauseReading) -> frozenset[str]:
    """The words that name a thing, as opposed to where it is."""
    spans = (*spans_of(clause, "name"), *spans_of(clause, "device"))
    return frozenset(word for span in spans for word in tokens(span.text))


def _plural_name(clause: ClauseReading, entity: Entity) -> bool:
    """Whether the plural that was said is the thing's own name ("Patio Lights")."""
    said = clause.text.casefold()
    return any(n.casefold() in said and n.endswith("s") for n in (entity.name, *entity.aliases))


def other_thing(phrase: Said, wanted: Wanted, place: Place, home: Home) -> Entity | None:
    """A thing that the intent cannot be about, but that is clearly the one that was named: in words
    that the model took for a name or a kind, not in others ("send the vacuum home")."""
    best: Match | None = None
    marked = frozenset(phrase.readings[0][0]) if phrase.readings else frozenset[str]()
    of_any_kind = [each for each in phrase.readings if each[0] not in phrase.bare]
    readings = [(said, loss) for said, loss in of_any_kind if not marked.isdisjoint(said)]
    for said, loss in () if phrase.guessed else readings:
        for match in match_all(said, home, telling=True)[:8] if phrase.tells_by(said) else ():
            clear = match.exact or (match.specific and match.whole and match.score >= NAMED)
            there = place.holds(match.entity, home) and loss > -0.1
            if clear and there and not wanted.accepts(match.entity):
                best = match if best is None or match.score > best.score else best
    return best.entity if best else None


def room_by_name(spans: Sequence[Span], home: Home, wanted: Wanted) -> Target | None:
    """A "name" that is really a room ("turn on the bedroom")."""
    areas = [area for span in spans if (area := find_area(span.text, home))]
    if not areas or wanted.domain == NONE:
        return None
    inside = [e for e in home.entities.values() if wanted.kind(e) and e.area == areas[0].id]
    slots = {"area": areas[0].name, **kind_slots(wanted)}
    if wanted.domain in UNSPOKEN and len(inside) > 1:
        return Target(tied=tuple(inside[:6]), slots=slots)
    missing = None if inside else f"{wanted.domain} in {areas[0].name}"
    return Target(tuple(inside), slots, (areas[0].id,), missing=missing)


def unknown_name(said: str, home: Home, wanted: Wanted, place: Place) -> Target:
    """Nothing is called so: with the names that come near it."""
    matches = [m for m in match_all(tokens(said), home) if wanted.accepts(m.entity)]
    near = [m.entity.name for m in matches[:3] if m.score > NEAR and m.specific]
    return Target(slots=place_slots(place), missing=said, nearest=tuple(dict.fromkeys(near)))
