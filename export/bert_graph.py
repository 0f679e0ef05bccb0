"""An int8 inference graph of a BERT encoder, built for few words at a time.

`torch.onnx` and a quantiser give a graph whose small operators take as long as its products when a
sentence has a dozen tokens. This one has the products and little else: biases inside them, all
heads' attention in one operator.

Plain dynamic int8 gives a whole activation tensor one scale, and a few dimensions a hundred times
larger than the others swallow it (Dettmers et al. 2022, arXiv:2208.07339). Here every layer
normalisation gives its output shifted and scaled by dimension to mean 0 and deviation 1 over
sample sentences, and the product that reads it takes the inverse into its weights (after
SmoothQuant, Xiao et al. 2023, arXiv:2211.10438): in float32 nothing changes, in int8 no dimension
stands out. Only the residual sum needs the original, one multiplication more. The input of the
second feed-forward product has no normalisation before it, and a neuron or two that are large for
the first token alone: the neurons are sorted by how large they get, and the last few stay float32.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn
from transformers import BertModel
from transformers.models.bert.modeling_bert import BertIntermediate

Floats = NDArray[np.float32]

OPSET = 20
CONTRIB = "com.microsoft"
FLOAT_NEURONS = 16
"""Neurons of a feed-forward layer that stay float32: 1% of them, where one or two stand out."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean, deviation and largest magnitude, float32 (H,), of each dimension of what a module
    gives."""

    mean: Floats
    deviation: Floats
    peak: Floats


def spreads(model: BertModel, sentences: Sequence[Sequence[int]]) -> dict[str, Spread]:
    """The spread after each layer normalisation and of the neurons of each feed-forward layer, by
    the module's name, over token ids."""
    seen: dict[str, list[Tensor]] = {}

    def watch(name: str, module: nn.Module) -> Any:
        seen[name] = []
        return module.register_forward_hook(lambda _, __, given: seen[name].append(given[0]))

    kinds = (nn.LayerNorm, BertIntermediate)
    watched = [
        (name, module) for name, module in model.named_modules() if isinstance(module, kinds)
    ]
    handles = [watch(name, module) for name, module in watched]
    with torch.inference_mode():
        for ids in sentences:
            tokens = torch.tensor([list(ids)])
            model(input_ids=tokens, attention_mask=torch.ones_like(tokens))
    for handle in handles:
        handle.remove()
    return {name: _spread(torch.cat(states)) for name, states in seen.items()}


BALANCE = 0.6


def balanced(encoder: BertModel, spread: Mapping[str, Spread]) -> dict[str, Spread]:
    """Deviations of which a part stays in the activations, as SmoothQuant has it:

        s = deviation^a / w^(1-a),  w the size of the weights that read the dimension

    A product whose weights keep one scale a row then loses half as much: what the activations
    were spared is not all put on the weights.
    """
    weights = {name: t.detach().float().numpy() for name, t in encoder.state_dict().items()}
    first = [f"encoder.layer.0.attention.self.{part}" for part in ATTENTION]
    readers = {"embeddings.LayerNorm": first}
    for number in range(encoder.config.num_hidden_layers - 1):
        after = [f"encoder.layer.{number + 1}.attention.self.{part}" for part in ATTENTION]
        readers[f"encoder.layer.{number}.output.LayerNorm"] = after
    for number in range(encoder.config.num_hidden_layers):
        layer = f"encoder.layer.{number}"
        readers[f"{layer}.attention.output.LayerNorm"] = [f"{layer}.intermediate.dense"]
    made = dict(spread)
    for name, linears in readers.items():
        rows = np.concatenate([weights[f"{linear}.weight"] for linear in linears])  # (N, H)
        size = np.sqrt((rows**2).mean(0)).clip(1e-5)
        scale = spread[name].deviation ** BALANCE / size ** (1 - BALANCE)
        made[name] = Spread(spread[name].mean, (scale / scale.mean()).astype(np.float32))
    return made


ATTENTION = ("query", "key", "value")


@dataclass(frozen=True, slots=True)
class Grain:
    """How many weights, and activations, share a scale in the products of a layer: a block of so
    many, or for 0 a row of weights and the whole of the activations. `table` is the form of the
    word embeddings."""

    attention: int = 0
    up: int = 0
    down: int = BLOCK
    table: Literal["int8", "float16"] = "int8"


