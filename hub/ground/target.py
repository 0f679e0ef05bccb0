"""Which things a clause is about: a constrained search over the live home.

A clause may name a device, a room, a floor, a kind of thing, or combine them, and the same words
can be read in two ways ("kitchen light": the device of that name, or the lights of the kitchen).
Every reading that fits is scored; the best wins if it is clearly better than the next.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from devices.home import Area, Entity, Floor, Home
from edge.tasks.understanding_schema import NONE, ClauseReading, Span
from hub.ground.context import Context
from hub.ground.index import Match, match_all, words_of
from hub.ground.kinds import KIND_WORDS, says_kind
from hub.ground.names import (
    ARTICLES,
    POSSIBLE,
    best_fit,
    compound_head,
    kind_of_word,
    kinds_in,
    tokens,
    weight,
    word_fit,
)
from hub.languages import Lexicon, plain

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
ELSEWHERE = 0.25
"""What a match loses if the thing is not in the place that was said."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a clause is about. `slots` are the frame's name, area, floor, domain, device_class.

    `entities` may be empty although the words are clear (a room without such a device): then
    `missing` says what could not be found. `tied` holds entities that fit equally well. `other` is
    a thing that is called so, though the intent cannot be about its kind.
    """

    entities: tuple[Entity, ...] = ()
    slots: dict[str, Any] = field(default_factory=dict)
    areas: tuple[str, ...] = ()
    floor: str | None = None
    tied: tuple[Entity, ...] = ()
    missing: str | None = None
    nearest: tuple[str, ...] = ()
    needs_place: bool = False
    other: Entity | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What can be meant: `accepts` says of an entity whether the intent can be about it; `kind`
    narrows a group ("the lights") further than a name needs to; `like` are things of another domain
    that pass for the kind where a room has none (a socket called "balcony lights")."""

    accepts: Callable[[Entity], bool]
    kind: Callable[[Entity], bool]
    domain: str = NONE
    device_class: str = NONE
    like: Callable[[Entity], bool] = lambda entity: False


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
    if best[0] < 0.78 and (compound := compound_head(said)) and compound[0] != said:
        return find_area(compound[0], home)
    return best[1] if best[0] >= 0.78 else None


def find_areas(said: str, home: Home) -> list[Area]:
    """All areas that the words name equally well ("bedroom", where two are called so)."""
    scored = [(best_fit(said, names_of(area, home)), area) for area in home.areas.values()]
    top = max((score for score, _ in scored), default=0.0)
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


def find_target(clause: ClauseReading, home: Home, context: Context, wanted: Wanted) -> Target:
    """The best reading of what the clause is about."""
    pointed = [home.entities[s.text] for s in spans_of(clause, "entity") if s.text in home.entities]
    if pointed:
        name = {"name": pointed[0].name} if len(pointed) == 1 else {}
        return Target(tuple(e for e in pointed if wanted.accepts(e)) or tuple(pointed), name)
    place = _place(clause, home, context.words)
    phrase = _Phrase.of(clause, home, place, KIND_WORDS.get(wanted.domain, frozenset()))
    named = _named(clause, home, context, wanted, place, phrase)
    if phrase.guessed and not (named and named.entities):
        group = _group(clause, home, context, wanted, place)
        named = group if group.entities else named
    if named is not None:
        return _with_area(named, clause, home)
    if (other := _other_thing(phrase, wanted, place, home)) is not None:
        said = " ".join(phrase.readings[0][0])
        return Target(slots={"name": other.name}, missing=said, other=other)
    name_spans = [s for s in spans_of(clause, "name") if phrase.tells(s)]
    if name_spans and not place.areas and not place.floor:
        kind = _kind_from_name(name_spans, home, wanted)
        if kind is not None:
            return kind
        return _unknown(name_spans[0].text, home, wanted, place)
    if name_spans and not spans_of(clause, "device") and wanted.domain == NONE:
        return _unknown(name_spans[0].text, home, wanted, place)
    if place.unknown:
        return _unknown_place(place, home, wanted)
    return _group(clause, home, context, wanted, place)


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


