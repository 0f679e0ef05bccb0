"""Sending a vacuum to clean: everything, a room, or a floor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from devices.home import Area, Entity, Home
from edge.tasks.understanding_schema import ClauseReading, Span
from hub.ground.context import Context
from hub.ground.kinds import KIND_WORDS
from hub.ground.names import SURE, best_fit, kind_of_word, tokens
from hub.ground.places import find_area, find_floor, names_of
from hub.ground.results import Grounded, carry_out, frame, unresolved
from hub.ground.said import names_said
from hub.ground.spans import spans_of
from hub.ground.target import Target
from hub.languages import Lexicon, phrase, plain


def _is_robot(said: str) -> bool:
    """Whether a name is only a word for a vacuum."""
    return all(kind_of_word(w) == "vacuum" or w in KIND_WORDS["vacuum"] for w in tokens(said))


def _things_said(clause: ClauseReading, words: Lexicon) -> list[Span]:
    """The thing that is to be started; the words for vacuums are known in English only."""
    starting = clause.intent == "HassVacuumStart" and words.language == "en"
    return list(spans_of(clause, "device")) if starting else []


def _robots_said(clause: ClauseReading, home: Home, robots: Sequence[Entity]) -> list[str]:
    """Robots whose names stand in the sentence unmarked; "vacuum" at its beginning is the verb."""
    first = tokens(clause.text)[:1]
    verb = first if first and _is_robot(first[0]) else None
    said = [name for name in names_said(clause, home) if name != verb]
    return [e.name for e in robots if tokens(e.name) in said]


def _named(said: Sequence[str], home: Home, robots: Sequence[Entity]) -> list[Entity]:
    """The robots that are called so."""
    called = {
        e.id: max((best_fit(s, names_of(e, home)) for s in said), default=0.0) for e in robots
    }
    return [e for e in robots if called[e.id] >= SURE]


def _near(robots: Sequence[Entity], area: Area, home: Home) -> Sequence[Entity]:
    """The robots of a room, else of its floor, else all: they take no stairs."""
    there = [e for e in robots if e.area == area.id]
    on_its_floor = [e for e in robots if area.floor and home.floor_of(e) == area.floor]
    return there or on_its_floor or robots


def ground_vacuum(clause: ClauseReading, home: Home, context: Context) -> Grounded:
    """The room in a cleaning wish is where to clean, not where the vacuum stands."""
    areas = [a for s in spans_of(clause, "area") if (a := find_area(s.text, home))]
    unknown = [s.text for s in spans_of(clause, "area") if find_area(s.text, home) is None]
    robots = [e for e in home.entities.values() if e.domain == "vacuum"]
    said = [s.text for s in (*spans_of(clause, "name"), *spans_of(clause, "device"))]
    named = _named(said, home, robots)
    if not named and (by_word := _robots_said(clause, home, robots)):
        said, named = by_word, _named(by_word, home, robots)
    called = named and (
        spans_of(clause, "name") or any(tokens(s) == tokens(named[0].name) for s in said)
    )
    slots: dict[str, Any] = {"name": named[0].name} if called else {}
    here = home.areas.get(context.area or "")
    if clause.attributes["scope"].label == "here" and here and not areas:
        areas = [here]
    elif areas:
        slots["area"] = areas[0].name
    floors = [
        floor
        for span in spans_of(clause, "floor")
        if (floor := find_floor(span.text, home, context.words))
    ]
    if floors:
        slots["floor"] = floors[0].name
    rooms = [{**slots, "area": area.name} for area in areas] if len(areas) > 1 else [slots]
    frames = tuple(frame(clause, each) for each in rooms)
    chosen = named or (_near(robots, areas[0], home) if areas else robots)
    if clause.intent == "HassVacuumCleanArea" and unknown and not areas:
        house = find_area(unknown[0], home) is None and context.words.has(
            "house", plain(unknown[0])
        )
        if not house:
            return Grounded(
                frames,
                refused=phrase(f"I know no room called {unknown[0]}.", "no_room", name=unknown[0]),
            )
    target = Target(tuple(chosen) if len(chosen) == 1 else (), slots, tied=tuple(chosen[:6]))
    spoken = (*spans_of(clause, "name"), *_things_said(clause, context.words))
    strange = [s.text for s in spoken if not named and not _is_robot(s.text)]
    if strange and not areas:
        target = Target(slots=slots, missing=strange[0])
    elif not chosen:
        target = Target(slots=slots, missing="vacuum")
    elif len(chosen) == 1:
        target = Target(tuple(chosen), slots)
    elif floors:
        level = [e for e in chosen if home.floor_of(e) == floors[0].id]
        target = Target(tuple(level), slots) if level else target
    data = {"area": ",".join(area.id for area in areas)} if areas else {}

    def resolve(entities: Sequence[Entity]) -> Grounded:
        service = "clean_area" if data else "start"
        return carry_out(clause, home, entities, frames, lambda e: (service, data))

    return unresolved(clause, home, target, frames, resolve) or resolve(target.entities)
