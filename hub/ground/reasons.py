"""Why somebody wishes something, which is no wish of its own: "I am going to bed, so ..."."""

from __future__ import annotations

from collections.abc import Sequence

from edge.tasks.understanding_schema import ClauseReading
from hub.languages import Lexicon, plain


def without_reasons(clauses: Sequence[ClauseReading], words: Lexicon) -> list[ClauseReading]:
    """The clauses without those that name nothing and end in "so": the wish is what follows."""
    last = len(clauses) - 1
    return [c for at, c in enumerate(clauses) if at == last or not _is_reason(c, words)]


def _is_reason(clause: ClauseReading, words: Lexicon) -> bool:
    said = plain(clause.text).rstrip(" ,;:")
    return not clause.spans and bool(words.ending("therefore", said))
