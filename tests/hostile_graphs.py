"""ONNX graphs that may do more than compute, each with what the refusal must say."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from edge.graph import DEPTH, NAME_BYTES
from tests.graphs import looping_model, small_model

DOUBLE = helper.make_node("Add", ["x", "x"], ["y"])


def kept_elsewhere(location: str | None) -> onnx.ModelProto:
    """Adds weights that are in another file."""
    weights = numpy_helper.from_array(np.ones(4, dtype=np.float32), "w")
    weights.ClearField("raw_data")
    weights.data_location = TensorProto.EXTERNAL
    if location is not None:
        for key, value in (("location", location), ("offset", "0"), ("length", "16")):
            entry = weights.external_data.add()
            entry.key, entry.value = key, value
    model = small_model(helper.make_node("Add", ["x", "w"], ["y"]))
    model.graph.initializer.append(weights)
    return model


def hidden_in_a_constant(location: str) -> onnx.ModelProto:
    constant = helper.make_node(
        "Constant", [], ["w"], value=kept_elsewhere(location).graph.initializer[0]
    )
    return small_model(constant, helper.make_node("Add", ["x", "w"], ["y"]))


def in_a_branch(inner: onnx.NodeProto, depth: int = 1) -> onnx.ModelProto:
    node = inner
    for _ in range(depth):
        result = helper.make_tensor_value_info("y", TensorProto.FLOAT, [4])
        branch = helper.make_graph([node], "branch", [], [result])
        node = helper.make_node("If", ["yes"], ["y"], then_branch=branch, else_branch=branch)
    return small_model(node, constants={"yes": np.array(True)})


def with_a_function() -> onnx.ModelProto:
    model = small_model(DOUBLE)
    body = [helper.make_node("Add", ["a", "a"], ["b"])]
    imports = [helper.make_opsetid("", 18)]
    model.functions.append(helper.make_function("own", "Twice", ["a"], ["b"], body, imports))
    return model


def many_nodes(count: int) -> onnx.ModelProto:
    chain = [helper.make_node("Neg", [f"n{i}" if i else "x"], [f"n{i + 1}"]) for i in range(count)]
    return small_model(*chain, helper.make_node("Identity", [f"n{count}"], ["y"]))


HOSTILE: dict[str, tuple[Callable[[], onnx.ModelProto], str]] = {
    "a loop of 2^62": (looping_model, "operator 'Loop' is not allowed"),
    "a pattern": (
        lambda: small_model(helper.make_node("RegexFullMatch", ["x"], ["y"], pattern="(a+)+")),
        "'RegexFullMatch'",
    ),
    "a compiled blob": (
        lambda: small_model(
            helper.make_node("EPContext", ["x"], ["y"], domain="com.microsoft"),
            domains=("com.microsoft",),
        ),
        "'EPContext' of 'com.microsoft' is not allowed",
    ),
    "operators of somebody's own": (
        lambda: small_model(
            helper.make_node("Open", ["x"], ["y"], domain="evil"), domains=("evil",)
        ),
        "'Open' of 'evil'",
    ),
    "a domain that is only declared": (lambda: small_model(DOUBLE, domains=("evil",)), "'evil'"),
    "hidden in a branch": (
        lambda: in_a_branch(helper.make_node("ImageDecoder", ["x"], ["y"])),
        "'ImageDecoder'",
    ),
    "branches in branches": (lambda: in_a_branch(DOUBLE, DEPTH), f"more than {DEPTH} deep"),
    "functions": (with_a_function, "functions of its own"),
    "an old opset": (lambda: small_model(DOUBLE, opset=6), "opset 6 of ai.onnx; 7 to 25"),
    "a coming opset": (lambda: small_model(DOUBLE, opset=26), "opset 26"),
    "20,001 nodes": (lambda: many_nodes(20_000), "more than 20000 nodes"),
    "a long name": (
        lambda: small_model(helper.make_node("A" * (NAME_BYTES + 1), ["x"], ["y"])),
        "longer than",
    ),
    "weights in a system file": (lambda: kept_elsewhere("/etc/passwd"), "'/etc/passwd'"),
    "weights outside": (lambda: kept_elsewhere("../journal.db"), "'../journal.db'"),
    "weights in memory": (lambda: kept_elsewhere("*/_ORT_MEM_ADDR_/*"), "_ORT_MEM_ADDR_"),
    "weights nowhere": (lambda: kept_elsewhere(None), "does not name"),
    "weights of a constant": (lambda: hidden_in_a_constant("secret.bin"), "'secret.bin'"),
}
