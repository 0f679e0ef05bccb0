"""`hearthd trace`, `check`, `doctor` and `bench`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from hub.cli.common import (
    CommandFailed,
    ConfigOption,
    Exit,
    JsonOption,
    friendly,
    print_json,
)
from hub.cli.conversation import client_settings
from hub.config import default_path, load_settings

bench_app = typer.Typer(no_args_is_help=True, help="Measure.")


@friendly
def trace(
    which: Annotated[str, typer.Argument(help="`last`, or a trace id.")] = "last",
    json_output: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Show every stage of a request."""
    from hub.journal import read_only

    settings = client_settings(config)
    database = read_only(settings.storage.directory / "journal.db")
    where, values = ("trace = ?", [which]) if which != "last" else ("1 order by received desc", [])
    rows = list(database.query(f"select * from requests where {where} limit 1", values))
    if not rows:
        raise CommandFailed(f"there is no request {which}")
    found = rows[0]
    query = "select stage, time, content from stages where trace = ? order by time"
    stages = [
        {**row, "content": json.loads(row["content"])}
        for row in database.query(query, [found["trace"]])
    ]
    reply = json.loads(found["reply"]) if found["reply"] else None
    result = {**found, "reply": reply, "stages": stages}
    if json_output:
        print_json(result)
        return
    print(f"“{found['text']}” from {found['site']} at {found['received']}")
    for stage in stages:
        print(f"  {stage['stage']}: {json.dumps(stage['content'], ensure_ascii=False)}")
    print(f"  reply: {reply['text'] if reply else '(none yet)'}")


@friendly
def check(config: ConfigOption = None) -> None:
    """Check the configuration and tell all mistakes."""
    from hub.taught import taught_in

    taught_in(load_settings(config).house.sentences)
    path = config or default_path()
    print(f"{path}: no mistakes" if path.exists() else f"{path} does not exist: defaults are used")


@friendly
def doctor(json_output: JsonOption = False, config: ConfigOption = None) -> None:
    """Look for what is wrong, and tell how to mend it."""
    from hub.doctor import examine

    findings = asyncio.run(examine(client_settings(config)))
    if json_output:
        print_json([{"what": f.what, "ok": f.ok, "detail": f.detail} for f in findings])
    else:
        for finding in findings:
            print(f"{'ok  ' if finding.ok else 'BAD '} {finding.what}: {finding.detail}")
    if not all(finding.ok for finding in findings):
        raise typer.Exit(int(Exit.FAILED))


def _print_figures(found: Mapping[str, Mapping[str, Any]], json_output: bool) -> None:
    if json_output:
        print_json(found)
        return
    for name, row in found.items():
        print(f"{name}: " + ", ".join(f"{key} {value}" for key, value in row.items()))


@bench_app.command("road")
@friendly
def bench_road(
    commands: Annotated[int, typer.Option(help="How many commands.")] = 200,
    json_output: JsonOption = False,
) -> None:
    """The hub's own time from command to action, beside the bare broker's echo."""
    from hub.bench.road import measure

    found = asyncio.run(measure(commands))
    _print_figures(found, json_output)


@bench_app.command("writing")
@friendly
def bench_writing(
    model: Annotated[str, typer.Argument(help="An installed artefact that generates text.")],
    commands: Annotated[int, typer.Option(help="How many commands of each kind.")] = 400,
    json_output: JsonOption = False,
) -> None:
    """The hub's own time for commands, quiet and while three texts are being generated."""
    from edge.store import find
    from hub.bench.writing import measure
    from hub.config import models_folder

    find(models_folder(), model)
    found = asyncio.run(measure(commands, model))
    _print_figures(found, json_output)


@bench_app.command("adding")
@friendly
def bench_adding(
    document: Annotated[Path, typer.Argument(help="A large document, e.g. a PDF of 300 pages.")],
    commands: Annotated[int, typer.Option(help="How many commands of each kind.")] = 400,
    json_output: JsonOption = False,
) -> None:
    """The hub's own time for commands, quiet and while a document is being added."""
    from hub.bench.adding import measure

    found = asyncio.run(measure(document.resolve(), commands))
    _print_figures(found, json_output)


@bench_app.command("habits")
@friendly
def bench_habits(
    lives: Annotated[int, typer.Option(help="Simulated lives of 60 days.", min=1)] = 10,
    rows: Annotated[int, typer.Option(help="Rows of a year of history.", min=1)] = 2_000_000,
    json_output: JsonOption = False,
) -> None:
    """Recall and precision of habits in simulated lives; time and memory for a year of history."""
    from hub.bench.habits import measure

    found = measure(lives, rows)
    _print_figures(found, json_output)


@bench_app.command("understand")
@friendly
def bench_understand(
    data: Annotated[Path, typer.Argument(help="Folder with the development sets.")],
    language: Annotated[
        list[str] | None, typer.Option(help="Only these; all 24 without it.", show_default=False)
    ] = None,
    limit: Annotated[
        int | None, typer.Option(help="At most so many sentences of each kind.", min=1)
    ] = None,
    group: Annotated[str, typer.Option(help="Only kinds with this in their name.")] = "",
    peers: Annotated[bool, typer.Option(help="Run the other recognisers beside it.")] = True,
    timed: Annotated[bool, typer.Option(help="Measure latencies too.")] = True,
    detect: Annotated[bool, typer.Option(help="Leave the language to the model.")] = False,
    artefact: Annotated[
        Path | None, typer.Option(help="Another model than the shipped one.", show_default=False)
    ] = None,
    show: Annotated[bool, typer.Option(help="Show every miss.")] = False,
    json_output: JsonOption = False,
) -> None:
    """Score understanding on the development sets, beside hassil and gazetteer-matcher."""
    from edge.tasks.understand import load_understanding
    from hub.bench.report import print_report
    from hub.bench.understand import LANGUAGES, Wanted, measure

    if not data.is_dir():
        raise CommandFailed(f"{data}: there is no such folder with development sets")
    wanted = Wanted(data, tuple(language or LANGUAGES), limit, peers, detect, group)
    try:
        found = asyncio.run(measure(load_understanding(artefact), wanted, timed))
    except ModuleNotFoundError as error:
        raise CommandFailed(
            f"{error.name} is not installed: pip install hassil gazetteer-matcher, or --no-peers"
        ) from error
    if json_output:
        print_json(found)
    else:
        print_report(found, show)
