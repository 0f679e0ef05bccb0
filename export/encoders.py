"""The steps that all encoders share: embeddings and classifiers, from any Hugging Face folder.

Smoothing. Dynamic int8 scales a whole activation tensor by its largest value, and a few columns of
a Transformer are ten times the rest. SmoothQuant (Xiao et al. 2022, arXiv:2211.10438) moves part of
that into the weights: for a linear layer y = W x, with per-column s = max|x|^a / max|W|^(1-a),

    y = (W diag(s)) (x / s)

is the same function, with columns of more equal size on both sides. On MiniLM-L6 this takes the
mean cosine from 0.993 to 0.997 when it is done in the feed-forward layers alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnxscript import optimizer
from tokenizers import Tokenizer
from torch import Tensor, nn

from edge.sessions import Session
from export.errors import CheckpointError
from export.measure import interleaved
from export.onnx_graph import OPSET, join_products, keep_tables_outside, to_onnx
from export.quantise import DETAIL, Feeds, quantise_graph
from export.sentences import read_texts
from export.steps import Did, Job, Step, TaskSpec
from models.judge.grammars import plain_facts

Floats = NDArray[np.float32]

ALPHA = 0.8
SMOOTHED = ("int8", "int8-static")
"""Weights that give a whole activation tensor one scale."""


class Smoothed(nn.Module):
    """A linear layer with its columns evened out; see the module's docstring."""

    def __init__(self, linear: nn.Linear, scale: Tensor) -> None:
        super().__init__()
        self.linear = linear
        with torch.no_grad():
            linear.weight.mul_(scale)  # (out, in) * (in,)
        self.register_buffer("inverse", 1.0 / scale)
        self.inverse: Tensor

    def forward(self, x: Tensor) -> Tensor:
        """The same as the layer it replaces."""
        result: Tensor = self.linear(x * self.inverse)
        return result


def smooth(model: nn.Module, run: Callable[[], None], alpha: float = ALPHA) -> int:
    """Smooth the feed-forward layers of `model`, in place; `run` feeds it calibration data.
    Returns how many layers were smoothed."""
    chosen = {
        name: layer
        for name, layer in model.named_modules()
        if isinstance(layer, nn.Linear)
        and max(layer.in_features, layer.out_features) > 2 * min(layer.weight.shape) >= 64
    }
    largest: dict[str, Tensor] = {}

    def watch(name: str) -> Callable[[nn.Module, tuple[Tensor, ...]], None]:
        def hook(_: nn.Module, inputs: tuple[Tensor, ...]) -> None:
            found = inputs[0].detach().abs().flatten(0, -2).amax(0)  # (in,)
            largest[name] = torch.maximum(largest.get(name, found), found)

        return hook

    hooks = [layer.register_forward_pre_hook(watch(name)) for name, layer in chosen.items()]
    with torch.inference_mode():
        run()
    for hook in hooks:
        hook.remove()
    for name, columns in largest.items():
        layer = chosen[name]
        x = columns.clone().clamp(min=1e-5)
        w = layer.weight.detach().abs().amax(0).clamp(min=1e-5)
        scale = x**alpha / w ** (1 - alpha)
        parent = model.get_submodule(name.rpartition(".")[0])
        setattr(parent, name.rpartition(".")[2], Smoothed(layer, scale / scale.mean()))
    return len(largest)


def calibration(tokenizer: Tokenizer, prefix: str = "") -> list[Tensor]:
    """Token ids of shape (1, length) each, of texts that differ from those of verification."""
    told = plain_facts()[::4]
    texts = [*(text for asked, said in told for text in (asked[0], said)), *_ODD]
    return [torch.tensor([tokenizer.encode(prefix + text).ids]) for text in texts]


_ODD = (
    "Der Schlüssel hängt im Flur.", "12:30 on 5 May 2021!", "¿Dónde está la lámpara?", "?", "eco",
    "http://192.168.1.20:8123/lovelace", "把客厅的灯关掉", "A" * 40, 
    "21.5 °C", "Où sont les clés ?",
)  # fmt: skip


def plain_tokenizer(folder: Path) -> Tokenizer:
    """The checkpoint's tokenizer without padding and truncation. Raises `CheckpointError`."""
    path = folder / "tokenizer.json"
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # tokenizers raises plain Exception
        raise CheckpointError(path, f"no tokenizer: {error}") from error
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def export_encoder(
    job: Job, model: nn.Module, texts: Sequence[Tensor], output: str, longest: int,
    lean: Callable[[], onnx.ModelProto] | None = None,
) -> Did:  # fmt: skip
    """fp32 ONNX with dynamic batch and length, smoothed on `texts` for weights that need it, and
    the tokenizer. Where `lean` can build an int8 graph, that is what int8 means."""
    save_tokenizer(job.checkpoint, job)
    job.file(LEAN).unlink(missing_ok=True)
    if lean and job.weights == "int8":
        made = lean()
        onnx.save(made, job.file(LEAN))
        return {
            "graph": "built by export.bert_graph, not traced", "dynamic": ["batch", "length"],
            "opset": made.opset_import[0].version, "nodes": len(made.graph.node),
        }  # fmt: skip
    smoothed = 0
    if job.weights in SMOOTHED:
        smoothed = smooth(model, lambda: _feed(model, texts))
    sample = torch.ones((2, 9), dtype=torch.int64)
    to_onnx(
        model, {"input_ids": sample, "attention_mask": sample}, (output,), job.file("fp32.onnx"),
        longest=longest,
    )  # fmt: skip
    return {"opset": OPSET, "dynamic": ["batch", "length"], "smoothed_layers": smoothed}


