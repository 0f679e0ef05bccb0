"""`hearthd export`: the steps with the project's own development sentences."""

from __future__ import annotations

import json
from pathlib import Path

from edge.artefact import Manifest
from export.understanding import Naming, Parity, export_understanding
from models.nlu.calibrate import calibrated_settings
from models.nlu.train import read_recipe

SOURCES = (
    "home-assistant-intents 2026.10.27 (CC BY 4.0)",
    "HWU64, xliuhw/NLU-Evaluation-Data (CC BY 4.0)",
    "CLINC150, clinc/oos-eval (CC BY 3.0)",
    "own sentences, models/nlu/data (Apache-2.0)",
)


def export_checkpoint(
    checkpoint: Path, out: Path, data: Path, recipe_file: Path, version: str
) -> tuple[Manifest, Parity]:
    """Export, verify and package. Raises ValueError if quantisation lost too much."""
    recipe = read_recipe(recipe_file)
    with (data / "slurp.en.dev.jsonl").open(encoding="utf-8") as lines:
        sentences = [json.loads(line)["text"] for line in lines][:400]
    naming = Naming(f"understand-{recipe.language}", version, recipe_file.name, SOURCES)
    return export_understanding(checkpoint, recipe, out, naming, calibrated_settings(), sentences)
