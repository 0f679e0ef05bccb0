"""What else a clause may mean, where its first reading comes to nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from devices.home import Home
from edge.tasks.understanding_schema import NONE, ClauseReading, Scored, Span
from hub.ground.answering import FACTS
from hub.ground.commands import COMMANDS
from hub.ground.context import Context
from hub.ground.errands import ERRANDS
from hub.ground.followup import pointing
from hub.ground.names import tokens
from hub.ground.options import KNOBS, offered
from hub.ground.results import Grounded
from hub.ground.room_levels import for_the_room
from hub.ground.said import names_said
from hub.ground.search import find_target
from hub.ground.spans import blank, spans_of
from hub.ground.target import Wanted
from hub.ground.warmth import of_light
from hub.languages import Lexicon, plain
from hub.quantities import is_amount

_LEAST = 0.04
"""Readings less probable than this are not looked at."""


def other_readings(
    clause: ClauseReading, first: ClauseReading, done: Grounded, home: Home, context: Context
) -> Iterator[ClauseReading]:
    """The model's other readings of a clause and what its words allow, beside `first`, of which
    `done` came."""
    yield from _others(clause)
    yield from _opened(first, context)
    yield from _by_its_lock(first, done, context)
    yield from _run_by_name(first, done, home, context.words)
    yield from _of_a_number(clause, done, home, context)
    yield from _of_a_choice(clause, done, home)
    yield from _warmth_of_light(first, done, context)
    yield from for_the_room(first, done, home, context.words)


def _others(clause: ClauseReading) -> list[ClauseReading]:
    """The model's other readings of the same kind, most probable first."""
    kinds = (COMMANDS, frozenset(FACTS), frozenset(ERRANDS))
    same = next((kind for kind in kinds if clause.intent in kind), frozenset[str]())
    return [
        replace(clause, intents=(each, *(s for s in clause.intents if s is not each)))
        for each in clause.intents[1:]
        if each.confidence >= _LEAST and each.label in same and _may_stand_for(clause, each)
    ]


def _opened(clause: ClauseReading, context: Context) -> list[ClauseReading]:
    """With a verb of opening or closing: the same of a cover, whatever the model took it for; with
    a verb of turning on or off, of what is no cover ("turn off the window", a lamp)."""
    domain = clause.attributes["domain"].label
    switching = clause.intent in ("HassTurnOn", "HassTurnOff")
    opening = context.words.has("opening", plain(clause.text))
    if switching and domain == "cover" and not opening:
        anything = {"domain": Scored(NONE, 1.0), "device_class": Scored(NONE, 1.0)}
        turned = context.words.find("on_off", plain(clause.text)) is not None
        return [replace(clause, attributes={**clause.attributes, **anything})] if turned else []
    if not switching or domain in ("cover", "valve", "lock") or not opening:
        return []
    return [replace(clause, attributes={**clause.attributes, "domain": Scored("cover", 1.0)})]


def _by_its_lock(clause: ClauseReading, done: Grounded, context: Context) -> list[ClauseReading]:
    """A door that has a lock and no motor is closed by locking it and opened by unlocking it, which
    asks first: where no cover fits what is to be closed or opened, the lock of that name may. What
    is closed is never unlocked."""
    domain, said = clause.attributes["domain"].label, plain(clause.text)
    opening = domain == "cover" or context.words.has("opening", said)
    closed = context.words.has("closing", said) and not context.words.has("unlocking", said)
    named = spans_of(clause, "name") or any("name" in frame.slots for frame in done.frames)
    told = clause.attributes["device_class"].label in _LOCKED or named
    if clause.intent not in _CONTRARY or done.choices or not opening or not told:
        return []
    contradicted = clause.intent == "HassTurnOff" and closed
    if (domain == "lock" and not contradicted) or not (done.refused or done.not_understood):
        return []
    intent = replace(clause.intents[0], label=_CONTRARY[clause.intent])
    none = Scored(NONE, 1.0)
    attributes = {**clause.attributes, "domain": Scored("lock", 1.0), "device_class": none}
    return [replace(clause, intents=(intent,), attributes=attributes)]


_CONTRARY: Mapping[str, str] = {"HassTurnOn": "HassTurnOff", "HassTurnOff": "HassTurnOn"}
"""On is locked and off is unlocked, of a cover on is open and off is closed."""
_LOCKED = frozenset({"door", "gate"})


