"""`hearthd models`, `train` and `export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hub.cli.common import CommandFailed, JsonOption, friendly, print_json

app = typer.Typer(no_args_is_help=True, help="The models that the hub runs.")
train_app = typer.Typer(no_args_is_help=True, help="Train models (needs the export extra).")


def installed() -> list[Path]:
    """Folders of all installed artefacts."""
    from edge.artefact import shipped

    folder = shipped("understand-en").parent
    return sorted(path.parent for path in folder.glob("*/manifest.json"))


@app.command("list")
@friendly
def list_models(json_output: JsonOption = False) -> None:
    """All installed artefacts."""
    from edge.artefact import read_manifest

    rows = []
    for folder in installed():
        manifest = read_manifest(folder / "manifest.json")
        size = sum(entry.bytes for entry in manifest.files.values())
        rows.append(
            {
                "name": manifest.name,
                "version": manifest.version,
                "task": manifest.task,
                "languages": manifest.languages,
                "megabytes": round(size / 1e6, 1),
                "licence": manifest.licence,
            }
        )
    if json_output:
        print_json(rows)
        return
    for row in rows:
        print("  ".join(str(row[key]) for key in ("name", "version", "task", "megabytes")), "MB")


@app.command("verify")
@friendly
def verify(
    name: Annotated[str | None, typer.Argument(help="One artefact; all without it.")] = None,
) -> None:
    """Check digests, labels and the self-test of installed artefacts."""
    from edge.artefact import load_artefact
    from edge.tasks.understand import UnderstandingModel

    chosen = [folder for folder in installed() if name in (None, folder.name)]
    if not chosen:
        raise CommandFailed(f"there is no model {name}; try `hearthd models list`")
    for folder in chosen:
        model = UnderstandingModel(load_artefact(folder))
        print(f"{model.engine}: files, labels and self-test are right")


def _training_side() -> None:
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
    recipe: Annotated[Path, typer.Option(help="The recipe.")] = Path(
        "configs/models/understand-en.toml"
    ),
    run: Annotated[Path, typer.Option(help="Where log and checkpoints go.")] = Path(
        "runs/understand-en"
    ),
) -> None:
    """Train the understanding model; goes on where an earlier run stopped."""
    _training_side()
    from models.nlu.train import main

    main(recipe, data, run)


@friendly
def export(
    checkpoint: Annotated[Path, typer.Argument(help="A checkpoint of `hearthd train nlu`.")],
    out: Annotated[Path, typer.Option(help="Folder of the artefact.")],
    data: Annotated[Path, typer.Option(help="Folder with the development sets.")],
    recipe: Annotated[Path, typer.Option(help="The recipe.")] = Path(
        "configs/models/understand-en.toml"
    ),
    version: Annotated[str, typer.Option(help="Version of the artefact.")] = "1.0.0",
) -> None:
    """Export a checkpoint to a verified int8 ONNX artefact."""
    _training_side()
    from export.command import export_checkpoint

    manifest, parity = export_checkpoint(checkpoint, out, data, recipe, version)
    print(f"{manifest.name} {manifest.version} in {out}")
    print(
        f"beside PyTorch: intents {parity.intent_agreement:.1%}, tags {parity.tag_agreement:.1%} "
        f"the same on {parity.sentences} sentences"
    )
