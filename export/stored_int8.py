"""Weights stored in 8 bits, computed with in float32: for models whose next word hangs by little.

A small translator is often nearly as sure of the second word as of the first. What dynamic int8
does to its activations then changes a word in every tenth sentence. Here only the weights are
rounded, a scale a column; ONNX Runtime folds `Cast` and `Mul` of them into float32 once, when the
model is opened. The file is as small, memory and time are float32's.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from export.block_int8 import quantise_tables, rows_in_int8


def store_int8(source: Path, target: Path) -> None:
    """Write the fp32 graph `source` with weights of matrix products and tables in 8 bits."""
    model = onnx.load(str(source))
    quantise_tables(model)
    graph = model.graph
    weights = {tensor.name: tensor for tensor in graph.initializer if len(tensor.dims) == 2}
    read = [n.input[1] for n in graph.node if n.op_type == "MatMul" and n.input[1] in weights]
    for name in dict.fromkeys(read):
        columns = numpy_helper.to_array(weights[name])  # (K, N)
        stored, scale = rows_in_int8(np.ascontiguousarray(columns.T))
        graph.initializer.remove(weights[name])
        graph.initializer.append(
            numpy_helper.from_array(np.ascontiguousarray(stored.T), f"{name}_int8")
        )
        graph.initializer.append(numpy_helper.from_array(scale[:, 0], f"{name}_scale"))
        graph.node.insert(0, helper.make_node("Mul", [f"{name}_float", f"{name}_scale"], [name]))
        cast = helper.make_node("Cast", [f"{name}_int8"], [f"{name}_float"], to=TensorProto.FLOAT)
        graph.node.insert(0, cast)
    onnx.checker.check_model(model)
    onnx.save(model, str(target))
