"""`hearthd suggestions`."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import typer

from hub.cli.common import (
    CommandFailed,
    ConfigOption,
    Exit,
    JsonOption,
    fail,
    friendly,
    print_json,
)
from hub.cli.conversation import ask_hub, client_settings
from hub.config import Settings

app = typer.Typer(no_args_is_help=True, help="What the house could do by itself, from habits.")
IdArgument = Annotated[str, typer.Argument(help="The suggestion's id.")]


@app.command("list")
@friendly
def list_suggestions(json_output: JsonOption = False, config: ConfigOption = None) -> None:
    """All suggestions with their evidence and what became of them, the surest first."""
    from hub.habits.offering import worth
    from hub.habits.suggesting import evidence

    shelf = _shelf(client_settings(config))
    ordered = sorted(shelf.suggestions.values(), key=lambda one: -worth(shelf, one))
    rows = [
        {
            "id": one.id, "state": str(one.state), "kind": str(one.found.kind),
            "text": one.sentence, **evidence(one), "automation": one.automation,
        }
        for one in ordered
    ]  # fmt: skip
    if json_output:
        print_json(rows)
        return
    if not rows:
        print("no suggestions yet: habits show after some weeks")
    for row in rows:
        print(f"{row['id']} {row['state']}: {row['text']}")


def _shelf(settings: Settings) -> Any:
    from hub.habits.offering import shelf_from_json
    from hub.journal import read_only

    database = read_only(settings.storage.directory / "journal.db")
    rows = list(database.query("select value from memory where key = 'suggestions'"))
    return shelf_from_json(json.loads(rows[0]["value"]) if rows else None)


@app.command("show")
@friendly
def show(suggestion_id: IdArgument, config: ConfigOption = None) -> None:
    """The automation that a suggestion would become, as it would stand in the file."""
    from ruamel.yaml import YAML

    one = _shelf(client_settings(config)).suggestions.get(suggestion_id)
    if one is None:
        raise CommandFailed(f"there is no {suggestion_id}; try `hearthd suggestions list`")
    import sys

    print(f"# {one.sentence}")
    YAML().dump([one.automation], sys.stdout)


@app.command("accept")
@friendly
def accept(
    suggestion_id: IdArgument,
    at: Annotated[str | None, typer.Option(help="At this time instead: 07:10.")] = None,
    config: ConfigOption = None,
) -> None:
    """Make it an automation, which can be edited afterwards."""
    _tell("accept", {"id": suggestion_id, **({"at": at} if at else {})}, config)


@app.command("decline")
@friendly
def decline(suggestion_id: IdArgument, config: ConfigOption = None) -> None:
    """Do not suggest it again."""
    _tell("decline", {"id": suggestion_id}, config)


@app.command("silence")
@friendly
def silence(
    days: Annotated[int, typer.Option(help="For how long.", min=1, max=3650)] = 30,
    config: ConfigOption = None,
) -> None:
    """Suggest nothing for a while."""
    _tell("silence", {"days": days}, config)


@app.command("mine")
@friendly
def mine(config: ConfigOption = None) -> None:
    """Look for habits now, and not only at night."""
    _tell("mine", {}, config)


def _tell(verb: str, data: dict[str, Any], config: Path | None) -> None:
    command = {"id": uuid4().hex, "skill": "suggestions", "verb": verb, "data": data}
    reply = asyncio.run(ask_hub(client_settings(config), "cli", command))
    if reply["status"] in ("refused", "failed"):
        raise fail(reply["text"], Exit.FAILED)
    print(reply["text"])