@dataclass(frozen=True, slots=True)
class _Place:
    """Where: areas and a floor that were said. `unknown` is a place that the home does not have,
    `whole` that the whole house was named."""

    areas: tuple[Area, ...] = ()
    floor: Floor | None = None
    unknown: str | None = None
    whole: bool = False

    @property
    def ids(self) -> frozenset[str]:
        return frozenset(area.id for area in self.areas)

    def has(self, entity: Entity, home: Home) -> bool:
        """Whether the entity is known to be there."""
        if self.areas and entity.area not in self.ids:
            return False
        return self.floor is None or home.floor_of(entity) == self.floor.id

    def holds(self, entity: Entity, home: Home) -> bool:
        """Whether the entity is there; one without a room may be anywhere."""
        if self.areas and entity.area and entity.area not in self.ids:
            return False
        return not (self.floor and home.floor_of(entity) not in (None, self.floor.id))


def _place(clause: ClauseReading, home: Home, words: Lexicon) -> _Place:
    areas: list[Area] = []
    floor: Floor | None = None
    unknown: str | None = None
    whole = False
    for span in (*spans_of(clause, "area"), *spans_of(clause, "floor")):
        if words.has("house", plain(span.text)) and find_area(span.text, home) is None:
            whole = True
            continue
        found, level = find_areas(span.text, home), find_floor(span.text, home, words)
        if not found and all(kind_of_word(word) == "room" for word in tokens(span.text)):
            continue  # "the room" is the one that the speaker is in
        if span.slot == "floor" and level is not None:
            floor = level
        elif found:
            areas += found
        elif level is not None:
            floor = level
        else:
            unknown = span.text
    return _Place(tuple(dict.fromkeys(areas)), floor, unknown, whole)


@dataclass(frozen=True, slots=True)
class _Phrase:
    """The words that say what is meant, and the ways to read them as a name: each with what it
    loses for words that it leaves out. `telling` are the words that no place or kind explains;
    `guessed` says that the model marked nothing and any word may be a name."""

    readings: tuple[tuple[tuple[str, ...], float], ...]
    telling: frozenset[str]
    explained: frozenset[str]
    plural: bool
    guessed: bool = False

    def tells(self, span: Span) -> bool:
        """Whether a span says which thing is meant, and not only what kind."""
        return bool(set(tokens(span.text)) & self.telling)

    def tells_by(self, said: tuple[str, ...]) -> bool:
        """Whether a reading has a word that no place or kind explains."""
        return any(weight(word) == 1 and word not in self.explained for word in said)

    @classmethod
    def of(cls, clause: ClauseReading, home: Home, place: _Place, kind: frozenset[str]) -> _Phrase:
        spans = [s for s in clause.spans if s.slot in ("name", "device", "area", "floor")]
        spans = sorted(spans, key=lambda span: span.start)
        whole = tuple(word for span in spans for word in tokens(span.text))
        readings: dict[tuple[str, ...], float] = {whole: 0.0} if whole else {}
        for span in spans:
            if span.slot in ("name", "device"):
                said = tokens(span.text)
                readings.setdefault(said, -0.06 if span.slot == "name" else -0.1)
                if span.slot == "device" and (before := _word_before(clause, span, home)):
                    readings.setdefault((before, *said), 0.0)
        for said in names_said(clause, home):
            readings.setdefault(said, -0.02)
        known = {w for a in place.areas for n in (a.name, *a.aliases) for w in tokens(n)}
        placed = [s for s in spans if s.slot in ("area", "floor") and s.text != place.unknown]
        known |= {w for span in placed for w in tokens(span.text)}
        known |= kind
        if not whole:
            apart = tuple(w for w in tokens(clause.text) if len(w) > 3)
            readings |= {(word,): -0.1 for word in apart}
        telling = frozenset(w for w in whole if w not in known and weight(w) == 1)
        explained = frozenset(known)
        return cls(tuple(readings.items()), telling, explained, _plural(clause), not whole)


_CLEARLY = 0.85


