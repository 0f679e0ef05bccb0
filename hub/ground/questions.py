"""Questions about the home. They read states and never act."""

from __future__ import annotations

from dataclasses import replace

from devices.home import Entity, Home
from edge.tasks.understanding_schema import NONE, ClauseReading, Scored, Span
from hub.ground.asked_about import asked_about, state_asked, that_open
from hub.ground.aspect_answers import aspect_answer, of_the_weather
from hub.ground.aspects import VALUED, aspect_of, told
from hub.ground.by_name import NAMED
from hub.ground.context import Context
from hub.ground.index import match_all
from hub.ground.lists import item_said, list_items
from hub.ground.names import kinds_in, tokens
from hub.ground.places import find_area
from hub.ground.results import Grounded, frame, no_such, text_answer
from hub.ground.said import names_said
from hub.ground.search import find_target
from hub.ground.spans import spans_of
from hub.ground.state_answers import GROUP, answer_of, one_answer
from hub.ground.state_words import matches, state_said
from hub.ground.target import Target, kind_said
from hub.ground.wanted import domain_named
from hub.ground.weather import weather
from hub.ground.whereabouts import whereabouts
from hub.languages import plain


def ground_state_question(clause: ClauseReading, home: Home, context: Context) -> Grounded:
    """HassGetState in all its forms."""
    clause = _of_a_kind(_asking(clause, context))
    question = clause.attributes["question"].label
    if question == "yesno" and (item := item_said(clause, home)):
        span = Span(clause.start, clause.end, "item", item, 1.0)
        return list_items(replace(clause, spans=(*clause.spans, span)), home, context)
    if question == "where" and not _is_of_a_thing(clause, home):
        return whereabouts(clause, home, context)
    clause = _of_a_room(clause, home, context)
    if clause.attributes["domain"].label == "person" and question != "since":
        return whereabouts(clause, home, context)
    aspect = aspect_of(clause, context)
    own = _by_full_name(clause, home)
    beside = told(aspect, clause, home, context) if own and aspect else []
    another = len(beside) == 1 and beside[0].entity != own
    if own is not None and another and aspect != "mode":
        return aspect_answer(clause, home, context, str(aspect), beside)
    if own is not None:
        frames = (frame(clause, {"name": own.name}),)
        return Grounded(frames, answers=(one_answer(own, home, context),), about=(own.id,))
    outside = context.words.has("outside", plain(clause.text)) and not spans_of(clause, "area")
    if outside and aspect in ("humidity", "wind", "pressure", "temperature"):
        return weather(clause, home, context)
    if aspect is not None and not _asks_state(clause, aspect, context):
        found = told(aspect, clause, home, context)
        if found:
            return aspect_answer(clause, home, context, aspect, found)
    wanted = asked_about(clause, home, context.words)
    target = find_target(clause, home, context, wanted)
    if may_open := that_open(clause, wanted, context.words):
        opening = find_target(clause, home, context, may_open)
        target = opening if opening.entities or opening.tied else target
    if heard := _heard(clause, home, context):
        target = Target((heard,), {"name": heard.name})
    if target.needs_place or (target.tied and question in GROUP):
        target = replace(target, entities=target.tied, tied=(), needs_place=False)
    if len(target.tied) == 1 and not target.needs_place and not target.entities:
        target = replace(target, tied=(), missing=_spoken(clause) or target.tied[0].name)
    if (
        target.tied
        and question in ("value", "yesno", NONE, "since", "where")
        and not target.entities
    ):
        target = replace(target, entities=target.tied, tied=())
    state = state_asked(clause, target.entities, wanted, context.words)
    slots = {**target.slots, **({"state": state} if state else {})}
    frames = (frame(clause, slots),)
    if not target.entities:
        elsewhere = of_the_weather(clause, home)
        if elsewhere:
            return Grounded(frames, answers=(text_answer(clause, elsewhere),))
        missing = replace(target, missing=target.missing or kind_said(clause, wanted))
        return Grounded(frames, refused=no_such(missing), unknown=True)
    if question not in GROUP and _of_anything(clause, target):
        return Grounded(frames, not_understood=True)
    about = tuple(entity.id for entity in target.entities)
    if question in GROUP:
        asked = state or "on"
        matched = [e.id for e in target.entities if matches(e, home.state(e.id).state, asked)]
        about = tuple(matched) or about
    answer = answer_of(clause, home, target, state, slots, context)
    return Grounded(frames, answers=(answer,), about=about)


