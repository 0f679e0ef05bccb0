"""Rewrite a decoder's fp32 graph to block-quantised weights, with nothing lost that the checkpoint
had.

The graph is what ONNX Runtime GenAI's builder makes: one matrix product for queries, keys and
values, grouped-query attention with rotary embedding inside, and gated feed-forward layers.

* Every matrix product of a layer becomes MatMulNBits with int8 computation (`accuracy_level` 4).
* Four-bit weights with an offset per block (GGUF's Q4_1) keep their values and scales as they are:

      W = scale (q - 8) + offset = scale (q - zero) + rest,  zero = round(8 - offset / scale)

  Zero points cost nothing at run time. What they cannot say, `rest`, is multiplied with the means
  of the blocks of x: a few more columns of the same product, four bits each in steps of their row's
  own.
* The output layer is the largest product, a quarter of all bytes that a token reads. It becomes
  DynamicQuantizeMatMul, whose scale a row instead of a block saves a fifth of them. Columns of x
  and of W are first made of more equal size (SmoothQuant, Xiao et al. 2022, arXiv:2211.10438):
  `evened` goes into the weights, its inverse into the last normalisation.
* Gate and up become one product, and x * sigmoid(x) one operator.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import NodeProto, helper, numpy_helper

from export.errors import CheckpointError
from export.gguf_file import BLOCK, Blocks, Floats, joined

ATTENTION = ("attn_q", "attn_k", "attn_v")
MICROSOFT = "com.microsoft"
LAST_NORM = "final_norm"
"""In the name of the weights of the normalisation before the output layer."""


@dataclass(slots=True)
class Rewriting:
    """What a graph becomes: its nodes and constants so far."""

    blocks: Mapping[str, Blocks]
    evened: Floats
    nodes: list[NodeProto] = field(default_factory=list)
    tensors: dict[str, NDArray[Any]] = field(default_factory=dict)
    widened: set[str] = field(default_factory=set)

    def add(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> None:
        """An operator with one output, which it is named after."""
        self.nodes.append(helper.make_node(kind, inputs, [output], name=output, **attributes))


def rewrite(
    source: Path, target: Path, blocks: Mapping[str, Blocks], evened: Floats
) -> dict[str, int]:
    """Rewrite the graph in `source`; `blocks` has GGUF's names, `evened` is a factor for each
    column of the output layer, (H,). Returns what was made of what.

    Raises `CheckpointError` for a product whose weights are not among the blocks.
    """
    model = onnx.load(str(source))
    work = Rewriting(blocks, evened)
    for node in model.graph.node:
        _rewrite_node(work, node)
    kept = [i for i in model.graph.initializer if len(i.dims) == 1 or i.name.endswith("_cache")]
    kept = [_undone(i, evened) if LAST_NORM in i.name else i for i in kept]
    del model.graph.node[:]
    model.graph.node.extend(work.nodes)
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)
    model.graph.initializer.extend(
        numpy_helper.from_array(np.ascontiguousarray(array), name)
        for name, array in work.tensors.items()
    )
    for path in (target, target.with_name(target.name + ".data")):
        path.unlink(missing_ok=True)
    onnx.save(
        model, str(target), save_as_external_data=True, location=target.name + ".data",
        size_threshold=1024,
    )  # fmt: skip
    four = sum(node.op_type == "MatMulNBits" and _bits(node) == 4 for node in work.nodes)
    eight = sum(node.op_type == "MatMulNBits" and _bits(node) == 8 for node in work.nodes)
    return {"four_bit_products": four, "eight_bit_products": eight, "nodes": len(work.nodes)}


def _bits(node: NodeProto) -> int:
    return next(int(a.i) for a in node.attribute if a.name == "bits")


def _rewrite_node(work: Rewriting, node: NodeProto) -> None:
    name = node.name
    if node.op_type == "MatMul":
        _rewrite_product(work, node)
    elif node.op_type == "Sigmoid" and "act_fn" in name:
        # x * sigmoid(x) is QuickGelu with alpha 1; it takes the place of the product that follows
        output = node.output[0].replace("Sigmoid", "Mul")
        work.add("QuickGelu", [node.input[0]], output, domain=MICROSOFT, alpha=1.0)
    elif (node.op_type == "Mul" and "act_fn" in name) or (
        node.op_type == "Transpose" and "embed_tokens" in name
    ):
        pass
    elif node.op_type == "Gather" and "embed_tokens" in name:
        table = work.blocks["token_embd.weight"]
        work.tensors["embedding"] = table.values.reshape(len(table.values), -1)
        work.tensors["embedding_scale"] = table.scale
        work.add(
            "GatherBlockQuantized", ["embedding", node.input[1], "embedding_scale"], node.output[0],
            domain=MICROSOFT, bits=8, block_size=BLOCK, gather_axis=0, quantize_axis=1,
        )  # fmt: skip
    else:
        work.nodes.append(node)


def _rewrite_product(work: Rewriting, node: NodeProto) -> None:
    weight, x, y = node.input[1], node.input[0], node.output[0]
    if weight.startswith("lm_head"):
        name = "output.weight" if "output.weight" in work.blocks else "token_embd.weight"
        _output_product(work, x, y, work.blocks[name])
        return
    layer = re.search(r"layers\.(\d+)\.", weight)
    if layer is None:
        raise CheckpointError(weight, "a matrix product that this exporter does not know")
    try:
        part = {
            kind: work.blocks[f"blk.{layer[1]}.{kind}.weight"]
            for kind in (*ATTENTION, "attn_output", "ffn_gate", "ffn_up", "ffn_down")
        }
    except KeyError as error:
        raise CheckpointError(weight, f"no weights called {error}") from error
    if "qkv_proj" in weight:
        product(work, x, y, joined([part[kind] for kind in ATTENTION]))
    elif "o_proj" in weight:
        product(work, x, y, part["attn_output"])
    elif "gate_proj" in weight:
        product(work, x, y + "/both", joined([part["ffn_gate"], part["ffn_up"]]))
        up = y.replace("gate_proj", "up_proj")
        work.nodes.append(
            helper.make_node("Split", [y + "/both"], [y, up], name=y + "/split", axis=-1,
                             num_outputs=2)
        )  # fmt: skip
    elif "down_proj" in weight:
        product(work, x, y, part["ffn_down"])
    elif "up_proj" not in weight:
        raise CheckpointError(weight, "a matrix product that this exporter does not know")


def _output_product(work: Rewriting, x: str, y: str, blocks: Blocks) -> None:
    """y = W x, a scale a row; x comes from the last normalisation, without what `evened` adds."""
    zero = 1 << (blocks.bits - 1)
    table = blocks.scale[..., None] * (blocks.values.astype(np.float32) - zero)
    table = table.reshape(len(table), -1) * work.evened  # (V, H)
    scale = np.abs(table).max(1) / 127
    scale[scale == 0] = 1.0
    rounded = np.round(table / scale[:, None]).astype(np.int8)
    work.tensors[y + "/weight"], work.tensors[y + "/scale"] = rounded.T, scale
    work.add("DynamicQuantizeMatMul", [x, y + "/weight", y + "/scale"], y, domain=MICROSOFT)


def _undone(norm: onnx.TensorProto, evened: Floats) -> onnx.TensorProto:
    weights = numpy_helper.to_array(norm) / evened
    return numpy_helper.from_array(weights.astype(np.float32), norm.name)


def product(work: Rewriting, x: str, y: str, blocks: Blocks) -> None:
    """Add y = W x to the graph."""
    values, scale, zeros = blocks.values, blocks.scale, None
    width = values.shape[1] * BLOCK
    if blocks.offset is not None:
        x = _with_block_means(work, x)
        width += values.shape[1]
        values, scale, zeros = with_offsets(blocks)
    if blocks.bits == 4:
        values = _packed(values)
    work.tensors[y + "/weight"], work.tensors[y + "/scale"] = values, scale
    inputs = [x, y + "/weight", y + "/scale"]
    if zeros is not None:
        work.tensors[y + "/zero"] = _packed(zeros)
        inputs.append(y + "/zero")
    work.add(
        "MatMulNBits", inputs, y, domain=MICROSOFT, K=width, N=len(scale), bits=blocks.bits,
        block_size=BLOCK, accuracy_level=4,
    )  # fmt: skip


def _packed(values: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Two four-bit numbers a byte, the first one low, along the last axis."""
    even = np.pad(values, [(0, 0)] * (values.ndim - 1) + [(0, values.shape[-1] % 2)])
    return (even[..., 0::2] | (even[..., 1::2] << 4)).astype(np.uint8)


