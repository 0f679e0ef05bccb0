"""A trained understanding model read back from its int8 artefact, to train on from what ships.

The graph of `export.bert_graph` holds each weight with its scale; what it moved between a
normalisation and the product that reads it stays moved, which changes no output. Neurons keep the
order that the graph gives them.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import NodeProto, numpy_helper
from torch import Tensor

from models.nlu.model import ATTRIBUTE_SIZES, UnderstandingModel, untrained

Floats = NDArray[np.float32]


class NotRestorable(ValueError):
    """The artefact's graph is not the int8 graph of an understanding model of this version."""


def restore(artefact: Path, folder: Path) -> UnderstandingModel:
    """The float32 model of the artefact; its architecture and tokenizer are written to `folder`.

    Raises NotRestorable where the graph is another's, OSError where a file is missing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        graph = _Graph(artefact / "model.onnx")
        shutil.copyfile(artefact / "tokenizer.json", folder / "tokenizer.json")
        (folder / "config.json").write_text(json.dumps(graph.config(), indent=1), "utf-8")
        model = untrained(str(folder))
        model.load_state_dict(graph.state(model))
    except (RuntimeError, LookupError, StopIteration, ValueError) as error:
        raise NotRestorable(f"{artefact / 'model.onnx'}: {error}") from error
    return model


class _Graph:
    """The constants of a graph in the order of its operators."""

    def __init__(self, path: Path) -> None:
        graph = onnx.load(path).graph
        self._nodes = list(graph.node)
        self._constants = {
            constant.name: numpy_helper.to_array(constant) for constant in graph.initializer
        }
        attention = [n for n in self._nodes if n.op_type == "MultiHeadAttention"]
        if not attention or not any(n.op_type == "DynamicQuantizeMatMul" for n in self._nodes):
            raise ValueError("not an int8 graph with a scale for each row of weights")
        self._layers = len(attention)
        self._heads = next(a.i for a in attention[0].attribute if a.name == "num_heads")

    def config(self) -> dict[str, object]:
        """The architecture, as Hugging Face writes it."""
        words, _, places = self._embeddings()
        normal = next(n for n in self._nodes if n.op_type == "LayerNormalization")
        epsilon = next(a.f for a in normal.attribute if a.name == "epsilon")
        raised = [n for n in self._nodes if n.op_type == "Gelu"]
        width = next(n for n in self._nodes if n.output[0] == raised[0].input[0])
        return {
            "model_type": "bert",
            "vocab_size": len(words),
            "hidden_size": words.shape[1],
            "num_hidden_layers": self._layers,
            "num_attention_heads": self._heads,
            "intermediate_size": self._constants[width.input[1]].shape[1],
            "max_position_embeddings": len(places),
            "layer_norm_eps": float(epsilon),
            "hidden_act": "gelu",
            "type_vocab_size": 1,
            "hidden_dropout_prob": 0.1,
            "attention_probs_dropout_prob": 0.1,
        }

    def state(self, model: UnderstandingModel) -> dict[str, Tensor]:
        """What `load_state_dict` takes."""
        words, scale, places = self._embeddings()
        made: dict[str, Floats] = {
            "embeddings.word_embeddings.weight": words * scale,
            "embeddings.position_embeddings.weight": places,
            "embeddings.token_type_embeddings.weight": np.zeros((1, words.shape[1]), np.float32),
        }
        made |= self._encoder()
        state = {f"encoder.{name}": torch.from_numpy(array.copy()) for name, array in made.items()}
        return state | self._head_parameters(model)

    def _embeddings(self) -> tuple[NDArray[np.int8], Floats, Floats]:
        gathers = [self._constants[n.input[0]] for n in self._nodes if n.op_type == "Gather"]
        (sliced,) = (n for n in self._nodes if n.op_type == "Slice")
        if len(gathers) != 2:
            raise ValueError("no table of int8 word embeddings")
        return gathers[0], gathers[1], self._constants[sliced.input[0]]

    def _encoder(self) -> dict[str, Floats]:
        products, normals, scales = self._products(), self._normals(), self._scales()
        made: dict[str, Floats] = {}

        def normalised(name: str, last: bool = False) -> Floats:
            weight, bias = next(normals)
            scale = np.ones_like(weight) if last else next(scales)
            made[f"{name}.weight"], made[f"{name}.bias"] = weight * scale, bias * scale
            return scale

        def linear(name: str, scale: Floats | float = 1.0) -> None:
            weight, bias = next(products)
            made[f"{name}.weight"], made[f"{name}.bias"] = weight.T / scale, bias

        before = normalised("embeddings.LayerNorm")
        for number in range(self._layers):
            layer = f"encoder.layer.{number}"
            for part in ("query", "key", "value"):
                linear(f"{layer}.attention.self.{part}", before)
            linear(f"{layer}.attention.output.dense")
            middle = normalised(f"{layer}.attention.output.LayerNorm")
            linear(f"{layer}.intermediate.dense", middle)
            linear(f"{layer}.output.dense")
            before = normalised(f"{layer}.output.LayerNorm", last=number == self._layers - 1)
        return made

    def _products(self) -> Iterator[tuple[Floats, Floats]]:
        """Weight (K, N) and bias (N,) of each linear layer; the neurons that stayed float32 come
        after the others."""
        few: NodeProto | None = None
        for node in self._nodes:
            if node.op_type == "MatMul":
                few = node
            elif node.op_type == "DynamicQuantizeMatMul":
                weight, scale, _, bias = (self._constants[name] for name in node.input[1:5])
                whole = weight * scale
                if few is not None:
                    whole, few = np.concatenate([whole, self._constants[few.input[1]]]), None
                yield whole, bias

    def _normals(self) -> Iterator[tuple[Floats, Floats]]:
        for node in self._nodes:
            if node.op_type == "LayerNormalization":
                yield self._constants[node.input[1]], self._constants[node.input[2]]

    def _scales(self) -> Iterator[Floats]:
        """By what each normalisation but the last was divided: the residual sum takes it back."""
        for node in self._nodes:
            if node.op_type == "Mul" and node.input[1] in self._constants:
                yield self._constants[node.input[1]]

    def _head_parameters(self, model: UnderstandingModel) -> dict[str, Tensor]:
        product = [n for n in self._nodes if n.op_type == "MatMul"][-1]
        added = next(n for n in self._nodes if product.output[0] in n.input)
        weight, bias = self._constants[product.input[1]], self._constants[added.input[1]]
        names = ("tags", "clause_start", "intent", "attributes", "for_us", "language")
        sizes = [getattr(model, name).out_features for name in names]
        if sum(sizes) != len(bias) or sizes[3] != sum(ATTRIBUTE_SIZES):
            raise ValueError(f"{len(bias)} scores, {sum(sizes)} in this version")
        cuts = np.cumsum(sizes)[:-1]
        made: dict[str, Tensor] = {}
        for name, rows, bias_part in zip(
            names, np.split(weight.T, cuts), np.split(bias, cuts), strict=True
        ):
            made[f"{name}.weight"] = torch.from_numpy(rows.copy())
            made[f"{name}.bias"] = torch.from_numpy(bias_part.copy())
        return made
