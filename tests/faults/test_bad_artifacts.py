"""Every `model_artifact` row of the fault data, offered as a model.

No update channel exists yet: an artefact is a folder with a manifest. Every row is put into such a
folder as its model or as its manifest, and must be refused before anything of it is run; the model
that serves goes on serving. M001, a valid but unsigned model, is refused as well: it is not of our
labels.
"""

import base64
import json
from pathlib import Path

import pytest

from edge.artefact import load_artefact
from edge.errors import ArtefactError
from edge.tasks.understand import UnderstandingModel


def test_every_row_is_refused_and_the_serving_model_goes_on(
    model: UnderstandingModel, data: Path, tmp_path: Path
) -> None:
    lines = (data / "bad_inputs.jsonl").read_text("utf-8").splitlines()
    for row in (r for line in lines if (r := json.loads(line))["surface"] == "model_artifact"):
        folder = tmp_path / row["id"]
        folder.mkdir()
        raw = row["payload"].encode()
        if row["encoding"] == "base64":
            raw = base64.b64decode(row["payload"])
        name = "manifest.json" if row["topic"] == "manifest.json" else "model.onnx"
        (folder / name).write_bytes(raw)
        with pytest.raises(ArtefactError):
            UnderstandingModel(load_artefact(folder))
        assert not (tmp_path / "pwned").exists()
    assert model.read_sync("turn on the light").clauses[0].intent == "HassTurnOn"
