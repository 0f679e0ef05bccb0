"""Encoders with fewer layers, taught by the whole one; resumed, they end the same."""

import json
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import BertConfig, BertForSequenceClassification, BertModel

import models.encoders.distil as distilling
from edge.artefact import load_artefact
from edge.tasks.embed import Embedder
from export.distilled import checked, qualities, table
from export.errors import CheckpointError
from export.recipe import Wanted
from export.run import export_artefact
from models.encoders.distil import NoStudent, Recipe, distil, open_model

pytestmark = pytest.mark.filterwarnings("ignore")

THINGS = "lamp fan radio heater door window oven blind speaker pump".split()
PLACES = "kitchen bedroom garage hall garden attic cellar porch".split()
TEXTS = [
    f"{wish} the {thing} in the {place}"
    for wish in ("turn on", "turn off", "open", "where is", "who moved")
    for thing in THINGS
    for place in PLACES
]
SEEN, HELD = [t for n, t in enumerate(TEXTS) if n % 10], TEXTS[::10]
SMALL = Recipe("embed", (0, 2), steps=120, batch=24, learning_rate=2e-3, warmup=10)


def checkpoint(folder: Path, labels: int = 0) -> Path:
    words = sorted({word for text in TEXTS for word in text.split()})
    named = {w: i for i, w in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *words])}
    tokenizer = Tokenizer(models.WordLevel(named, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    config = BertConfig(
        vocab_size=len(named), hidden_size=64, num_hidden_layers=4, num_attention_heads=4,
        intermediate_size=128, max_position_embeddings=64, initializer_range=0.08,
    )  # fmt: skip
    torch.manual_seed(5)
    if labels:
        config.id2label = {n: f"kind {n}" for n in range(labels)}
        config.label2id = {f"kind {n}": n for n in range(labels)}
        BertForSequenceClassification(config).save_pretrained(folder)
    else:
        BertModel(config).save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


@pytest.fixture(scope="module")
def teacher(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return checkpoint(tmp_path_factory.mktemp("teacher"))


@pytest.fixture(scope="module")
def student(teacher: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return distil(teacher, tmp_path_factory.mktemp("student"), SEEN, SMALL)


def test_half_the_layers_say_nearly_the_same(teacher: Path, student: Path, tmp_path: Path) -> None:
    untaught = distil(teacher, tmp_path / "cut", SEEN, Recipe("embed", (0, 2), steps=0))
    whole, cut = qualities(teacher, untaught, "embed", HELD)
    _, taught = qualities(teacher, student, "embed", HELD)
    assert (whole.layers, taught.layers) == (4, 2)
    assert whole.like == pytest.approx(1.0, abs=1e-4) and whole.order == 1.0
    assert taught.like > 0.95 and taught.like > cut.like
    assert taught.megabytes < whole.megabytes
    assert table([whole, taught]).count("\n") == 2


def test_it_is_a_checkpoint_like_any_other(student: Path, tmp_path: Path) -> None:
    wanted = Wanted(str(student), "embed", "cpu", tmp_path / "out", samples=20, work=tmp_path / "w")
    export_artefact(wanted)
    vectors = Embedder(load_artefact(tmp_path / "out")).embed_sync(HELD[:2])
    assert vectors.shape == (2, 64)
    assert not (student / "distil.pt").exists()


def test_a_stopped_run_ends_with_the_same_weights(
    teacher: Path, student: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = distilling._save

    def stop(*saving: object) -> None:
        saved(*saving)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    monkeypatch.setattr(distilling, "_save", stop)
    with pytest.raises(KeyboardInterrupt):
        distil(teacher, tmp_path / "again", SEEN, SMALL)
    monkeypatch.undo()
    distil(teacher, tmp_path / "again", SEEN, SMALL)
    expected = (student / "model.safetensors").read_bytes()
    assert (tmp_path / "again" / "model.safetensors").read_bytes() == expected


def test_a_run_that_is_over_is_left_alone(teacher: Path, student: Path) -> None:
    before = (student / "model.safetensors").stat().st_mtime_ns
    distil(teacher, student, SEEN, SMALL)
    assert (student / "model.safetensors").stat().st_mtime_ns == before


def test_a_classifier_keeps_its_labels(tmp_path: Path) -> None:
    whole = checkpoint(tmp_path / "whole", labels=3)
    recipe = Recipe("classify", (0, 3), steps=60, batch=24, learning_rate=2e-3, warmup=10)
    taught = distil(whole, tmp_path / "taught", SEEN, recipe)
    _, row = qualities(whole, taught, "classify", HELD)
    assert row.like >= 0.9 and row.order is None
    assert open_model(taught, "classify").config.id2label == {n: f"kind {n}" for n in range(3)}


@pytest.mark.parametrize("layers", [(), (0, 4), (2, 0), (1, 1), (-1, 2)])
def test_layers_that_are_not_there_are_refused(
    teacher: Path, tmp_path: Path, layers: tuple[int, ...]
) -> None:
    with pytest.raises(NoStudent, match="0 to 3"):
        distil(teacher, tmp_path / "out", SEEN, Recipe("embed", layers))
    assert not (tmp_path / "out").exists()


def test_what_is_no_encoder_is_refused(teacher: Path, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"config\.json"):
        checked(tmp_path)
    copy = checkpoint(tmp_path / "own")
    config = json.loads((copy / "config.json").read_text("utf-8"))
    (copy / "config.json").write_text(json.dumps({**config, "model_type": "hearthd-transformer"}))
    with pytest.raises(CheckpointError, match="fewer --layers"):
        checked(copy)
