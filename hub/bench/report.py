"""What `hearthd bench understand` found, as tables for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from hub.bench.other_talk import HELD_OUT
from hub.bench.understand import CHAIN, GAZETTEER, HASSIL, OURS

COLUMNS = (OURS, HASSIL, GAZETTEER, CHAIN)


def print_report(found: Mapping[str, Any], show: bool) -> None:
    """Scores, latencies and, if wanted, every miss."""
    console = Console()
    if not console.is_terminal:
        console.width = 160
    if show:
        for miss in found["misses"]:
            if miss["group"].endswith(HELD_OUT):
                continue
            wanted = " + ".join("|".join(i) for i in miss["wanted"]) or "nothing"
            got = "; ".join(f"{f['intent']} {f['slots']}" for f in miss["got"]) or "nothing"
            console.print(
                f"{miss['group']}: {miss['text']!r} wanted {wanted} {miss['slots'] or ''}, "
                f"got {got} ({miss['status']})",
                highlight=False, markup=False, soft_wrap=True,
            )  # fmt: skip
    console.print(_scores(found))
    if found["latency"]:
        console.print(_latency(found["latency"]))
    versions = ", ".join(f"{name} {number}" for name, number in found["peers"].items())
    console.print(f"{found['engine']}{'; ' if versions else ''}{versions}; {found['seconds']} s")


def _scores(found: Mapping[str, Any]) -> Table:
    table = Table(
        title="intent right / slots right too / accepted but wrong, %; or false accepts, %"
    )
    table.add_column("sentences", no_wrap=True)
    table.add_column("rows", justify="right", no_wrap=True)
    columns = [name for name in COLUMNS if any(name in row for row in found["scores"])]
    for name in columns:
        table.add_column(name, justify="right", no_wrap=True)
    for row in found["scores"]:
        table.add_row(row["group"], str(row["rows"]), *(_cell(row.get(n)) for n in columns))
    return table


def _cell(score: Mapping[str, float] | None) -> str:
    if score is None:
        return ""
    if "false_accepts" in score:
        return f"{score['false_accepts'] * 100:.1f}"
    slots = f"{score['slots'] * 100:.1f}" if "slots" in score else "–"
    return f"{score['intent'] * 100:.1f} / {slots} / {score['accepted_wrong'] * 100:.1f}"


def _latency(rows: list[dict[str, Any]]) -> Table:
    table = Table(title="milliseconds a sentence, and the ratio to the chain in the same run")
    for name in ("sentences", "entities", "", OURS, CHAIN, "ratio"):
        table.add_column(name, justify="left" if name == "sentences" else "right")
    for row in rows:
        for part in ("p50", "p95"):
            values = row[part]
            table.add_row(
                row["sentences"], str(row["entities"]), part,
                f"{values[OURS]:.2f}", f"{values[CHAIN]:.2f}", f"{values['ratio']:.2f}",
            )  # fmt: skip
    return table
