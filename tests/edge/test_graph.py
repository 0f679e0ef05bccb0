"""A graph is looked at before ONNX Runtime sees it: what it may be made of, and how large it may be."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import onnx.defs
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.capi import onnxruntime_pybind11_state as runtime

from edge.artefact import load_artefact, shipped
from edge.errors import ArtefactError
from edge.graph import DEPTH, NAME_BYTES, check_graph
from edge.operators import ALLOWED, OPSETS
from edge.tasks.registry import open_model
from tests.artefacts import handmade
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


@pytest.mark.parametrize("name", HOSTILE)
def test_a_graph_that_may_do_more_than_compute_is_refused(name: str, tmp_path: Path) -> None:
    make, reason = HOSTILE[name]
    path = tmp_path / "model.onnx"
    path.write_bytes(make().SerializeToString())
    with pytest.raises(ArtefactError) as caught:
        check_graph(path)
    assert reason in caught.value.reason
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    "raw", [b"", b"\x00", b"GIF89a", b"\xff" * 40, b"\x3a\xff\xff\xff\xff\x0f", b"[" * 9_999]
)
def test_what_is_no_graph_is_refused(raw: bytes, tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(raw)
    with pytest.raises(ArtefactError, match="is a graph that is not run"):
        check_graph(path)


def test_a_graph_that_was_cut_anywhere_is_refused(tmp_path: Path) -> None:
    raw = in_a_branch(DOUBLE).SerializeToString()
    path = tmp_path / "model.onnx"
    for length in range(len(raw)):
        path.write_bytes(raw[:length])
        with pytest.raises(ArtefactError):
            check_graph(path)
    path.write_bytes(raw)
    check_graph(path)


def test_weights_may_be_in_a_file_that_the_manifest_lists(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(kept_elsewhere("model.onnx.data").SerializeToString())
    check_graph(path, ["model.onnx", "model.onnx.data"])


def test_a_file_of_a_million_parts_is_given_up(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(b"\x08\x07" * 1_000_001)  # ir_version, over and over
    with pytest.raises(ArtefactError, match="more than 1000000 parts"):
        check_graph(path)


def test_every_task_refuses_it_before_onnxruntime_sees_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[object] = []
    monkeypatch.setattr(onnxruntime, "InferenceSession", lambda *args, **kw: seen.append(args))
    folder = handmade(tmp_path / "loop", looping_model().SerializeToString())
    with pytest.raises(ArtefactError, match="'Loop' is not allowed"):
        open_model(load_artefact(folder))
    assert not seen


def test_what_hearthd_ships_is_allowed() -> None:
    for name in ("understand", "translate", "embed-en", "judge-en"):
        artefact = load_artefact(shipped(name))
        for file in artefact.manifest.files:
            if file.endswith(".onnx"):
                assert artefact.graph(file).exists()


def test_every_allowed_operator_exists() -> None:
    standard = {schema.name for schema in onnx.defs.get_all_schemas() if schema.domain == ""}
    ours = {(s.domain, s.name) for s in runtime.get_all_operator_schema()}
    for name in ALLOWED[""]:
        assert name in standard or ("", name) in ours, name
    for name in ALLOWED["com.microsoft"]:
        assert ("com.microsoft", name) in ours, name
    assert set(ALLOWED) == set(OPSETS)
