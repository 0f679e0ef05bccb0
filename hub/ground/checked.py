"""A wish that hangs on a question about the same thing: "did I lock the door? If not, lock it"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from edge.tasks.understanding_schema import ClauseReading
from hub.ground.answering import FACTS
from hub.languages import Lexicon, plain


def without_if_not(clauses: Sequence[ClauseReading], words: Lexicon) -> list[ClauseReading]:
    """The clauses with blanks for an "if not" after a question. What is so already is not changed
    by wishing it again: there is nothing to wait for."""
    return [
        _without(clause, clauses[at - 1] if at else None, words)
        for at, clause in enumerate(clauses)
    ]


def _without(clause: ClauseReading, before: ClauseReading | None, words: Lexicon) -> ClauseReading:
    at = words.where("if_not", clause.text)
    if at is None or clause.intent not in _SETTLING:
        return clause
    asked = _asks(clause.text[:at], words) if at else before is not None and before.intent in FACTS
    length = words.starts("if_not", clause.text[at:]) if asked else None
    if length is None:
        return clause
    start, end = clause.start + at, clause.start + at + length
    spans = tuple(s for s in clause.spans if s.slot != "condition" or s.start >= end)
    text = f"{clause.text[:at]}{' ' * (end - start)}{clause.text[at + length :]}"
    return replace(clause, text=text, spans=spans)


_SETTLING = frozenset({"HassTurnOn", "HassTurnOff"})
"""What comes to the same, said twice."""


def _asks(text: str, words: Lexicon) -> bool:
    first = plain(text).split()[:1]
    return text.rstrip().endswith("?") or any(words.fits("asking_whether", w) for w in first)
