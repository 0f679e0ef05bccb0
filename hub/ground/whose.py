"""Rooms that are said by who lives in them: "bei den Kindern" is the "Kinderzimmer"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rapidfuzz.distance import Prefix

from devices.home import Area, Home
from edge.tasks.understanding_schema import ClauseReading, Span
from hub.ground.followup import TIMES
from hub.ground.index import STEM
from hub.ground.names import ARTICLES, kind_of_word, tokens, word_fit
from hub.ground.places import find_area, names_of
from hub.ground.spans import blank, with_spans
from hub.languages import Lexicon, plain

_ENDING = 2
"""Letters that a word for people may end with besides what it shares with the room's name."""


def at_whose(
    clause: ClauseReading, home: Home, words: Lexicon, here: str | None = None
) -> ClauseReading:
    """The clause with such rooms by their names, also where the model took them for a time; where
    the speaker is ("bei mir") is a place, too, "my room" the one of the area `here` that fits, and
    "his room" that of who is spoken of."""
    spans = [part for span in clause.spans for part in _with_mine(span, clause, words)]
    spans = [_of_the_speaker(span, home, words, here) for span in spans]
    spans = [known for span in spans for known in _of_who_is_named(span, clause, home, words)]
    return with_spans(clause, (_by_name(span, clause, home, words) for span in spans))


def _with_mine(span: Span, clause: ClauseReading, words: Lexicon) -> list[Span]:
    """A name that is the speaker, or ends in where the speaker is ("LEDs bei mir"), apart."""
    if span.slot != "name" or not words.fits("speaker", plain(span.text.rpartition(" ")[2])):
        return [span]
    before, _, last = span.text.rpartition(" ")
    thing, _, where = before.rpartition(" ")
    if words.ending("at_whose", plain(clause.text[: max(0, span.end - clause.start - len(last))])):
        place = replace(span, slot="area", start=span.end - len(last), text=last)
        named = replace(span, slot="device", end=span.start + len(thing), text=thing)
        return [named, place] if thing and where else [place]
    return [span]


def kind_of_theirs(clause: ClauseReading, name: Span, home: Home) -> ClauseReading | None:
    """The clause with a name that nothing bears as a kind of thing in the room of somebody ("store
    des enfants", "the twins' blind"); None if it is none."""
    said = tokens(name.text)
    kinds = [word for word in said if kind_of_word(word) is not None]
    whose = [word for word in said if word not in kinds and word not in ARTICLES]
    area = _room_of(" ".join(whose), home) if kinds and whose else None
    if area is None:
        return None
    place = replace(name, slot="area", text=area.name)
    thing = replace(name, slot="device", text=" ".join(kinds))
    others = (span for span in clause.spans if span is not name)
    return replace(clause, spans=(*others, thing, place))


def _of_the_speaker(span: Span, home: Home, words: Lexicon, here: str | None) -> Span:
    """ "My bedroom", where there are several: the speaker's own, if it is one."""
    area = home.areas.get(here) if here else None
    if span.slot != "area" or area is None:
        return span
    if not any(words.fits("my", word) for word in plain(span.text).split()[:1]):
        return span
    said = set(tokens(span.text))
    own = {word for name in names_of(area, home) for word in tokens(name)}
    fits = said & own or all(kind_of_word(word) == "room" for word in said)
    return replace(span, text=area.name) if fits else span


def _of_who_is_named(
    span: Span, clause: ClauseReading, home: Home, words: Lexicon
) -> Sequence[Span]:
    """A place that is said by a pronoun ("u niego", "leur chambre"), as the room of who is named
    beside it; of nobody, it tells nothing, unless the room has a word of its own."""
    if span.slot not in ("area", "name"):
        return [span]
    said = plain(span.text).split()
    pronouns = [word for word in said if words.fits("theirs", word)]
    if span.slot == "area" and not pronouns and find_area(span.text, home) is None:
        somewhere = all(kind_of_word(word) == "room" for word in tokens(span.text))
        pronouns = said if somewhere else []  # "in the room": whose, somebody beside it may tell
    before = plain(clause.text[: max(0, span.start - clause.start)]).rstrip()
    if not pronouns or (span.slot == "name" and not words.ending("at_whose", before)):
        return [span]
    others = blank(clause, [span])
    rooms = {a.name for word in others.split() if (a := _lived_in_by(word.strip(",.!?"), home))}
    if len(rooms) == 1:
        return [replace(span, slot="area", text=rooms.pop())]
    left = [word for word in said if word not in pronouns]
    if span.slot == "name" and left:
        return [replace(span, slot="device", text=" ".join(left))]
    return [span] if left else []


def _lived_in_by(word: str, home: Home) -> Area | None:
    """The one room that is called after who is named."""
    if len(word) < STEM:
        return None
    said = [each for each in tokens(word) if kind_of_word(each) is None]
    theirs = [a for a in home.areas.values() for each in said if _is_called_after(a, each, home)]
    return theirs[0] if len(theirs) == 1 else None


def _is_called_after(area: Area, said: str, home: Home) -> bool:
    own = {word for name in names_of(area, home) for word in tokens(name)}
    return any(max(word_fit(said, word), word_fit(word, said)) >= _THEIRS for word in own)


_THEIRS = 0.86


def _by_name(span: Span, clause: ClauseReading, home: Home, words: Lexicon) -> Span:
    whose = _whose(span, clause, words)
    known = span.slot == "area" and find_area(span.text, home) is not None
    area = _room_of(whose, home) if whose and not known else None
    return span if area is None else replace(span, slot="area", text=area.name)


def _whose(span: Span, clause: ClauseReading, words: Lexicon) -> str | None:
    """Who is meant by a span: what stands behind "at" or the like."""
    before = plain(clause.text[: max(0, span.start - clause.start)]).split()
    while before and before[-1] in ARTICLES:
        before.pop()
    if span.slot in ("area", "name") and words.ending("at_whose", " ".join(before)):
        return span.text
    led = words.starts("at_whose", span.text) if span.slot in TIMES else None
    return span.text[led:] if led else None


def _room_of(whose: str, home: Home) -> Area | None:
    """The one room that is called by those who live in it."""
    if area := find_area(whose, home):
        return area
    said = [word for word in tokens(whose) if word not in ARTICLES]
    theirs = [a for a in home.areas.values() if len(said) == 1 and _is_theirs(a, said[0], home)]
    return theirs[0] if len(theirs) == 1 else None


def _is_theirs(area: Area, whose: str, home: Home) -> bool:
    """Whether a name of the room begins with them, whatever the ending ("Kindern", "kinderen")."""
    names = (tokens(name) for name in names_of(area, home))
    return any(
        len(name) == 1
        and (same := Prefix.similarity(whose, name[0])) >= STEM
        and len(whose) - same <= _ENDING
        for name in names
    )
