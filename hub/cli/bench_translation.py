"""`hearthd bench translation`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from hub.cli.common import JsonOption, friendly, print_json
from hub.cli.training import training_side


@friendly
def bench_translation(
    checkpoint: Annotated[
        Path | None, typer.Option(help="The artefact's checkpoint, to compare with.")
    ] = None,
    artefact: Annotated[
        Path | None, typer.Option(help="Its folder; the shipped one without it.")
    ] = None,
    torch: Annotated[
        bool, typer.Option("--torch", help="Beside PyTorch, on the weights that it holds itself.")
    ] = False,
    json_output: JsonOption = False,
) -> None:
    """Score a household translator: chrF and BLEU on sentences it never trained on."""
    training_side()
    from edge.artefact import shipped
    from models.translate.score import score, table

    scores = score(artefact or shipped("translate"), checkpoint, torch)
    if json_output:
        print_json([asdict(one) for one in scores])
    else:
        print(table(scores))
