"""A checkpoint to an artefact: find it, run its task's steps, package what they made.

load -> export -> optimise -> quantise -> verify -> measure -> package
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.metadata
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path
from pydantic import ValidationError

from edge.manifest import Check, Manifest, StepRecord
from export.errors import ExportFailed, LostTooMuch
from export.package import package
from export.recipe import TARGETS, Recipe, Target, Wanted, recipe_for
from export.source import Checkpoint, find_checkpoint
from export.steps import Job, TaskSpec, run_steps

TASKS: Mapping[str, str] = {
    "embed": "export.tasks.embed",
    "classify": "export.tasks.classify",
    "tag": "export.tasks.classify",
    "generate": "export.tasks.generate",
    "translate": "export.tasks.translate",
    "transcribe": "export.tasks.transcribe",
    "speak": "export.tasks.speak",
    "vad": "export.tasks.vad",
    "wake": "export.tasks.wake",
}
"""Task to the module whose `SPEC` says how it is exported."""


def export_artefact(wanted: Wanted) -> Manifest:
    """All steps. Raises `ExportFailed`; `LostTooMuch` if verification found too large a loss."""
    if wanted.task not in TASKS:
        raise ExportFailed(f"unknown task {wanted.task!r}; known are {', '.join(TASKS)}")
    if wanted.target not in TARGETS:
        raise ExportFailed(f"unknown target {wanted.target!r}; known are {', '.join(TARGETS)}")
    recipe, target = recipe_for(wanted), TARGETS[wanted.target]
    checkpoint = find_checkpoint(wanted.source, recipe)
    job = Job(wanted, recipe, target, checkpoint.path, _work_folder(wanted, recipe, target))
    spec: TaskSpec = importlib.import_module(TASKS[wanted.task]).SPEC
    steps = [step for step in spec.steps if not (wanted.unverified and step.name == "verify")]
    records = run_steps(steps, job)
    checks = _checks(records)
    failed = [check for check in checks if not check.passed]
    if failed:
        raise LostTooMuch(failed)
    return _package(job, spec, checkpoint, records, checks)


def _work_folder(wanted: Wanted, recipe: Recipe, target: Target) -> Path:
    if wanted.work:
        return wanted.work
    wish = f"{wanted.source} {recipe} {target} {wanted.calibration or ''}"
    key = hashlib.sha256(wish.encode()).hexdigest()[:12]
    return user_cache_path("hearthd") / "export" / f"{recipe.name}-{target.name}-{key}"


def _checks(records: Sequence[StepRecord]) -> list[Check]:
    verify = next((record for record in records if record.step == "verify"), None)
    said = verify.did.get("checks", []) if verify else []
    return [Check.model_validate(entry) for entry in said] if isinstance(said, list) else []


def _package(
    job: Job,
    spec: TaskSpec,
    checkpoint: Checkpoint,
    records: Sequence[StepRecord],
    checks: Sequence[Check],
) -> Manifest:
    described = spec.describe(job)  # may add files, such as the sound of a self-test
    files = {p.name: p for pattern in spec.files for p in sorted(job.folder.glob(pattern))}
    metrics: dict[str, Any] = {}
    for record in records:
        if record.step == "measure":
            metrics |= record.did
    shown = [r for r in records if r.step != "measure"]
    manifest = {
        "schema_version": 1,
        "name": job.recipe.name,
        "version": job.recipe.version,
        "task": job.wanted.task,
        "languages": list(job.recipe.languages),
        "licence": job.recipe.licence,
        "providers_tested": ["CPUExecutionProvider"],
        "target": job.target.name,
        "checks": [check.model_dump() for check in checks],
        "unverified": job.wanted.unverified,
        "pipeline": [_short(record).model_dump(mode="json") for record in shown],
        "metrics": metrics,
        "provenance": {
            "base_model": job.recipe.base_model or checkpoint.source,
            "data": list(job.recipe.settings.get("data", ())),
            "recipe": job.recipe.file or "defaults",
            "source": checkpoint.source,
            "source_sha256": dict(checkpoint.sha256),
            "tools": _tools(),
        },
        **described,
    }
    staged = job.file("artefact")
    shutil.rmtree(staged, ignore_errors=True)
    try:
        made = package(staged, files, manifest)
    except ValidationError as error:
        first = error.errors()[0]
        raise ExportFailed(f"manifest: {first['loc']}: {first['msg']}") from error
    shutil.rmtree(job.wanted.out, ignore_errors=True)
    job.wanted.out.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(staged, job.wanted.out)
    return made


def _short(record: StepRecord) -> StepRecord:
    """Without the checks, which have their own place in the manifest."""
    return record.model_copy(update={"did": {k: v for k, v in record.did.items() if k != "checks"}})


def _tools() -> dict[str, str]:
    found = {}
    for name in ("torch", "transformers", "onnx", "onnxruntime", "onnxruntime-genai"):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


__all__ = ["Wanted", "export_artefact"]
