"""Wake words: what `hearthd train wake` made. The network is 0.4 MB and takes a fraction of a
millisecond a look, so its weights stay as they are: there is little to gain from 8 bits."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnxscript import optimizer
from safetensors.torch import load_file

from edge.manifest import Check
from edge.sessions import Session
from edge.tasks.wake import NOTHING, STEP, known_sound
from export.errors import CheckpointError
from export.imported import specs
from export.measure import interleaved
from export.onnx_graph import OPSET, export_graph
from export.safe import check_folder, read_json
from export.steps import Did, Job, Step, TaskSpec
from models.wake.corpus import Cast, stream
from models.wake.measure import HOP, Decision, probabilities, score, windows
from models.wake.model import Config, WakeNetwork
from models.wake.scenes import Stream, frames_of
from models.wake.texts import Talk
from models.wake.train import voices_of
from models.wake.voices import Floats

SEED = 4711
LARGEST = 4096
"""Of any number in the configuration."""
SCENES = 12
"""Of voices that it did not learn from, to verify on."""


def load(job: Job) -> Did:
    """Check the run's form and note what it is."""
    _, values = check_folder(job.checkpoint)
    config = _config(job.checkpoint)
    open_checkpoint(job.checkpoint)
    return {"phrase": config["phrase"], "values": values, **config["decision"]}


def export(job: Job) -> Did:
    """ONNX, float32, with the normalisation folded into the convolutions."""
    model = open_checkpoint(job.checkpoint)
    sample = torch.zeros(2, model.config.frames, model.config.bands)
    path = job.file("model.onnx")
    export_graph(model, {"frames": sample}, {"frames": {0: "batch"}}, ("probability",), path)
    made = onnx.load(str(path))
    before = len(made.graph.node)
    optimizer.optimize(made)
    onnx.save(made, str(path))
    return {
        "opset": OPSET, "nodes_before": before, "nodes_after": len(made.graph.node),
        "bytes": path.stat().st_size,
    }  # fmt: skip


def verify(job: Job) -> Did:
    """Beside PyTorch, and what both hear, in scenes of voices that it did not learn from."""
    said = _scenes(job)
    ours, theirs = _looked(job, said), probabilities(open_checkpoint(job.checkpoint), said)
    decision = Decision(**_config(job.checkpoint)["decision"])
    mine, reference = score(ours, said, decision), score(theirs, said, decision)
    checks = [
        Check(name="largest difference of probability", kind="at most", samples=len(ours),
              value=float(np.abs(ours - theirs).max()), limit=job.limit("difference", 0.001)),
        Check(name="phrases missed beyond PyTorch", kind="at most", samples=mine.phrases,
              value=max(0.0, mine.missed - reference.missed), limit=job.limit("missed_more", 0.0)),
        Check(name="phrases missed", kind="at most", samples=mine.phrases, value=mine.missed,
              limit=job.limit("missed", 0.5)),
    ]  # fmt: skip
    return {"checks": [check.model_dump() for check in checks]}


def measure(job: Job) -> Did:
    """A look, which is due every 80 ms; what training measured stands beside it."""
    session = Session(job.file("model.onnx"))
    config = _config(job.checkpoint)["model"]
    seen = {"frames": np.full((1, config["frames"], config["bands"]), NOTHING, np.float32)}
    found = interleaved({"onnx": session.run}, [seen] * 200)["onnx"]
    told = _config(job.checkpoint)["metrics"]
    return {**{f"look_{key}": round(value, 4) for key, value in found.items()}, **told}


def describe(job: Job) -> Mapping[str, Any]:
    """Tensors, settings and the self-test."""
    config = _config(job.checkpoint)
    shape = config["model"]
    sound = known_sound()
    frames = frames_of(sound[: len(sound) // STEP * STEP], shape["bands"])
    looked = _looked(job, Stream(frames, ()))
    return {
        **specs(Session(job.file("model.onnx"))),
        "languages": [config["language"]],
        "task_settings": {
            "phrase": config["phrase"], **config["decision"], "frames": shape["frames"],
            "bands": shape["bands"],
        },
        "self_tests": [
            {"input": {"sound": "hum"}, "tolerance": 0.02,
             "output": {"probabilities": [round(float(p), 4) for p in looked]}}
        ],
    }  # fmt: skip


def open_checkpoint(folder: Path) -> WakeNetwork:
    """The PyTorch model, in evaluation mode. Raises `CheckpointError`."""
    said = _config(folder)["model"]
    try:
        model = WakeNetwork(Config(**{**said, "widths": tuple(said["widths"])}))
        model.load_state_dict(load_file(folder / "model.safetensors"))
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise CheckpointError(folder, f"these weights are no wake word's: {error}") from error
    return model.eval()


def _config(folder: Path) -> dict[str, Any]:
    """`config.json`, its numbers within bounds. Raises `CheckpointError`."""
    path = folder / "config.json"
    config = read_json(path)
    if config.get("model_type") != "hearthd-wake":
        raise CheckpointError(folder, "was not made by `hearthd train wake`")
    try:
        model, decision = config["model"], config["decision"]
        numbers = [*model["widths"], *(v for k, v in model.items() if k != "widths")]
        numbers += [decision["looks"], len(model["widths"])]
        if not all(0 <= number <= LARGEST for number in numbers) or not str(config["phrase"]):
            raise ValueError("a number is out of bounds")
        Decision(**decision)
        voices_of(config["held"])
        dict(config["metrics"])
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(path, f"says what cannot be: {error}") from error
    return config


def _scenes(job: Job) -> Stream:
    config = _config(job.checkpoint)
    others = Talk(("turn off the kitchen lights", "what is the weather like", "good night"), ())
    cast = Cast(voices_of(config["held"]), others, config["phrase"], phrases=0.5)
    return stream(cast, job.wanted.samples or SCENES, config["model"]["bands"], seed=SEED)


def _looked(job: Job, said: Stream) -> Floats:
    """As `models.wake.measure.probabilities`, by the artefact's graph."""
    session = Session(job.file("model.onnx"))
    frames = _config(job.checkpoint)["model"]["frames"]
    found = [
        session.run({"frames": windows(said, [end], frames)})["probability"].reshape(-1)
        for end in range(HOP, len(said.frames) + 1, HOP)
    ]
    return np.concatenate(found)


SPEC = TaskSpec(
    steps=(
        Step("load", load), Step("export", export), Step("verify", verify),
        Step("measure", measure),
    ),
    files=("model.onnx",),
    describe=describe,
)  # fmt: skip
