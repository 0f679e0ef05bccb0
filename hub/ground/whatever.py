"""What is to be turned off by how it is: "turn off whatever is on in the office"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from edge.tasks.understanding_schema import NONE, ClauseReading, Scored, Span
from hub.ground.answering import FACTS
from hub.languages import Lexicon, plain


def whatever(clauses: Sequence[ClauseReading], said: str, words: Lexicon) -> list[ClauseReading]:
    """The clauses of the sentence `said`, where "whatever is on" is all that is there, and no
    question of its own ("mach im Wohnzimmer alles aus, was an ist")."""
    kept: list[ClauseReading] = []
    for clause in clauses:
        before = kept[-1] if kept else None
        if before is not None and before.intent == "HassTurnOff" and _is_aside(clause, words):
            text = said[before.start : clause.end]
            spans = (*before.spans, *clause.spans)
            kept[-1] = replace(before, end=clause.end, text=text, spans=spans)
        else:
            kept.append(clause)
    return [_all_of_it(clause, words) for clause in kept]


def _is_aside(clause: ClauseReading, words: Lexicon) -> bool:
    return clause.intent in FACTS and words.has("whatever", plain(clause.text))


def _all_of_it(clause: ClauseReading, words: Lexicon) -> ClauseReading:
    """The wish as one about all things, or all of the kind that is said besides."""
    said = plain(clause.text)
    if clause.intent != "HassTurnOff" or not words.has("whatever", said):
        return clause
    rest = f" {words.without('whatever', said)} "
    spans = tuple(s for s in clause.spans if s.slot not in _SAID_SO or _is_apart(s, rest))
    sure = Scored("all", 1.0)
    attributes = {**clause.attributes, "scope": sure}
    if not any(s.slot in ("name", "device") for s in spans):
        none = Scored(NONE, 1.0)
        attributes |= {"domain": none, "device_class": none}
    return replace(clause, spans=spans, attributes=attributes)


_SAID_SO = frozenset({"name", "device", "state"})


def _is_apart(span: Span, rest: str) -> bool:
    """Whether all words of a span stand beside "whatever is on"."""
    return all(f" {word} " in rest for word in plain(span.text).split())
