"""`hearthd translate`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from hub.cli.common import CommandFailed, ConfigOption, JsonOption, friendly, print_json


@friendly
def translate(
    text: Annotated[str, typer.Argument(help="What to translate.")],
    to: Annotated[str, typer.Option("--to", help="Into which language, e.g. es.")],
    source: Annotated[str, typer.Option("--from", help="Its language.")] = "en",
    json_output: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """Translate a household text with what is installed; says so if it cannot."""
    from devices.home import Home
    from hub.cli.conversation import client_settings
    from hub.config import models_folder
    from hub.translation import CannotTranslate, Translators
    from hub.translation.interpreter import describe, terms_of

    settings = client_settings(config)
    glossary = settings.translation.glossary
    terms = terms_of(Home(), glossary, source, to)
    translators = Translators(models_folder(), settings.models.trusted_keys)
    try:
        found = translators.translate(text, source, to, terms)
    except CannotTranslate as error:
        if json_output:
            print_json({"status": "not_translated", "reason": str(error)})
            raise typer.Exit(1) from error
        raise CommandFailed(str(error)) from error
    finally:
        translators.release()
    if json_output:
        said: dict[str, Any] = {"status": "translated", "text": found.text, **describe(found)}
        print_json(said)
        return
    print(found.text)
