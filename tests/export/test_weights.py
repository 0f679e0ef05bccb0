"""Every choice of weights, through the whole pipeline to the edge, on small models."""

from pathlib import Path

import onnx
import pytest

from edge.artefact import load_artefact
from edge.tasks.classify import Classifier
from edge.tasks.translate import Translator
from export.errors import LostTooMuch
from export.recipe import Wanted, Weights
from export.run import export_artefact
from models.transformer.train import train
from tests.export.conftest import pairs
from tests.models.test_transformer import news, small

pytestmark = pytest.mark.filterwarnings("ignore")

OPERATORS: dict[Weights, str] = {
    "int8-blocks": "MatMulNBits",
    "int8-weights": "Cast",
    "int8-static": "QuantizeLinear",
    "int4": "MatMulNBits",
    "fp16": "Cast",
}
"""What a graph with these weights has and others have not; int8 is what other tests use."""


@pytest.fixture(scope="module")
def topics(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("topics")
    train(small("classify", news(folder / "news.jsonl", 600), epochs=4), folder / "run")
    return folder


@pytest.mark.parametrize("weights", OPERATORS)
def test_a_classifier_ends_verified(topics: Path, tmp_path: Path, weights: Weights) -> None:
    manifest = export_artefact(
        Wanted(
            str(topics / "run"), "classify", "cpu", tmp_path / "out", work=tmp_path / "work",
            data=topics / "news.jsonl", calibration=topics / "news.jsonl", weights=weights,
            samples=60,
        )
    )  # fmt: skip
    assert all(check.passed for check in manifest.checks) and len(manifest.checks) == 2
    assert {step.step: step.did for step in manifest.pipeline}["quantise"]["weights"] == weights
    assert OPERATORS[weights] in _operators(tmp_path / "out/model.onnx")
    found = Classifier(load_artefact(tmp_path / "out")).classify_sync("the coach and the goal")
    assert found[0].label == "sport"


@pytest.mark.parametrize("weights", ["int8-weights", "int8-static", "int4"])
def test_a_translator_ends_verified(
    marian: Path, sources: Path, tmp_path: Path, weights: Weights
) -> None:
    export_artefact(
        Wanted(
            str(marian), "translate", "cpu", tmp_path / "out", work=tmp_path / "work",
            data=sources, calibration=sources, weights=weights, samples=20,
        )
    )  # fmt: skip
    for graph in ("encoder", "decoder"):
        assert OPERATORS[weights] in _operators(tmp_path / f"out/{graph}.onnx")
    translator = Translator(load_artefact(tmp_path / "out"))
    assert translator.translate_sync(pairs()[0][0]).text == pairs()[0][1]


def test_calibration_on_other_data_is_found_out(topics: Path, tmp_path: Path) -> None:
    """Scales that were seen on one short text do not fit the others: the artefact is not made."""
    (tmp_path / "one.txt").write_text("a\n", "utf-8")
    recipe = tmp_path / "strict.toml"
    recipe.write_text(
        '[export]\ntask = "classify"\nname = "strict"\n[export.limits]\nprobability = 0.001\n',
        "utf-8",
    )
    with pytest.raises(LostTooMuch, match="probability"):
        export_artefact(
            Wanted(
                str(topics / "run"), "classify", "cpu", tmp_path / "out", work=tmp_path / "work",
                data=topics / "news.jsonl", calibration=tmp_path / "one.txt", recipe=recipe,
                weights="int8-static", samples=60,
            )
        )  # fmt: skip
    assert not (tmp_path / "out").exists()


def _operators(graph: Path) -> set[str]:
    return {node.op_type for node in onnx.load(graph, load_external_data=False).graph.node}
