"""The spans of a clause by what they are."""

from __future__ import annotations

from edge.tasks.understanding_schema import ClauseReading, Span


def spans_of(clause: ClauseReading, slot: str) -> list[Span]:
    """The clause's spans of one slot."""
    return [span for span in clause.spans if span.slot == slot]