def _word_before(clause: ClauseReading, span: Span, home: Home) -> str | None:
    """ "flor lamp", where the model knew only the lamp: the word before may tell which."""
    before = clause.text[: span.start - clause.start].split()
    taken = {word for other in clause.spans for word in other.text.split()}
    if not before or before[-1] in taken or before[-1].lower() in ARTICLES:
        return None
    word = next(iter(reversed(tokens(before[-1]))), "")
    fitting = words_of(home).fitting(word).values()
    return word if max(fitting, default=0.0) >= _CLEARLY else None


_FREE_TEXT = frozenset({"query", "item", "message", "list", "color", "state", "except"})


def names_said(clause: ClauseReading, home: Home) -> list[tuple[str, ...]]:
    """Names that stand in the sentence word for word, wherever the model saw them."""
    text = clause.text
    for span in clause.spans:
        if span.slot in _FREE_TEXT or (span.slot == "area" and find_area(span.text, home)):
            start, end = span.start - clause.start, span.end - clause.start
            text = f"{text[:start]}{'.' * (end - start)}{text[end:]}"
    said = tokens(text)
    called = words_of(home).written
    runs = (said[i:j] for i in range(len(said)) for j in range(i + 1, len(said) + 1))
    found = [run for run in dict.fromkeys(runs) for _ in range(called.get(run, 0))]
    return [w for w in found if not any(len(o) > len(w) and _stands_in(w, o) for o in found)]


def _stands_in(words: tuple[str, ...], said: tuple[str, ...]) -> bool:
    return any(said[i : i + len(words)] == words for i in range(len(said) - len(words) + 1))


def _named(
    clause: ClauseReading,
    home: Home,
    context: Context,
    wanted: Wanted,
    place: _Place,
    phrase: _Phrase,
) -> Target | None:
    """The clause read as naming devices; None where it names a kind, or nothing that fits."""
    scored = _scored(home, context, wanted, place, phrase)
    if not scored or scored[0][0] < POSSIBLE:
        return None
    exact = scored[0][1].exact and scored[0][0] > 0.9
    if (
        exact
        and not phrase.telling
        and phrase.plural
        and not _plural_name(clause, scored[0][1].entity)
    ):
        return None
    return _decide(scored, clause, home, context, wanted, place, phrase)


def _scored(
    home: Home, context: Context, wanted: Wanted, place: _Place, phrase: _Phrase
) -> list[tuple[float, Match]]:
    """What the phrase may name, best first."""
    here = place.ids | ({context.area} if context.area else frozenset())
    best: dict[str, tuple[float, Match]] = {}
    for said, loss in phrase.readings:
        for match in match_all(said, home, here, telling=True):
            if not wanted.accepts(match.entity) or not (match.specific or match.exact):
                continue
            if not match.exact and not phrase.tells_by(said):
                continue
            score = match.score + loss
            if not place.holds(match.entity, home):
                score -= ELSEWHERE
            if wanted.domain != NONE and not match.exact and not wanted.kind(match.entity):
                score -= OTHER_KIND
            known = best.get(match.entity.id)
            if known is None or score > known[0]:
                best[match.entity.id] = (score, match)
    return sorted(best.values(), key=lambda pair: (-pair[0], pair[1].entity.id))


def candidates(
    clause: ClauseReading, home: Home, context: Context, wanted: Wanted
) -> list[tuple[float, Match]]:
    """The things that the clause may name with their scores, best first: for explanations."""
    place = _place(clause, home, context.words)
    phrase = _Phrase.of(clause, home, place, KIND_WORDS.get(wanted.domain, frozenset()))
    return _scored(home, context, wanted, place, phrase)


def _other_thing(phrase: _Phrase, wanted: Wanted, place: _Place, home: Home) -> Entity | None:
    """A thing that the intent cannot be about, but that is clearly the one that was named."""
    best: Match | None = None
    for said, loss in () if phrase.guessed else phrase.readings:
        for match in match_all(said, home)[:8] if phrase.tells_by(said) else ():
            clear = match.exact or (match.specific and match.whole and match.score >= NAMED)
            there = place.holds(match.entity, home) and loss > -0.1
            if clear and there and not wanted.accepts(match.entity):
                best = match if best is None or match.score > best.score else best
    return best.entity if best else None


