"""A clause read as naming a kind of thing somewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from devices.home import Entity, Home
from edge.tasks.understanding_schema import ClauseReading
from hub.ground.by_name import NAMED
from hub.ground.context import Context
from hub.ground.index import match_all, words_of
from hub.ground.kinds import is_screen, says_kind
from hub.ground.names import POSSIBLE, is_special, kind_of_word, kinds_in, tokens
from hub.ground.places import Place, find_area, find_floor, place_slots
from hub.ground.said import says_several
from hub.ground.spans import spans_of
from hub.ground.target import UNSPOKEN, Target, Wanted, kind_said, kind_slots
from hub.languages import Lexicon, plain


def by_kind(
    clause: ClauseReading, home: Home, context: Context, wanted: Wanted, place: Place
) -> Target:
    """The clause read as naming a kind of thing somewhere."""
    unspared = _unknown_exception(clause, home, context.words)
    if unspared is not None:
        return Target(missing=unspared)
    scope = clause.attributes["scope"].label
    slots = {**kind_slots(wanted), **place_slots(place)}
    things = list(home.entities.values())
    if place.areas or place.floor:
        there = place.within(things, home)
        inside = _of_kind(clause, home, there, wanted) or _the_only(things, wanted)
        inside = _narrowed(
            clause, home, _without_excluded(clause, home, inside, context.words), context.words
        )
        where = place.areas[0].name if place.areas else place.floor.name if place.floor else ""
        missing = None if inside else f"{kind_said(clause, wanted)} in {where}"
        floor = place.floor.id if place.floor else None
        if wanted.domain in UNSPOKEN and not _any_said(clause) and scope != "all" and inside:
            lit = [e for e in there if e.domain == "light" or "light" in kinds_in(e.name)]
            if lit:
                return Target(tuple(lit), slots, tuple(a.id for a in place.areas), floor)
            return Target(tied=tuple(inside[:6]), slots=slots)
        return Target(
            tuple(inside), slots, tuple(a.id for a in place.areas), floor, missing=missing
        )
    candidates = _of_kind(clause, home, things, wanted)
    spared = _without_excluded(clause, home, candidates, context.words)
    candidates = _narrowed(clause, home, spared, context.words)
    if len(candidates) > 1 and _another(clause, context):
        return _the_other(clause, home, candidates, context, slots)
    everywhere = scope == "all" or place.whole or _of_every_room(clause)
    if not everywhere and context.area:
        inside = [entity for entity in candidates if entity.area == context.area]
        if not inside and wanted.domain == "climate":  # whatever each room's heating is called
            inside = [entity for entity in spared if entity.area == context.area]
        if inside:
            return Target(tuple(inside), slots, (context.area,))
    if not candidates:
        return Target(slots=slots, missing=kind_said(clause, wanted))
    robots = wanted.domain in _ROBOTS and says_several(clause)
    if scope == "all" or place.whole or len(candidates) == 1 or robots:
        return Target(tuple(candidates), slots)
    if len({entity.area for entity in candidates}) == 1:
        if says_several(clause):
            return Target(tuple(candidates), slots)
        return Target(tied=tuple(candidates), slots=slots)
    return Target(tied=tuple(candidates), slots=slots, needs_place=True)


def _of_every_room(clause: ClauseReading) -> bool:
    """Whether a question without a place is about the whole house, wherever it is asked: "which
    lights are on", "how many windows are open"."""
    return clause.attributes["question"].label in ("which", "how_many")


def _another(clause: ClauseReading, context: Context) -> bool:
    """Whether "the other" is said of a kind of thing, and surely not of all of them."""
    scope = clause.attributes["scope"]
    surely_all = scope.label == "all" and scope.confidence >= _SURELY
    return not surely_all and context.words.has("other", plain(clause.text))


def _the_other(
    clause: ClauseReading,
    home: Home,
    candidates: Sequence[Entity],
    context: Context,
    slots: dict[str, Any],
) -> Target:
    """ "The other lamp", where nothing was spoken of before: of those where the speaker is, the one
    that is not yet as wished, else whichever they say."""
    here = [e for e in candidates if e.area == context.area] or list(candidates)
    wished = {"HassTurnOn": "on", "HassTurnOff": "off"}.get(clause.intent)
    waiting = [e for e in here if home.state(e.id).state != wished]
    if wished and len(waiting) == 1:
        return Target(tuple(waiting), slots)
    return Target(tied=tuple(here), slots=slots)


_SURELY = 0.9


def _the_only(things: Sequence[Entity], wanted: Wanted) -> list[Entity]:
    """The one alarm panel of a home: it guards every room, wherever it hangs ("arm the office")."""
    guarding = [e for e in things if wanted.kind(e)] if wanted.domain == _GUARDS else []
    return guarding if len(guarding) == 1 else []


_GUARDS = "alarm_control_panel"
_ROBOTS = ("vacuum", "lawn_mower")
"""They go about the house: "the vacuums" are all of them, in whatever room they stand."""


def _any_said(clause: ClauseReading) -> bool:
    return any(span.slot in ("name", "device") for span in clause.spans)


