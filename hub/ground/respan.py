"""Spans cut anew where the home knows better: rooms inside of what the model took for one name.

"Bedroom blinds" is a room and a kind of thing unless something is called so; "kitchen play corner"
is a room and a name. The model cannot know which words are rooms in this home.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import zip_longest

from devices.home import Home
from edge.tasks.understanding_schema import ClauseReading, Span
from hub.ground.index import STEM, HomeWords, match_all, stem, words_of
from hub.ground.names import POSSIBLE, kind_of_word, tokens, word_fit
from hub.ground.spans import with_spans
from hub.languages import Lexicon, plain

_LONGEST_ROOM = 3
_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class _Word:
    start: int
    end: int
    text: str


def respan(clause: ClauseReading, home: Home, words: Lexicon | None = None) -> ClauseReading:
    """The clause with rooms as spans of their own; with `words` also where one thing's name is a
    kind and a room, and a second room is said beside it ("volets du salon et de la cuisine")."""
    index = words_of(home)
    spans: list[Span] = []
    if words:
        clause = with_spans(clause, _where_not_but(clause, index, words))
        clause = with_spans(clause, _places_as_such(clause, index, words))
    for span in clause.spans:
        cut = _cut(clause, span, home, index) if span.slot in ("name", "area", "device") else None
        cut = cut or _with_floor(clause, span, home)
        if cut is None and words and _beside_a_room(clause, span, words):
            cut = _kind_and_room(clause, span, index)
        spans.extend(cut or [span])
    if not any(span.slot in ("area", "floor") for span in spans):
        spans.extend(_room_before(clause, spans, index))
        excepted = all(span.slot == "except" for span in spans)
        if clause.attributes["scope"].label == "all" and excepted:
            spans.extend(_floor_unseen(clause, spans, home))
    return with_spans(clause, sorted(spans, key=lambda s: s.start))


def _cut(clause: ClauseReading, span: Span, home: Home, index: HomeWords) -> list[Span] | None:
    """The span as a room and the rest; None where it is one thing."""
    if tokens(span.text) in index.rooms or _is_garage_door(span, index):
        return None
    words = list(_words(clause, span.start, span.end))
    for first, until in _runs(len(words)):
        inside = words[first:until]
        rest = words[:first] if first else words[until:]
        if not rest or (first and until < len(words)) or not _is_room(_said(inside), index):
            continue
        kinds = all(kind_of_word(word) not in (None, "room") for word in _said(rest))
        named = next(iter(match_all(tokens(span.text), home)), None)
        known = named is not None and (named.exact or (named.specific and named.score >= POSSIBLE))
        if span.slot == "area" or kinds or not known:
            if named is not None and (named.exact or (known and not kinds and span.slot != "area")):
                return None
            slot = "device" if kinds else "name"
            return [_span(clause, inside, "area", span), _span(clause, rest, slot, span)]
    return None


def _is_garage_door(span: Span, index: HomeWords) -> bool:
    """Whether "garage doors" are doors of their own kind here, and not the doors of a room."""
    kinds = {kind_of_word(word) for word in tokens(span.text)}
    garages = (e for e in index.by_domain.get("cover", ()) if e.device_class == "garage")
    return kinds == {"garage", "door"} and any(garages)


def _beside_a_room(clause: ClauseReading, span: Span, words: Lexicon) -> bool:
    """Whether "and" and a room follow the name."""
    after = [s for s in clause.spans if s.start >= span.end]
    if span.slot != "name" or not after or after[0].slot != "area":
        return False
    between = clause.text[span.end - clause.start : after[0].start - clause.start]
    return any(words.fits("joining", word) for word in plain(between).split())


def _kind_and_room(clause: ClauseReading, span: Span, index: HomeWords) -> list[Span] | None:
    words = list(_words(clause, span.start, span.end))
    for first, until in _runs(len(words)):
        inside, rest = words[first:until], words[:first] if first else words[until:]
        kinds = rest and all(kind_of_word(word) not in (None, "room") for word in _said(rest))
        if kinds and _said(rest) and _is_room(_said(inside), index):
            return [_span(clause, inside, "area", span), _span(clause, rest, "device", span)]
    return None


def _with_floor(clause: ClauseReading, span: Span, home: Home) -> list[Span] | None:
    """ "Luces de abajo", where the home calls a floor so: a kind of thing and the floor; or the
    floor alone."""
    if span.slot != "name" or any(other.slot == "floor" for other in clause.spans):
        return None
    floors = {tokens(n) for f in home.floors.values() for n in (f.name, *f.aliases)}
    words = list(_words(clause, span.start, span.end))
    if _said(words) in floors and _said(words) not in words_of(home).written:
        return [replace(span, slot="floor")]
    for first, until in _runs(len(words)):
        inside, rest = words[first:until], words[:first] if first else words[until:]
        kinds = rest and all(kind_of_word(word) not in (None, "room") for word in _said(rest))
        if kinds and _said(rest) and _said(inside) in floors:
            named = next(iter(match_all(tokens(span.text), home)), None)
            if named is None or not named.exact:
                return [_span(clause, inside, "floor", span), _span(clause, rest, "device", span)]
    return None


def _where_not_but(clause: ClauseReading, index: HomeWords, words: Lexicon) -> Iterator[Span]:
    """The spans, with a room before the word "except" as where it is, and not as what is left
    alone: "everything in the kitchen except the fridge"."""
    for span, after in zip_longest(clause.spans, clause.spans[1:]):
        both = span.slot == "except" and after is not None and after.slot == "except"
        if both and tokens(span.text) in index.rooms:
            between = clause.text[span.end - clause.start : after.start - clause.start]
            parted = [w for w in tokens(between) if not words.fits("joining", w)]
            yield replace(span, slot="area") if parted else span
        else:
            yield span


def _places_as_such(clause: ClauseReading, index: HomeWords, words: Lexicon) -> Iterator[Span]:
    """The spans, with a place that was marked as a thing's name as where it is: a room beside a
    kind of thing ("lights in Picasso"), or the whole house ("warm up the van")."""
    kind = any(span.slot == "device" for span in clause.spans)
    for span in clause.spans:
        said = tokens(span.text)
        room = (kind and said in index.rooms) or all(words.fits("house", word) for word in said)
        is_place = span.slot == "name" and room and said not in index.written
        yield replace(span, slot="area") if is_place else span


def _floor_unseen(clause: ClauseReading, spans: list[Span], home: Home) -> Iterator[Span]:
    """The floor that everything is said of, where the model left it out ("cierra todo arriba")."""
    floors = {tokens(n) for f in home.floors.values() for n in (f.name, *f.aliases)}
    end = min((span.start for span in spans), default=clause.start + len(clause.text))
    words = list(_words(clause, clause.start, end))
    runs = ((at, at + n) for n in range(_LONGEST_ROOM, 0, -1) for at in range(len(words) - n + 1))
    for first, until in runs:
        if _said(words[first:until]) in floors:
            start, end = words[first].start, words[until - 1].end
            text = clause.text[start - clause.start : end - clause.start]
            yield Span(start, end, "floor", text, 1.0)
            return


def _is_room(said: tuple[str, ...], index: HomeWords) -> bool:
    """Whether the words are a room's name, in any case form ("spálni" is "spálňa")."""
    if said in index.rooms:
        return True
    return all(len(s) > STEM and kind_of_word(s) is None for s in said) and any(
        all(word_fit(s, w) >= _FORM for s, w in zip(said, room, strict=True))
        for room in index.room_stems.get(stem(said), ())
    )


