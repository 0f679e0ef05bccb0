"""A wish and what it waits for, read apart.

The words of a condition blur what is wished: "when the hall light turns off close the blinds" says
off and close. So the model marks the condition in a first reading, and a second one reads the rest
of the sentence alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from edge.tasks.understanding_schema import NONE, ClauseReading, Reading, Span

_WAITS = "condition"
_TOLD = frozenset({"HassBroadcast", "HassGetState", "HassTimerStatus"})
"""What is said or asked when something comes about means nothing without it."""
_UNREAD = frozenset({NONE, "HassConfirm", "HassNevermind", "HassRespond", "HassFollowUp"})
"""What the rest of a sentence is read as that was no wish without its condition."""
_GAPS = " ,;，、；"
_ENDS = " .,;:!?…。，！？"


@dataclass(frozen=True, slots=True)
class Rest:
    """A sentence without its conditions: the text, for each of its characters the offset in the
    whole sentence, and the conditions."""

    text: str
    offsets: Sequence[int]
    conditions: tuple[Span, ...]


def rest_of(reading: Reading) -> Rest | None:
    """What is left to be read again; None where nothing waits, or nothing else is said."""
    found = tuple(
        _to_the_end(span, clause, reading.text)
        for clause in reading.clauses
        for span in clause.spans
        if span.slot == _WAITS
    )
    if not found or any(clause.intent in _TOLD for clause in reading.clauses):
        return None
    taken = {at for span in found for at in range(span.start, span.end)}
    kept: list[int] = []
    for at, character in enumerate(reading.text):
        begins = not kept or kept[-1] + 1 in taken
        if at in taken or (begins and character in _GAPS):
            continue
        if kept and kept[-1] + 1 != at and not reading.text[kept[-1]].isspace():
            kept.append(kept[-1] + 1)  # a space in place of what was taken out
        kept.append(at)
    while kept and not reading.text[kept[-1]].isalnum():
        kept.pop()
    text = "".join(" " if at in taken else reading.text[at] for at in kept)
    return Rest(text, kept, found) if len(text) > 1 else None


def _to_the_end(condition: Span, clause: ClauseReading, text: str) -> Span:
    """A condition behind the wish goes on to the end of what follows it without a pause, where
    that names nothing: "turn on the lamp when the hall light | turns off"."""
    before = [s for s in clause.spans if s.end <= condition.start]
    after = [s for s in clause.spans if s.start >= condition.end]
    rest = text[condition.end : clause.end]
    if not before or after or not rest.strip() or not rest[0].isspace() or _pauses(rest):
        return condition
    return _until(condition, condition.end + len(rest.rstrip(_ENDS)), text)


def _pauses(text: str) -> bool:
    return any(mark in text.rstrip(_ENDS) for mark in _GAPS.strip())


def with_conditions(reading: Reading, rest: Rest, again: Reading) -> Reading:
    """The wishes as the second reading has them, each with the condition that is said beside it;
    the first reading where the second finds no wish."""
    if not again.clauses or any(clause.intent in _UNREAD for clause in again.clauses):
        return reading
    clauses = [_placed(clause, reading.text, rest.offsets) for clause in again.clauses]
    conditions = list(rest.conditions)
    if len(clauses) > 1 and conditions[0].end <= clauses[0].start and not clauses[0].spans:
        leftover = clauses.pop(0)  # the end of a condition that was cut too short
        conditions[0] = _until(conditions[0], leftover.end, reading.text)
    for condition in conditions:
        owner = max((i for i, c in enumerate(clauses) if c.start <= condition.start), default=0)
        clauses[owner] = _holding(clauses[owner], condition, reading.text)
    return replace(reading, clauses=tuple(clauses))


def _placed(clause: ClauseReading, text: str, offsets: Sequence[int]) -> ClauseReading:
    """A clause of the rest, where it stands in the whole sentence."""
    start, end = offsets[clause.start], offsets[clause.end - 1] + 1
    spans = []
    for span in clause.spans:
        first, last = offsets[span.start], offsets[span.end - 1] + 1
        spans.append(replace(span, start=first, end=last, text=text[first:last]))
    return replace(clause, start=start, end=end, text=text[start:end], spans=tuple(spans))


def _until(span: Span, end: int, text: str) -> Span:
    said = text[span.start : end].rstrip(_GAPS)
    return replace(span, end=span.start + len(said), text=said)


def _holding(clause: ClauseReading, condition: Span, text: str) -> ClauseReading:
    start, end = min(clause.start, condition.start), max(clause.end, condition.end)
    spans = tuple(sorted((*clause.spans, condition), key=lambda span: span.start))
    return replace(clause, start=start, end=end, text=text[start:end], spans=spans)