LEAN = "lean.onnx"
"""In the work folder: an int8 graph that was built as one."""


def _feed(model: nn.Module, texts: Sequence[Tensor]) -> None:
    for ids in texts:
        model(ids, torch.ones_like(ids))


Run = Callable[[str], Floats]
"""A text to the model's output for it, without the batch."""
IdsOf = Callable[[str], NDArray[np.int64]]


def run_onnx(job: Job, ids_of: IdsOf) -> Run:
    """The artefact's graph."""
    session = Session(job.file("model.onnx"))
    (output,) = session.outputs

    def run(text: str) -> Floats:
        ids = ids_of(text)
        found: Floats = session.run({"input_ids": ids, "attention_mask": np.ones_like(ids)})[output]
        return found[0]  # type: ignore[no-any-return]

    return run


def run_torch(model: nn.Module, ids_of: IdsOf) -> Run:
    """The checkpoint in PyTorch, one thread: text by text, more only wait for each other."""
    torch.set_num_threads(1)

    def run(text: str) -> Floats:
        ids = torch.from_numpy(ids_of(text))
        with torch.inference_mode():
            found: Floats = model(ids, torch.ones_like(ids))[0].numpy()
        return found

    return run


def measured(job: Job, ours: Run, theirs: Run, texts: Sequence[str]) -> Did:
    """One thread, one text at a time, beside PyTorch."""
    found = interleaved({"onnx": ours, "torch": theirs}, texts)
    return {
        "p50_ms": round(found["onnx"]["p50_ms"], 3),
        "torch_p50_ms": round(found["torch"]["p50_ms"], 3),
        "bytes": sum(path.stat().st_size for path in job.folder.glob("model.onnx*")),
    }


INPUTS = [
    {"name": name, "dtype": "int64", "shape": ["batch", "length"]}
    for name in ("input_ids", "attention_mask")
]
"""Of the manifest."""


def encoder_spec(
    load: Callable[[Job], Did],
    export: Callable[[Job], Did],
    verify: Callable[[Job], Did],
    measure: Callable[[Job], Did],
    describe: Callable[[Job], Mapping[str, Any]],
) -> TaskSpec:
    """The steps of every encoder task; optimising and quantising are the same for all."""
    return TaskSpec(
        steps=(
            Step("load", load), Step("export", export), Step("optimise", optimise),
            Step("quantise", quantise), Step("verify", verify), Step("measure", measure),
        ),
        files=("model.onnx", "model.onnx.data", "tokenizer.json"),
        describe=describe,
    )  # fmt: skip


def optimise(job: Job) -> Did:
    """Fold constants, drop what is computed twice, and join products that read the same input;
    hardware-specific fusions are left to ONNX Runtime, which does them at load for the machine it
    finds itself on."""
    if job.file(LEAN).exists():
        return {"graph": "built without what could be left out"}
    model = onnx.load(job.file("fp32.onnx"))
    before = len(model.graph.node)
    optimizer.optimize(model)
    joined = join_products(model)
    onnx.save(model, job.file("optimised.onnx"))
    after = len(model.graph.node)
    return {"nodes_before": before, "nodes_after": after, "joined_products": joined}


def quantise(job: Job) -> Did:
    """To the weights of the recipe or target."""
    source, made = job.file("optimised.onnx"), job.file("model.onnx")
    if job.file(LEAN).exists():
        made.write_bytes(job.file(LEAN).read_bytes())
        outside = keep_tables_outside(made)
        detail = "products by blocks, tables by rows or float16; the rest float32"
        return {"weights": "int8", "detail": detail, "bytes_after": made.stat().st_size + outside}
    quantise_graph(job.weights, source, made, lambda: _calibration_feeds(job))
    outside = keep_tables_outside(made) if job.weights.startswith("int") else 0
    return {
        "weights": job.weights, "detail": DETAIL[job.weights],
        "bytes_before": source.stat().st_size, "bytes_after": made.stat().st_size + outside,
    }  # fmt: skip


def _calibration_feeds(job: Job) -> list[Feeds]:
    """Of the given texts, or of those that smoothing uses."""
    tokenizer = plain_tokenizer(job.checkpoint)
    if job.wanted.calibration:
        texts = read_texts(job.wanted.calibration, 500)
        rows = [np.array([tokenizer.encode(text).ids], np.int64) for text in texts]
    else:
        rows = [ids.numpy() for ids in calibration(tokenizer)]
    return [
        {"input_ids": row[:, :64], "attention_mask": np.ones_like(row[:, :64])}
        for row in rows
        if row.size
    ]


def save_tokenizer(folder: Path, job: Job, extra: Sequence[str] = ()) -> None:
    """Write the tokenizer without padding and truncation into the work folder."""
    plain_tokenizer(folder).save(str(job.file("tokenizer.json")))
    for name in extra:
        if (folder / name).exists():
            job.file(name).write_bytes((folder / name).read_bytes())
