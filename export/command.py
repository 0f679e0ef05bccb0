"""Export the understanding model with the project's own development sentences."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.artefact import Manifest, load_artefact
from edge.tasks.understand import UnderstandingModel
from export.understanding import Naming, Parity, export_understanding
from models.nlu.calibrate import Refusal, development, refusal
from models.nlu.train import read_recipe

SOURCES = (
    "home-assistant-intents 2026.10.27 (CC BY 4.0)",
    "HWU64, xliuhw/NLU-Evaluation-Data (CC BY 4.0)",
    "CLINC150, clinc/oos-eval (CC BY 3.0)",
    "own sentences, models/nlu/data (Apache-2.0)",
)
NAME = "understand"


def export_checkpoint(
    checkpoint: Path, out: Path, data: Path, recipe_file: Path, version: str, exact: bool = False
) -> tuple[Manifest, Parity]:
    """Export, verify, package and calibrate. Raises ValueError if quantisation lost too much."""
    recipe = read_recipe(recipe_file)
    known = development(data)
    sentences = [*known.ours[::12], *known.others[::20]]
    naming = Naming(NAME, version, recipe_file.name, SOURCES)
    _, parity = export_understanding(checkpoint, recipe, out, naming, {}, sentences, exact)
    chosen = calibrate(UnderstandingModel(load_artefact(out)), data)
    return _settle(out, chosen), parity


def calibrate(model: UnderstandingModel, data: Path) -> Refusal:
    """The refusal for a model, as it will run."""
    known = development(data)

    def heard(texts: Sequence[str]) -> NDArray[np.float64]:
        return np.array([model.read_sync(text).for_us for text in texts])

    return refusal(
        heard(known.ours),
        heard(known.others),
        {language: heard(texts) for language, texts in known.ours_in.items()},
        {language: heard(texts) for language, texts in known.others_in.items()},
    )


def _settle(out: Path, chosen: Refusal) -> Manifest:
    """Write the chosen refusal into the artefact's manifest."""
    path = out / "manifest.json"
    raw = json.loads(path.read_text("utf-8"))
    raw["task_settings"] = {
        "for_us_threshold": chosen.threshold,
        "for_us_thresholds": dict(chosen.thresholds),
    }
    raw["metrics"] |= {
        "refusal_threshold": chosen.threshold,
        "refusal_others_accepted": chosen.others_accepted,
        "refusal_ours_refused": chosen.ours_refused,
    }
    manifest = Manifest.model_validate(raw)
    path.write_text(json.dumps(raw, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return manifest
