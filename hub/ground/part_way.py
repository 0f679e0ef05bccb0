"""Covers and valves that are to open or close by half, where the model saw no amount."""

from __future__ import annotations

from dataclasses import replace

from edge.tasks.understanding_schema import ClauseReading, Scored, Span
from hub.languages import Lexicon

_MOVES = frozenset({"HassTurnOn", "HassTurnOff"})
_MOVED = frozenset({"cover", "valve"})


def part_way(clause: ClauseReading, words: Lexicon) -> ClauseReading:
    """ "Otevři žaluzie napůl" sets a position: wholly open is more than was asked for."""
    if clause.intent not in _MOVES or clause.attributes["domain"].label not in _MOVED:
        return clause
    at = words.where("halfway", clause.text)
    length = None if at is None else words.starts("halfway", clause.text[at:])
    if at is None or length is None:
        return clause
    start, end = clause.start + at, clause.start + at + length
    if any(s.start < end and s.end > start for s in clause.spans):
        return clause
    confidence = clause.intents[0].confidence
    half = Span(start, end, "value", clause.text[at : at + length], confidence)
    return replace(
        clause,
        intents=(Scored("HassSetPosition", confidence), *clause.intents[1:]),
        spans=tuple(sorted((*clause.spans, half), key=lambda s: s.start)),
    )
