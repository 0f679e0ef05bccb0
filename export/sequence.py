"""What the tasks with an encoder and a decoder graph share: quantising, describing, their steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from edge.sessions import Session, SessionOptions
from export.imported import specs
from export.quantise import DETAIL, Feeds, Recorder, quantise_graph
from export.steps import Did, Job, Step, TaskSpec

GRAPHS = ("encoder", "decoder")
FILES = ("encoder.onnx", "decoder.onnx", "tokenizer.json")

Graphs = tuple[Any, Any]
"""What runs the encoder and the decoder: sessions, or recorders of their inputs."""


def open_both(job: Job, threads: int = 1) -> Graphs:
    """Sessions of both graphs, as quantised."""
    options = SessionOptions(intra_op_threads=threads)
    encoder, decoder = (Session(job.file(f"{name}.onnx"), options) for name in GRAPHS)
    return encoder, decoder


def quantise_both(job: Job, use: Callable[[Graphs], object]) -> Did:
    """Both graphs to the weights of the recipe or target. `use` runs both on a few inputs, to see
    what calibration has to cover; it is called only where that is asked for."""
    recorded: dict[str, list[Feeds]] = {}

    def calibration(name: str) -> Iterable[Feeds]:
        if not recorded:
            encoder, decoder = (Recorder(job.file(f"{graph}.fp32.onnx")) for graph in GRAPHS)
            use((encoder, decoder))
            recorded.update(encoder=encoder.feeds, decoder=decoder.feeds)
        return recorded[name]

    sizes = {}
    for name in GRAPHS:
        made = job.file(f"{name}.onnx")
        source = job.file(f"{name}.fp32.onnx")
        quantise_graph(job.weights, source, made, partial(calibration, name))
        sizes[f"{name}_bytes"] = made.stat().st_size
    return {"weights": job.weights, "detail": DETAIL[job.weights], **sizes}


def tensors_of(job: Job) -> dict[str, Any]:
    """The manifest's inputs and outputs of both graphs."""
    tensors: dict[str, Any] = {"inputs": [], "outputs": []}
    for name in GRAPHS:
        found = specs(Session(job.file(f"{name}.onnx")), f"{name}.onnx")
        tensors = {kind: [*tensors[kind], *found[kind]] for kind in tensors}
    return tensors


def task_spec(
    steps: Mapping[str, Callable[[Job], Did]],
    describe: Callable[[Job], Mapping[str, Any]],
    more_files: tuple[str, ...],
) -> TaskSpec:
    """The spec of such a task; `steps` by name, in order."""
    return TaskSpec(
        steps=tuple(Step(name, run) for name, run in steps.items()),
        files=(*FILES, *more_files), describe=describe,
    )  # fmt: skip
