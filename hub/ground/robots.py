"""Vacuums and mowers that people call by a name of their own, which tells the model nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from devices.home import Entity, Home
from edge.tasks.understanding_schema import NONE, ClauseReading, Scored
from hub.ground.context import Context
from hub.ground.followup import POINTED, TARGETS, TIMES, fresh, pointing
from hub.ground.index import words_of
from hub.ground.names import SURE, best_fit, tokens
from hub.ground.places import find_area, names_of
from hub.ground.said import names_said


def driven(clause: ClauseReading, home: Home) -> ClauseReading:
    """A wish about a robot by its name, in the words of its own kind: a mower goes back to its
    own dock, a vacuum that is started in a room cleans that room, and one that is paused or goes
    on is no music."""
    played = clause.intent in _PLAYED
    likely = clause.attributes["domain"].label in _DRIVEN
    if not played and (clause.intent not in _DRIVING or not likely):
        return clause
    named = {entity.domain for entity in _called(clause, home, by_the_very_name=played)}
    if len(named) != 1:
        return clause
    domain = named.pop()
    place = any(s.slot == "area" and find_area(s.text, home) for s in clause.spans)
    intent = _of_robot(clause, domain)
    if intent in ("HassTurnOn", "HassVacuumStart") and place:
        intent = "HassVacuumCleanArea"
    elif intent == "HassVacuumCleanArea" and not place:  # the room is part of the robot's name
        intent = "HassVacuumStart"
    if intent == clause.intent:
        return clause
    attributes = {**clause.attributes, "domain": Scored(domain, 1.0)}
    first = Scored(intent, clause.intents[0].confidence)
    return replace(clause, intents=(first, *clause.intents[1:]), attributes=attributes)


def of_the_robot_before(clause: ClauseReading, home: Home, context: Context) -> ClauseReading:
    """ "... and go back to the dock": a robot that is not named is the one that was spoken of."""
    named = any(s.slot in (*TARGETS, POINTED) for s in clause.spans)
    about = context.previous.about if context.previous and fresh(context) else ()
    robots = [i for i in about if i in home.entities and _is_robot(home.entities[i])]
    if named or clause.intent not in _HOMEWARD or len(robots) != 1:
        return clause
    domain = home.entities[robots[0]].domain
    attributes = {**clause.attributes, "domain": Scored(domain, 1.0)}
    likely = sum(s.confidence for s in clause.intents if s.label in _HOMEWARD)
    first = Scored(_OF_ROBOT[domain].get(clause.intent, clause.intent), min(1.0, likely))
    spans = (*clause.spans, *pointing(clause, (robots[0],)))
    return replace(clause, intents=(first, *clause.intents[1:]), attributes=attributes, spans=spans)


def goes_home_by_itself(clause: ClauseReading, context: Context) -> bool:
    """Whether a robot is sent home by the sentence that sends it to work: it goes when it is done,
    and one that is called back at once would not begin."""
    last = context.extra.get("clause")
    pointed = {s.text for s in clause.spans if s.slot == POINTED}
    started = isinstance(last, ClauseReading) and last.intent in _WORKING
    timed = any(s.slot in TIMES for s in clause.spans)
    meant = set(context.extra.get("meant", ()))
    return clause.intent in _HOMEWARD and started and not timed and bool(pointed & meant)


_HOMEWARD = frozenset({"HassVacuumReturnToBase", "HassLawnMowerDock"})
_WORKING = frozenset({"HassVacuumStart", "HassVacuumCleanArea", "HassLawnMowerStartMowing"})


def _is_robot(entity: Entity) -> bool:
    return entity.domain in _OF_ROBOT


def _called(clause: ClauseReading, home: Home, by_the_very_name: bool) -> Iterator[Entity]:
    """The robots that the clause names; a name that is a room's does not count."""
    spoken = [s.text for s in clause.spans if s.slot in ("name", "device")]
    by_domain = words_of(home).by_domain
    robots = [*by_domain.get("vacuum", ()), *by_domain.get("lawn_mower", ())]
    names = names_said(clause, home) if robots else []
    for entity in robots:
        said = any(tokens(name) in names for name in (entity.name, *entity.aliases))
        near = not by_the_very_name and any(
            best_fit(text, names_of(entity, home)) >= SURE for text in spoken
        )
        if (said or near) and find_area(entity.name, home) is None:
            yield entity


def _of_robot(clause: ClauseReading, domain: str) -> str:
    """The intent that the clause's own means of a robot; what is stopped goes to its dock where
    the model thinks of that at all."""
    dock = _OF_ROBOT[domain].get("HassTurnOff")
    thought_of = any(s.label == dock for s in clause.intents)
    if clause.intent == "HassMediaPause" and dock and thought_of:
        return dock
    return _OF_ROBOT[domain].get(clause.intent, clause.intent)


_OF_ROBOT: Mapping[str, Mapping[str, str]] = {
    "vacuum": {
        "HassLawnMowerDock": "HassVacuumReturnToBase",
        "HassLawnMowerStartMowing": "HassVacuumStart",
        "HassMediaPause": "HassStopMoving",
        "HassMediaUnpause": "HassVacuumStart",
    },
    "lawn_mower": {
        "HassVacuumReturnToBase": "HassLawnMowerDock",
        "HassVacuumStart": "HassLawnMowerStartMowing",
        "HassTurnOff": "HassLawnMowerDock",
        "HassMediaPause": "HassStopMoving",
        "HassMediaUnpause": "HassLawnMowerStartMowing",
    },
}
_DRIVEN = frozenset({NONE, "vacuum", "lawn_mower", "switch"})
"""What the model takes a thing for whose name tells it nothing."""
_PLAYED = frozenset({"HassMediaPause", "HassMediaUnpause"})
_DRIVING = frozenset(
    {"HassTurnOn", "HassVacuumCleanArea"}.union(*(of.keys() for of in _OF_ROBOT.values()))
)
