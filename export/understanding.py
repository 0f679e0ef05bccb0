"""Checkpoint of the understanding model -> int8 ONNX artefact, with proof that nothing was lost.

load -> build the int8 graph -> verify -> package, each a function, in this order, in `export`.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import nn

from edge.artefact import Manifest
from edge.sessions import Session
from edge.tasks.understanding_schema import ATTRIBUTES, INTENTS, LANGUAGES, TAGS
from export.bert_graph import EncoderGraph, spreads
from export.package import package
from models.nlu.distil import load
from models.nlu.model import UnderstandingModel
from models.nlu.train import Recipe, base_tokenizer

SEEN_EVERY = 3
"""Of the sentences of the parity, so many are seen by the quantisation: one in three."""

OUTPUTS = ("tags", "clause_start", "intent", "attributes", "for_us", "language")

GOLDEN_SENTENCES = (
    "turn off the kitchen lights",
    "dim the lamp in the bedroom to thirty percent",
    "is the front door locked",
    "who wrote war and peace",
    "schalte das licht in der küche aus",
    "打开卧室的灯",
)


@dataclass(frozen=True, slots=True)
class Parity:
    """int8 ONNX beside fp32 PyTorch, over the same sentences; intents where PyTorch finds the
    sentence meant for the home."""

    sentences: int
    intent_agreement: float
    tag_agreement: float
    for_us_mean_difference: float
    intent_logit_mean_difference: float


def build_graph(
    model: UnderstandingModel,
    sentences: Sequence[Sequence[int]],
    path: Path,
    exact: bool = False,
) -> None:
    """Write the int8 graph of the whole model, or with `exact` that of float32; `sentences`, token
    ids, show the encoder's range."""
    graph = EncoderGraph(model.encoder, spreads(model.encoder, sentences), exact)
    heads: dict[str, nn.Linear] = {name: getattr(model, name) for name in OUTPUTS}
    weight = np.concatenate([head.weight.detach().numpy() for head in heads.values()]).T
    bias = np.concatenate([head.bias.detach().numpy() for head in heads.values()])
    shapes: dict[str, Sequence[str | int]] = {}
    sizes: dict[str, int] = {}
    for name, head in heads.items():
        single = head.out_features == 1
        sizes[f"{name}_column" if single else name] = head.out_features
        shapes[name] = ("batch", "length") if single else ("batch", "length", head.out_features)
    graph.split(graph.product(graph.hidden, weight, bias), sizes)
    last = graph.constant(np.array([2], np.int64))
    for name in (name for name, shape in shapes.items() if len(shape) == 2):
        graph.node("Squeeze", [f"{name}_column", last], name)
    onnx.save(graph.model("understand", shapes), path)


def verify(
    model: UnderstandingModel, graph: Path, tokenizer: Tokenizer, sentences: Sequence[str]
) -> Parity:
    """Compare the two on every sentence."""
    session = Session(graph)
    intents = meant = tags = tokens = 0
    for_us: list[float] = []
    logits: list[float] = []
    for sentence in sentences:
        ids = np.array([tokenizer.encode(sentence).ids], dtype=np.int64)
        ours = session.run(_feeds(ids))
        with torch.inference_mode():
            theirs = model.scores(torch.from_numpy(ids), torch.ones(ids.shape, dtype=torch.int64))
        inner = slice(1, ids.shape[1] - 1)
        ours_intent = ours["intent"][0, inner].mean(0)
        theirs_intent = theirs.intent[0, inner].mean(0).numpy()
        if theirs.for_us[0, inner].mean() > 0:  # the intent of other talk is never asked for
            meant += 1
            intents += int(ours_intent.argmax() == theirs_intent.argmax())
            logits.append(float(np.abs(ours_intent - theirs_intent).mean()))
        tags += int((ours["tags"][0].argmax(-1) == theirs.tags[0].argmax(-1).numpy()).sum())
        tokens += ids.shape[1]
        ours_for_us = ours["for_us"][0, inner].mean()
        for_us.append(abs(float(ours_for_us - theirs.for_us[0, inner].mean())))
    count = len(sentences)
    return Parity(
        count,
        intents / max(meant, 1),
        tags / tokens,
        float(np.mean(for_us)),
        float(np.mean(logits or 0)),
    )


