"""`hearthd support`: what was tried on devices that do not work, as it was said."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from hub.cli.common import CommandFailed, ConfigOption, JsonOption, friendly, print_json

app = typer.Typer(no_args_is_help=True, help="Help with devices: what was tried, and how it ended.")


@app.command("list")
@friendly
def list_visits(json_output: JsonOption = False, config: ConfigOption = None) -> None:
    """All problems that ended, solved or not, newest first."""
    visits = _visits(config)
    if json_output:
        print_json([{k: v for k, v in one.items() if k != "transcript"} for one in visits])
        return
    if not visits:
        print("nobody has been helped with a device yet")
    for one in visits:
        print(f"{one['trace']} {_day(one)} {one['device']}, {one['end']}: {one['problem']}")


@app.command("export")
@friendly
def export(
    which: Annotated[str, typer.Argument(help="A trace, or “last”.")] = "last",
    out: Annotated[Path | None, typer.Option(help="Write to this file.")] = None,
    json_output: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """The transcript of a problem, with what was tried; for a technician, or the shop."""
    fits = [one for one in _visits(config) if which in ("last", one["trace"])]
    if not fits:
        raise CommandFailed(f"there is no {which}; try `hearthd support list`")
    visit = fits[0]
    if out is None and json_output:
        print_json(visit)
        return
    text = json.dumps(visit, ensure_ascii=False, indent=2) if json_output else as_text(visit)
    if out is None:
        print(text)
        return
    out.write_text(text + "\n", "utf-8")
    print(f"written to {out}")


def as_text(visit: Mapping[str, Any]) -> str:
    """For people."""
    names = {"person": "You", "house": "House"}
    return "\n".join(
        [
            f"{visit['device']}, {_day(visit)}",
            f"Problem: {visit['problem']}",
            f"From: {visit['source']}",
            f"Mood: {visit['sentiment'] or 'not known'}; wanted: {visit['intent'] or 'not known'}",
            f"Ended: {visit['end']}",
            "Tried:",
            *(f"- {step}" for step in visit["tried"] or ["nothing"]),
            "",
            *(f"{names[line['who']]}: {line['said']}" for line in visit["transcript"]),
        ]
    )


def _day(visit: Mapping[str, Any]) -> str:
    return f"{datetime.fromisoformat(visit['time']).astimezone():%Y-%m-%d %H:%M}"


def _visits(config: Path | None) -> list[dict[str, Any]]:
    """Newest first."""
    from hub.cli.conversation import client_settings
    from hub.journal import read_only

    database = read_only(client_settings(config).storage.directory / "journal.db")
    query = "select trace, time, content from stages where stage = 'helped' order by time desc"
    return [
        {"trace": row["trace"], "time": row["time"], **json.loads(row["content"])}
        for row in database.query(query)
    ]
