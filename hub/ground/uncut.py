"""Names of things that the model cut: no wish begins in the middle of one.

"Set the thermostat for the towel rail to 20" is one wish where a thing is called "Thermostat for
the towel rail", and the model, which does not know the home, may see two.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from devices.home import Home
from edge.tasks.understanding_schema import ClauseReading, Span
from hub.ground.index import words_of
from hub.ground.names import ARTICLES, tokens

_WORD = re.compile(r"\S+")
_REACH = 6
"""Words on each side of a cut that a name may have."""
_TELLING = 3
"""Words that a name must have: two may stand side by side in any two wishes."""


def uncut(clauses: Sequence[ClauseReading], said: str, home: Home) -> list[ClauseReading]:
    """The clauses of the sentence `said`, each that begins inside of a thing's name joined to the
    one before it."""
    kept = list(clauses[:1])
    for clause in clauses[1:]:
        name = next(_names_across(clause.start, said, home), None)
        kept = [*kept, clause] if name is None else [*kept[:-1], _joined(kept[-1], clause, name)]
    return kept


def _joined(before: ClauseReading, clause: ClauseReading, name: Span) -> ClauseReading:
    spans = [
        s for s in (*before.spans, *clause.spans) if s.end <= name.start or s.start >= name.end
    ]
    gap = " " * (clause.start - before.end)
    return replace(
        before,
        end=clause.end,
        text=f"{before.text}{gap}{clause.text}",
        spans=tuple(sorted([*spans, name], key=lambda s: s.start)),
    )


def _names_across(cut: int, said: str, home: Home) -> Iterator[Span]:
    """The whole names that the characters before and after a cut are part of, the longest first;
    none where the words before it are a name themselves."""
    before = list(_WORD.finditer(said, 0, cut))[-_REACH:]
    after = list(_WORD.finditer(said, cut))[:_REACH]
    index = words_of(home)
    at_the_cut = [set(tokens(word.group())) - ARTICLES for word in (*before[-1:], *after[:1])]
    if any(words and not words & index.by_unit.keys() for words in at_the_cut):
        return
    for first in before:
        if tokens(said[first.start() : before[-1].end()]) in index.written:
            return
        if not set(tokens(said[first.start() : cut])) - ARTICLES:
            continue  # "... and the lights", where only "and" is before the cut
        for last in reversed(after):
            text = said[first.start() : last.end()]
            if len(tokens(text)) >= _TELLING and tokens(text) in index.written:
                yield Span(first.start(), last.end(), "name", text, 1.0)