def _may_stand_for(clause: ClauseReading, other: Scored) -> bool:
    """On is never read for off, nor open for close."""
    return {clause.intent, other.label} != {"HassTurnOn", "HassTurnOff"}


def _run_by_name(
    clause: ClauseReading, done: Grounded, home: Home, words: Lexicon
) -> Iterator[ClauseReading]:
    """A scene or a script whose whole name is said is run, where nothing else comes of the words
    ("i need deep focus")."""
    if clause.intent not in COMMANDS or not (done.refused or done.asked or done.not_understood):
        return
    said = [name for name in names_said(clause, home) if len(name) > 1]
    if clause.intent in ("HassTurnOff", "HassToggle"):  # "close up the house" is all its name
        said = [n for n in said if len(n) > _A_FEW and words.has("closing", n[0])]
    runnable = [
        e
        for e in home.entities.values()
        if said
        and e.domain in ("scene", "script")
        and any(tokens(name) in said for name in (e.name, *e.aliases))
    ]
    if len(runnable) == 1:
        intent = Scored("HassTurnOn", clause.intents[0].confidence)
        none = Scored(NONE, 1.0)
        attributes = {**clause.attributes, "domain": none, "device_class": none, "scope": none}
        spans = pointing(clause, (runnable[0].id,))
        yield replace(clause, intents=(intent,), attributes=attributes, spans=spans)


_A_FEW = 2


def _of_a_number(
    clause: ClauseReading, done: Grounded, home: Home, context: Context
) -> Iterator[ClauseReading]:
    """An amount that is too much for what is called so most of all, as the setting that is called
    so too ("raise my desk to 110", beside a desk lamp)."""
    likely = any(s.label == "HassSetValue" and s.confidence >= _LEAST for s in clause.intents)
    values = spans_of(clause, "value")
    counted = [s for s in values if is_amount(s.text, context.words)]
    if not done.refused or not likely or not counted or counted != values:
        return
    wanted = Wanted(lambda e: e.domain in _NUMBERS, lambda e: e.domain in _NUMBERS)
    found = find_target(clause, home, context, wanted).entities
    if len(found) == 1:
        intent = Scored("HassSetValue", clause.intents[0].confidence)
        attributes = {**clause.attributes, "domain": Scored("number", 1.0)}
        spans = (*pointing(clause, (found[0].id,)), *spans_of(clause, "value"))
        yield replace(clause, intents=(intent,), attributes=attributes, spans=spans)


_NUMBERS = frozenset({"number", "input_number"})


def _of_a_choice(clause: ClauseReading, done: Grounded, home: Home) -> Iterator[ClauseReading]:
    """What cannot be done to anything else that is called so, as the one choice that is called so
    and has the option that is said ("switch the pool to spa", "change the sign text to closed")."""
    named = (*spans_of(clause, "name"), *spans_of(clause, "device"))
    if not done.refused or not named or clause.intent not in _CHOOSING:
        return
    called = {word for span in named for word in tokens(span.text)}
    rest = set(tokens(blank(clause, named, " ")))
    fitting = [
        (entity, option)
        for entity in home.entities.values()
        if entity.domain in ("select", "input_select")
        and any(called <= set(tokens(name)) for name in (entity.name, *entity.aliases))
        for option in offered(entity, home, KNOBS["select"][0])
        if set(tokens(option)) <= rest
    ]
    if len(fitting) == 1:
        chosen, option = fitting[0]
        intent = Scored("HassSetValue", clause.intents[0].confidence)
        attributes = {**clause.attributes, "domain": Scored("select", 1.0)}
        value = Span(clause.start, clause.start, "value", option, 1.0)
        spans = (*pointing(clause, (chosen.id,)), value)
        yield replace(clause, intents=(intent,), attributes=attributes, spans=spans)


_CHOOSING = frozenset({"HassTurnOn", "HassTurnOff", "HassSetValue"})


def _warmth_of_light(
    clause: ClauseReading, done: Grounded, context: Context
) -> Iterator[ClauseReading]:
    """ "A bit warmer" of what has no temperature: the colour of its light. A room has one, also a
    room that nobody knows."""
    roomy = spans_of(clause, "area") and not spans_of(clause, "name")
    warmer = of_light(clause, context.words) if done.refused and not roomy else None
    if warmer is not None and clause.intent == "HassClimateSetTemperature":
        yield warmer
