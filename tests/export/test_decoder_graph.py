"""Blocks of weights as the rewritten graph of a decoder has them."""

import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from export.decoder_graph import MICROSOFT, Rewriting, product
from export.gguf_file import BLOCK, Blocks

DEPTH, WIDTH = 18 * BLOCK, 64


@pytest.fixture
def blocks() -> Blocks:
    """Four bits with an offset a block, as GGUF's Q4_1 comes."""
    dice = np.random.default_rng(7)
    values = dice.integers(0, 16, (WIDTH, DEPTH // BLOCK, BLOCK), dtype=np.uint8)
    scale = dice.uniform(0.01, 0.03, values.shape[:2]).astype(np.float32)
    least = -dice.uniform(0.3, 0.7, scale.shape).astype(np.float32) * 15 * scale
    return Blocks(4, values, scale, least + 8 * scale)


def multiplied(blocks: Blocks, x: NDArray[np.float32]) -> NDArray[np.float32]:
    work = Rewriting({}, np.ones(1, np.float32))
    product(work, "x", "y", blocks)
    constants = [
        numpy_helper.from_array(np.ascontiguousarray(v), k) for k, v in work.tensors.items()
    ]
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", "length", size])
        for name, size in (("x", DEPTH), ("y", WIDTH))
    ]
    graph = helper.make_graph(work.nodes, "product", ends[:1], ends[1:], constants)
    opsets = [helper.make_opsetid("", 21), helper.make_opsetid(MICROSOFT, 1)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=10)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    return np.asarray(session.run(None, {"x": x})[0])


@pytest.mark.parametrize("length", [1, 7])
def test_offsets_of_blocks_are_kept_to_two_hundredths(blocks: Blocks, length: int) -> None:
    assert blocks.offset is not None
    x = np.random.default_rng(8).normal(0.5, 1, (1, length, DEPTH)).astype(np.float32)
    weights = blocks.scale[..., None] * (blocks.values - 8.0) + blocks.offset[..., None]
    wanted = x @ weights.reshape(WIDTH, DEPTH).T.astype(np.float32)
    found = multiplied(blocks, x)
    assert np.linalg.norm(found - wanted) < 0.02 * np.linalg.norm(wanted)


def test_without_offsets_a_product_has_no_columns_more(blocks: Blocks) -> None:
    work = Rewriting({}, np.ones(1, np.float32))
    product(work, "x", "y", Blocks(4, blocks.values, blocks.scale))
    assert [node.op_type for node in work.nodes] == ["MatMulNBits"]
