"""Small ONNX graphs with bad manners, dressed as embedding artefacts."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer
from tokenizers.models import WordLevel

from tests.artefacts import handmade


def endless_embedder(folder: Path, tokenizer: bytes | None = None) -> Path:
    """Loops 2^62 times over nothing at its first run."""
    body = helper.make_graph(
        [helper.make_node("Identity", ["go"], ["on"]), helper.make_node("Identity", ["v"], ["w"])],
        "body",
        [
            helper.make_tensor_value_info("i", TensorProto.INT64, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
            helper.make_tensor_value_info("v", TensorProto.FLOAT, ["b", 4]),
        ],
        [
            helper.make_tensor_value_info("on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("w", TensorProto.FLOAT, ["b", 4]),
        ],
    )
    nodes = [
        helper.make_node("Shape", ["input_ids"], ["shape"], end=1),
        helper.make_node("Concat", ["shape", "four"], ["size"], axis=0),
        helper.make_node("ConstantOfShape", ["size"], ["start"]),
        helper.make_node("Loop", ["trips", "yes", "start"], ["vector"], body=body),
    ]
    constants = {"four": np.array([4]), "trips": np.array(1 << 62), "yes": np.array(True)}
    return _embedder(folder, nodes, constants, tokenizer)


def greedy_embedder(folder: Path) -> Path:
    """Asks for four terabytes at its first run."""
    nodes = [
        helper.make_node("ConstantOfShape", ["huge"], ["ones"]),
        helper.make_node("ReduceMax", ["ones", "axes"], ["most"], keepdims=0),
        helper.make_node("Unsqueeze", ["most", "first"], ["vector"]),
    ]
    constants = {"huge": np.array([4, 1 << 38]), "axes": np.array([1]), "first": np.array([0])}
    return _embedder(folder, nodes, constants, None)


def _embedder(
    folder: Path,
    nodes: list[onnx.NodeProto],
    constants: dict[str, np.typing.NDArray[np.generic]],
    tokenizer: bytes | None,
) -> Path:
    tokens = ["batch", "length"]
    # the mask is read, so that the graph has the inputs that its task promises
    nodes.append(helper.make_node("Identity", ["attention_mask"], ["unused"]))
    graph = helper.make_graph(
        nodes,
        "g",
        [
            helper.make_tensor_value_info(name, TensorProto.INT64, tokens)
            for name in ("input_ids", "attention_mask")
        ],
        [helper.make_tensor_value_info("vector", TensorProto.FLOAT, ["batch", 4])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    raw = model.SerializeToString()
    words = Tokenizer(WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    spelt = tokenizer if tokenizer is not None else words.to_str().encode()
    folder.mkdir(parents=True)
    (folder / "tokenizer.json").write_bytes(spelt)
    return handmade(
        folder,
        raw,
        "embed",
        inputs=[
            {"name": name, "dtype": "int64", "shape": tokens}
            for name in ("input_ids", "attention_mask")
        ],
        outputs=[{"name": "vector", "dtype": "float32", "shape": ["batch", 4]}],
        tokenizer="tokenizer.json",
        files={
            name: {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
            for name, content in (("model.onnx", raw), ("tokenizer.json", spelt))
        },
        self_tests=[{"input": {"text": "a"}, "output": {"vector": [0, 0, 0, 1]}}],
    )
