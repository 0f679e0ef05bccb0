"""Checkpoints that are ONNX already: checked, self-tested, measured and packaged, never trusted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import onnxruntime

from edge.sessions import Session
from export.errors import CheckpointError
from export.steps import Did, Job

SIZE_LIMIT = 1 << 30


def check_graph(path: Path) -> Session:
    """A session of a foreign graph, after its size and its external data were looked at.

    ONNX Runtime itself refuses malformed protobuf, unknown operators and absolute external paths;
    what it would run and never end is left to the isolated self-test. Raises `CheckpointError`.
    """
    if not path.is_file():
        raise CheckpointError(path, "no such file")
    if path.stat().st_size > SIZE_LIMIT:
        raise CheckpointError(path, f"larger than {SIZE_LIMIT >> 20} MB")
    try:
        return Session(path)
    except Exception as error:
        raise CheckpointError(path, f"ONNX Runtime cannot load it: {error}") from error


def specs(session: Session, file: str = "model.onnx") -> dict[str, list[dict[str, Any]]]:
    """The manifest's `inputs` and `outputs` of a graph, as it declares them."""
    return {
        kind: [
            {
                "name": tensor.name, "dtype": tensor.dtype, "file": file,
                "shape": [d if isinstance(d, int) else str(d or "varying") for d in tensor.shape],
            }
            for tensor in tensors
        ]
        for kind, tensors in (
            ("inputs", session.input_tensors), ("outputs", session.output_tensors)
        )
    }  # fmt: skip


def copy_graph(job: Job, path: Path) -> Did:
    """The `load` step: check the graph and copy it into the work folder."""
    session = check_graph(path)
    job.file("model.onnx").write_bytes(path.read_bytes())
    return {
        "form": "ONNX", "bytes": path.stat().st_size, "inputs": list(session.inputs),
        "outputs": list(session.outputs), "onnxruntime": onnxruntime.__version__,
    }  # fmt: skip
