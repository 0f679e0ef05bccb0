"""The words of a home's names, taken apart once for each home, and how a phrase fits them.

A phrase is compared with every thing as a whole: its words may be in the thing's name, in the name
of its room or floor, in its maker's or model's name, or just say what kind of thing it is. The
score falls with words of the phrase that nothing explains and words of the name that are not said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from devices.home import Area, Entity, Floor, Home
from hub.ground.kinds import says_kind
from hub.ground.names import tokens, weight, word_fit

_LEAST = 0.7
"""Two words that fit less are different words."""
_SLIP = 0.94
_JOINED = 0.87
"""Words written as one, or one written as two, must fit this well ("bed room", "nanoleafs")."""
_BY_PLACE, _BY_KIND = 0.9, 0.8
_IMPLIED = 0.7
"""How much a name's word counts as said when the place that was named says it already."""

Unit = tuple[str, tuple[int, ...]]
"""A word, or two neighbours written as one, with the positions it stands for."""


@dataclass(frozen=True, slots=True)
class HomeWords:
    """The words of one home: of every entity's names, aliases, maker and model, and of places.
    `by_unit` finds the entities that bear a unit."""

    names: Mapping[str, tuple[tuple[Unit, ...], ...]]
    places: Mapping[str, frozenset[str]]
    by_unit: Mapping[str, frozenset[str]]
    fits: dict[str, dict[str, float]] = field(default_factory=dict)

    def fitting(self, unit: str) -> dict[str, float]:
        """The home's units that a spoken unit may be, with how well it fits each."""
        found = self.fits.get(unit)
        if found is None:
            if len(self.fits) > 4096:
                self.fits.clear()
            scores = ((other, unit_fit(unit, other)) for other in self.by_unit)
            found = {other: score for other, score in scores if score}
            self.fits[unit] = found
        return found


def unit_fit(spoken: str, written: str) -> float:
    """How well a spoken unit fits a written one; 0 if they are different words. Numbers are what
    they are, and a slip counts more here than in a whole name."""
    score = word_fit(spoken, written)
    if score >= 0.95 or score < _LEAST:
        return score if score >= 0.95 else 0.0
    if any(c.isdigit() for c in spoken + written):
        return 0.0
    return score * _SLIP


_indexes: dict[int, tuple[Mapping[str, Entity], HomeWords]] = {}


def words_of(home: Home) -> HomeWords:
    """The index of a home; made once for each structure, which is shared by all its snapshots."""
    known = _indexes.get(id(home.entities))
    if known is not None and known[0] is home.entities:
        return known[1]
    if len(_indexes) > 8:
        _indexes.clear()
    index = _index(home)
    _indexes[id(home.entities)] = (home.entities, index)
    return index


def _index(home: Home) -> HomeWords:
    names: dict[str, tuple[tuple[Unit, ...], ...]] = {}
    by_unit: dict[str, set[str]] = {}
    for entity in home.entities.values():
        own = (entity.name, *entity.aliases, *_makers(entity, home))
        spelled = dict.fromkeys(tokens(name) for name in own if tokens(name))
        names[entity.id] = tuple(tuple(units(words)) for words in spelled)
        said = {unit for name in names[entity.id] for unit, _ in name}
        for unit in said:
            by_unit.setdefault(unit, set()).add(entity.id)
    places = {area.id: _place_words(area, home) for area in home.areas.values()}
    return HomeWords(names, places, {u: frozenset(ids) for u, ids in by_unit.items()})


def _makers(entity: Entity, home: Home) -> tuple[str, ...]:
    device = home.devices.get(entity.device or "")
    said = (device.name, device.manufacturer, device.model) if device else ()
    return tuple(name for name in said if name)


def _place_words(area: Area, home: Home) -> frozenset[str]:
    floor = home.floors.get(area.floor or "")
    places: list[Area | Floor] = [area, *([floor] if floor else [])]
    return frozenset(w for p in places for name in (p.name, *p.aliases) for w in tokens(name))


def units(words: Sequence[str]) -> Iterator[Unit]:
    """Every word, and every two neighbours as one."""
    for at, word in enumerate(words):
        yield word, (at,)
        if at + 1 < len(words):
            yield word + words[at + 1], (at, at + 1)


@dataclass(frozen=True, slots=True)
class Match:
    """How a phrase fits an entity, in [0, 1]. `specific`: a word that tells which one, and not
    only what kind or where, is in the name; `exact`: the phrase is the name, perhaps in
    another order ("the strip behind the TV")."""

    entity: Entity
    score: float
    specific: bool
    exact: bool = False


def match_all(said: Sequence[str], home: Home, here: frozenset[str] = frozenset()) -> list[Match]:
    """All entities that a phrase (`tokens`) may name, best first. `here` are area ids that are
    meant anyway: words of a name that only repeat them need not be said."""
    index = words_of(home)
    spoken = list(units(said))
    ids = {
        entity_id
        for unit, at in spoken
        for other, score in index.fitting(unit).items()
        if len(at) == 1 or score >= _JOINED
        for entity_id in index.by_unit[other]
    }
    found = [_match(said, spoken, home.entities[i], index, here) for i in ids]
    return sorted((m for m in found if m.score > 0), key=lambda m: (-m.score, m.entity.id))


def _match(
    said: Sequence[str], spoken: list[Unit], entity: Entity, index: HomeWords, here: frozenset[str]
) -> Match:
    place = index.places.get(entity.area or "", frozenset())
    implied = place if entity.area in here else frozenset()
    said_best = [0.0] * len(said)
    named = 0.0
    for name in index.names[entity.id]:
        written = [unit for unit, at in name if len(at) == 1]
        if sorted(written) == sorted(said):
            return Match(entity, 1.0, specific=True, exact=True)
        of_said, of_name = _aligned(spoken, name, index)
        said_best = [max(pair) for pair in zip(said_best, of_said, strict=True)]
        of_name = [
            s or (_IMPLIED if w in implied else 0.0) for w, s in zip(written, of_name, strict=True)
        ]
        if any(of_said):
            named = max(named, _covered(written, of_name))
    specific = any(s and weight(w) == 1 for w, s in zip(said, said_best, strict=True))
    explained = [s or _explained(w, entity, place) for w, s in zip(said, said_best, strict=True)]
    return Match(entity, 0.62 * _covered(said, explained) + 0.38 * named, specific)


def _aligned(
    spoken: list[Unit], name: tuple[Unit, ...], index: HomeWords
) -> tuple[list[float], list[float]]:
    """For each word of the phrase and of the name, how well it is found in the other."""
    of_said = [0.0] * (spoken[-1][1][-1] + 1)
    of_name = [0.0] * (name[-1][1][-1] + 1)
    for unit, said_at in spoken:
        fitting = index.fitting(unit)
        for other, name_at in name:
            score = fitting.get(other, 0.0)
            joined = len(said_at) + len(name_at) > 2
            if score < (_JOINED if joined else _LEAST) or (len(said_at), len(name_at)) == (2, 2):
                continue
            for at in said_at:
                of_said[at] = max(of_said[at], score)
            for at in name_at:
                of_name[at] = max(of_name[at], score)
    return of_said, of_name


def _explained(word: str, entity: Entity, place: frozenset[str]) -> float:
    if word in place:
        return _BY_PLACE
    return _BY_KIND if says_kind(word, entity) else 0.0


def _covered(words: Sequence[str], scores: Sequence[float]) -> float:
    weights = [weight(word) for word in words]
    return sum(w * s for w, s in zip(weights, scores, strict=True)) / sum(weights)
