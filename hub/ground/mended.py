"""Spans whose edges cannot be right in any language, mended before anything is looked up.

A length of time ends with its unit ("5 minuters timer"), a title has no gap in it ("Balada o
jeseni"), and one thing on a list is one span although it has a small word inside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from edge.tasks.understanding_schema import ClauseReading, Span
from hub.ground.names import ARTICLES
from hub.ground.spans import with_spans
from hub.languages import Lexicon, plain
from hub.lengths import Length, lengths_in

_LENGTHS = ("duration", "start_duration", "delay")
_IN_A_TITLE = frozenset({"time", "delay", "duration", "value", "item", "message"})
"""Slots that words of a title may be taken for."""
_WAITING = frozenset({"duration", "delay"})
"""Lengths that a wish waits for, or lasts: the model cuts one into both."""
_WHEN = frozenset({"delay", "time", "condition"})
_AMOUNTS = frozenset({"value", "color", "duration"})
_GAP = 2


def mended(clause: ClauseReading, words: Lexicon) -> ClauseReading:
    """The clause with such spans as they must be."""
    spans = sorted(clause.spans, key=lambda span: span.start)
    spans = _put_right(clause, [s for s in spans if not _is_none(s, words)], words)
    if any(span.slot in _LENGTHS for span in spans):
        spans = _whole_lengths(clause, spans, words)
    if clause.intent == "HassMediaSearchAndPlay":
        spans = _whole_title(clause, spans, words)
    if "List" in clause.intent:
        spans = _whole_items(clause, spans, words)
    return with_spans(clause, spans)


def _is_none(span: Span, words: Lexicon) -> bool:
    """Whether what was taken for a time tells why ("weil die Kinder schlafen"), or what was taken
    for a name stands for one ("is he at home")."""
    if span.slot in _WHEN:
        return words.starts("reason", span.text) is not None
    return span.slot == "name" and words.fits("person_pronoun", plain(span.text))


def _put_right(clause: ClauseReading, spans: Sequence[Span], words: Lexicon) -> list[Span]:
    """Without what the speaker puts right at once ("halfway, no, make it thirty per cent")."""
    last: dict[str, Span] = {}
    wrong: set[Span] = set()
    for span in spans:
        before = last.get(span.slot)
        if before is not None and span.slot in _AMOUNTS:
            between = clause.text[before.end - clause.start : span.start - clause.start]
            said = plain(between)
            if words.has("put_right", said) and not words.has("and", said):
                wrong.add(before)
        last[span.slot] = span
    return [span for span in spans if span not in wrong]


def _whole_lengths(clause: ClauseReading, spans: Sequence[Span], words: Lexicon) -> list[Span]:
    found = lengths_in(clause.text, words)
    spans = _untorn(clause, spans, found)
    kept: list[Span] = []
    for index, span in enumerate(spans):
        if span.slot not in _LENGTHS:
            kept.append(span)
            continue
        if kept and kept[-1].slot == span.slot and kept[-1].end > span.start:
            continue  # swallowed by the length before it
        end = _end_of_length(clause, span, spans[index + 1 :], found)
        whole = _cut(clause, span, span.start, max(span.end, end))
        kept.append(_led(clause, whole, words))
    return kept


def _untorn(
    clause: ClauseReading, spans: Sequence[Span], found: Sequence[Length]
) -> Sequence[Span]:
    """With what a wish waits for as one span where the model tore it: in the middle of a length
    ("1 óra és / 30 másodperc múlva"), or before it ("daqui / a 1 hora")."""
    kept: list[Span] = []
    for span in spans:
        before = kept[-1] if kept else None
        if before is None or not {before.slot, span.slot} <= _WAITING:
            kept.append(span)
            continue
        torn = any(
            at.start < before.end - clause.start and at.end > span.start - clause.start
            for at in found
        )
        if torn or _leads_to(clause, before, span, found):
            slot = "delay" if "delay" in (before.slot, span.slot) else before.slot
            kept[-1] = replace(_cut(clause, before, before.start, span.end), slot=slot)
        else:
            kept.append(span)
    return kept


def _leads_to(clause: ClauseReading, before: Span, span: Span, found: Sequence[Length]) -> bool:
    """Whether a span says no length itself and the one right after it does."""
    own = any(
        at.start < before.end - clause.start and at.end > before.start - clause.start
        for at in found
    )
    touching = not clause.text[before.end - clause.start : span.start - clause.start].strip()
    return touching and not own and before.slot == span.slot == "delay"


def _led(clause: ClauseReading, span: Span, words: Lexicon) -> Span:
    """The length with the word for "in" before it, which makes it a delay ("d'aquí a 1 hora")."""
    if span.slot not in _WAITING or "Timer" in clause.intent:
        return span
    before = clause.text[: max(0, span.start - clause.start)].rstrip()
    said = plain(before)
    lead = words.ending("delay", said)
    if not lead or len(words.ending("lasting", said)) >= len(lead):
        return span
    start = clause.start + len(before) - len(lead)
    if plain(before[-len(lead) :]) != lead:
        return span
    return replace(_cut(clause, span, start, span.end), slot="delay")


def _end_of_length(
    clause: ClauseReading, span: Span, later: Sequence[Span], found: Sequence[Length]
) -> int:
    """Where the length ends that this span begins; a span of another slot ends it sooner."""
    own = _WAITING if span.slot in _WAITING else {span.slot}
    stop = min((s.start for s in later if s.slot not in own), default=clause.end)
    for length in found:
        start, end = clause.start + length.start, clause.start + length.end
        if start < span.end < end <= stop or (span.end == start and end <= stop):
            return end
        if span.end < start and start - span.end == 1 and end <= stop:
            return end  # the number is said apart: "1 hour" is also the length "hour"
    return span.end


def _whole_title(clause: ClauseReading, spans: Sequence[Span], words: Lexicon) -> list[Span]:
    """What is to be played, from its first word to its last."""
    kept: list[Span] = []
    for span in spans:
        before = next((s for s in reversed(kept) if s.slot == "query"), None)
        if span.slot != "query" or before is None or not _near(clause, before, span, words):
            kept.append(span)
            continue
        inside = [s for s in kept if s.start >= before.end]
        if any(s.slot not in _IN_A_TITLE for s in inside):
            kept.append(span)
            continue
        kept = [s for s in kept if s is not before and s not in inside]
        kept.append(_cut(clause, before, before.start, span.end))
    return kept


def _whole_items(clause: ClauseReading, spans: Sequence[Span], words: Lexicon) -> list[Span]:
    kept: list[Span] = []
    for span in spans:
        before = kept[-1] if kept and kept[-1].slot == "item" else None
        if span.slot == "item" and before is not None and _one_item(clause, before, span, words):
            kept[-1] = _cut(clause, before, before.start, span.end)
        else:
            kept.append(span)
    return [_bare(clause, span, words) if span.slot == "item" else span for span in kept]


def _one_item(clause: ClauseReading, first: Span, second: Span, words: Lexicon) -> bool:
    """Whether two spans are one thing: a small word stands between them, or nothing while things
    that are on the list already are named whole."""
    between = clause.text[first.end - clause.start : second.start - clause.start]
    said = plain(between).split()
    if "," in between or any(words.fits("joining", word) for word in said):
        return False
    if not said:
        adding = "AddItem" in clause.intent
        return not adding or plain(first.text) in ARTICLES
    return len(said) == 1 and len(said[0]) <= _SMALL


_SMALL = 3


def _bare(clause: ClauseReading, span: Span, words: Lexicon) -> Span:
    """Without a definite or partitive article: "du lait" is milk on a list. A number stays."""
    first, _, rest = span.text.partition(" ")
    said = plain(first)
    counts = said in words.numbers
    if not rest or said not in ARTICLES or counts or not words.fits("articles", said):
        return span
    start = span.end - len(rest.lstrip())
    return _cut(clause, span, start, span.end)


def _near(clause: ClauseReading, first: Span, second: Span, words: Lexicon) -> bool:
    between = clause.text[first.end - clause.start : second.start - clause.start]
    limit = _GAP if words.spaced else _GAP * 2
    return len(plain(between).split()) <= limit if words.spaced else len(between) <= limit


def _cut(clause: ClauseReading, span: Span, start: int, end: int) -> Span:
    text = clause.text[start - clause.start : end - clause.start]
    return replace(span, start=start, end=end, text=text)
