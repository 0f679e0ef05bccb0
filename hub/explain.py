"""How a sentence was read, as data and as text: tokens, clauses, what came of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from edge.tasks.understanding_schema import Reading
from hub.road import describe


def explanation(reading: Reading, result: Mapping[str, Any]) -> dict[str, Any]:
    """Reading and result of one sentence as JSON."""
    return {
        "text": reading.text,
        **describe(reading),
        "tokens": [
            {
                "text": token.text,
                "tag": token.tag,
                "confidence": round(token.confidence, 4),
                "clause_start": round(token.clause_start, 4),
            }
            for token in reading.tokens
        ],
        "result": {k: result[k] for k in ("status", "reply", "frames", "actions", "engine")},
    }


def print_explanation(found: Mapping[str, Any]) -> None:
    """The same as tables."""
    from rich.console import Console
    from rich.table import Table

    console = Console()
    tokens = Table(title=f"“{found['text']}” — for us: {found['for_us']:.2f}")
    for column in ("word", "tag", "confidence", "new clause"):
        tokens.add_column(column)
    for token in found["tokens"]:
        tokens.add_row(
            token["text"], token["tag"], f"{token['confidence']:.2f}",
            f"{token['clause_start']:.2f}",
        )  # fmt: skip
    console.print(tokens)
    for clause in found["clauses"]:
        intents = ", ".join(f"{name} {score:.2f}" for name, score in clause["intents"])
        attributes = ", ".join(f"{k}={v[0]} {v[1]:.2f}" for k, v in clause["attributes"].items())
        console.print(f"[bold]{clause['text']}[/]: {intents}; {attributes}", highlight=False)
    result = found["result"]
    for frame in result["frames"]:
        console.print(f"  read as {frame['intent']} {frame['slots']}", highlight=False)
    for action in result["actions"]:
        console.print(
            f"  would call {action['service']} on {action['entity_id']} {action['data']}",
            highlight=False,
        )
    console.print(f"{result['status']}: {result['reply']}", highlight=False, markup=False)
