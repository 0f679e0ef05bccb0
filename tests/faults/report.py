"""What came of the faults, as a table."""

from __future__ import annotations

from dataclasses import dataclass

from tests.faults.ledger import Audit


@dataclass(frozen=True, slots=True)
class Row:
    """One fault, all its rounds, with the SIGKILLs of the hub that worked. In seconds: `starts`
    until the hub was ready after a start, `own` the same without the time in the queue for a
    processor, `back` from the end of the fault until a fresh wish was carried out, `stops` from
    SIGTERM to its end."""

    fault: str
    rounds: int
    audit: Audit
    kills: int
    starts: list[float]
    own: list[float]
    back: list[float]
    stops: list[float]


REPORT: list[Row] = []

_HEAD = (
    "| fault | rounds | SIGKILLs | commands | lost | answered twice | executed twice | refused, then done | dangerous unconfirmed "
    "| slowest start, s | not queued, s | slowest back, s | slowest stop, s |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
)


def as_table(rows: list[Row]) -> str:
    """Markdown."""
    lines = [_HEAD]
    for row in rows:
        audit = row.audit
        lines.append(
            f"| {row.fault} | {row.rounds} | {row.kills} | {audit.commands} | {audit.lost} "
            f"| {audit.answered_twice} | {audit.executed_twice} | {audit.revived} | {audit.unconfirmed} "
            f"| {_slowest(row.starts)} | {_slowest(row.own)} | {_slowest(row.back)} | {_slowest(row.stops)} |"
        )
    total = [sum(getattr(row.audit, key) for row in rows) for key in _SUMS]
    rounds = sum(row.rounds for row in rows)
    kills = sum(row.kills for row in rows)
    lines.append(f"| **all** | {rounds} | {kills} | " + " | ".join(map(str, total)) + " | | | | |")
    return "\n".join(lines)


def _slowest(seconds: list[float]) -> str:
    return f"{max(seconds):.1f}" if seconds else "–"


_SUMS = ("commands", "lost", "answered_twice", "executed_twice", "revived", "unconfirmed")