def _of_kind(
    clause: ClauseReading, home: Home, things: Sequence[Entity], wanted: Wanted
) -> list[Entity]:
    """The things of the kind; those that pass for it where there is none, or none that bears the
    word that was said while they do ("the heater" that is a socket)."""
    kind = [e for e in things if wanted.kind(e)]
    if wanted.domain in UNSPOKEN and not _bearing(clause, home, kind, wanted):
        spoken = [w for s in spans_of(clause, "device") for w in tokens(s.text)]
        called = [e for e in things if wanted.accepts(e) and any(says_kind(w, e) for w in spoken)]
        kind = _bearing(clause, home, called, wanted) or called or kind
    if kind and (_bearing(clause, home, kind, wanted) or not _said_of_a_thing(clause, wanted)):
        return kind
    like = [e for e in things if wanted.like(e)]
    return (_bearing(clause, home, like, wanted) or kind) if kind else like


def _bearing(
    clause: ClauseReading, home: Home, things: Sequence[Entity], wanted: Wanted
) -> list[Entity]:
    """Those with a word in their names that the clause calls the thing by."""
    said = _said_of_a_thing(clause, wanted) - _domain_words(things)
    own = words_of(home).own
    return [entity for entity in things if said & own[entity.id]] if said else []


def _said_of_a_thing(clause: ClauseReading, wanted: Wanted) -> set[str]:
    """What the clause calls the thing, without the words for its domain."""
    said = {word for span in spans_of(clause, "device") for word in tokens(span.text)}
    return said - set(wanted.domain.split("_"))


def _domain_words(things: Sequence[Entity]) -> set[str]:
    return {word for domain in {e.domain for e in things} for word in domain.split("_")}


def _narrowed(
    clause: ClauseReading, home: Home, candidates: list[Entity], words: Lexicon
) -> list[Entity]:
    """Of a kind, those that bear the very word that was said, if some do: a room has lights, and
    one of them may be the lamp. The kind's own word ("light", "lumières") picks none; nor do the
    doors pick locks, whatever each is called after, where several are meant."""
    spans = (*spans_of(clause, "device"), *spans_of(clause, "name"))
    if words.has("music", plain(" ".join(span.text for span in spans))):
        return [e for e in candidates if not is_screen(e)] or candidates
    said = {word for span in spans for word in tokens(span.text)}
    domains = {entity.domain for entity in candidates}
    if domains == {"lock"} and says_several(clause):
        said -= {word for word in said if kind_of_word(word) == "door"}
    said -= _domain_words(candidates)
    telling = {w for w in said if kind_of_word(w) not in domains or is_special(w)}
    own = words_of(home).own
    if any(map(is_special, telling)):  # spots are spotlights, too
        telling |= {w for entity in candidates for w in own[entity.id] if is_special(w)}
    bearing = [entity for entity in candidates if telling & own[entity.id]] if telling else []
    if not bearing and _only_speakers(telling, candidates):
        return []  # a room's radio is no telly
    return bearing or _players(telling, candidates) or candidates


def _only_speakers(telling: set[str], candidates: list[Entity]) -> bool:
    screens = any(kind_of_word(word) == "tv" for word in telling)
    return screens and all(entity.device_class == "speaker" for entity in candidates)


def _players(telling: set[str], candidates: list[Entity]) -> list[Entity]:
    """Of players, those of the kind that was said by another word ("the telly": the TV)."""
    kinds = {kind_of_word(word) for word in telling} & {"tv", "speaker"}
    if not kinds:
        return []
    return [
        e
        for e in candidates
        if e.domain == "media_player" and kinds & {e.device_class, *kinds_in(e.name)}
    ]


def _unknown_exception(clause: ClauseReading, home: Home, words: Lexicon) -> str | None:
    """What is to be left alone although this home has no such thing: better not begin."""
    for span in spans_of(clause, "except"):
        known = find_area(span.text, home) or find_floor(span.text, home, words)
        best = next(iter(match_all(tokens(span.text), home)), None)
        if not known and (best is None or best.score < POSSIBLE):
            return span.text
    return None


def _without_excluded(
    clause: ClauseReading, home: Home, candidates: Sequence[Entity], words: Lexicon
) -> list[Entity]:
    kept = list(candidates)
    for span in spans_of(clause, "except"):
        area, floor = find_area(span.text, home), find_floor(span.text, home, words)
        matches = {m.entity.id: m for m in match_all(tokens(span.text), home, telling=True)}
        near = [m.score for e in kept if (m := matches.get(e.id)) and m.specific]
        best = max(near, default=0.0)
        named = {
            e.id
            for e in kept
            if best >= NAMED and (m := matches.get(e.id)) and m.specific and m.score >= best - 0.02
        }
        if not named:
            named = _called(tokens(span.text), kept)
        if area is not None and best < 1.0:
            named = {entity.id for entity in kept if entity.area == area.id}
        elif floor is not None and best < 1.0:
            named = {entity.id for entity in kept if home.floor_of(entity) == floor.id}
        kept = [entity for entity in kept if entity.id not in named]
    return kept


def _called(said: Sequence[str], things: Sequence[Entity]) -> set[str]:
    """Those of the kind that the words name: by a word of their own names ("the TV" of a speaker
    and a TV), else by what they are ("the lights")."""
    kinds = [word for word in said if kind_of_word(word)]
    telling = set(kinds) - _domain_words(things)
    bearing = {e.id for e in things if telling & set(tokens(e.name))}
    return bearing or {e.id for e in things if any(says_kind(word, e) for word in kinds)}
