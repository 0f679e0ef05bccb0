"""The spans of a clause by what they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from edge.tasks.understanding_schema import ClauseReading, Span


def spans_of(clause: ClauseReading, slot: str) -> list[Span]:
    """The clause's spans of one slot."""
    return [span for span in clause.spans if span.slot == slot]


def with_spans(clause: ClauseReading, spans: Iterable[Span]) -> ClauseReading:
    """The clause with these spans; the same clause where they are its own."""
    kept = tuple(spans)
    return clause if kept == clause.spans else replace(clause, spans=kept)


def blank(clause: ClauseReading, spans: Iterable[Span], filling: str = ".") -> str:
    """The words of the clause with dots, or another `filling`, for those of the spans."""
    text = clause.text
    for span in spans:
        start, end = max(0, span.start - clause.start), max(0, span.end - clause.start)
        text = f"{text[:start]}{filling * (end - start)}{text[end:]}"
    return text[: len(clause.text)]
