"""The household translator in PyTorch, read back from its artefact: to compare with, or to export
again, where the checkpoint is gone. Weights that are stored in 8 bits come back exactly.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import NodeProto, numpy_helper
from transformers import MarianMTModel

from models.translate.train import Recipe, new_model

Floats = NDArray[np.float32]
_PREFIX = "module."


class NotRestorable(ValueError):
    """The artefact's graphs are not those of a Marian model with stored weights."""


def restore(artefact: Path) -> MarianMTModel:
    """The float32 model of an artefact. Raises `NotRestorable`, OSError."""
    settings = json.loads((artefact / "manifest.json").read_text("utf-8"))["task_settings"]
    try:
        graphs = [_Graph(artefact / f"{name}.onnx") for name in ("encoder", "decoder")]
        found = {name: value for graph in graphs for name, value in graph.parameters()}
        words = graphs[1].head()  # (vocabulary, width)
        encoder = max(_layer(name) for name in found if ".encoder.layers." in name) + 1
        recipe = Recipe(
            width=words.shape[1], encoder_layers=encoder, decoder_layers=settings["layers"],
            heads=settings["heads"],
            feed_forward=len(found["model.encoder.layers.0.fc1.bias"]),
        )  # fmt: skip
        model: MarianMTModel = new_model(recipe, len(words)).eval()
        _fill(model, {**found, "model.shared.weight": words})
    except (LookupError, StopIteration, RuntimeError, AttributeError) as error:
        raise NotRestorable(f"{artefact}: {error}") from error
    return model


def write_checkpoint(artefact: Path, folder: Path) -> Path:
    """The same as a checkpoint that the pipeline exports; returns its folder."""
    restore(artefact).save_pretrained(folder)
    shutil.copyfile(artefact / "tokenizer.json", folder / "tokenizer.json")
    settings = json.loads((artefact / "manifest.json").read_text("utf-8"))["task_settings"]
    about = {key: settings[key] for key in ("pairs", "prefix", "placeholders")}
    about["words"] = json.loads((artefact / settings["words"]).read_text("utf-8"))
    (folder / "translation.json").write_text(
        json.dumps(about, ensure_ascii=False, indent=0) + "\n", "utf-8"
    )
    return folder


def _layer(name: str) -> int:
    return int(name.partition(".layers.")[2].partition(".")[0])


def _fill(model: Any, found: dict[str, Floats]) -> None:
    """Every parameter of the model, and none that it has not. Raises LookupError."""
    own = dict(model.named_parameters())
    kept = {name for name, value in own.items() if value.requires_grad}
    if missing := sorted(kept - set(found)):
        raise LookupError(f"has no {missing[0]}")
    with torch.no_grad():
        for name, value in found.items():
            own[name].copy_(torch.from_numpy(value.copy()))


class _Graph:
    """Constants of a graph by the names that the checkpoint gave their biases and norms."""

    def __init__(self, path: Path) -> None:
        graph = onnx.load(path).graph
        self._constants = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
        self._nodes = list(graph.node)
        self._made_by: dict[str, NodeProto] = {o: n for n in self._nodes for o in n.output}

    def parameters(self) -> Iterator[tuple[str, Floats]]:
        """Weights and biases of linear layers and norms."""
        for node in self._nodes:
            if node.op_type == "LayerNormalization":
                for name in node.input[1:]:
                    yield name.removeprefix(_PREFIX), self._constants[name]
            biases = [n for n in node.input if n.startswith(_PREFIX) and n.endswith(".bias")]
            if node.op_type == "Add" and biases:
                name = biases[0].removeprefix(_PREFIX)
                yield name, self._constants[biases[0]]
                yield f"{name.removesuffix('.bias')}.weight", self._weight(node).T

    def head(self) -> Floats:
        """(vocabulary, width)"""
        return self._weight(self._made_by["logits"]).T

    def _weight(self, added: NodeProto) -> Floats:
        """Of the product that goes into this sum, (K, N)."""
        product = next(
            self._made_by[name]
            for name in added.input
            if name in self._made_by and self._made_by[name].op_type == "MatMul"
        )
        return self._value(product.input[1])

    def _value(self, name: str) -> Floats:
        if name in self._constants:
            return self._constants[name].astype(np.float32)
        node = self._made_by[name]
        if node.op_type not in ("Cast", "Mul"):
            raise LookupError(f"{name} is no constant")
        values = [self._value(each) for each in node.input]
        whole: Floats = values[0] if len(values) == 1 else values[0] * values[1]
        return whole
