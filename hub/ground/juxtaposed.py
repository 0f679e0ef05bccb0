"""Wishes that follow each other without any word between them, as Chinese has it: "关灯关空调"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from edge.tasks.understanding_schema import NONE, ClauseReading, Scored, Span
from hub.ground.names import kinds_in
from hub.languages import Lexicon

_VERBS: Mapping[str, str] = {"turning_on": "HassTurnOn", "turning_off": "HassTurnOff"}
_DOMAINS: Mapping[str, str] = {
    "light": "light", "fan": "fan", "thermostat": "climate", "heater": "climate",
    "tv": "media_player", "speaker": "media_player", "blind": "cover", "curtain": "cover",
    "shade": "cover", "shutter": "cover", "vacuum": "vacuum", "valve": "valve",
}  # fmt: skip
_LONGEST = 6
"""Characters of what is switched."""


def juxtaposed(clause: ClauseReading, words: Lexicon) -> list[ClauseReading]:
    """The clause, or one for each verb in it that has a kind of thing of its own right behind it;
    all are where the clause is."""
    if words.spaced or clause.intent not in _VERBS.values():
        return [clause]
    verbs = _verbs(clause.text, words)
    if len(verbs) < 2 or any(_is_elsewhere(span, clause, verbs[0][1]) for span in clause.spans):
        return [clause]
    ends = [at for at, _, _ in verbs[1:]] + [len(clause.text.rstrip("吧了啊呢。！!，, "))]
    found: list[ClauseReading] = []
    place = verbs[0][0]
    for (_, start, intent), end in zip(verbs, ends, strict=True):
        domains = {_DOMAINS[k] for k in kinds_in(clause.text[start:end]) if k in _DOMAINS}
        if len(domains) != 1 or end - start > _LONGEST:
            return [clause]
        found.append(_wish(clause, intent, (place, start, end), domains.pop()))
    return found if len(found) > 1 else [clause]


def _is_elsewhere(span: Span, clause: ClauseReading, first: int) -> bool:
    """Whether the span says something else than where before the verbs and what behind them."""
    behind = span.start - clause.start >= first
    return span.slot not in (("name", "device") if behind else ("area", "floor"))


def _verbs(text: str, words: Lexicon) -> Sequence[tuple[int, int, str]]:
    """Where each verb starts and ends in the text, and what it wishes."""
    found: list[tuple[int, int, str]] = []
    at = 0
    while at < len(text):
        lengths = {group: words.starts(group, text[at:]) for group in _VERBS}
        group = next((group for group, length in lengths.items() if length), None)
        length = (lengths[group] if group else None) or 1
        if group:
            found.append((at, at + length, _VERBS[group]))
        at += length
    return found


def _wish(
    clause: ClauseReading, intent: str, at: tuple[int, int, int], domain: str
) -> ClauseReading:
    """The clause with only the place, which ends `at` the first number, and one thing."""
    place, start, end = at
    confidence = clause.intents[0].confidence
    thing = Span(
        clause.start + start, clause.start + end, "device", clause.text[start:end], confidence
    )
    attributes = {
        **clause.attributes,
        "domain": Scored(domain, confidence),
        "device_class": Scored(NONE, 1.0),
    }
    text = f"{clause.text[:place]}{' ' * (start - place)}{clause.text[start:end]}"
    return replace(
        clause,
        text=text.ljust(len(clause.text)),
        intents=(Scored(intent, confidence), *clause.intents[1:]),
        attributes=attributes,
        spans=(*(s for s in clause.spans if s.end <= clause.start + place), thing),
    )
