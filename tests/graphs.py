"""ONNX graphs with bad manners: small ones, dressed as embedding artefacts, and the real one with a
branch that it takes only for long sentences."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer
from tokenizers.models import WordLevel

from tests.artefacts import handmade

Constants = dict[str, np.typing.NDArray[np.generic]]


def endless_embedder(folder: Path, tokenizer: bytes | None = None) -> Path:
    """Multiplies matrices of 2048 x 2048 for an hour, with operators that every model has."""
    nodes = [
        helper.make_node("Shape", ["input_ids"], ["shape"], end=1),
        helper.make_node("Concat", ["shape", "four"], ["result"], axis=0),
        helper.make_node("Mul", ["shape", "zero"], ["none"]),  # not known before it runs
        helper.make_node("Add", ["none", "side"], ["square"]),
        helper.make_node("ConstantOfShape", ["square"], ["m0"]),
        *(helper.make_node("MatMul", [f"m{n}", f"m{n}"], [f"m{n + 1}"]) for n in range(3000)),
        helper.make_node("ReduceMax", ["m3000"], ["most"], keepdims=0),
        helper.make_node("Expand", ["most", "result"], ["vector"]),
    ]
    constants = {"four": np.array([4]), "zero": np.array([0]), "side": np.array([2048, 2048])}
    return _embedder(folder, nodes, constants, tokenizer)


def looping_model() -> onnx.ModelProto:
    """Loops 2^62 times over nothing."""
    body = helper.make_graph(
        [helper.make_node("Identity", ["go"], ["on"]), helper.make_node("Identity", ["v"], ["w"])],
        "body",
        [
            helper.make_tensor_value_info("i", TensorProto.INT64, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
            helper.make_tensor_value_info("v", TensorProto.FLOAT, [4]),
        ],
        [
            helper.make_tensor_value_info("on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("w", TensorProto.FLOAT, [4]),
        ],
    )
    loop = helper.make_node("Loop", ["trips", "yes", "x"], ["y"], body=body)
    return small_model(loop, constants={"trips": np.array(1 << 62), "yes": np.array(True)})


def small_model(
    *nodes: onnx.NodeProto,
    constants: Constants | None = None,
    opset: int = 18,
    domains: tuple[str, ...] = (),
) -> onnx.ModelProto:
    """A graph from `x` to `y`, both four numbers."""
    numbers = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [4]) for name in ("x", "y")]
    made = [numpy_helper.from_array(value, name) for name, value in (constants or {}).items()]
    graph = helper.make_graph(list(nodes), "g", numbers[:1], numbers[1:], made)
    imports = [helper.make_opsetid("", opset), *(helper.make_opsetid(d, 1) for d in domains)]
    return helper.make_model(graph, opset_imports=imports, ir_version=9)


def greedy_embedder(folder: Path) -> Path:
    """Asks for four terabytes at its first run."""
    nodes = [
        helper.make_node("ConstantOfShape", ["huge"], ["ones"]),
        helper.make_node("ReduceMax", ["ones", "axes"], ["most"], keepdims=0),
        helper.make_node("Unsqueeze", ["most", "first"], ["vector"]),
    ]
    constants = {"huge": np.array([4, 1 << 38]), "axes": np.array([1]), "first": np.array([0])}
    return _embedder(folder, nodes, constants, None)


LONG = 30
"""Tokens; a model that turns bad does so above that."""


def hangs_on_long_sentences(model: Path) -> bytes:
    """The understanding model, which reads its own examples as it should, and multiplies matrices
    for an hour when somebody says more."""
    nodes = [
        helper.make_node("Mul", ["length", "zero"], ["none"]),
        helper.make_node("Add", ["none", "side"], ["square"]),
        helper.make_node("ConstantOfShape", ["square"], ["m0"]),
        *(helper.make_node("MatMul", [f"m{n}", f"m{n}"], [f"m{n + 1}"]) for n in range(3000)),
        helper.make_node("ReduceMax", ["m3000"], ["more"], keepdims=0),
    ]
    return _bad_when_long(model, nodes, {"zero": np.array([0]), "side": np.array([2048, 2048])})


def eats_memory_on_long_sentences(model: Path) -> bytes:
    """The same, but it wants a gigabyte for each token."""
    nodes = [
        helper.make_node("Mul", ["length", "much"], ["all"]),
        helper.make_node("ConstantOfShape", ["all"], ["ones"]),
        helper.make_node("ReduceMax", ["ones"], ["more"], keepdims=0),
    ]
    return _bad_when_long(model, nodes, {"much": np.array([1 << 28])})


def _bad_when_long(model: Path, bad: list[onnx.NodeProto], constants: Constants) -> bytes:
    found = onnx.load(model)
    plain, output = "for_us_plain", "for_us"
    for node in found.graph.node:
        node.output[:] = [plain if name == output else name for name in node.output]
        node.input[:] = [plain if name == output else name for name in node.input]
    result = [helper.make_tensor_value_info("more", TensorProto.FLOAT, [])]
    nothing = numpy_helper.from_array(np.array(0, dtype=np.float32), "none_more")
    good = helper.make_graph(
        [helper.make_node("Constant", [], ["more"], value=nothing)], "good", [], result
    )
    found.graph.initializer.extend(
        numpy_helper.from_array(value, name)
        for name, value in {**constants, "long": np.array([LONG])}.items()
    )
    found.graph.node.extend(
        [
            helper.make_node("Shape", ["input_ids"], ["length"], start=1, end=2),
            helper.make_node("Greater", ["length", "long"], ["is_long"]),
            helper.make_node(
                "If", ["is_long"], ["extra"],
                then_branch=helper.make_graph(bad, "bad", [], result), else_branch=good,
            ),
            helper.make_node("Add", [plain, "extra"], [output]),
        ]
    )  # fmt: skip
    return bytes(found.SerializeToString())


def _embedder(
    folder: Path,
    nodes: list[onnx.NodeProto],
    constants: Constants,
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
