"""PyTorch to ONNX, and ONNX to int8."""

from __future__ import annotations

import inspect
import logging
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper
from onnx.external_data_helper import set_external_data
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn

OPSET = 23


def to_onnx(
    model: nn.Module,
    inputs: dict[str, Tensor],
    outputs: Sequence[str],
    path: Path,
    longest: int = 512,
) -> None:
    """Export a token model, fp32, with dynamic batch and length in every input.

    `inputs` are int64 tensors of shape (batch, length), named as the graph's inputs will be.
    """
    batch = torch.export.Dim("batch", min=1, max=256)
    length = torch.export.Dim("length", min=2, max=longest)
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model,
            # torch.export takes one tensor passed twice for one input: each gets its own
            tuple(value.clone() for value in inputs.values()),
            str(path),
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_shapes=tuple({0: batch, 1: length} for _ in inputs),
            opset_version=OPSET,
            dynamo=True,
            external_data=False,
            verbose=False,
        )
    onnx.checker.check_model(str(path), full_check=True)


def quantise_int8(source: Path, target: Path) -> None:
    """Dynamic int8: weights per channel, activations at run time. Only matrix products and
    embeddings: other operators lose accuracy and gain nothing."""
    logging.getLogger().setLevel(logging.ERROR)
    quantize_dynamic(
        str(source),
        str(target),
        weight_type=QuantType.QInt8,
        per_channel=True,
        op_types_to_quantize=["MatMul", "Gather"],
    )


def to_fp16(source: Path, target: Path) -> None:
    """Weights and computation in float16, inputs and outputs as they were; for GPUs."""
    from onnxruntime.transformers.float16 import (  # noqa: PLC0415  (slow to import)
        convert_float_to_float16,
    )

    model = convert_float_to_float16(onnx.load(str(source)), keep_io_types=True)
    onnx.save(model, str(target))


def export_graph(
    model: nn.Module,
    inputs: Mapping[str, Tensor],
    varying: Mapping[str, Mapping[int, str]],
    outputs: Sequence[str],
    path: Path,
) -> None:
    """Export any model, fp32. `varying` names the dimensions of each input that vary; what has the
    same name has the same size."""
    sizes = {name: torch.export.Dim(name, min=2, max=8192) for name in _names(varying)}
    shapes = tuple({d: sizes[n] for d, n in varying.get(key, {}).items()} for key in inputs)
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    code = model.forward.__code__
    fixed = code.co_argcount - 1
    # torch.export wants the shapes grouped as the parameters are: `*rest` is one of them
    takes_rest = bool(code.co_flags & inspect.CO_VARARGS)
    grouped: tuple[Any, ...] = (*shapes[:fixed], shapes[fixed:]) if takes_rest else shapes
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model, tuple(inputs.values()), str(path), input_names=list(inputs),
            output_names=list(outputs), dynamic_shapes=grouped, opset_version=OPSET, dynamo=True,
            external_data=False, verbose=False,
        )  # fmt: skip
    onnx.checker.check_model(str(path), full_check=True)


def _names(varying: Mapping[str, Mapping[int, str]]) -> list[str]:
    return sorted({name for dimensions in varying.values() for name in dimensions.values()})


def keep_tables_outside(path: Path) -> int:
    """Move embedding tables to `<path>.data`, page-aligned, and return their bytes.

    A table in the model file is read into memory whole; one beside it is mapped, and only the rows
    of the words that are said are ever read.
    """
    model = onnx.load(str(path))
    tables = {node.input[0] for node in model.graph.node if node.op_type == "Gather"}
    beside = path.with_name(path.name + ".data")
    place = 0
    with beside.open("wb") as stream:
        for tensor in model.graph.initializer:
            size = len(tensor.raw_data)
            if tensor.name not in tables or size < 1 << 20:
                continue
            stream.write(tensor.raw_data)
            set_external_data(tensor, beside.name, offset=place, length=size)
            tensor.ClearField("raw_data")
            stream.write(bytes(-size % 4096))
            place += size + -size % 4096
    if place:
        onnx.save(model, str(path))
    else:
        beside.unlink()
    return place


def join_products(model: onnx.ModelProto) -> int:
    """Make products of one input with several weights, such as queries, keys and values, one
    product whose result is split, in place. Returns how many products that spared.

    On a MiniLM this takes a fifth off the time of the int8 graph.
    """
    graph, spared = model.graph, 0
    weights = {tensor.name: tensor for tensor in graph.initializer}
    readers: dict[str, list[onnx.NodeProto]] = {}
    for node in graph.node:
        if node.op_type == "MatMul" and node.input[1] in weights:
            readers.setdefault(node.input[0], []).append(node)
    uses = [name for node in graph.node for name in node.input]
    for x, nodes in readers.items():
        shapes = {tuple(weights[node.input[1]].dims[:-1]) for node in nodes}
        once = all(uses.count(node.input[1]) == 1 for node in nodes)
        if len(nodes) < 2 or len(shapes) > 1 or len(shapes.pop()) != 1 or not once:
            continue
        _join(graph, x, nodes, weights)
        spared += len(nodes) - 1
    return spared


def _join(
    graph: onnx.GraphProto,
    x: str,
    nodes: Sequence[onnx.NodeProto],
    weights: Mapping[str, onnx.TensorProto],
) -> None:
    parts = [numpy_helper.to_array(weights[node.input[1]]) for node in nodes]  # (K, N_i) each
    name = f"{nodes[0].output[0]}_joined"
    sizes = np.array([part.shape[1] for part in parts], np.int64)
    graph.initializer.append(numpy_helper.from_array(np.concatenate(parts, 1), f"{name}_weight"))
    graph.initializer.append(numpy_helper.from_array(sizes, f"{name}_sizes"))
    at = list(graph.node).index(nodes[0])
    outputs = [node.output[0] for node in nodes]
    for node in nodes:
        graph.initializer.remove(weights[node.input[1]])
        graph.node.remove(node)
    split = helper.make_node(
        "Split", [name, f"{name}_sizes"], outputs, name=f"{name}_split", axis=-1
    )
    graph.node.insert(at, split)
    graph.node.insert(at, helper.make_node("MatMul", [x, f"{name}_weight"], [name], name=name))
