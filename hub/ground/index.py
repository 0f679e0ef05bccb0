"""The words of a home's names, taken apart once for each home, and how a phrase fits them.

A phrase is compared with every thing as a whole: its words may be in the thing's name, in the name
of its room or floor, in its maker's or model's name, or just say what kind of thing it is. The
score falls with words of the phrase that nothing explains and words of the name that are not said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import mul

from devices.home import Area, Entity, Floor, Home
from edge.tasks.understanding_schema import Span
from hub.ground.alignment import Alignment, Unit, aligned, unit_fit, units
from hub.ground.forms import all_forms, by_whom
from hub.ground.kinds import PEOPLE, says_kind
from hub.ground.like_words import LikeWords
from hub.ground.names import best_fit, tokens, weight

_BY_PLACE, _BY_KIND = 0.9, 0.8
_IMPLIED = 0.7
"""How much a name's word counts as said when the place that was named says it already."""

Asked = tuple[tuple[str, ...], frozenset[str], bool]
"""A phrase, the areas that are meant anyway, and whether a telling word is wanted."""
SaidOf = tuple[str, int, tuple[Span, ...], str]
"""A clause's words, where they stand, its spans and its kind of thing."""
_REMEMBERED = 32
"""Phrases whose matches are kept: one sentence asks for the same several times."""

Place = tuple[int, tuple[int, ...]]
"""Which of an entity's names, and the positions there."""
Stem = tuple[str, ...]
STEM = 4
"""Words that begin with as many alike may be one in different cases."""
Spelled = tuple[tuple[str, ...], tuple[float, ...]]
"""A name's words and how much each tells."""


@dataclass(frozen=True, slots=True)
class Match:
    """How a phrase fits an entity, in [0, 1]. `specific`: a word that tells which one, and not
    only what kind or where, is in the name; `exact`: the phrase is the name, perhaps in
    another order ("the strip behind the TV"); `whole`: every word of it is the thing's."""

    entity: Entity
    score: float
    specific: bool
    exact: bool = False
    whole: bool = False


@dataclass(frozen=True, slots=True)
class HomeWords:
    """The words of one home: of every entity's names, aliases, maker and model, and of places.
    `by_unit` finds the entities that bear a unit, `bearing` where in which of their names, and
    `exactly` those with a name of just these words, sorted. `spelled` has every name as words and
    their weights, `written` how many things are called just so, `own` the words of a thing's names
    without maker and model. `stems` has names by how their words begin. `rooms` are the names of
    areas, `room_stems` the same as `stems`. `people` are the names of those who have several."""

    names: Mapping[str, tuple[tuple[Unit, ...], ...]]
    places: Mapping[str, frozenset[str]]
    by_unit: Mapping[str, frozenset[str]]
    bearing: Mapping[str, Mapping[str, tuple[Place, ...]]]
    exactly: Mapping[tuple[str, ...], frozenset[str]]
    spelled: Mapping[str, tuple[Spelled, ...]]
    written: Mapping[tuple[str, ...], int]
    own: Mapping[str, frozenset[str]]
    stems: Mapping[Stem, Sequence[tuple[str, ...]]]
    rooms: frozenset[tuple[str, ...]]
    room_stems: Mapping[Stem, Sequence[tuple[str, ...]]]
    by_domain: Mapping[str, tuple[Entity, ...]]
    people: Sequence[Sequence[str]]
    alike: LikeWords
    fits: dict[str, dict[str, float]] = field(default_factory=dict)
    areas: dict[str, Sequence[tuple[float, Area]]] = field(default_factory=dict)
    matches: dict[Asked, Sequence[Match]] = field(default_factory=dict)
    names_said: dict[SaidOf, Sequence[tuple[str, ...]]] = field(default_factory=dict)

    def fitting(self, unit: str) -> dict[str, float]:
        """The home's units that a spoken unit may be, with how well it fits each."""
        found = self.fits.get(unit)
        if found is None:
            if len(self.fits) > 4096:
                self.fits.clear()
            scores = ((other, unit_fit(unit, other)) for other in self.alike.to(unit))
            found = {other: score for other, score in scores if score}
            self.fits[unit] = found
        return found

    def area_fits(self, said: str, home: Home) -> Sequence[tuple[float, Area]]:
        """How well the words fit the names of areas, the best first, those that do not fit at all
        left out."""
        found = self.areas.get(said)
        if found is None:
            if len(self.areas) > 4096:
                self.areas.clear()
            scores = (
                (best_fit(said, all_forms(_room_names(area, self.people))), area)
                for area in home.areas.values()
            )
            found = sorted((pair for pair in scores if pair[0]), key=lambda pair: -pair[0])
            self.areas[said] = found
        return found