def _plural_name(clause: ClauseReading, entity: Entity) -> bool:
    """Whether the plural that was said is the thing's own name ("Patio Lights")."""
    said = clause.text.casefold()
    return any(n.casefold() in said and n.endswith("s") for n in (entity.name, *entity.aliases))


def _decide(
    scored: Sequence[tuple[float, Match]],
    clause: ClauseReading,
    home: Home,
    context: Context,
    wanted: Wanted,
    place: _Place,
    phrase: _Phrase,
) -> Target:
    top = scored[0][0]
    close = [match.entity for score, match in scored if score >= top - MARGIN]
    for narrower in (wanted.kind, lambda e: e.area is not None and e.area == context.area):
        some = [entity for entity in close if narrower(entity)]
        close = some or close
    slots = _place_slots(place, scored[0][1].entity, _said_apart(clause))
    exact = scored[0][1].exact
    if len(close) > 1 and phrase.plural and not exact:
        return Target(tuple(close), {**slots, **_kind_slots(wanted)})
    if len(close) > 1:
        same_name = len({entity.name for entity in close}) == 1
        name = {"name": close[0].name} if same_name else {}
        return Target(tied=tuple(close[:6]), slots={**name, **slots})
    apart = len(scored) == 1 or top - scored[1][0] > APART
    if top < NAMED and not (scored[0][1].whole and apart):
        return Target(tied=(close[0],), slots={"name": close[0].name, **slots})
    return Target((close[0],), {"name": close[0].name, **slots})


def _plural(clause: ClauseReading) -> bool:
    several = clause.attributes["question"].label in ("any", "all", "which", "how_many")
    words = [s.text.lower() for s in clause.spans if s.slot in ("device", "name")]
    last = [word.split()[-1] for word in words if word.split()]
    return (
        clause.attributes["scope"].label == "all"
        or several
        or any(w.endswith("s") and not w.endswith(("ss", "us", "'s")) and len(w) > 3 for w in last)
    )


def _said_apart(clause: ClauseReading) -> frozenset[str]:
    """The words that name a thing, as opposed to where it is."""
    spans = (*spans_of(clause, "name"), *spans_of(clause, "device"))
    return frozenset(word for span in spans for word in tokens(span.text))


