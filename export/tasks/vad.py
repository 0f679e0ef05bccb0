"""Voice activity: Silero's ONNX file, imported as it is. It is 1-2 MB and takes 0.2 ms a frame, so
there is nothing to quantise; verification holds it against its own numbers over a longer sound."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from edge.manifest import Check
from edge.tasks.vad import CONTEXT, FRAME, RATE, known_sound
from export.errors import CheckpointError
from export.imported import check_graph, copy_graph, specs
from export.measure import interleaved
from export.steps import Did, Job, Step, TaskSpec


def load(job: Job) -> Did:
    """Check that the graph speaks Silero's interface."""
    path = _graph(job.checkpoint)
    did = copy_graph(job, path)
    session = check_graph(path)
    if set(session.inputs) != {"input", "state", "sr"} or session.outputs != ["output", "stateN"]:
        raise CheckpointError(path, f"is no Silero VAD: its inputs are {session.inputs}")
    return did


def verify(job: Job) -> Did:
    """The copy with the runtime's settings beside the original with ONNX Runtime's defaults."""
    original = onnxruntime.InferenceSession(
        str(_graph(job.checkpoint)), providers=["CPUExecutionProvider"]
    )
    sound = np.concatenate([known_sound("hum"), known_sound("silence"), known_sound("hum")])
    theirs = _run(lambda feeds: original.run(None, feeds), sound)
    ours = _probabilities(job, sound)
    check = Check(
        name="largest difference to the original", kind="at most", samples=len(ours),
        value=float(np.abs(np.array(ours) - np.array(theirs)).max()),
        limit=job.limit("difference", 0.001),
    )  # fmt: skip
    return {"checks": [check.model_dump()]}


def measure(job: Job) -> Did:
    """A frame of 32 ms."""
    session = check_graph(job.file("model.onnx"))
    frame = np.zeros((1, CONTEXT + FRAME), dtype=np.float32)
    feeds = {
        "input": frame, "state": np.zeros((2, 1, 128), np.float32), "sr": np.array(RATE, np.int64),
    }  # fmt: skip
    found = interleaved({"onnx": session.run}, [feeds] * 200)
    return {f"frame_{key}": round(value, 4) for key, value in found["onnx"].items()}


def describe(job: Job) -> Mapping[str, Any]:
    """Tensors and self-tests."""
    return {
        **specs(check_graph(job.file("model.onnx"))),
        "self_tests": [
            {"input": {"sound": name}, "tolerance": 0.05,
             "output": {"probabilities": [
                 round(p, 4) for p in _probabilities(job, known_sound(name))]}}
            for name in ("hum", "silence")
        ],
    }  # fmt: skip


def _graph(checkpoint: Path) -> Path:
    found = [checkpoint] if checkpoint.is_file() else sorted(checkpoint.rglob("*vad*.onnx"))
    if not found:
        raise CheckpointError(checkpoint, "holds no .onnx")
    return found[0]


def _probabilities(job: Job, sound: Any) -> list[float]:
    session = check_graph(job.file("model.onnx"))
    return _run(lambda feeds: list(session.run(feeds).values()), sound)


def _run(run: Any, sound: Any) -> list[float]:
    state, before = np.zeros((2, 1, 128), np.float32), np.zeros(CONTEXT, np.float32)
    found = []
    for start in range(0, len(sound) - FRAME + 1, FRAME):
        frame = np.concatenate([before, sound[start : start + FRAME]])
        output, state = run({"input": frame[None], "state": state, "sr": np.array(RATE, np.int64)})
        before = frame[-CONTEXT:]
        found.append(float(output[0, 0]))
    return found


SPEC = TaskSpec(
    steps=(Step("load", load), Step("verify", verify), Step("measure", measure)),
    files=("model.onnx",),
    describe=describe,
)
