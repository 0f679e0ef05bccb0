"""What came of the faults, as a table."""

from __future__ import annotations

from dataclasses import dataclass

from tests.faults.ledger import Audit


@dataclass(frozen=True, slots=True)
class Row:
    """One fault, all its rounds. `starts` and `back` in seconds: until the hub was ready again
    after a start, and from the end of the fault until a fresh wish was carried out."""

    fault: str
    rounds: int
    audit: Audit
    starts: list[float]
    back: list[float]


REPORT: list[Row] = []

_HEAD = (
    "| fault | rounds | commands | lost | answered twice | executed twice | dangerous unconfirmed "
    "| slowest start, s | slowest back, s |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|"
)


def as_table(rows: list[Row]) -> str:
    """Markdown."""
    lines = [_HEAD]
    for row in rows:
        audit = row.audit
        start = f"{max(row.starts):.1f}" if row.starts else "–"
        lines.append(
            f"| {row.fault} | {row.rounds} | {audit.commands} | {audit.lost} "
            f"| {audit.answered_twice} | {audit.executed_twice} | {audit.unconfirmed} "
            f"| {start} | {max(row.back, default=0):.1f} |"
        )
    total = [sum(getattr(row.audit, key) for row in rows) for key in _SUMS]
    rounds = sum(row.rounds for row in rows)
    lines.append(f"| **all** | {rounds} | " + " | ".join(map(str, total)) + " | | |")
    return "\n".join(lines)


_SUMS = ("commands", "lost", "answered_twice", "executed_twice", "unconfirmed")
