"""`hearthd backup`, `restore` and `forget`: what the hub remembers."""

from __future__ import annotations

import asyncio
import json
import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from hub.cli.common import CommandFailed, ConfigOption, friendly
from hub.config import load_settings
from hub.journal_forget import Forget

ANSWER_SECONDS = 30.0


@friendly
def backup(
    file: Annotated[
        Path | None, typer.Argument(help="Where to; by default beside the journal, with the date.")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Copy what the hub remembers into one file, while it runs."""
    from hub.journal_backup import back_up

    journal = load_settings(config).storage.directory / "journal.db"
    name = f"hearthd-{datetime.now(UTC):%Y%m%dT%H%M%S}.backup"
    copy = file or journal.with_name(name)
    requests = back_up(journal, copy)
    print(f"{copy}: {requests} requests, lists, timers and devices")


@friendly
def restore(
    file: Annotated[Path, typer.Argument(help="A file that `hearthd backup` made.")],
    config: ConfigOption = None,
) -> None:
    """Put a backup in the place of what the hub remembers. Stop the hub first."""
    from hub.journal_backup import restore as put_back

    journal = load_settings(config).storage.directory / "journal.db"
    moved = put_back(file, journal)
    print(f"{journal} is as it was in {file}" + (f"; the old one is {moved}" if moved else ""))


@friendly
def forget(
    older_than: Annotated[
        str | None, typer.Option(help="Only what is older: 30d, 12h.", show_default=False)
    ] = None,
    site: Annotated[str | None, typer.Option(help="Only this site.", show_default=False)] = None,
    user: Annotated[str | None, typer.Option(help="Only this user.", show_default=False)] = None,
    everything: Annotated[bool, typer.Option(help="All of it.")] = False,
    config: ConfigOption = None,
) -> None:
    """Delete what was said and what came of it, for good."""
    if not (older_than or site or user or everything):
        raise typer.BadParameter("say what to forget: --older-than, --site, --user or --everything")
    before = datetime.now(UTC) - _span(older_than) if older_than else None
    directory = load_settings(config).storage.directory
    print(f"{_forgotten(directory, Forget(before, site, user))} requests forgotten")


def _span(text: str) -> timedelta:
    found = re.fullmatch(r"(\d{1,5})([hd])", text)
    if found is None:
        raise typer.BadParameter("--older-than: a number with h or d, such as 30d")
    number = int(found.group(1))
    return timedelta(days=number) if found.group(2) == "d" else timedelta(hours=number)


def _forgotten(directory: Path, wish: Forget) -> int:
    """Delete directly where no hub runs; ask the one that does otherwise."""
    from hub.journal import Journal, JournalError

    async def directly() -> int:
        async with Journal(directory / "journal.db") as journal:
            number = await journal.forget(wish)
            if wish.of_everybody:
                await journal.forget_history(wish.before)
            await journal.tidy()
            return number

    if not (directory / "journal.db").exists():
        raise CommandFailed(f"{directory}: there is no journal")
    try:
        return asyncio.run(directly())
    except JournalError as error:
        if "another hub" not in str(error):
            raise
    return _asked(directory, wish)


def _asked(directory: Path, wish: Forget) -> int:
    from hub.journal_forget import as_json
    from hub.retention import result_path, wish_path

    result_path(directory).unlink(missing_ok=True)
    part = wish_path(directory).with_suffix(".part")
    part.write_text(json.dumps(as_json(wish)), encoding="utf-8")
    part.replace(wish_path(directory))
    end = time.monotonic() + ANSWER_SECONDS
    while time.monotonic() < end:
        if result_path(directory).exists():
            result = json.loads(result_path(directory).read_text("utf-8"))
            result_path(directory).unlink(missing_ok=True)
            if "error" in result:
                raise CommandFailed(str(result["error"]))
            return int(result["forgotten"])
        time.sleep(0.1)
    wish_path(directory).unlink(missing_ok=True)
    raise CommandFailed("the running hub did not answer; see its log")
