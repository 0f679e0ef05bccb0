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
