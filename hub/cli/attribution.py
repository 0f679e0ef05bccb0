"""`hearthd explain --model`: why any model said what it said (needs the export extra)."""

from __future__ import annotations

from pathlib import Path

from hub.cli.common import CommandFailed
from hub.cli.training import training_side
from hub.config import models_folder


def explain_model(model: str, text: str, out: Path | None, json_output: bool) -> None:
    """Print words with what the answer loses without them; draw them, with attention, to `out`."""
    training_side()
    from edge.store import find
    from export.attribution import as_json, attribute
    from export.attribution_picture import draw

    place = Path(model)
    found = attribute(place if place.exists() else find(models_folder(), model), text)
    if json_output:
        print(as_json(found))
    else:
        print(f"{found.said}; without each word it loses:")
        for word, weight in zip(found.words, found.weights, strict=True):
            print(f"  {weight:+.3f}  {word}")
    if out is not None:
        try:
            draw(found, out)
        except (OSError, ValueError) as error:
            raise CommandFailed(f"{out}: cannot be written: {error}") from error
