"""Artefacts that tests need: real ones, exported once and kept in `build/` until the exporter
changes; and small hostile ones, made on the spot."""

from __future__ import annotations

import hashlib
import json
import warnings
from pathlib import Path
from typing import Any

from export.recipe import Wanted
from export.run import export_artefact

ROOT = Path(__file__).parents[1]


def exported(source: str, task: str, **wish: Any) -> Path:
    """The folder of an artefact of a real checkpoint; made by the first test that asks."""
    sources = sorted([*(ROOT / "export").rglob("*.py"), *(ROOT / "configs/models").glob("*.toml")])
    code = hashlib.sha256(b"".join(path.read_bytes() for path in sources))
    code.update(repr((source, task, sorted(wish.items()))).encode())
    place = ROOT / "build" / "artefacts" / f"{task}-{code.hexdigest()[:12]}"
    if not (place / "manifest.json").exists():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            export_artefact(
                Wanted(source, task, "cpu", place, work=place.parent / f"work-{place.name}", **wish)
            )
    return place


def spoil(folder: Path, **changes: Any) -> None:
    """Change keys of a manifest and leave the rest."""
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(manifest | changes), "utf-8")


def handmade(folder: Path, model: bytes, task: str = "vad", **changes: Any) -> Path:
    """An artefact whose digests are right and whose model is anything: what a hostile maker packs."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(model)
    tensor = {"dtype": "float32", "shape": [4]}
    manifest = {
        "schema_version": 1,
        "name": "handmade",
        "version": "1.0.0",
        "task": task,
        "languages": ["en"],
        "licence": "Apache-2.0",
        "files": {"model.onnx": {"sha256": hashlib.sha256(model).hexdigest(), "bytes": len(model)}},
        "inputs": [{"name": "x", **tensor}],
        "outputs": [{"name": "y", **tensor}],
        "providers_tested": ["CPUExecutionProvider"],
        "provenance": {"base_model": "none", "data": [], "recipe": "none"},
        "self_tests": [{"input": {"x": [1, 2, 3, 4]}, "output": {"y": [2, 4, 6, 8]}}],
        "unverified": "made by a test",
        **changes,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    return folder
