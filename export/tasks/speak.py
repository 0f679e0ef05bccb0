"""Speech synthesis: Piper voices, which are ONNX already: checked, measured and packaged."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from edge.manifest import Check
from edge.phonemes import NoPhonemes, phonemes
from export.errors import CheckpointError
from export.imported import check_graph, copy_graph, specs
from export.measure import interleaved
from export.safe import read_json
from export.steps import Did, Job, Step, TaskSpec

REPLY = "I turned off the lights in the kitchen and hall."
"""Ten words: what a home says most."""


def load(job: Job) -> Did:
    """Check the graph's interface and the voice's description beside it."""
    path = _graph(job.checkpoint)
    did = copy_graph(job, path)
    session = check_graph(path)
    if not {"input", "input_lengths", "scales"} <= set(session.inputs):
        raise CheckpointError(path, f"is no Piper voice: its inputs are {session.inputs}")
    if "sid" in session.inputs:
        raise CheckpointError(path, "has several speakers; export one of them with Piper")
    voice = _voice(path)
    return {**did, "rate": voice["audio"]["sample_rate"], "espeak": voice["espeak"]["voice"]}


def verify(job: Job) -> Did:
    """The copy with the runtime's settings beside the original with ONNX Runtime's defaults, with
    the noise switched off."""
    original = onnxruntime.InferenceSession(
        str(_graph(job.checkpoint)), providers=["CPUExecutionProvider"]
    )
    feeds = _feeds(_known_ids(job), noise=False)
    theirs = original.run(None, feeds)[0].reshape(-1)
    ours = next(iter(check_graph(job.file("model.onnx")).run(feeds).values())).reshape(-1)
    worst = float(np.abs(ours - theirs).max()) if len(ours) == len(theirs) else 1.0
    check = Check(
        name="largest difference to the original", kind="at most", samples=len(ours), value=worst,
        limit=job.limit("difference", 0.01),
    )  # fmt: skip
    return {"checks": [check.model_dump()]}


def measure(job: Job) -> Did:
    """A reply of ten words: time to its sound, and real-time factor."""
    session, feeds = check_graph(job.file("model.onnx")), _feeds(_known_ids(job), noise=True)
    found = interleaved({"onnx": session.run}, [feeds] * 8, warm=2)["onnx"]
    seconds = next(iter(session.run(feeds).values())).size / _rate(job)
    return {
        "first_audio_ms": round(found["p50_ms"], 1), "seconds_of_sound": round(seconds, 2),
        "real_time_factor": round(found["p50_ms"] / 1000 / seconds, 4),
    }  # fmt: skip


def describe(job: Job) -> Mapping[str, Any]:
    """Tensors, the voice's settings, and a self-test."""
    voice = _voice(_graph(job.checkpoint))
    session = check_graph(job.file("model.onnx"))
    ids = _known_ids(job)
    sound = next(iter(session.run(_feeds(ids, noise=False)).values())).reshape(-1)
    inference = voice.get("inference", {})
    return {
        **specs(session),
        "task_settings": {
            "rate": int(voice["audio"]["sample_rate"]), "voice": str(voice["espeak"]["voice"]),
            "phoneme_ids": voice["phoneme_id_map"],
            "noise": float(inference.get("noise_scale", 0.667)),
            "length": float(inference.get("length_scale", 1.0)),
            "noise_width": float(inference.get("noise_w", 0.8)),
        },
        "self_tests": [
            {"input": {"ids": ids}, "tolerance": 0.1,
             "output": {"seconds": round(len(sound) / _rate(job), 4),
                        "loudness": round(float(np.sqrt((sound**2).mean())), 5)}}
        ],
    }  # fmt: skip


def _graph(checkpoint: Path) -> Path:
    found = [checkpoint] if checkpoint.is_file() else sorted(checkpoint.glob("*.onnx"))
    if not found:
        raise CheckpointError(checkpoint, "holds no .onnx")
    return found[0]


def _voice(graph: Path) -> dict[str, Any]:
    voice = read_json(graph.with_name(graph.name + ".json"))
    try:
        rate, ids = voice["audio"]["sample_rate"], voice["phoneme_id_map"]
        good = 8_000 <= rate <= 48_000 and isinstance(voice["espeak"]["voice"], str)
        good = good and all(isinstance(i, int) for numbers in ids.values() for i in numbers)
    except (KeyError, TypeError, AttributeError) as error:
        raise CheckpointError(graph, f"its .json is no Piper voice: lacks {error}") from error
    if not good:
        raise CheckpointError(graph, "its .json is no Piper voice")
    return voice


def _rate(job: Job) -> int:
    return int(_voice(_graph(job.checkpoint))["audio"]["sample_rate"])


def _known_ids(job: Job) -> list[int]:
    """Ids of the ten-word reply, or where eSpeak NG is missing, of the voice's vowels in turn."""
    voice = _voice(_graph(job.checkpoint))
    ids: Mapping[str, list[int]] = voice["phoneme_id_map"]
    try:
        spelt = "".join(phonemes(REPLY, str(voice["espeak"]["voice"])))
    except NoPhonemes:
        spelt = "".join(sorted(key for key in ids if key.isalpha()))
    found = [*ids["^"], *ids["_"]]
    for phoneme in spelt:
        if phoneme in ids:
            found += [*ids[phoneme], *ids["_"]]
    return found + ids["$"]


def _feeds(ids: list[int], *, noise: bool) -> dict[str, Any]:
    scales = [0.667, 1.0, 0.8] if noise else [0.0, 1.0, 0.0]
    return {
        "input": np.array([ids], np.int64), "input_lengths": np.array([len(ids)], np.int64),
        "scales": np.array(scales, np.float32),
    }  # fmt: skip


SPEC = TaskSpec(
    steps=(Step("load", load), Step("verify", verify), Step("measure", measure)),
    files=("model.onnx",),
    describe=describe,
)
