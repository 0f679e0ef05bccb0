"""The words of a wish that say when: put together where the model cut them, and taken out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice, takewhile

from edge.tasks.understanding_schema import ClauseReading, Scored, Span
from hub.ground.followup import TIMES
from hub.languages import Lexicon, plain
from hub.quantities import duration

PUNCTUATION = " ,.;:!?，。、；：！？"
_LENGTHS = ("duration", "delay")
_AMOUNTS = ("value", "state")
_UNSEEN_WORDS = 3
_BEFORE_THE = 3
"""So many words may stand between a length and the sun: "antes de la"."""
_LEADS = ("if_now", "when", "whenever", "unless", "until")


def time_spans(clause: ClauseReading, words: Lexicon) -> ClauseReading:
    """With "half an hour" and "before sunset" as one time; and with what follows a word like
    "until" as a condition, where the model saw none."""
    clause = _to_the_end(clause, words)
    spans = list(clause.spans)
    lengths = [s for s in spans if s.slot in _LENGTHS or _is_length(s, words)]
    for span in lengths:
        for sun in [s for s in spans if s.slot in TIMES and words.find("sun", plain(s.text))]:
            first, last = sorted((span, sun), key=lambda s: s.start)
            if _goes_on(_between(clause, first, last), words) and span in spans and sun in spans:
                spans = [s for s in spans if s not in (span, sun)]
                spans.append(_cut(clause, first.start, last.end, "time", sun.confidence))
    found = replace(clause, spans=tuple(sorted(spans, key=lambda s: s.start)))
    amounts = [any(s.slot == "value" for s in one.spans) for one in (clause, found)]
    return _moved_wholly(found, words) if amounts == [True, False] else found


def _to_the_end(clause: ClauseReading, words: Lexicon) -> ClauseReading:
    """Without what the model took for a time and is how far: "all the way up" is no "until"."""
    kept = tuple(
        s
        for s in clause.spans
        if s.slot not in TIMES or not words.fits("no_condition", plain(s.text))
    )
    if len(kept) == len(clause.spans):
        return clause
    found = replace(clause, spans=kept)
    if clause.intent != "HassSetPosition" or any(s.slot == "value" for s in kept):
        return found
    return _wholly(found, words.has("closing", plain(clause.text)))


def _moved_wholly(clause: ClauseReading, words: Lexicon) -> ClauseReading:
    """What was read as a position only for the sake of an amount that turned out to be a time."""
    said = plain(clause.text)
    closes = words.has("closing", said)
    if clause.intent != "HassSetPosition" or not (closes or words.has("opening", said)):
        return clause
    return _wholly(clause, closes)


def _wholly(clause: ClauseReading, closes: bool) -> ClauseReading:
    confidence = clause.intents[0].confidence
    wholly = Scored("HassTurnOff" if closes else "HassTurnOn", confidence)
    attributes = {**clause.attributes, "domain": Scored("cover", confidence)}
    return replace(clause, intents=(wholly, *clause.intents[1:]), attributes=attributes)


def _is_length(span: Span, words: Lexicon) -> bool:
    """Whether what was read as an amount of the wish, or as a moment, is a length of time ("half an
    hour")."""
    if span.slot not in ("value", "time") or words.find("sun", plain(span.text)):
        return False
    return bool(duration(span.text, words))


def _between(clause: ClauseReading, first: Span, last: Span) -> str:
    return clause.text[first.end - clause.start : last.start - clause.start].strip(PUNCTUATION)


def _goes_on(between: str, words: Lexicon) -> bool:
    """Whether a length and the sun are one time: beside each other, or with "antes de la"."""
    said = plain(between)
    near = len(said.split()) <= _BEFORE_THE
    return not between or (near and (words.has("before", said) or words.has("after", said)))


def _cut(clause: ClauseReading, start: int, end: int, slot: str, confidence: float) -> Span:
    text = clause.text[start - clause.start : end - clause.start]
    return Span(start, end, slot, text, confidence)


def with_conditions(clause: ClauseReading, span: Span, words: Lexicon) -> Iterator[ClauseReading]:
    """The clause with the condition and the place that is said with it, then as the model saw it,
    then with more and more of the words beside it: it may have taken the end of a condition for an
    amount or a state of the wish."""
    if not clause.start <= span.start < clause.start + len(clause.text):
        yield clause  # it is said beside another wish, for both
        return
    after = [s for s in clause.spans if s.start >= span.end]
    amounts = list(takewhile(lambda s: s.slot in _AMOUNTS, after))
    ends = [*_end_of_place(clause, after, words), span.end, *(s.end for s in amounts)]
    behind = clause.text[: span.start - clause.start].strip(PUNCTUATION)
    if behind or len(amounts) == len(after):
        ends.append(clause.start + len(clause.text))
    ends += _ends_of_words(clause, span, words)
    for end in dict.fromkeys(ends):
        whole = _cut(clause, span.start, end, "condition", span.confidence)
        kept = [s for s in clause.spans if s is not span and not span.start <= s.start < end]
        yield replace(clause, spans=tuple(sorted((*kept, whole), key=lambda s: s.start)))


def _ends_of_words(clause: ClauseReading, span: Span, words: Lexicon) -> list[int]:
    """Where the words after a condition end that the model saw nothing in ("si la porte est" ...
    "verrouillée")."""
    following = min((s.start for s in clause.spans if s.start >= span.end), default=0)
    gap = clause.text[span.end - clause.start : following - clause.start] if following else ""
    found = re.finditer(r"\S+(?=\s)" if words.spaced else r"\S", gap)
    return [span.end + match.end() for match in islice(found, _UNSEEN_WORDS)]


def _end_of_place(clause: ClauseReading, after: Sequence[Span], words: Lexicon) -> list[int]:
    """Where the place of a condition ends that the model gave to the wish: "if it is above 20
    degrees in the kitchen turn on the hallway light" has words of its own between two places, or
    a place and a name."""
    if len(after) < 2 or after[0].slot != "area" or after[1].slot not in ("area", "name"):
        return []
    parted = plain(_between(clause, after[0], after[1]))
    return [after[0].end] if parted and not words.has("and", parted) else []


def rejoined(clauses: Sequence[ClauseReading], words: Lexicon) -> list[ClauseReading]:
    """The wishes, without those that are nothing but the end of a time of the wish before them:
    "20 minutos después / del amanecer" is no second wish."""
    found: list[ClauseReading] = []
    for clause in clauses:
        if not found or not _only_a_time(clause, words):
            found.append(clause)
            continue
        before = found[-1]
        gap = " " * (clause.start - before.start - len(before.text))
        text = f"{before.text}{gap}{clause.text}"
        found[-1] = replace(before, text=text, spans=(*before.spans, *clause.spans))
    return found


def _only_a_time(clause: ClauseReading, words: Lexicon) -> bool:
    times = [s for s in clause.spans if s.slot in (*TIMES, "duration") or _is_the_sun(s, words)]
    if not times or len(times) < len(clause.spans):
        return False
    left = plain(without(clause, clause.spans, words))
    for group in ("before", "after"):
        left = words.without(group, left)
    return all(words.fits("articles", word) or words.fits("delay", word) for word in left.split())


def _is_the_sun(span: Span, words: Lexicon) -> bool:
    said = plain(span.text)
    return bool(words.find("sun", said)) and not words.without_reading("sun", said)


Readable = Callable[[str], bool]


def with_unseen(clause: ClauseReading, words: Lexicon, readable: Readable) -> ClauseReading:
    """With what a word like "if" or "until" begins as a condition, where the model saw no time: a
    wish with a condition is never acted on as one without. `readable` says whether words are one;
    at the beginning of a wish it is the fewest words that are, elsewhere all that follow."""
    clause = _sun_after_length(clause, words)
    if before := _thereupon(clause, words, readable):
        return replace(clause, spans=(before, *(s for s in clause.spans if s.start >= before.end)))
    if any(s.slot in TIMES for s in clause.spans):
        return clause
    if meal := _at_a_meal(clause, words):
        return replace(clause, spans=(*clause.spans, meal))
    at = _lead(clause, words, readable)
    if at is None:
        return clause
    end = len(clause.text)
    if not clause.text[:at].strip(PUNCTUATION):
        gaps = [m.start() for m in re.finditer(r"\s+", clause.text)] if words.spaced else range(end)
        end = next((gap for gap in gaps if gap > at and readable(clause.text[at:gap])), end)
    start, until = clause.start + at, clause.start + end
    kept = [s for s in clause.spans if s.end <= start or s.start >= until]
    unseen = _cut(clause, start, until, "condition", 1.0)
    return replace(clause, spans=tuple(sorted((*kept, unseen), key=lambda s: s.start)))


def _at_a_meal(clause: ClauseReading, words: Lexicon) -> Span | None:
    """ "Over breakfast" at the end of a wish, which the model did not see."""
    at = words.where("during", clause.text)
    said = plain(clause.text[at:]).split() if at is not None else []
    if at is None or len(said) > _A_MEAL or words.find("meal", said[-1]) is None:
        return None
    taken = any(s.start - clause.start <= at < s.end - clause.start for s in clause.spans)
    return None if taken else _cut(clause, clause.start + at, clause.end, "time", 1.0)


_A_MEAL = 3
"""Words of "during our breakfast"."""


def _thereupon(clause: ClauseReading, words: Lexicon, readable: Readable) -> Span | None:
    """What stands before a "thereupon", if it is a condition ("阿杰到家就开灯")."""
    pattern = words.groups.get("thereupon")
    found = pattern.search(clause.text) if pattern else None
    if found is None or not readable(clause.text[: found.end()]):
        return None
    return _cut(clause, clause.start, clause.start + found.end(), "condition", 1.0)


def _sun_after_length(clause: ClauseReading, words: Lexicon) -> ClauseReading:
    """With "half an hour before sunset" as one time where the model took the sun for a thing and
    the rest for how long: what is to happen then must not happen now."""
    spans = list(clause.spans)
    for at, span in enumerate(spans):
        if span.slot in TIMES or not _is_the_sun(span, words):
            continue
        first = at
        while first and spans[first - 1].slot in _LENGTHS and _touch(clause, spans, first, words):
            first -= 1
        if first < at:
            whole = _cut(clause, spans[first].start, span.end, "time", span.confidence)
            return replace(clause, spans=(*spans[:first], whole, *spans[at + 1 :]))
    return _sun_untold(clause, words)


def _sun_untold(clause: ClauseReading, words: Lexicon) -> ClauseReading:
    """The same where the model took the sun for nothing at all."""
    if not clause.spans or clause.spans[-1].slot not in _LENGTHS:
        return clause
    length = clause.spans[-1]
    rest = clause.text[length.end - clause.start :]
    said = plain(rest)
    left = words.without_reading("sun", said)
    if left == said or not _goes_on(left, words):
        return clause
    whole = _cut(clause, length.start, length.end + len(rest), "time", length.confidence)
    return replace(clause, spans=(*clause.spans[:-1], whole))


def _touch(clause: ClauseReading, spans: Sequence[Span], at: int, words: Lexicon) -> bool:
    return _goes_on(_between(clause, spans[at - 1], spans[at]), words)


def _lead(clause: ClauseReading, words: Lexicon, readable: Readable) -> int | None:
    """Where a word that begins a condition stands outside of all that the model saw. "Until" is in
    many languages also the word for "to": it counts only before what is readable."""
    for group in _LEADS:
        at = words.where(group, clause.text)
        if at is None or words.starts("no_condition", clause.text[at:]) is not None:
            continue
        if group == "unless" and any(
            s.slot == "except" and s.start >= clause.start + at for s in clause.spans
        ):
            continue  # "all lights off except in the hall": the same word, of a place
        if group == "until" and (_leads_to_amount(clause, at) or not readable(clause.text[at:])):
            continue
        if not any(s.start <= clause.start + at < s.end for s in clause.spans):
            return at
    return None


def _leads_to_amount(clause: ClauseReading, at: int) -> bool:
    """Whether the one word there stands right before an amount of the wish ("til 21 grader")."""
    starts = [s.start - clause.start for s in clause.spans if s.slot in _AMOUNTS]
    return any(len(clause.text[at:start].split()) == 1 for start in starts if start > at)


def blanked(clause: ClauseReading, spans: Sequence[Span]) -> ClauseReading:
    """The clause without these spans, and without their words: what they name is not its wish."""
    text = clause.text
    for span in spans:
        start, end = max(0, span.start - clause.start), max(0, span.end - clause.start)
        text = f"{text[:start]}{' ' * (end - start)}{text[end:]}"[: len(clause.text)]
    kept = tuple(s for s in clause.spans if s not in spans and s.slot not in TIMES)
    return replace(clause, text=text, spans=kept)


def without(clause: ClauseReading, times: Sequence[Span], words: Lexicon) -> str:
    """The words of a wish without those that say when."""
    text = clause.text
    for span in sorted(times, key=lambda s: -s.start):
        start, end = span.start - clause.start, span.end - clause.start
        if text[start:end] == span.text:
            text = f"{text[:start]} {text[end:]}"
    said = " ".join(text.split()).strip(PUNCTUATION).split()
    while said and words.fits("and", plain(said[-1])):
        said.pop()
    return " ".join(said).strip(PUNCTUATION)