def _spread(states: Tensor) -> Spread:
    deviation = states.std(0).clamp(min=1e-3)
    return Spread(states.mean(0).numpy(), deviation.numpy(), states.abs().amax(0).numpy())


@dataclass(frozen=True, slots=True)
class _Value:
    """A tensor of the graph; `scale * tensor + shift`, both (H,), is what the model has there."""

    name: str
    scale: Floats
    shift: Floats


def _as_is(name: str, width: int) -> _Value:
    return _Value(name, np.ones(width, np.float32), np.zeros(width, np.float32))


class EncoderGraph:
    """Builds the graph of an encoder. `hidden` is the name of its last hidden state, float32
    (batch, length, H); `product` and `node` go on from there, and `model` ends it. `exact` keeps
    float32 everywhere, to compare with."""

    def __init__(
        self,
        encoder: BertModel,
        spread: Mapping[str, Spread],
        exact: bool = False,
        grain: Grain | None = None,
    ) -> None:
        self._exact, self._grain = exact, grain or Grain()
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[TensorProto] = []
        self._weights = {
            name: tensor.detach().float().numpy() for name, tensor in encoder.state_dict().items()
        }
        self._spread = spread
        self._config = encoder.config
        value = self._embeddings()
        self._mask = self.node("Cast", ["attention_mask"], to=TensorProto.INT32)
        layers = encoder.config.num_hidden_layers
        for number in range(layers):
            value = self._layer(f"encoder.layer.{number}", value, last=number == layers - 1)
        self.hidden = value.name

    def constant(self, array: NDArray[Any]) -> str:
        """A constant of the graph; its name."""
        name = f"constant_{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def node(
        self, operator: str, inputs: Sequence[str], output: str = "", **attributes: Any
    ) -> str:
        """An operator with one output; the output's name."""
        name = output or f"{operator}_{len(self._nodes)}"
        domain = CONTRIB if operator in _CONTRIBUTED else ""
        self._nodes.append(
            helper.make_node(operator, list(inputs), [name], name, domain=domain, **attributes)
        )
        return name

    def split(self, value: str, sizes: Mapping[str, int]) -> None:
        """The last axis of a tensor cut into outputs of these sizes."""
        cuts = self.constant(np.array(list(sizes.values()), np.int64))
        self._nodes.append(helper.make_node("Split", [value, cuts], list(sizes), axis=-1))

    def model(self, name: str, outputs: Mapping[str, Sequence[str | int]]) -> onnx.ModelProto:
        """The whole graph; `outputs` are named tensors with their shapes, all float32."""
        shape = ["batch", "length"]
        inputs = [
            helper.make_tensor_value_info(given, TensorProto.INT64, shape)
            for given in ("input_ids", "attention_mask")
        ]
        results = [
            helper.make_tensor_value_info(output, TensorProto.FLOAT, list(shape))
            for output, shape in outputs.items()
        ]
        graph = helper.make_graph(self._nodes, name, inputs, results, self._constants)
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(CONTRIB, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=10)

    def product(self, x: str, weight: Floats, bias: Floats) -> str:
        """`x @ weight + bias` in float32; `weight` has shape (K, N)."""
        weight, bias = weight.astype(np.float32), bias.astype(np.float32)
        return self.node(
            "Add", [self.node("MatMul", [x, self.constant(weight)]), self.constant(bias)]
        )

    def _embeddings(self) -> _Value:
        words = self._weights["embeddings.word_embeddings.weight"]
        places = self._weights["embeddings.position_embeddings.weight"]
        places = places + self._weights["embeddings.token_type_embeddings.weight"][0]
        said = self._words(words)
        length = self.node("Shape", ["input_ids"], start=1, end=2)
        zero = self.constant(np.zeros(1, np.int64))
        placed = self.node("Slice", [self.constant(places), zero, length, zero])
        return self._normalised("embeddings.LayerNorm", [said, placed])

    def _words(self, table: Floats) -> str:
        if self._exact:
            return self.node("Gather", [self.constant(table), "input_ids"])
        if self._grain.table == "float16":
            gathered = self.node("Gather", [self.constant(table.astype(np.float16)), "input_ids"])
            return self.node("Cast", [gathered], to=TensorProto.FLOAT)
        rows, scale = _rounded(table, 1)
        gathered = self.node("Gather", [self.constant(rows), "input_ids"])
        return self.node(
            "Mul",
            [
                self.node("Cast", [gathered], to=TensorProto.FLOAT),
                self.node("Gather", [self.constant(scale), "input_ids"]),
            ],
        )

    def _normalised(self, name: str, terms: Sequence[str], last: bool = False) -> _Value:
        weight, bias = self._weights[f"{name}.weight"], self._weights[f"{name}.bias"]
        spread = self._spread[name]
        value = _Value("", spread.deviation, spread.mean) if not last else _as_is("", len(bias))
        parameters = (weight / value.scale, (bias - value.shift) / value.scale)
        inputs = [self.node("Add", terms), *map(self.constant, parameters)]
        epsilon = self._config.layer_norm_eps
        out = self.node("LayerNormalization", inputs, epsilon=epsilon, axis=-1)
        return _Value(out, value.scale, value.shift)

    def _layer(self, name: str, value: _Value, last: bool) -> _Value:
        grain, width = self._grain, len(value.scale)
        parts = [f"{name}.attention.self.{part}" for part in ATTENTION]
        self.split(self._linear(parts, value, grain.attention), dict.fromkeys(parts, width))
        heads = self._config.num_attention_heads
        seen = self.node("MultiHeadAttention", [*parts, "", self._mask], num_heads=heads)
        said = _as_is(seen, width)
        middle = self._residual(f"{name}.attention.output", said, value, grain.attention)
        raised = self.node("Gelu", [self._linear([f"{name}.intermediate.dense"], middle, grain.up)])
        wide = _as_is(raised, len(self._weights[f"{name}.intermediate.dense.bias"]))
        return self._residual(f"{name}.output", wide, middle, grain.down, last)

    def _residual(
        self, name: str, value: _Value, before: _Value, block: int, last: bool = False
    ) -> _Value:
        """The normalised sum of a product and of what went into the layer before it."""
        out = self._linear([f"{name}.dense"], value, block, before.shift)
        kept = self.node("Mul", [before.name, self.constant(before.scale)])
        return self._normalised(f"{name}.LayerNorm", [out, kept], last)

    def _linear(
        self, names: Sequence[str], value: _Value, block: int, added: Floats | float = 0.0
    ) -> str:
        """Linear layers of what the model has at `value`, side by side in one product, plus
        `added`; in int8 by blocks of this size, or by rows for 0."""
        weight = np.concatenate([self._weights[f"{name}.weight"] for name in names]).T  # (K, N)
        bias = np.concatenate([self._weights[f"{name}.bias"] for name in names])
        bias = (bias + value.shift @ weight + added).astype(np.float32)
        weight = value.scale[:, None] * weight
        if self._exact:
            return self.product(value.name, weight, bias)
        if block and len(weight) % block == 0:
            return self._blockwise(value.name, weight, bias, block)
        rounded, scale = _rounded(weight, 0)
        zero = self.constant(np.zeros(scale.size, np.int8))
        inputs = [self.constant(rounded), self.constant(scale.ravel()), zero, self.constant(bias)]
        return self.node("DynamicQuantizeMatMul", [value.name, *inputs])

    def _blockwise(self, x: str, weight: Floats, bias: Floats, block: int) -> str:
        depth, width = weight.shape
        rounded, scale = _rounded(weight.T.reshape(width, depth // block, block), 2)
        unsigned = (rounded.astype(np.int16) + 128).astype(np.uint8)
        inputs = [x, self.constant(unsigned), self.constant(scale.ravel()), "", ""]
        return self.node(
            "MatMulNBits", [*inputs, self.constant(bias)], K=depth, N=width, bits=8,
            block_size=block, accuracy_level=INT8_ACTIVATIONS,
        )  # fmt: skip


_CONTRIBUTED = frozenset({"DynamicQuantizeMatMul", "MultiHeadAttention"})
"""Operators that ONNX Runtime adds to the standard's."""


def _rounded(weights: Floats, axis: int) -> tuple[NDArray[np.int8], Floats]:
    """Weights as int8 with a scale for each slice along `axis`, which keeps its dimension."""
    scale = np.abs(weights).max(axis, keepdims=True).astype(np.float32) / 127
    scale[scale == 0] = 1
    return np.clip(np.round(weights / scale), -127, 127).astype(np.int8), scale