def _place_slots(
    place: _Place, named: Entity | None = None, apart: frozenset[str] = frozenset()
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
    matches = [m for m in match_all(tokens(said), home) if wanted.accepts(m.entity)]
    near = [m.entity.name for m in matches[:3] if m.score > NEAR and m.specific]
    return Target(slots=_place_slots(place), missing=said, nearest=tuple(dict.fromkeys(near)))


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
    unspared = _unknown_exception(clause, home, context.words)
    if unspared is not None:
        return Target(missing=unspared)
    scope = clause.attributes["scope"].label
    slots = {**_kind_slots(wanted), **_place_slots(place)}
    things = list(home.entities.values())
    if place.areas or place.floor:
        there = [e for e in things if place.has(e, home)]
        inside = _of_kind(clause, there, wanted)
        inside = _narrowed(clause, home, _without_excluded(clause, home, inside, context.words))
        where = place.areas[0].name if place.areas else place.floor.name if place.floor else ""
        missing = None if inside else f"{_kind_said(clause, wanted)} in {where}"
        floor = place.floor.id if place.floor else None
        if wanted.domain in UNSPOKEN and not _any_said(clause) and scope != "all" and inside:
            lit = [e for e in there if e.domain == "light" or "light" in kinds_in(e.name)]
            if lit:
                return Target(tuple(lit), slots, tuple(a.id for a in place.areas), floor)
            return Target(tied=tuple(inside[:6]), slots=slots)
        return Target(
            tuple(inside), slots, tuple(a.id for a in place.areas), floor, missing=missing
        )
    candidates = _of_kind(clause, things, wanted)
    candidates = _narrowed(clause, home, _without_excluded(clause, home, candidates, context.words))
    if scope != "all" and not place.whole and context.area:
        inside = [entity for entity in candidates if entity.area == context.area]
        if inside:
            return Target(tuple(inside), slots, (context.area,))
    if not candidates:
        return Target(slots=slots, missing=_kind_said(clause, wanted))
    if scope == "all" or place.whole or len(candidates) == 1:
        return Target(tuple(candidates), slots)
    if len({entity.area for entity in candidates}) == 1:
        if _plural(clause):
            return Target(tuple(candidates), slots)
        return Target(tied=tuple(candidates), slots=slots)
    return Target(tied=tuple(candidates), slots=slots, needs_place=True)


UNSPOKEN = frozenset({"switch", "button", "select", "number", "script", "text"})
"""Domains that are no kind of thing to people: without a word for it, none of them is meant."""


def _any_said(clause: ClauseReading) -> bool:
    return any(span.slot in ("name", "device") for span in clause.spans)


def _of_kind(clause: ClauseReading, things: Sequence[Entity], wanted: Wanted) -> list[Entity]:
    """The things of the kind; those that pass for it where there is none, or none that bears the
    word that was said while they do ("the heater" that is a socket)."""
    kind, like = [e for e in things if wanted.kind(e)], [e for e in things if wanted.like(e)]
    if wanted.domain in UNSPOKEN and not _bearing(clause, kind, wanted):
        spoken = [w for s in spans_of(clause, "device") for w in tokens(s.text)]
        called = [e for e in things if wanted.accepts(e) and any(says_kind(w, e) for w in spoken)]
        kind = _bearing(clause, called, wanted) or called or kind
    if kind and like and not _bearing(clause, kind, wanted):
        return _bearing(clause, like, wanted) or kind
    return kind or like


def _bearing(clause: ClauseReading, things: Sequence[Entity], wanted: Wanted) -> list[Entity]:
    """Those with a word in their names that the clause calls the thing by."""
    said = {word for span in spans_of(clause, "device") for word in tokens(span.text)}
    said -= {word for entity in things for word in entity.domain.split("_")}
    said -= set(wanted.domain.split("_"))
    return [
        entity
        for entity in things
        if said & {w for name in (entity.name, *entity.aliases) for w in tokens(name)}
    ]


def _unknown_exception(clause: ClauseReading, home: Home, words: Lexicon) -> str | None:
    """What is to be left alone although this home has no such thing: better not begin."""
    for span in spans_of(clause, "except"):
        known = find_area(span.text, home) or find_floor(span.text, home, words)
        best = next(iter(match_all(tokens(span.text), home)), None)
        if not known and (best is None or best.score < POSSIBLE):
            return span.text
    return None


def _kind_said(clause: ClauseReading, wanted: Wanted) -> str:
    """What was asked for, in the person's own words if there are any."""
    said = spans_of(clause, "device")
    return said[0].text if said else wanted.domain if wanted.domain != NONE else "device"


def _narrowed(clause: ClauseReading, home: Home, candidates: list[Entity]) -> list[Entity]:
    """Of a kind, those that bear the very word that was said, if some do: a room has lights, and
    one of them may be the lamp. The kind's own word ("light") picks none."""
    spans = (*spans_of(clause, "device"), *spans_of(clause, "name"))
    said = {word for span in spans for word in tokens(span.text)}
    telling = said - {word for entity in candidates for word in entity.domain.split("_")}
    bearing = [
        entity
        for entity in candidates
        if telling & {w for name in (entity.name, *entity.aliases) for w in tokens(name)}
    ]
    return bearing or candidates


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
        if area is not None and best < 1.0:
            named = {entity.id for entity in kept if entity.area == area.id}
        elif floor is not None and best < 1.0:
            named = {entity.id for entity in kept if home.floor_of(entity) == floor.id}
        kept = [entity for entity in kept if entity.id not in named]
    return kept