_HOMES = 4
"""Structures whose words are kept. A running hub needs one; each holds a megabyte or more, and what
devices announce makes a new one of it every time."""
_indexes: dict[int, tuple[Mapping[str, Entity], HomeWords]] = {}


def words_of(home: Home) -> HomeWords:
    """The index of a home; made once for each structure, which is shared by all its snapshots."""
    known = _indexes.get(id(home.entities))
    if known is not None and known[0] is home.entities:
        return known[1]
    if len(_indexes) >= _HOMES:
        del _indexes[next(iter(_indexes))]
    index = _index(home)
    _indexes[id(home.entities)] = (home.entities, index)
    return index


def _index(home: Home) -> HomeWords:
    names: dict[str, tuple[tuple[Unit, ...], ...]] = {}
    by_unit: dict[str, set[str]] = {}
    bearing: dict[str, dict[str, tuple[Place, ...]]] = {}
    exactly: dict[tuple[str, ...], set[str]] = {}
    spelled: dict[str, tuple[Spelled, ...]] = {}
    called: Counter[tuple[str, ...]] = Counter()
    people = _people(home)
    for entity in home.entities.values():
        named = (entity.name, *entity.aliases)
        others = by_whom(named, people) if entity.domain != "person" else ()
        own = tuple(all_forms((*named, *others, *_makers(entity, home))))
        written = tuple(dict.fromkeys(tokens(name) for name in own if tokens(name)))
        names[entity.id] = tuple(tuple(units(words)) for words in written)
        spelled[entity.id] = tuple((words, tuple(map(weight, words))) for words in written)
        for words in written:
            exactly.setdefault(tuple(sorted(words)), set()).add(entity.id)
        called.update(written)
        for number, name in enumerate(names[entity.id]):
            for unit, at in name:
                by_unit.setdefault(unit, set()).add(entity.id)
                places = bearing.setdefault(unit, {})
                places[entity.id] = (*places.get(entity.id, ()), (number, at))
    called_rooms = (all_forms(_room_names(area, people)) for area in home.areas.values())
    rooms = frozenset(tokens(name) for names_of_one in called_rooms for name in names_of_one)
    return HomeWords(
        names,
        {area.id: _place_words(area, home) for area in home.areas.values()},
        {unit: frozenset(ids) for unit, ids in by_unit.items()},
        bearing,
        {words: frozenset(ids) for words, ids in exactly.items()},
        spelled,
        called,
        {e.id: _own_words(e) for e in home.entities.values()},
        _by_stem(called),
        rooms,
        _by_stem(rooms),
        _by_domain(home),
        people,
        LikeWords.of(by_unit),
    )


def _people(home: Home) -> Sequence[Sequence[str]]:
    """What those are called who have more than one name."""
    persons = (entity for entity in home.entities.values() if entity.domain == "person")
    return [(person.name, *person.aliases) for person in persons if person.aliases]


def _room_names(area: Area, people: Sequence[Sequence[str]]) -> Sequence[str]:
    """All names of a room: those it has, and those that follow from who lives in it."""
    own = (area.name, *area.aliases)
    return (*own, *by_whom(own, people))


def stem(words: Sequence[str]) -> Stem:
    """How words begin: alike for names that differ in their endings alone."""
    return tuple(word[:STEM] for word in words)


def _by_stem(names: Iterable[tuple[str, ...]]) -> dict[Stem, list[tuple[str, ...]]]:
    found: dict[Stem, list[tuple[str, ...]]] = {}
    for name in names:
        found.setdefault(stem(name), []).append(name)
    return found


