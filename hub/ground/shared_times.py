"""The time that a sentence says once for several wishes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from edge.tasks.understanding_schema import ClauseReading, Span
from hub.ground.followup import TARGETS, TIMES
from hub.ground.names import ARTICLES
from hub.ground.timespans import PUNCTUATION, time_spans
from hub.languages import Lexicon, plain
from hub.times import too_often


def shared(wishes: Sequence[ClauseReading], words: Lexicon) -> list[ClauseReading]:
    """The wishes of a sentence with the time or condition that is said for all of them: one that
    begins the sentence or stands before all that it names, or a condition that ends it. "When I
    leave turn off the lights and close the blinds" closes nothing at once. Of "the porch light and
    the string lights at sunset" the time is both's."""
    if len(wishes) < 2:
        return list(wishes)
    first, last = time_spans(wishes[0], words), wishes[-1]
    began = first.text[: len(first.text) - len(first.text.lstrip(PUNCTUATION))]
    start = first.start + len(began)
    if all(begins_with_target(wish, words) for wish in wishes[1:]):
        start = min((s.start for s in first.spans if s.slot in TARGETS), default=start)
    leading = [s for s in first.spans if s.slot in TIMES and s.start <= start]
    ending = [s for s in last.spans if s.slot == "condition" and s.start > last.start]
    tail = [s for s in ending if not any(o.start > s.start for o in last.spans)]
    for_all = leading or tail or _time_of_a_list(wishes, words)
    owner = 0 if leading else len(wishes) - 1
    return [
        wish
        if number == owner or not _takes(wish)
        else replace(wish, spans=(*wish.spans, *for_all))
        for number, wish in enumerate(wishes)
    ]


def _time_of_a_list(wishes: Sequence[ClauseReading], words: Lexicon) -> list[Span]:
    """The time that ends a sentence which says its verb once, before things in a row."""
    last = wishes[-1]
    times = [s for s in last.spans if s.slot in (*TIMES, "duration")]
    targets = [s.end for s in last.spans if s.slot in TARGETS]
    one_verb = all(
        wish.intent == last.intent and begins_with_target(wish, words) for wish in wishes[1:]
    )
    in_a_row = wishes[0].intent == last.intent and all(
        _ends_with_target(wish, words) for wish in wishes[:-1]
    )
    ending = bool(times and targets) and min(s.start for s in times) >= max(targets)
    return times if one_verb and in_a_row and ending else []


def _ends_with_target(wish: ClauseReading, words: Lexicon) -> bool:
    """Whether nothing but "and" stands after what the wish names."""
    ends = [s.end for s in wish.spans if s.slot in TARGETS]
    after = plain(wish.text[max(ends) - wish.start :]).split() if ends else ["?"]
    return all(words.fits("joining", word) for word in after)


def begins_with_target(wish: ClauseReading, words: Lexicon) -> bool:
    """Whether nothing but articles and "and" stands before what the wish names: it has no verb of
    its own, or one at its end."""
    starts = [s.start for s in wish.spans if s.slot in TARGETS]
    before = plain(wish.text[: min(starts) - wish.start]).split() if starts else ["?"]
    return all(word in ARTICLES or words.fits("joining", word) for word in before)


def _takes(wish: ClauseReading) -> bool:
    return not any(s.slot in (*TIMES, "duration") for s in wish.spans)


def repeats(text: str, words: Lexicon) -> bool:
    """Whether two or three words in a row are a time that comes round ("every second", "every 10
    minutes")."""
    said = plain(text).split()
    pairs = (" ".join(said[at : at + size]) for at in range(len(said)) for size in (2, 3))
    return any(too_often(part, words) for part in pairs)
