"""One verb, several things: a clause taken apart where it names them one after the other.

"Turn on the kettle and the coffee machine" is two wishes; "set the bedroom to 19 and the office to
21" too, each with its own value. "The lights in the kitchen and the hall" is one: rooms share the
device. A part keeps all of the clause that is not about what is meant.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from edge.tasks.understanding_schema import ClauseReading, Span
from hub.ground.followup import TARGETS
from hub.ground.names import ARTICLES, kind_of_word, tokens
from hub.languages import Lexicon, plain

_AMOUNTS = ("value", "color")


def parts(clause: ClauseReading, words: Lexicon) -> list[ClauseReading]:
    """The clause, or one for each of the things it names."""
    targets = sorted((s for s in clause.spans if s.slot in TARGETS), key=lambda s: s.start)
    groups = _grouped(clause, targets, words)
    if len(groups) < 2:
        return [clause]
    amounts = [s for s in clause.spans if s.slot in _AMOUNTS]
    shared = [s for s in clause.spans if s.slot not in (*TARGETS, *_AMOUNTS)]
    own = _amounts_of(groups, amounts)
    if not own and not all(_heads(group) for group in groups):
        return [clause]
    kind = _shared_kind(groups)
    found = []
    for index, group in enumerate(groups):
        amount = [own[index]] if own else amounts
        head = kind if kind and not _says_kind(group) else []
        spans = tuple(sorted((*group, *head, *amount, *shared), key=lambda s: s.start))
        found.append(replace(clause, spans=spans))
    return found


def _grouped(clause: ClauseReading, targets: Sequence[Span], words: Lexicon) -> list[list[Span]]:
    """The spans of each thing: a new one begins after "and" or a comma."""
    groups: list[list[Span]] = []
    for span in targets:
        if groups and not _joined(clause, groups[-1][-1], span, words):
            groups[-1].append(span)
        else:
            groups.append([span])
    return groups


def _joined(clause: ClauseReading, first: Span, second: Span, words: Lexicon) -> bool:
    between = clause.text[first.end - clause.start : second.start - clause.start]
    return "," in between or any(words.fits("joining", word) for word in plain(between).split())


def _heads(group: Sequence[Span]) -> bool:
    """Whether the spans name a thing, and not only a room."""
    return any(span.slot in ("name", "device") for span in group)


def _amounts_of(groups: Sequence[Sequence[Span]], amounts: Sequence[Span]) -> list[Span]:
    """The amount of each thing, if every one is followed by its own."""
    if len(amounts) != len(groups):
        return []
    ordered = sorted(amounts, key=lambda span: span.start)
    ends = [*(group[0].start for group in groups[1:]), 1 << 30]
    right = all(
        group[-1].start < amount.start < end
        for group, amount, end in zip(groups, ordered, ends, strict=True)
    )
    return ordered if right else []


def _says_kind(group: Sequence[Span]) -> bool:
    return any(
        span.slot == "device" or any(kind_of_word(word) for word in tokens(span.text))
        for span in group
    )


def _shared_kind(groups: Sequence[Sequence[Span]]) -> list[Span]:
    """The kind of thing that only the last one says ("Mary's and John's lamps")."""
    last = groups[-1]
    return [s for s in last if s.slot == "device"] if _says_kind(last) else []


_SET = frozenset(
    "HassLightSet HassSetPosition HassClimateSetTemperature HassFanSetSpeed HassSetVolume".split()
)


def with_shared_amounts(wishes: Sequence[ClauseReading], words: Lexicon) -> list[ClauseReading]:
    """The wishes of a sentence with the amount that is said once for several things, after the
    last: "dim the reading lamp and the hall light to 30 percent". A wish with a verb of its own
    begins anew."""
    found = list(wishes)
    for at in range(len(found) - 2, -1, -1):
        wish, later = found[at], found[at + 1]
        same = wish.intent == later.intent and wish.intent in _SET
        if not same or _amounts(wish) or not _begins_with_target(later, words):
            continue
        amounts = [s for s in _amounts(later) if s.start > later.start]
        attributes = {**wish.attributes, "direction": later.attributes["direction"]}
        if amounts:
            found[at] = replace(wish, spans=(*wish.spans, *amounts), attributes=attributes)
    return found


def _amounts(wish: ClauseReading) -> list[Span]:
    return [s for s in wish.spans if s.slot in _AMOUNTS]


def _begins_with_target(wish: ClauseReading, words: Lexicon) -> bool:
    """Whether nothing but articles and "and" stands before what the wish names."""
    starts = [s.start for s in wish.spans if s.slot in TARGETS]
    before = plain(wish.text[: min(starts) - wish.start]).split() if starts else ["?"]
    return all(word in ARTICLES or words.fits("joining", word) for word in before)
