"""`hearthd write` and `hearthd notes`."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import typer

from hub.cli.common import CommandFailed, ConfigOption, Exit, JsonOption, fail, friendly, print_json
from hub.cli.conversation import ask_hub, client_settings
from hub.config import models_folder

notes_app = typer.Typer(no_args_is_help=True, help="Notes that were written.")
NoteArgument = Annotated[int, typer.Argument(help="The note's number.")]


@friendly
def write(
    text: Annotated[str, typer.Argument(help="What to write, in your own words.")],
    home: Annotated[
        Path | None, typer.Option(help="A home file instead of the running hub; nothing is kept.")
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="With --home: an installed artefact that generates text.")
    ] = None,
    json_output: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Write a note, mail, summary or report from the facts of the house."""
    if home is not None:
        reply = asyncio.run(_from_file(text, home, model))
    else:
        command = {"skill": "writing", "verb": "write", "data": {"text": text}, "id": uuid4().hex}
        reply = asyncio.run(ask_hub(client_settings(config), "cli", command, 120))
    if json_output:
        print_json(reply)
    elif reply["status"] == "answered":
        print(reply["text"])
    if reply["status"] != "answered":
        raise fail(reply["text"], Exit.FAILED) if not json_output else typer.Exit(int(Exit.FAILED))


async def _from_file(text: str, path: Path, model: str | None) -> dict[str, Any]:
    from devices.homefile import load_home
    from edge.store import find
    from hub.writing.draft import draft
    from hub.writing.gather import gather
    from hub.writing.generation import Generation
    from hub.writing.happened import Past
    from hub.writing.wish import Wish, wish_in

    wish = wish_in(text)
    if not isinstance(wish, Wish):
        raise CommandFailed('say what to write: hearthd write "write a note about the windows"')
    home, now = load_home(path), datetime.now().astimezone()
    writer = Generation(find(models_folder(), model), model) if model else None
    try:
        made = await draft(wish, gather(wish, home, now, Past()), home, now, None, writer)
    finally:
        if writer is not None:
            await writer.close()
    return {"status": "answered", "text": made.text, "written": made.as_json()}


@notes_app.command("list")
@friendly
def list_notes(json_output: JsonOption = False, config: ConfigOption = None) -> None:
    """All notes, newest first."""
    from hub.writing.notes import noted

    notes = _notes(config)
    if json_output:
        print_json([note.as_json() for note in notes])
        return
    if not notes:
        print('no notes yet; try: hearthd write "write a note for the cleaner: ..."')
    for note in notes:
        print(noted(note, datetime.now().astimezone()))


@notes_app.command("show")
@friendly
def show_note(
    number: NoteArgument, json_output: JsonOption = False, config: ConfigOption = None
) -> None:
    """A note, and with --json the facts that went in."""
    for note in _notes(config):
        if note.id == number:
            print_json(note.as_json()) if json_output else print(note.text)
            return
    raise CommandFailed(f"there is no note {number}; try `hearthd notes list`")


@notes_app.command("delete")
@friendly
def delete_note(number: NoteArgument, config: ConfigOption = None) -> None:
    """Delete a note; the hub must run."""
    command = {"skill": "writing", "verb": "delete", "data": {"id": number}, "id": uuid4().hex}
    reply = asyncio.run(ask_hub(client_settings(config), "cli", command))
    if reply["status"] != "answered":
        raise fail(reply["text"], Exit.FAILED)
    print(reply["text"])


def _notes(config: Path | None) -> list[Any]:
    from hub.journal import read_only
    from hub.writing.notes import notes_in

    directory = client_settings(config).storage.directory
    return notes_in(read_only(directory / "journal.db"))
