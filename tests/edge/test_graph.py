"""A graph is looked at before ONNX Runtime sees it: what it may be made of, and how large it may be."""

from pathlib import Path

import onnx
import onnx.defs
import onnxruntime
import pytest
from onnxruntime.capi import onnxruntime_pybind11_state as runtime

from edge.artefact import load_artefact, shipped
from edge.errors import ArtefactError
from edge.graph import check_graph
from edge.operators import ALLOWED, OPSETS
from edge.tasks.registry import open_model
from tests.artefacts import handmade
from tests.graphs import looping_model
from tests.hostile_graphs import DOUBLE, HOSTILE, in_a_branch, kept_elsewhere


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
    for name in ("understand", "translate", "embed-en", "judge", "wake-hearth"):
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
