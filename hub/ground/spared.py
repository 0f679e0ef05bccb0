"""What a sentence names to be left alone, where the model took it for a wish of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from edge.tasks.understanding_schema import NONE, ClauseReading, Scored, Span
from hub.ground.followup import TARGETS, TIMES
from hub.ground.names import ARTICLES
from hub.ground.spans import with_spans
from hub.languages import Lexicon, plain


def with_exceptions(clauses: Sequence[ClauseReading], words: Lexicon) -> list[ClauseReading]:
    """ "Everything off but leave the fridge on": what is to be left alone is an exception."""
    kept: list[ClauseReading] = []
    for clause in (_not_waiting(clause, words) for clause in clauses):
        spared = [s for s in clause.spans if s.slot in TARGETS]
        excepting = [s for s in clause.spans if s.slot == "except"]
        if kept and excepting and not spared:
            kept[-1] = replace(kept[-1], spans=(*kept[-1].spans, *excepting))
            continue
        if kept and not clause.spans and _is_left(kept[-1], clause, words):
            continue  # "... but the strip, leave it as it is"
        if kept and spared and (_leaves_alone(clause, words) or _instead(kept[-1], clause, words)):
            spans = tuple(replace(s, slot="except") for s in spared if s.slot != "device")
            kept[-1] = replace(kept[-1], spans=(*kept[-1].spans, *spans))
        else:
            kept.append(clause)
    return kept


def _not_waiting(clause: ClauseReading, words: Lexicon) -> ClauseReading:
    """With what is to be left as it is as an exception, where the model took it for something to
    wait for ("wyłącz wszystko, ale roletę zostaw podniesioną")."""
    return replace(clause, spans=tuple(_left(s, clause, words) for s in clause.spans))


def _left(span: Span, clause: ClauseReading, words: Lexicon) -> Span:
    said = plain(span.text)
    waits = any(words.has(group, said) for group in _WAITING)
    if span.slot != "condition" or span.start == clause.start or waits:
        return span
    if not words.has("left_alone", said):
        return span
    thing = said.split()[0]
    return replace(span, slot="except", text=thing, end=span.start + len(thing))


_WAITING = ("when", "whenever", "unless", "if_now", "until")


def spared(clause: ClauseReading, words: Lexicon) -> ClauseReading:
    """With all that is to be left as it is as exceptions."""
    return with_what_is_excepted(with_what_stays(clause, words), words)


def with_what_is_excepted(clause: ClauseReading, words: Lexicon) -> ClauseReading:
    """With what stands after "except" as an exception, where the model took it for what is meant:
    "släck överallt utom i sovrummet" would do the very opposite."""
    spans: list[Span] = []
    at, excepted = clause.start, False
    for span in (_meant(each, clause, words) for each in clause.spans):
        between = plain(clause.text[at - clause.start : span.start - clause.start])
        after = words.has("excepting", between) and len(between.split()) <= _FEW
        after = after or _but_not(span, clause, at - clause.start, words)
        joined = excepted and all(_only_joins(word, words) for word in between.split())
        meant = span.slot in TARGETS
        excepted = meant and (joined or (after and (bool(spans) or _of_all(clause))))
        spans.append(replace(span, slot="except") if excepted else span)
        at = span.end
    return with_spans(clause, spans)


def _but_not(span: Span, clause: ClauseReading, since: int, words: Lexicon) -> bool:
    """ "All lamps off, only not in the hall", "bloß im Flur nicht": whether a span stands in what
    is said to be left out after `since`."""
    others = [s.start - clause.start for s in clause.spans if s.start > span.start]
    said = clause.text[since : min(others, default=len(clause.text))]
    at = words.where("but_only", said)
    if at is None or since + at >= span.start - clause.start:
        return False
    return words.has("negated", plain(said[at:]))


def with_what_stays(clause: ClauseReading, words: Lexicon) -> ClauseReading:
    """With what is to stay as it is as an exception, where the model took it for what is meant
    ("alles aus, nur das Rollo soll oben bleiben"); the rest is then about any kind of thing."""
    at = words.where("left_alone", clause.text)
    if at is None or not _of_all(clause) or clause.intent not in _SWITCHES:
        return clause
    start = clause.text.rfind(",", 0, at)
    end = clause.text.find(",", at)
    part = range(clause.start + start, clause.start + (end if end > 0 else len(clause.text)))
    staying = [s for s in clause.spans if s.slot in (*TARGETS, "except") and s.start in part]
    if start <= 0 or not staying:
        return clause
    spans = [
        replace(s, slot="except") if s in staying else _meant(s, clause, words)
        for s in clause.spans
    ]
    named = any(s.slot in ("name", "device") for s in spans)
    none = Scored(NONE, clause.attributes["domain"].confidence)
    kinds = {} if named else {"domain": none, "device_class": none}
    return replace(with_spans(clause, spans), attributes={**clause.attributes, **kinds})


_SWITCHES = ("HassTurnOn", "HassTurnOff")


def _meant(span: Span, clause: ClauseReading, words: Lexicon) -> Span:
    """What was taken for an exception, as the place it is: "alles aus bei Jonas" spares nobody."""
    before = plain(clause.text[: max(0, span.start - clause.start)]).rstrip()
    where = bool(words.ending("at_whose", before))
    sparing = any(words.has(group, before) for group in ("excepting", "negated", "leaving"))
    return replace(span, slot="area") if span.slot == "except" and where and not sparing else span


_FEW = 4
"""Words that may stand between two things with "except" among them."""


def _of_all(clause: ClauseReading) -> bool:
    return clause.attributes["scope"].label == "all"


def _only_joins(word: str, words: Lexicon) -> bool:
    return word in ARTICLES or words.fits("joining", word) or words.fits("articles", word)


def _instead(before: ClauseReading, clause: ClauseReading, words: Lexicon) -> bool:
    """Whether "instead of" stands between two things, however the model cut the sentence."""
    return bool(
        words.ending("instead_of", plain(before.text).rstrip())
        or words.starts("instead_of", clause.text) is not None
    )


def _is_left(before: ClauseReading, clause: ClauseReading, words: Lexicon) -> bool:
    excepting = any(span.slot == "except" for span in before.spans)
    return excepting and words.starts("leaving", clause.text) is not None


def _leaves_alone(clause: ClauseReading, words: Lexicon) -> bool:
    """ "Leave the lamp", whatever the model takes it for: nothing is to be done with it. "Leave the
    heating at 20" sets something."""
    set_to = any(span.slot in ("value", "color", *TIMES) for span in clause.spans)
    said = plain(clause.text)
    first, last = words.starts("leaving", clause.text), said.split()[-1:]
    left = first is not None or any(words.fits("leaving", word) for word in last)
    left = left or words.has("left_alone", said)
    return (left and not set_to) or clause.intent == "HassNevermind"