_FORM = 0.82


def _room_before(clause: ClauseReading, spans: list[Span], index: HomeWords) -> Iterator[Span]:
    """A room that stands right before a device, which the model left out."""
    taken = {at for span in spans for at in range(span.start, span.end)}
    for span in spans:
        if span.slot != "device":
            continue
        before = [w for w in _words(clause, clause.start, span.start) if w.start not in taken]
        for count in range(min(_LONGEST_ROOM, len(before)), 0, -1):
            if _said(before[-count:]) in index.rooms:
                yield _span(clause, before[-count:], "area", span)
                return


def _words(clause: ClauseReading, start: int, end: int) -> Iterator[_Word]:
    for match in _WORD.finditer(clause.text[start - clause.start : end - clause.start]):
        yield _Word(start + match.start(), start + match.end(), match.group())


def _runs(count: int) -> Iterator[tuple[int, int]]:
    """Beginnings and ends of `count` words that may be a room, longest first."""
    for length in range(min(_LONGEST_ROOM, count - 1), 0, -1):
        yield 0, length
        yield count - length, count


def _said(words: list[_Word]) -> tuple[str, ...]:
    return tokens(" ".join(word.text for word in words))


def _span(clause: ClauseReading, words: list[_Word], slot: str, whole: Span) -> Span:
    start, end = words[0].start, words[-1].end
    text = clause.text[start - clause.start : end - clause.start]
    return Span(start, end, slot, text, whole.confidence)
