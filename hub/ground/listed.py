"""Things named one after the other with no word between them, told apart by what the home has.

"Turn on the kettle coffee machine and printer" is what speech recognition leaves of a list. The
model takes two such names for one; where the home has things called just so, they are two.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from devices.home import Home
from edge.tasks.understanding_schema import ClauseReading, Span
from hub.ground.index import match_all, names_a_person, words_of
from hub.ground.names import ARTICLES, tokens

_WORD = re.compile(r"\S+")


def known_thing(said: str, home: Home) -> bool:
    """Whether the words are the whole name of exactly one thing in this home; a person is none."""
    name = tokens(said)
    return words_of(home).written.get(name) == 1 and not names_a_person(name, home)


def listed(clause: ClauseReading, home: Home) -> ClauseReading:
    """The clause with each of such names as a span of its own."""
    spans: list[Span] = []
    for span in clause.spans:
        cut = list(_names(clause, span, home)) if span.slot == "name" else []
        spans.extend(cut if len(cut) > 1 else [span])
    return clause if len(spans) == len(clause.spans) else replace(clause, spans=tuple(spans))


def _names(clause: ClauseReading, span: Span, home: Home) -> Iterator[Span]:
    """The names of which a span is made, from its first word to its last; none if other words
    remain, or if all of it is the name of one thing."""
    words = list(_WORD.finditer(clause.text, span.start - clause.start, span.end - clause.start))
    whole = next(iter(match_all(tokens(span.text), home)), None)
    if whole is None or whole.exact:
        return
    found: list[Span] = []
    at = 0
    while at < len(words):
        if found and words[at].group().lower() in ARTICLES:
            at += 1
            continue
        for until in range(len(words), at, -1):
            start, end = words[at].start(), words[until - 1].end()
            said = clause.text[start:end]
            if known_thing(said, home):
                place = clause.start + start
                found.append(replace(span, start=place, end=place + len(said), text=said))
                at = until
                break
        else:
            return
    yield from found
