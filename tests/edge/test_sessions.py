"""Sessions give what the weights say, on any processor."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from edge.sessions import Session, multiplies_bytes


def large_product(path: Path, width: int) -> Path:
    """y = W x in 8 bits, of a column of weights that are all as large as 8 bits bear."""
    weights = np.full((width, 1), 127, np.int8)
    node = helper.make_node(
        "DynamicQuantizeMatMul", ["x", "weights", "scale"], ["y"], domain="com.microsoft"
    )
    graph = helper.make_graph(
        [node],
        "product",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, width])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 1])],
        [
            numpy_helper.from_array(weights, "weights"),
            numpy_helper.from_array(np.array([1 / 127], np.float32), "scale"),
        ],
    )
    opsets = [helper.make_opsetid("", 21), helper.make_opsetid("com.microsoft", 1)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=10), path)
    return path


def test_a_sum_of_large_products_is_not_cut_to_16_bits(tmp_path: Path) -> None:
    session = Session(large_product(tmp_path / "model.onnx", 64))
    assert session.run({"x": np.ones((1, 64), np.float32)})["y"].item() == np.float32(64)


def test_the_slow_exact_product_is_only_taken_where_the_processor_has_no_fast_one(
    tmp_path: Path,
) -> None:
    for name, flags, fast in (("new", "fma avx2 avx_vnni", True), ("old", "fma avx2", False)):
        info = tmp_path / name
        info.write_text(f"processor\t: 0\nflags\t\t: {flags}\nbugs\t\t: avx512_vnni\n")
        assert multiplies_bytes(info) is fast
    assert not multiplies_bytes(tmp_path / "none")
