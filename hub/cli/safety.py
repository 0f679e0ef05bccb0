"""`hearthd pin` and `hearthd broker acl`: who may say what."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hub.cli.common import CommandFailed, ConfigOption, friendly
from hub.config import load_settings

broker_app = typer.Typer(no_args_is_help=True, help="The MQTT broker.")


@friendly
def pin() -> None:
    """Ask for a new PIN, and print the line that the configuration keeps of it."""
    from hub.pin import PinError, hash_pin

    chosen = typer.prompt("PIN (4 to 12 digits)", hide_input=True, confirmation_prompt=True)
    try:
        line = hash_pin(chosen)
    except PinError as error:
        raise CommandFailed(str(error)) from None
    print(f'pin = "{line}"')


@broker_app.command("acl")
@friendly
def broker_acl(
    out: Annotated[
        Path | None, typer.Option(help="Write to this file.", show_default=False)
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Print the broker's access list (mosquitto's `acl_file`) for this configuration."""
    from hub.access_list import access_list

    text = access_list(load_settings(config))
    if out is None:
        print(text, end="")
    else:
        out.write_text(text, encoding="utf-8")