def _with_block_means(work: Rewriting, x: str) -> str:
    """x with the means of its blocks behind it."""
    wide = x + "/wide"
    if wide not in work.widened:
        work.widened.add(wide)
        work.add("AveragePool", [x], x + "/means", kernel_shape=[BLOCK], strides=[BLOCK])
        work.add("Concat", [x, x + "/means"], wide, axis=-1)
    return wide


def with_offsets(
    blocks: Blocks,
) -> tuple[NDArray[np.uint8], NDArray[np.float32], NDArray[np.uint8]]:
    """Values, scales and zero points, with what zero points cannot say of the offsets as more
    weights, for the means of the blocks.

    scale (q - 8) + offset = scale (q - zero) + rest, |rest| <= scale / 2, and the rest is a
    four-bit number in steps of its row's own.
    """
    assert blocks.offset is not None
    outputs, count = blocks.offset.shape
    scale = np.where(blocks.scale == 0, 1.0, blocks.scale)
    zeros = np.clip(np.round(8 - blocks.offset / scale), 0, 15)
    rest = blocks.offset + blocks.scale * (zeros - 8)
    step = np.abs(rest).max(1, keepdims=True) / 7
    step[step == 0] = 1.0
    padded = -(-count // BLOCK) * BLOCK
    more = np.full((outputs, padded), 8, np.uint8)  # 8 stands for zero
    more[:, :count] = np.round(rest / step) + 8
    repeat = padded // BLOCK
    return (
        np.concatenate([blocks.values, more.reshape(outputs, -1, BLOCK)], axis=1),
        np.concatenate([blocks.scale, np.repeat(step * BLOCK, repeat, axis=1)], axis=1).astype(
            np.float32
        ),
        np.concatenate([zeros, np.full((outputs, repeat), 8.0)], axis=1).astype(np.uint8),
    )