def _own_words(entity: Entity) -> frozenset[str]:
    called = all_forms((entity.name, *entity.aliases))
    return frozenset(word for name in called for word in tokens(name))


def _by_domain(home: Home) -> dict[str, tuple[Entity, ...]]:
    found: dict[str, list[Entity]] = {}
    for entity in home.entities.values():
        found.setdefault(entity.domain, []).append(entity)
    return {domain: tuple(entities) for domain, entities in found.items()}


def _makers(entity: Entity, home: Home) -> tuple[str, ...]:
    device = home.devices.get(entity.device or "")
    said = (device.name, device.manufacturer, device.model) if device else ()
    return tuple(name for name in said if name)


def _place_words(area: Area, home: Home) -> frozenset[str]:
    floor = home.floors.get(area.floor or "")
    places: list[Area | Floor] = [area, *([floor] if floor else [])]
    called = all_forms(name for p in places for name in (p.name, *p.aliases))
    return frozenset(word for name in called for word in tokens(name))


def names_a_person(said: Sequence[str], home: Home) -> bool:
    """Whether the words are the whole name of somebody of this home."""
    called = words_of(home).exactly.get(tuple(sorted(said)), frozenset())
    return any(home.entities[each].domain in PEOPLE for each in called)


def match_all(
    said: Sequence[str], home: Home, here: frozenset[str] = frozenset(), telling: bool = False
) -> Sequence[Match]:
    """All entities that a phrase (`tokens`) may name, best first. `here` are area ids that are
    meant anyway: words of a name that only repeat them need not be said. With `telling`, only
    those that are specific or exact: a big home has many that merely are of the kind."""
    index = words_of(home)
    asked = (tuple(said), here, telling)
    found = index.matches.get(asked)
    if found is None:
        if len(index.matches) >= _REMEMBERED:
            index.matches.clear()
        found = index.matches[asked] = _match_all(asked, home, index)
    return found


def _match_all(asked: Asked, home: Home, index: HomeWords) -> Sequence[Match]:
    phrase, here, telling = asked
    exact = index.exactly.get(tuple(sorted(phrase)), frozenset())
    found = [Match(home.entities[i], 1.0, True, exact=True, whole=True) for i in exact]
    weights = [weight(word) for word in phrase]
    for entity_id, names in aligned(phrase, weights, index, telling).items():
        if entity_id not in exact:
            match = _match(phrase, weights, home.entities[entity_id], names, index, here)
            if match.score > 0 and (match.specific or not telling):
                found.append(match)
    return tuple(sorted(found, key=lambda m: (-m.score, m.entity.id)))


def _match(
    said: Sequence[str],
    weights: Sequence[float],
    entity: Entity,
    names: Mapping[int, Alignment],
    index: HomeWords,
    here: frozenset[str],
) -> Match:
    place = index.places.get(entity.area or "", frozenset())
    implied = place if entity.area in here else frozenset()
    best = [0.0] * len(said)
    named = 0.0
    for number, (of_said, of_name) in names.items():
        best = list(map(max, best, of_said))
        words, telling = index.spelled[entity.id][number]
        told = _with_implied(words, of_name, implied) if implied else of_name
        named = max(named, _covered(telling, told))
    specific = any(s and w == 1 for w, s in zip(weights, best, strict=True))
    explained = [s or _explained(w, entity, place) for w, s in zip(said, best, strict=True)]
    score = 0.62 * _covered(weights, explained) + 0.38 * named
    return Match(entity, score, specific, whole=min(explained) >= _BY_KIND)


def _with_implied(
    words: Sequence[str], scores: Sequence[float], implied: frozenset[str]
) -> list[float]:
    """How well a name's words are told, where some of them need not be said."""
    pairs = zip(words, scores, strict=True)
    return [score or (_IMPLIED if word in implied else 0.0) for word, score in pairs]


def _explained(word: str, entity: Entity, place: frozenset[str]) -> float:
    if word in place:
        return _BY_PLACE
    return _BY_KIND if says_kind(word, entity) else 0.0


def _covered(weights: Sequence[float], scores: Sequence[float]) -> float:
    told: float = sum(map(mul, weights, scores))
    return told / sum(weights)