def _of_anything(clause: ClauseReading, target: Target) -> bool:
    """Whether the question tells nothing of what it is about, but that a sensor may know it."""
    told = any(s.slot in ("name", "device", "area", "floor", "entity") for s in clause.spans)
    classes = {entity.device_class for entity in target.entities}
    sensing = {entity.domain for entity in target.entities} <= {"sensor", "binary_sensor"}
    return sensing and not told and len(classes) > _FEW


_FEW = 3


def _of_a_kind(clause: ClauseReading) -> ClauseReading:
    """A question that names nothing, about the one kind of thing that a word in it names ("what's
    wrong with the vacuum")."""
    told = [s for s in clause.spans if s.slot in ("name", "area", "floor", "entity")]
    elsewhere = any(s.slot != "name" or not kinds_in(s.text) for s in told)
    if elsewhere or clause.attributes["domain"].label != NONE:
        return clause
    domain = domain_named(clause.text)
    if domain is None:
        return clause
    return replace(clause, attributes={**clause.attributes, "domain": Scored(domain, 1.0)})


def _of_a_room(clause: ClauseReading, home: Home, context: Context) -> ClauseReading:
    """ "Is anyone in the gym", where that is a room: asked of what senses people there."""
    if clause.attributes["domain"].label != "person" or not context.words.has(
        "anyone", plain(clause.text)
    ):
        return clause
    said = [s for s in clause.spans if s.slot in ("area", "state", "name")]
    rooms = [replace(s, slot="area") for s in said if find_area(s.text, home)]
    if not rooms:
        return clause
    told = {"domain": Scored("binary_sensor", 1.0), "device_class": Scored("occupancy", 1.0)}
    spans = tuple(s for s in clause.spans if s not in said)
    return replace(clause, spans=(*spans, rooms[0]), attributes={**clause.attributes, **told})


def _heard(clause: ClauseReading, home: Home, context: Context) -> Entity | None:
    """What plays where the speaker is, else the one thing that plays at all, if the question names
    no thing and no place ("what song is this")."""
    media = clause.attributes["domain"].label == "media_player"
    if not media or any(s.slot in ("name", "device", "area", "floor") for s in clause.spans):
        return None
    playing = [
        e
        for e in home.entities.values()
        if e.domain == "media_player" and home.state(e.id).state == "playing"
    ]
    here = [e for e in playing if e.area is not None and e.area == context.area]
    found = here or playing
    return found[0] if len(found) == 1 else None


def _spoken(clause: ClauseReading) -> str:
    """What the clause calls the thing that it asks about."""
    return next((s.text for s in clause.spans if s.slot in ("name", "device", "area")), "")


def _asking(clause: ClauseReading, context: Context) -> ClauseReading:
    """The clause as a yes-or-no question where its first word makes it one."""
    first = plain(clause.text).split()[:1]
    if clause.attributes["question"].label not in ("value", NONE) or not first:
        return clause
    if not context.words.fits("asking_whether", first[0]):
        return clause
    attributes = {**clause.attributes, "question": Scored("yesno", 1.0)}
    return replace(clause, attributes=attributes)


def _by_full_name(clause: ClauseReading, home: Home) -> Entity | None:
    """A reading or setting whose own name of several words stands in the sentence."""
    if clause.attributes["question"].label not in ("value", NONE) or spans_of(clause, "state"):
        return None
    said = [name for name in names_said(clause, home) if len(name) > 1]
    named = [m.entity for n in said for m in match_all(n, home, telling=True)[:1] if m.exact]
    valued = [e for e in named if e.domain in VALUED]
    return valued[0] if len(valued) == 1 else None


def _asks_state(clause: ClauseReading, aspect: str, context: Context) -> bool:
    """Whether the words ask about states after all ("are any windows open", "which are low")."""
    spans = spans_of(clause, "state")
    known = [s for s in spans if state_said(plain(s.text), NONE, context.words)]
    question = clause.attributes["question"].label
    if aspect == "battery":
        return False
    if aspect == "position" and question == "value":
        return False  # "open how far"
    return bool(known) and (question in GROUP or aspect in _OF_STATES)


_OF_STATES = frozenset({"position", "mode", "temperature", "left", "power", "energy"})
"""Aspects whose words also stand in questions about states ("is the power on")."""


def _is_of_a_thing(clause: ClauseReading, home: Home) -> bool:
    """Whether a "where" is about a thing that works at home, such as the vacuum."""
    said = [
        w for s in (*spans_of(clause, "name"), *spans_of(clause, "device")) for w in tokens(s.text)
    ]
    best = next(iter(match_all(said, home)), None) if said else None
    return (
        best is not None and best.score >= NAMED and best.entity.domain in ("vacuum", "lawn_mower")
    )
