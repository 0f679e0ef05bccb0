"""The judge of answers read back from its int8 artefact, to train on from what ships; as
`models.nlu.restored` does of the understanding model, whose graph has a scale for each row.

The inverse of `export.bert_graph` for graphs with blocks (`Grain`). What that moved between a
normalisation and the product that reads it stays moved, which changes no output.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import NodeProto, helper, numpy_helper
from transformers import BertConfig, BertForSequenceClassification

from edge.artefact import load_artefact
from models.nlu.restored import NotRestorable

Floats = NDArray[np.float32]

_PRODUCTS = (
    "attention.self.query", "attention.self.key", "attention.self.value",
    "attention.output.dense", "intermediate.dense", "output.dense",
)  # fmt: skip
_NORMALISATIONS = ("attention.output.LayerNorm", "output.LayerNorm")
_ZERO_POINT = 128  # of an unsigned byte


def restore(artefact: Path, folder: Path) -> Path:
    """Write the classifier `artefact` as a Hugging Face folder; returns it.

    Raises `ArtefactError` for what is no artefact, `NotRestorable` for a graph of another make.
    """
    manifest = load_artefact(artefact).manifest
    graph = _Graph(onnx.load(str(artefact / "model.onnx")).graph)
    state = graph.embeddings() | graph.layers() | graph.head()
    labels = manifest.labels["labels"]
    model = BertForSequenceClassification(_config(state, graph, labels))
    model.load_state_dict({name: torch.from_numpy(array) for name, array in state.items()})
    model.save_pretrained(folder)
    shutil.copyfile(artefact / "tokenizer.json", folder / "tokenizer.json")
    return folder


class _Graph:
    """The operators of a graph in order, and its constants."""

    def __init__(self, graph: onnx.GraphProto) -> None:
        self._constants = {made.name: numpy_helper.to_array(made) for made in graph.initializer}
        self._nodes = list(graph.node)
        if not self._each("MatMulNBits") or not self._each("MultiHeadAttention"):
            raise NotRestorable("not an int8 encoder in blocks, as hearthd export makes one")

    def _each(self, operator: str) -> list[NodeProto]:
        return [node for node in self._nodes if node.op_type == operator]

    def _floats(self, name: str) -> Floats:
        return self._constants[name].astype(np.float32)

    @property
    def heads(self) -> int:
        """Of each attention."""
        return int(_attribute(self._each("MultiHeadAttention")[0], "num_heads"))

    @property
    def epsilon(self) -> float:
        """Of the normalisations."""
        return float(_attribute(self._each("LayerNormalization")[0], "epsilon"))

    def embeddings(self) -> dict[str, Floats]:
        """Words and places; there is one type of token, and it adds nothing."""
        rows, scales = (self._floats(node.input[0]) for node in self._each("Gather")[:2])
        places = self._floats(self._each("Slice")[0].input[0])
        return {
            "bert.embeddings.word_embeddings.weight": rows * scales,
            "bert.embeddings.position_embeddings.weight": places,
            "bert.embeddings.token_type_embeddings.weight": np.zeros_like(places[:1]),
            **self._normalisation("bert.embeddings.LayerNorm", 0),
        }

    def layers(self) -> dict[str, Floats]:
        """What each layer has."""
        found: dict[str, Floats] = {}
        for number in range(len(self._each("MultiHeadAttention"))):
            layer = f"bert.encoder.layer.{number}"
            for at, name in enumerate(_PRODUCTS):
                node = self._each("MatMulNBits")[len(_PRODUCTS) * number + at]
                read = 2 * number + (name == "intermediate.dense")
                raw = name in ("attention.output.dense", "output.dense")
                scale = 1 if raw else self._scale(read)
                found[f"{layer}.{name}.weight"] = self._product(node) / scale
                found[f"{layer}.{name}.bias"] = self._floats(node.input[5])
            for at, name in enumerate(_NORMALISATIONS):
                found |= self._normalisation(f"{layer}.{name}", 2 * number + 1 + at)
        return found

    def head(self) -> dict[str, Floats]:
        """The pooler and the classifier, which stayed floats."""
        names = ("bert.pooler.dense", "classifier")
        products = self._each("MatMul")[-2:]
        found = {}
        for name, product in zip(names, products, strict=True):
            added = next(n for n in self._each("Add") if n.input[0] == product.output[0])
            found[f"{name}.weight"] = self._floats(product.input[1]).T.copy()
            found[f"{name}.bias"] = self._floats(added.input[1])
        return found

    def _normalisation(self, name: str, at: int) -> dict[str, Floats]:
        node, scale = self._each("LayerNormalization")[at], self._scale(at)
        return {
            f"{name}.weight": self._floats(node.input[1]) * scale,
            f"{name}.bias": self._floats(node.input[2]) * scale,
        }

    def _scale(self, at: int) -> Floats | float:
        """By which a normalisation's output was divided; the last one's was not."""
        kept = [node.input[1] for node in self._each("Mul") if node.input[1] in self._constants]
        return self._floats(kept[at]) if at < len(kept) else 1.0

    def _product(self, node: NodeProto) -> Floats:
        """Weights (out, in) of a product in blocks."""
        rounded = self._floats(node.input[1]) - _ZERO_POINT  # (out, blocks, block)
        scales = self._floats(node.input[2]).reshape(*rounded.shape[:2], 1)
        return (rounded * scales).reshape(len(rounded), -1)


def _attribute(node: NodeProto, name: str) -> float:
    return next(float(helper.get_attribute_value(a)) for a in node.attribute if a.name == name)


def _config(state: dict[str, Floats], graph: _Graph, labels: Sequence[str]) -> BertConfig:
    words = state["bert.embeddings.word_embeddings.weight"]
    return BertConfig(
        vocab_size=len(words), hidden_size=words.shape[1], num_attention_heads=graph.heads,
        num_hidden_layers=sum(name.endswith("self.query.weight") for name in state),
        intermediate_size=len(state["bert.encoder.layer.0.intermediate.dense.bias"]),
        max_position_embeddings=len(state["bert.embeddings.position_embeddings.weight"]),
        type_vocab_size=1, layer_norm_eps=graph.epsilon, pad_token_id=0,
        id2label=dict(enumerate(labels)), label2id={name: at for at, name in enumerate(labels)},
    )  # fmt: skip
