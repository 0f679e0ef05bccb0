"""Run the steps of an export in order, once each, writing down what each did.

A step is a function that reads and writes files in the job's work folder and returns what it did.
Nothing else passes between steps, so a run that was stopped goes on after the last finished step:
`steps.json` in the work folder says which those are, for what wish, and made by what code.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import JsonValue
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from edge.manifest import StepRecord
from export.recipe import Recipe, Target, Wanted

Did = Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Job:
    """What every step gets. `checkpoint` is the local checkpoint, `folder` the work folder."""

    wanted: Wanted
    recipe: Recipe
    target: Target
    checkpoint: Path
    folder: Path

    @property
    def weights(self) -> str:
        """The recipe's choice, else the target's."""
        return self.recipe.weights or self.target.weights

    def file(self, name: str) -> Path:
        """A file of the work folder."""
        return self.folder / name

    def limit(self, name: str, default: float) -> float:
        """A limit of the recipe, or the task's own."""
        return float(self.recipe.limits.get(name, default))


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its name and what does it."""

    name: str
    run: Callable[[Job], Did]


@dataclass(frozen=True, slots=True)
class TaskSpec:
    """How checkpoints of a task become artefacts. `files` are patterns of the artefact's files in
    the work folder; `describe` gives the task's own part of the manifest."""

    steps: Sequence[Step]
    files: Sequence[str]
    describe: Callable[[Job], Mapping[str, Any]]


def run_steps(steps: Sequence[Step], job: Job) -> list[StepRecord]:
    """Run what is not done yet; returns the records of all. A step's error passes through, and
    the steps before it stay done."""
    job.folder.mkdir(parents=True, exist_ok=True)
    done = _done_before(job)
    with _progress() as progress:
        bar = progress.add_task("export", total=len(steps))
        for number, step in enumerate(steps):
            progress.update(bar, description=f"{step.name:9}", completed=number)
            if number < len(done) and done[number].step == step.name:
                continue
            started = time.perf_counter()
            did = step.run(job)
            done = [
                *done[:number],
                StepRecord(step=step.name, seconds=_since(started), did=dict(did)),
            ]
            _remember(job, done)
        progress.update(bar, description="done", completed=len(steps))
    return done


def _since(started: float) -> float:
    return round(time.perf_counter() - started, 2)


def _wish(job: Job) -> str:
    recipe = {name: str(getattr(job.recipe, name)) for name in Recipe.__dataclass_fields__}
    stamp = job.checkpoint.stat()
    wanted = [job.weights, job.wanted.samples, str(job.checkpoint), stamp.st_mtime_ns]
    return json.dumps([recipe, *wanted, exporter()])


MADE_BY = ("export", "models", "edge")
"""Folders whose code makes an artefact, or runs it to verify it."""
MADE_WITH = ("torch", "transformers", "onnx", "onnxscript", "onnxruntime", "onnxruntime-genai")


@cache
def exporter() -> str:
    """Digest of the code that makes artefacts and of the versions of what it uses: what an older
    exporter did is done again."""
    found = hashlib.sha256()
    for package in MADE_BY:
        root = Path(str(resources.files(package)))
        for path in sorted(root.rglob("*.py")):
            found.update(f"{package}/{path.relative_to(root)}".encode() + path.read_bytes())
    for name in MADE_WITH:
        with suppress(importlib.metadata.PackageNotFoundError):
            found.update(f"{name} {importlib.metadata.version(name)}".encode())
    return found.hexdigest()


def _done_before(job: Job) -> list[StepRecord]:
    path = job.file("steps.json")
    if not path.exists():
        return []
    try:
        said = json.loads(path.read_text("utf-8"))
        if said["wish"] != _wish(job):
            return []
        return [StepRecord.model_validate(record) for record in said["done"]]
    except (ValueError, KeyError, TypeError):
        return []


def _remember(job: Job, done: Sequence[StepRecord]) -> None:
    partial = job.file("steps.json.partial")
    records = [record.model_dump(mode="json") for record in done]
    partial.write_text(json.dumps({"wish": _wish(job), "done": records}, indent=1), "utf-8")
    partial.replace(job.file("steps.json"))


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        console=Console(stderr=True), transient=True,
    )  # fmt: skip
