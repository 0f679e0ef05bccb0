"""Names of several words that hold a number or a colour, which the model took for an amount."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from devices.home import Entity, Home
from edge.tasks.understanding_schema import NONE, ClauseReading, Scored, Span
from hub.ground.index import words_of
from hub.ground.names import tokens
from hub.ground.said import names_said
from hub.languages import Lexicon, plain


def named_whole(clause: ClauseReading, home: Home) -> ClauseReading:
    """Without the amounts that are part of a thing's name ("barn light 2")."""
    amounts = [s for s in clause.spans if s.slot == "value"]
    names = names_said(clause, home) if amounts else []
    inside = [
        s
        for s in amounts
        if s.text.isdigit()
        and (
            any(len(n) > 1 and set(tokens(s.text)) <= set(n) for n in names)
            or _ends_a_name(clause.text[: s.end - clause.start], home)
        )
    ]
    if not inside:
        return clause
    return replace(clause, spans=tuple(s for s in clause.spans if s not in inside))


def named_by_a_colour(clause: ClauseReading, home: Home, words: Lexicon) -> ClauseReading:
    """A colour that is part of a thing's name is none ("white noise on"): the thing is named."""
    colours = [s for s in clause.spans if s.slot == "color"]
    found = [n for s in colours for n in _names_around(s, clause, home)]
    if not found:
        return clause
    name, entity = found[0]
    others = tuple(s for s in clause.spans if s.end <= name.start or s.start >= name.end)
    named = replace(clause, spans=tuple(sorted((*others, name), key=lambda s: s.start)))
    switched = SWITCHED.get(str(words.find("on_off", plain(clause.text))))
    if entity.domain == "light" or clause.intent != "HassLightSet" or switched is None:
        return named
    attributes = {**clause.attributes, "domain": Scored(NONE, 1.0)}
    intents = (Scored(switched, clause.intents[0].confidence), *clause.intents[1:])
    return replace(named, intents=intents, attributes=attributes)


def _names_around(span: Span, clause: ClauseReading, home: Home) -> Iterator[tuple[Span, Entity]]:
    """The things whose names of several words stand in the sentence around a span."""
    text = clause.text.casefold()
    for entity in home.entities.values():
        for called in (entity.name, *entity.aliases):
            at = text.find(called.casefold()) if " " in called else -1
            if at < 0:
                continue
            start, end = clause.start + at, clause.start + at + len(called)
            if start <= span.start and span.end <= end:
                yield Span(start, end, "name", clause.text[at : at + len(called)], 1.0), entity


def _ends_a_name(said: str, home: Home) -> bool:
    """Whether the last words are the whole name of a thing ("barn light 2", in the barn)."""
    words, written = tokens(said), words_of(home).written
    return any(words[at:] in written for at in range(max(0, len(words) - 5), len(words) - 1))


SWITCHED: Mapping[str, str] = {"on": "HassTurnOn", "off": "HassTurnOff"}
"""The intent that a word means."""
