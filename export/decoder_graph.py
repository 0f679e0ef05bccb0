"""Rewrite a decoder's fp32 graph to block-quantised weights, with nothing lost that the checkpoint
had.

The graph is what ONNX Runtime GenAI's builder makes: one matrix product for queries, keys and
values, grouped-query attention with rotary embedding inside, and gated feed-forward layers.

* Every matrix product becomes MatMulNBits with int8 computation (`accuracy_level` 4).
* Four-bit weights with an offset per block (GGUF's Q4_1) are carried over exactly:

      y = sum_b scale_b (q_b - 8) x_b + sum_b offset_b sum(x_b)

  The second sum is a product of the blocks' sums of x with the offsets. It is appended to the first
  as more columns: an offset is an eight-bit number in steps of its row's own, and its high and low
  halves are two four-bit weights, so that one kernel does it all.
* Gate and up become one product, and x * sigmoid(x) one operator.
* Embedding and output share one int8 table where the checkpoint ties them.
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
from export.gguf_file import BLOCK, Blocks, joined

ATTENTION = ("attn_q", "attn_k", "attn_v")
MICROSOFT = "com.microsoft"


@dataclass(slots=True)
class _Rewriting:
    blocks: Mapping[str, Blocks]
    nodes: list[NodeProto] = field(default_factory=list)
    tensors: dict[str, NDArray[Any]] = field(default_factory=dict)
    widened: set[str] = field(default_factory=set)

    def add(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> None:
        self.nodes.append(helper.make_node(kind, inputs, [output], name=output, **attributes))


def rewrite(source: Path, target: Path, blocks: Mapping[str, Blocks]) -> dict[str, int]:
    """Rewrite the graph in `source`; `blocks` has GGUF's names. Returns what was made of what.

    Raises `CheckpointError` for a product whose weights are not among the blocks.
    """
    model = onnx.load(str(source))
    work = _Rewriting(blocks)
    for node in model.graph.node:
        _rewrite_node(work, node)
    kept = [i for i in model.graph.initializer if len(i.dims) == 1 or i.name.endswith("_cache")]
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


def _rewrite_node(work: _Rewriting, node: NodeProto) -> None:
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


def _rewrite_product(work: _Rewriting, node: NodeProto) -> None:
    weight, x, y = node.input[1], node.input[0], node.output[0]
    if weight.startswith("lm_head"):
        name = "output.weight" if "output.weight" in work.blocks else "token_embd.weight"
        _product(work, x, y, work.blocks[name])
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
        _product(work, x, y, joined([part[kind] for kind in ATTENTION]))
    elif "o_proj" in weight:
        _product(work, x, y, part["attn_output"])
    elif "gate_proj" in weight:
        _product(work, x, y + "/both", joined([part["ffn_gate"], part["ffn_up"]]))
        up = y.replace("gate_proj", "up_proj")
        work.nodes.append(
            helper.make_node("Split", [y + "/both"], [y, up], name=y + "/split", axis=-1,
                             num_outputs=2)
        )  # fmt: skip
    elif "down_proj" in weight:
        _product(work, x, y, part["ffn_down"])
    elif "up_proj" not in weight:
        raise CheckpointError(weight, "a matrix product that this exporter does not know")


def _product(work: _Rewriting, x: str, y: str, blocks: Blocks) -> None:
    """y = W x."""
    values, scale = blocks.values, blocks.scale
    if blocks.offset is not None:
        x = _with_block_sums(work, x, values.shape[1])
        values, scale = with_offsets(blocks)
    if blocks.bits == 4:
        values = (values[..., 0::2] | (values[..., 1::2] << 4)).astype(np.uint8)
    outputs, count = scale.shape
    work.tensors[y + "/weight"], work.tensors[y + "/scale"] = values, scale
    work.add(
        "MatMulNBits", [x, y + "/weight", y + "/scale"], y, domain=MICROSOFT, K=count * BLOCK,
        N=outputs, bits=blocks.bits, block_size=BLOCK, accuracy_level=4,
    )  # fmt: skip


def _padded(count: int) -> int:
    return -(-count // BLOCK) * BLOCK


def _with_block_sums(work: _Rewriting, x: str, count: int) -> str:
    """x with its blocks' sums behind it, twice: for the high and the low halves of the offsets."""
    wide = x + "/wide"
    if wide not in work.widened:
        work.widened.add(wide)
        name, padded = f"block_sums_{count}", _padded(count)
        once = np.zeros((count * BLOCK, padded), np.float32)
        once[np.arange(count * BLOCK), np.arange(count * BLOCK) // BLOCK] = 1.0
        work.tensors[name] = once
        work.add("MatMul", [x, name], x + "/sums")
        work.add("Concat", [x, x + "/sums", x + "/sums"], wide, axis=-1)
    return wide


def with_offsets(blocks: Blocks) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Values and scales with the offsets as more blocks of four-bit weights.

    offset = step (16 high + low - 8), with `high` stored as high + 8, both in 0..15.
    """
    assert blocks.offset is not None
    outputs, count = blocks.offset.shape
    step = np.abs(blocks.offset).max(1) / 119
    step[step == 0] = 1.0
    number = np.clip(np.round(blocks.offset / step[:, None]), -136, 119).astype(np.int64)
    high = np.floor_divide(number + 8, 16)
    low = number + 8 - 16 * high
    padded = _padded(count)
    halves = np.full((2, outputs, padded), 8, np.uint8)  # 8 stands for zero
    halves[0, :, :count], halves[1, :, :count] = high + 8, low
    more = [half.reshape(outputs, -1, BLOCK) for half in halves]
    repeat = padded // BLOCK
    scales = [np.repeat(step[:, None] * factor, repeat, axis=1) for factor in (16.0, 1.0)]
    return (
        np.concatenate([blocks.values, *more], axis=1),
        np.concatenate([blocks.scale, *scales], axis=1).astype(np.float32),
    )