def _feeds(ids: NDArray[np.int64]) -> dict[str, NDArray[np.int64]]:
    return {"input_ids": ids, "attention_mask": np.ones_like(ids)}


@dataclass(frozen=True, slots=True)
class Naming:
    """What the artefact is called and says of itself."""

    name: str
    version: str
    recipe_file: str
    data: tuple[str, ...]


def export_understanding(
    checkpoint: Path,
    recipe: Recipe,
    out: Path,
    naming: Naming,
    settings: Mapping[str, float],
    sentences: Sequence[str],
    exact: bool = False,
) -> tuple[Manifest, Parity]:
    """All steps. `sentences` are what parity is measured on; `settings` are the calibrated
    `task_settings`; `exact` keeps float32. Raises ValueError if the graph disagrees with PyTorch in
    more than 2% of intents."""
    tokenizer = base_tokenizer(checkpoint.parent / "base")
    model = load(checkpoint)
    with tempfile.TemporaryDirectory() as temporary:
        small = Path(temporary) / "model.onnx"
        seen = [tokenizer.encode(text).ids for text in sentences[::SEEN_EVERY]]
        build_graph(model, seen, small, exact)
        parity = verify(model, small, tokenizer, sentences)
        if parity.intent_agreement < 0.98:
            raise ValueError(f"int8 lost too much: {parity}")
        manifest = _manifest(naming, recipe, settings, parity, _golden(small, tokenizer))
        slim = Path(temporary) / "tokenizer.json"
        tokenizer.save(str(slim), pretty=False)
        shutil.rmtree(out, ignore_errors=True)
        return package(out, {"model.onnx": small, "tokenizer.json": slim}, manifest), parity


def _golden(graph: Path, tokenizer: Tokenizer) -> list[dict[str, Any]]:
    session = Session(graph)
    golden = []
    for sentence in GOLDEN_SENTENCES:
        ids = tokenizer.encode(sentence).ids
        outputs = session.run(_feeds(np.array([ids], dtype=np.int64)))
        golden.append(
            {
                "text": sentence,
                "input_ids": ids,
                "intent": int(outputs["intent"][0, 1:-1].mean(0).argmax()),
                "for_us": round(float(outputs["for_us"][0, 1:-1].mean()), 3),
            }
        )
    return golden


def _manifest(
    naming: Naming,
    recipe: Recipe,
    settings: Mapping[str, float],
    parity: Parity,
    golden: list[dict[str, Any]],
) -> dict[str, Any]:
    varying: list[int | str] = ["batch", "length"]
    sizes = {"tags": len(TAGS), "intent": len(INTENTS), "language": len(LANGUAGES)}
    sizes["attributes"] = sum(len(labels) for labels in ATTRIBUTES.values())
    return {
        "schema_version": 1,
        "name": naming.name,
        "version": naming.version,
        "task": "understand",
        "languages": list(recipe.languages),
        "licence": "Apache-2.0",
        "inputs": [
            {"name": name, "dtype": "int64", "shape": varying}
            for name in ("input_ids", "attention_mask")
        ],
        "outputs": [
            {
                "name": name,
                "dtype": "float32",
                "shape": [*varying, sizes[name]] if name in sizes else varying,
            }
            for name in OUTPUTS
        ],
        "providers_tested": ["CPUExecutionProvider"],
        "labels": {"intents": list(INTENTS), "tags": list(TAGS), "languages": list(LANGUAGES)}
        | {name: list(labels) for name, labels in ATTRIBUTES.items()},
        "task_settings": dict(settings),
        "provenance": {
            "base_model": (
                f"multilingual-e5-small, {len(recipe.layers)} layers, {recipe.pieces} pieces"
            ),
            "data": list(naming.data),
            "recipe": naming.recipe_file,
            "seed": recipe.seed,
            "steps": recipe.steps,
        },
        "golden": golden,
        "metrics": {f"parity_{key}": value for key, value in asdict(parity).items()},
    }
