"""The reader that ships, read back from its int8 artefact to train on."""

from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

from edge.artefact import shipped
from export.understanding import GOLDEN_SENTENCES, verify
from models.nlu.restored import NotRestorable, restore
from models.nlu.train import base_tokenizer


def test_what_is_read_back_reads_as_the_artefact_does(tmp_path: Path) -> None:
    artefact = shipped("understand")
    model = restore(artefact, tmp_path).eval()
    parity = verify(model, artefact / "model.onnx", base_tokenizer(tmp_path), GOLDEN_SENTENCES)
    assert parity.intent_agreement == 1
    assert parity.tag_agreement > 0.97
    assert parity.for_us_mean_difference < 0.05


def test_another_graph_is_refused_by_name(tmp_path: Path) -> None:
    value = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])
    out = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])
    node = helper.make_node("Identity", ["x"], ["y"])
    onnx.save(
        helper.make_model(helper.make_graph([node], "other", [value], [out])),
        tmp_path / "model.onnx",
    )
    with pytest.raises(NotRestorable, match=r"model\.onnx: not an int8 graph"):
        restore(tmp_path, tmp_path / "restored")
