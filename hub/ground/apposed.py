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
    for clause in clauses:
        joined = _joined(kept[-1], clause, words) if kept else None
        if joined is None:
            kept.append(clause)
        else:
            kept[-1] = joined
    return kept


def _joined(before: ClauseReading, clause: ClauseReading, words: Lexicon) -> ClauseReading | None:
    said = plain(clause.text).strip(" .,!?").split()
    named = next((s for s in before.spans if s.slot in ("name", "device")), None)
    if named is None or before.intent != clause.intent or not _LEAST <= len(said) <= _MOST:
        return None
    first, *middle, last = said
    if not (words.fits("definite", first) and words.fits("one_there", last)):
        return None
    whole = Span(named.start, named.end, named.slot, f"{' '.join(middle)} {named.text}", 1.0)
    return replace(before, spans=tuple(whole if s is named else s for s in before.spans))


_LEAST, _MOST = 3, 5
"""Words: "the right one", "the big red one"."""
