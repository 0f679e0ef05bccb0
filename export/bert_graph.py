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
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn
from transformers import BertModel
from transformers.models.bert.modeling_bert import BertIntermediate

from export.block_int8 import INT8_ACTIVATIONS

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


ATTENTION = ("query", "key", "value")
BALANCE = 0.6


def balanced(encoder: BertModel, spread: Mapping[str, Spread]) -> dict[str, Spread]:
    """Deviations of which a part stays in the activations, as SmoothQuant has it:

        s = deviation^a / w^(1-a),  w the size of the weights that read the dimension

    What the activations are spared is then not all put on the weights.
    """
    weights = {name: t.detach().float().numpy() for name, t in encoder.state_dict().items()}
    made = dict(spread)
    for name, linears in _readers(encoder.config.num_hidden_layers).items():
        rows = np.concatenate([weights[f"{linear}.weight"] for linear in linears])  # (N, H)
        size = np.sqrt((rows**2).mean(0)).clip(1e-5)
        scale = spread[name].deviation ** BALANCE / size ** (1 - BALANCE)
        made[name] = replace(spread[name], deviation=(scale / scale.mean()).astype(np.float32))
    return made


def _readers(layers: int) -> dict[str, list[str]]:
    """The linear layers that read each normalisation but the last."""
    found = {}
    for number in range(layers):
        layer = f"encoder.layer.{number}"
        before = f"encoder.layer.{number - 1}.output" if number else "embeddings"
        found[f"{before}.LayerNorm"] = [f"{layer}.attention.self.{part}" for part in ATTENTION]
        found[f"{layer}.attention.output.LayerNorm"] = [f"{layer}.intermediate.dense"]
    return found


@dataclass(frozen=True, slots=True)
class Grain:
    """How many weights, and activations, share a scale: blocks of `block` in each product, of
    `down` in the second feed-forward product; `table` is the form of the word embeddings."""

    block: int
    down: int
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
    float32 everywhere, to compare with. Without a `grain` a row of weights shares a scale, and all
    activations do."""

    def __init__(
        self,
        encoder: BertModel,
        spread: Mapping[str, Spread],
        exact: bool = False,
        grain: Grain | None = None,
    ) -> None:
        self._exact, self._grain = exact, grain
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
        if self._grain and self._grain.table == "float16":
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
        inner = f"{name}.attention.self"
        parts = [self._linear(f"{inner}.{part}", value) for part in ("query", "key", "value")]
        heads = self._config.num_attention_heads
        seen = self.node("MultiHeadAttention", [*parts, "", self._mask], num_heads=heads)
        said = _as_is(seen, len(value.scale))
        middle = self._residual(f"{name}.attention.output", said, value)
        wide = self._raised(name, middle)
        return self._normalised(f"{name}.output.LayerNorm", [wide, self._kept(middle)], last)

    def _residual(self, name: str, value: _Value, before: _Value) -> _Value:
        """The normalised sum of a product and of what went into the layer before it."""
        out = self._linear(f"{name}.dense", value, before.shift)
        return self._normalised(f"{name}.LayerNorm", [out, self._kept(before)])

    def _kept(self, value: _Value) -> str:
        return self.node("Mul", [value.name, self.constant(value.scale)])

    def _raised(self, name: str, middle: _Value) -> str:
        """Both products of a feed-forward layer, plus the shift of what goes into it."""
        inner, outer = f"{name}.intermediate.dense", f"{name}.output.dense"
        order = np.argsort(self._spread[f"{name}.intermediate"].peak)
        for parameter in (f"{inner}.weight", f"{inner}.bias"):
            self._weights[parameter] = self._weights[parameter][order]
        weight = self._weights[f"{outer}.weight"].T[order]
        bias = self._weights[f"{outer}.bias"] + middle.shift
        raised = self.node("Gelu", [self._linear(inner, middle)])
        if self._exact:
            return self.product(raised, weight, bias)
        if self._grain:
            return self._block_product(raised, weight, bias, self._grain.down)
        many = len(order) - FLOAT_NEURONS
        self.split(raised, {f"{name}.many": many, f"{name}.few": FLOAT_NEURONS})
        few = self.node("MatMul", [f"{name}.few", self.constant(weight[many:])])
        return self.node("Add", [self._rounded_product(f"{name}.many", weight[:many], bias), few])

    def _linear(self, name: str, value: _Value, added: Floats | float = 0.0) -> str:
        """A linear layer of what the model has at `value`, plus `added`, in int8."""
        weight = self._weights[f"{name}.weight"].T  # (K, N)
        bias = self._weights[f"{name}.bias"] + value.shift @ weight + added
        weight = value.scale[:, None] * weight
        if self._exact:
            return self.product(value.name, weight, bias)
        if self._grain:
            return self._block_product(value.name, weight, bias, self._grain.block)
        return self._rounded_product(value.name, weight, bias)

    def _block_product(self, x: str, weight: Floats, bias: Floats, block: int) -> str:
        """`x @ weight + bias` in int8, a scale a block; by rows where blocks do not fit."""
        depth, width = weight.shape
        if depth % block:
            return self._rounded_product(x, weight, bias)
        rounded, scale = _rounded(weight.T.reshape(width, depth // block, block), 2)
        unsigned = (rounded.astype(np.int16) + 128).astype(np.uint8)
        inputs = [x, self.constant(unsigned), self.constant(scale.ravel()), "", ""]
        return self.node(
            "MatMulNBits", [*inputs, self.constant(bias.astype(np.float32))], K=depth, N=width,
            bits=8, block_size=block, accuracy_level=INT8_ACTIVATIONS,
        )  # fmt: skip

    def _rounded_product(self, x: str, weight: Floats, bias: Floats) -> str:
        """`x @ weight + bias` in int8; `weight` has shape (K, N)."""
        rounded, scale = _rounded(weight, 0)
        zero = self.constant(np.zeros(scale.size, np.int8))
        inputs = [self.constant(rounded), self.constant(scale.ravel()), zero]
        inputs.append(self.constant(bias.astype(np.float32)))
        return self.node("DynamicQuantizeMatMul", [x, *inputs])


_CONTRIBUTED = frozenset({"DynamicQuantizeMatMul", "MatMulNBits", "MultiHeadAttention"})
"""Operators that ONNX Runtime adds to the standard's."""


def _rounded(weights: Floats, axis: int) -> tuple[NDArray[np.int8], Floats]:
    """Weights as int8 with a scale for each slice along `axis`, which keeps its dimension."""
    scale = np.abs(weights).max(axis, keepdims=True).astype(np.float32) / 127
    scale[scale == 0] = 1
    return np.clip(np.round(weights / scale), -127, 127).astype(np.int8), scale
