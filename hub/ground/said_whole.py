"""A sentence that is a name and no more: of what is there to be said ("movie night")."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from devices.home import Entity, Home
from edge.tasks.understanding_schema import ClauseReading, Reading, Scored
from hub.ground.index import words_of
from hub.ground.names import ITS_TIME, ITS_TIME_FOR, OCCASIONS, tokens
from hub.ground.options import KNOBS, offered
from hub.ground.results import Grounded, action, frame, plan_of
from hub.languages import Lexicon
from hub.values import Plan


def said_whole(reading: Reading, home: Home, words: Lexicon) -> Plan | None:
    """The plan for a sentence that is just the name of a scene, a script, a mode, a button or an
    option: its owner named it to be said. None where it is no name, or the name of several."""
    said = tokens(reading.text)
    wishes = [wish for e in _called(said, home) for wish in _wishes(said, e, home, words)]
    wishes = wishes or list(_at_their_time(said, home))
    if len(wishes) != 1:
        return None
    entity, intent, service, data = wishes[0]
    scored = Scored(intent, 1.0)
    clause = ClauseReading(0, len(reading.text), reading.text, (scored,), {}, ())
    told = {"value": data["option"]} if data else {"domain": entity.domain}
    done = Grounded(
        (frame(clause, {"name": entity.name, **told}),), (action(home, entity, service, data),)
    )
    return replace(plan_of([done]), explanation={"clauses": [], "about": (entity.id,)})


Wish = tuple[Entity, str, str, dict[str, Any]]


def _called(said: tuple[str, ...], home: Home) -> Iterator[Entity]:
    """The things to be said that bear a word of the sentence, and those that offer choices."""
    index = words_of(home)
    said_by_name = {e.id for d in (*_RUN, *_PUSHED) for e in index.by_domain.get(d, ())}
    near = {i for word in said for i in said_by_name & index.by_unit.get(word, frozenset())}
    choosing = {e.id for domain in _CHOICES for e in index.by_domain.get(domain, ())}
    return (home.entities[i] for i in sorted(near | choosing))


def _wishes(said: tuple[str, ...], entity: Entity, home: Home, words: Lexicon) -> Iterator[Wish]:
    """What is wished of a thing by saying its name, or that of its option, whole."""
    domain = entity.domain
    names = [tokens(name) for name in (entity.name, *entity.aliases)]
    if domain in _RUN and any(_same(said, name, words) for name in names):
        yield entity, "HassTurnOn", "turn_on", {}
    elif domain in _PUSHED and any(_whole(said, name, words) for name in names):
        yield entity, "HassTurnOn", _PUSHED[domain], {}
    elif domain in _CHOICES:
        for option in offered(entity, home, KNOBS[domain][0]):
            chosen = tokens(option)
            if not set(said).issuperset(chosen):
                continue
            of_it = any(_whole(said, (*name, *chosen), words) for name in names)
            if of_it or _whole(said, chosen, words):
                yield entity, "HassSetValue", "select_option", {"option": option}


_RUN = frozenset({"scene", "script"})
_PUSHED = {
    "input_boolean": "turn_on", "button": "press", "input_button": "press",
}  # fmt: skip
_CHOICES = frozenset({"select", "input_select"})


def _same(said: tuple[str, ...], name: tuple[str, ...], words: Lexicon) -> bool:
    """Whether the words are the name, but for those that call a scene ("movie night please")."""
    bare = [[w for w in each if not words.fits("calling", w)] for each in (said, name)]
    return bool(bare[1]) and "".join(bare[0]) == "".join(bare[1])


def _at_their_time(said: tuple[str, ...], home: Home) -> Iterator[Wish]:
    """The scenes and scripts called by the occasion that it is said to be time for: "movie time" of
    a "Movie Night", "Filmzeit" of a "Filmabend"; a night is no evening."""
    core = _without(said, ITS_TIME)
    if core == said:
        return
    core = core[1:] if len(core) > 1 and core[0] in ITS_TIME_FOR else core
    for domain in sorted(_RUN):
        for entity in words_of(home).by_domain.get(domain, ()):
            names = (tokens(name) for name in (entity.name, *entity.aliases))
            if core in (_without(name, OCCASIONS | ITS_TIME) for name in names):
                yield entity, "HassTurnOn", "turn_on", {}


def _without(said: tuple[str, ...], ending: frozenset[str]) -> tuple[str, ...]:
    """The words without such a one at either end, or at the end of the only word."""
    for rest, apart in ((said[:-1], said[-1:]), (said[1:], said[:1])):
        if rest and apart[0] in ending:
            return rest
    ends = (e for e in ending if len(said) == 1 and said[0].endswith(e))
    cut = max(ends, key=len, default="")
    return (said[0][: -len(cut)],) if cut and len(said[0]) - len(cut) >= _STEM else said


_STEM = 4


def _whole(said: tuple[str, ...], name: tuple[str, ...], words: Lexicon) -> bool:
    """Whether the words are a name of several words, and beside it only such as call a scene."""
    at = next((i for i in range(len(said)) if said[i : i + len(name)] == name), None)
    if len(name) < _SEVERAL or at is None:
        return False
    return all(words.fits("calling", w) for w in (*said[:at], *said[at + len(name) :]))


_SEVERAL = 2
