"""An explanation as tables for people, and as a picture."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

WIDTH = 96


def print_explanation(found: Mapping[str, Any]) -> None:
    """Print to the terminal."""
    _write(found, Console())


def save_picture(found: Mapping[str, Any], path: Path) -> None:
    """Write the same as an SVG file. Raises `OSError`."""
    console = Console(record=True, width=WIDTH, file=io.StringIO())
    _write(found, console)
    path.write_text(console.export_svg(title=f"hearthd explain “{found['text']}”"), "utf-8")


def _write(found: Mapping[str, Any], console: Console) -> None:
    if found.get("taught"):
        taught = found["taught"]
        console.print(Text(f"Your sentence {taught['sentence']!r}, {taught['where']}", "bold"))
    if found["tokens"]:
        console.print(Text(f"“{found['text']}”, for us {found['for_us']:.2f}", "italic"))
        console.print(_tokens(found))
    for clause in found["clauses"]:
        console.print(_reading(clause))
    for wish in found["wishes"]:
        if wish["candidates"]:
            console.print(Text(f"what “{wish['text']}” may be about", "italic"))
            console.print(_candidates(wish))
    for reason in found["why"]:
        console.print(Text(f"• {reason}"))
    result = found["result"]
    for frame in result["frames"]:
        console.print(Text(f"  {frame['intent']} {frame['slots']}", "cyan"))
    for action in result["actions"]:
        data = f" {action['data']}" if action["data"] else ""
        console.print(Text(f"  {action['service']} {action['entity_id']}{data}", "green"))
    console.print(Text(f"{result['status']}: {result['reply']}", "bold"))
    console.print(Text(f"read by {result['engine']}", "dim"))


def _tokens(found: Mapping[str, Any]) -> Table:
    table = Table()
    for column, justify in (("word", "left"), ("tag", "left"), ("sure", "right"),
                            ("new wish", "right")):  # fmt: skip
        table.add_column(column, justify=justify)  # type: ignore[arg-type]
    for token in found["tokens"]:
        style = "" if token["tag"] == "O" else "bold"
        starts = f"{token['clause_start']:.2f}" if token["clause_start"] >= 0.005 else ""
        table.add_row(
            Text(token["text"], style), Text(token["tag"], style), f"{token['confidence']:.2f}",
            starts,
        )  # fmt: skip
    return table


def _reading(clause: Mapping[str, Any]) -> Text:
    intents = ", ".join(f"{name} {score:.2f}" for name, score in clause["intents"] if score >= 0.01)
    attributes = ", ".join(f"{k} {v[0]} {v[1]:.2f}" for k, v in clause["attributes"].items())
    line = Text(f"“{clause['text']}” ", "bold")
    return line.append(f"{intents}{'; ' if attributes else ''}{attributes}", "not bold")


def _candidates(wish: Mapping[str, Any]) -> Table:
    table = Table()
    for column in ("", "thing", "room", "score"):
        table.add_column(column, justify="right" if column == "score" else "left")
    for candidate in wish["candidates"]:
        mark, style = ("→", "bold") if candidate["meant"] else ("", "dim")
        score = f"{candidate['score']:.2f}{' (its name)' if candidate['exact'] else ''}"
        table.add_row(mark, candidate["name"], candidate["area"] or "", score, style=style)
    return table
