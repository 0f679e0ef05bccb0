"""Every `model_artifact` row of the fault data against the loader of every task: as the graphs of an
artefact that claims the task, and as the checkpoint that it is to be exported from."""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordLevel

from edge.artefact import load_artefact
from edge.errors import EdgeError
from edge.tasks.registry import RUNTIMES, open_model
from export.recipe import Wanted
from export.run import TASKS, export_artefact
from tests.artefacts import handmade

GRAPHS = ("model.onnx", "encoder.onnx", "decoder.onnx")
TOKENIZER = Tokenizer(WordLevel({"[UNK]": 0, "a": 1}, unk_token="[UNK]")).to_str().encode()
GENAI = json.dumps({"model": {"type": "llama", "decoder": {"filename": "model.onnx"}}}).encode()


def rows(data: Path) -> dict[str, tuple[str, bytes]]:
    """Name and bytes of every row, by its id."""
    found = {}
    for line in (data / "bad_inputs.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        if row["surface"] == "model_artifact":
            text = row["payload"]
            raw = base64.b64decode(text) if row["encoding"] == "base64" else text.encode()
            found[row["id"]] = (row["topic"], raw)
    assert len(found) >= 20
    return found


def claims(folder: Path, task: str, graph: bytes) -> Path:
    """An artefact of the task with everything that its runtime asks for, and this graph in the place
    of each of its own."""
    files = dict.fromkeys(GRAPHS, graph)
    files |= {"tokenizer.json": TOKENIZER, "genai_config.json": GENAI}
    known: dict[str, Any] = {"text": "a", "sound": "hum", "ids": [1], "prompt": "a"}
    tensor = {"dtype": "float32", "shape": [4]}
    folder.mkdir(parents=True)
    for name, raw in files.items():
        (folder / name).write_bytes(raw)
    return handmade(
        folder, graph, task,
        files={
            name: {"sha256": hashlib.sha256(raw).hexdigest(), "bytes": len(raw)}
            for name, raw in files.items()
        },
        inputs=[{"name": "x", "file": name, **tensor} for name in GRAPHS],
        outputs=[{"name": "y", "file": name, **tensor} for name in GRAPHS],
        tokenizer="tokenizer.json", labels={"labels": ["a", "b"]},
        self_tests=[{"input": known, "output": {"vector": [0.0]}}],
    )  # fmt: skip


@pytest.mark.parametrize("task", sorted(RUNTIMES))
def test_no_task_runs_a_graph_that_is_not_its_own(task: str, data: Path, tmp_path: Path) -> None:
    for name, (topic, raw) in rows(data).items():
        if topic.endswith(".onnx"):
            with pytest.raises(EdgeError):
                open_model(load_artefact(claims(tmp_path / name, task, raw)))


@pytest.mark.parametrize("task", sorted(TASKS))
def test_no_task_exports_what_is_no_checkpoint_of_its_own(
    task: str, data: Path, tmp_path: Path
) -> None:
    for name, (topic, raw) in rows(data).items():
        place = tmp_path / name
        place.mkdir()
        (place / "config.json").write_text(
            '{"model_type": "bert", "id2label": {"0": "a"}}', "utf-8"
        )
        (place / "tokenizer.json").write_bytes(TOKENIZER)
        (place / topic).write_bytes(raw)
        if topic.endswith(".safetensors"):
            (place / "model.safetensors").write_bytes(raw)
        for source in (place / topic, place):
            wanted = Wanted(str(source), task, "cpu", tmp_path / "out", work=tmp_path / "work")
            with pytest.raises(EdgeError):
                export_artefact(wanted)
    assert not (tmp_path / "out").exists()
