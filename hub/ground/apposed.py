"""A thing named in two breaths: "dim my nightstand lamp, the right one"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from edge.tasks.understanding_schema import ClauseReading, Span
from hub.languages import Lexicon, plain


def with_the_one(clauses: Sequence[ClauseReading], words: Lexicon) -> list[ClauseReading]:
    """The clauses without those that only say which one is meant, whose words go before the name
    that they tell more of."""
    kept: list[ClauseReading] = []
    for clause in (_by_its_end(each, words) for each in clauses):
        joined = _joined(kept[-1], clause, words) if kept else None
        if joined is None:
            kept.append(clause)
        else:
            kept[-1] = joined
    return kept


def _joined(before: ClauseReading, clause: ClauseReading, words: Lexicon) -> ClauseReading | None:
    telling = _telling(clause.text, words)
    return _told(before, telling) if telling and before.intent == clause.intent else None


def _by_its_end(clause: ClauseReading, words: Lexicon) -> ClauseReading:
    """The same where the model took both breaths for one."""
    before, comma, end = clause.text.rpartition(",")
    free = all(span.end <= clause.start + len(before) for span in clause.spans)
    telling = _telling(end, words) if comma and free else ""
    return (_told(clause, telling) if telling else None) or clause


def _telling(text: str, words: Lexicon) -> str:
    """The words of "the right one" that tell which; nothing where it is something else."""
    said = plain(text).strip(" .,!?").split()
    if not _LEAST <= len(said) <= _MOST:
        return ""
    first, *middle, last = said
    one = words.fits("definite", first) and words.fits("one_there", last)
    return " ".join(middle) if one else ""


def _told(clause: ClauseReading, telling: str) -> ClauseReading | None:
    named = next((s for s in clause.spans if s.slot in ("name", "device")), None)
    if named is None:
        return None
    whole = Span(named.start, named.end, named.slot, f"{telling} {named.text}", 1.0)
    return replace(clause, spans=tuple(whole if s is named else s for s in clause.spans))


_LEAST, _MOST = 3, 5
"""Words: "the right one", "the big red one"."""
