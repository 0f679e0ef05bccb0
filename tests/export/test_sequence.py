"""Small models trained on the spot through the whole pipeline to the edge."""

import json
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer
from transformers import BertConfig, BertForTokenClassification

from edge.artefact import load_artefact
from edge.tasks.classify import Classifier
from edge.tasks.tag import Tagger
from edge.tasks.translate import Translator
from export.errors import CheckpointError, LostTooMuch
from export.recipe import Wanted
from export.run import export_artefact
from hub.translation import Translators
from models.transformer.train import train
from tests.export.conftest import THINGS, pairs
from tests.models.test_transformer import news, small

pytestmark = pytest.mark.filterwarnings("ignore")


def test_a_marian_translator_ends_as_an_artefact_that_translates(
    marian: Path, sources: Path, tmp_path: Path
) -> None:
    manifest = export_artefact(
        Wanted(
            str(marian), "translate", "pi5", tmp_path / "out", work=tmp_path / "work", data=sources,
            samples=40,
        )
    )  # fmt: skip
    assert manifest.checks[0].value >= 95
    translator = Translator(load_artefact(tmp_path / "out"))
    right = sum(translator.translate_sync(a).text == b for a, b in pairs())
    assert right / len(pairs()) >= 0.99


def test_an_installed_marian_translator_goes_before_the_shipped_one(
    marian: Path, sources: Path, tmp_path: Path
) -> None:
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(
        '[export]\ntask = "translate"\nname = "translate-en-de"\nlanguages = ["en", "de"]\n',
        "utf-8",
    )
    export_artefact(
        Wanted(
            str(marian), "translate", "cpu", tmp_path / "models" / "translate-en-de", recipe=recipe,
            work=tmp_path / "work", data=sources, samples=10,
        )
    )  # fmt: skip
    found = Translators(tmp_path / "models").translate(
        "turn on the lamp in the kitchen", "en", "de"
    )
    assert found.text == "schalte Lampe in Küche ein" and "translate-en-de" in found.engine
    assert (
        Translators(tmp_path / "models").translate("Good morning.", "en", "fr").text == "Bonjour."
    )


def test_a_classifier_of_our_own_ends_as_an_artefact(tmp_path: Path) -> None:
    data = news(tmp_path / "news.jsonl", 600)
    train(small("classify", data, epochs=4), tmp_path / "run")
    export_artefact(
        Wanted(
            str(tmp_path / "run"), "classify", "cpu", tmp_path / "out", work=tmp_path / "work",
            data=data, samples=60,
        )
    )  # fmt: skip
    classifier = Classifier(load_artefact(tmp_path / "out"))
    rows = [json.loads(line) for line in data.read_text("utf-8").splitlines()[:50]]
    right = sum(classifier.classify_sync(r["text"])[0].label == r["label"] for r in rows)
    assert right >= 45
    assert classifier.classify_sync("") == []


def test_a_tagger_ends_as_an_artefact(marian: Path, tmp_path: Path) -> None:
    words = Tokenizer.from_file(str(marian / "tokenizer.json"))
    torch.manual_seed(4)
    config = BertConfig(
        vocab_size=words.get_vocab_size(), hidden_size=32, num_hidden_layers=1,
        num_attention_heads=2, intermediate_size=64, max_position_embeddings=40,
        id2label={0: "O", 1: "B-thing", 2: "I-thing"}, label2id={"O": 0, "B-thing": 1, "I-thing": 2},
    )  # fmt: skip
    model = BertForTokenClassification(config)
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-2)
    rows = [source.split() for source, _ in pairs()]
    for _ in range(6):
        for row in rows:
            ids = torch.tensor([words.encode(" ".join(row)).ids])
            wanted = torch.tensor([[int(word in THINGS) for word in row]])
            loss = model(input_ids=ids, labels=wanted).loss
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    model.save_pretrained(tmp_path / "tagger")
    words.save(str(tmp_path / "tagger" / "tokenizer.json"))
    export_artefact(
        Wanted(
            str(tmp_path / "tagger"), "tag", "cpu", tmp_path / "out", work=tmp_path / "work",
            samples=20,
        )
    )  # fmt: skip
    tagger = Tagger(load_artefact(tmp_path / "out"))
    (found,) = tagger.tag("turn on the lamp in the kitchen")
    assert (found.label, found.text) == ("thing", "lamp")


def test_an_artefact_that_lost_too_much_is_not_made(
    marian: Path, sources: Path, tmp_path: Path
) -> None:
    recipe = tmp_path / "strict.toml"
    recipe.write_text(
        '[export]\ntask = "translate"\nname = "strict"\n[export.limits]\nchrf = 100.1\n', "utf-8"
    )
    with pytest.raises(LostTooMuch, match="chrF"):
        export_artefact(
            Wanted(
                str(marian), "translate", "cpu", tmp_path / "out", work=tmp_path / "work",
                data=sources, recipe=recipe, samples=4,
            )
        )  # fmt: skip
    assert not (tmp_path / "out").exists()


def test_an_export_that_was_stopped_goes_on_where_it_was(
    marian: Path, sources: Path, tmp_path: Path
) -> None:
    wanted = Wanted(
        str(marian), "translate", "cpu", tmp_path / "out", work=tmp_path / "work", data=sources,
        samples=4,
    )  # fmt: skip
    export_artefact(wanted)
    before = (tmp_path / "work" / "encoder.fp32.onnx").stat().st_mtime_ns
    steps = json.loads((tmp_path / "work" / "steps.json").read_text("utf-8"))
    steps["done"] = steps["done"][:3]
    (tmp_path / "work" / "steps.json").write_text(json.dumps(steps), "utf-8")
    manifest = export_artefact(wanted)
    assert (tmp_path / "work" / "encoder.fp32.onnx").stat().st_mtime_ns == before
    assert [step.step for step in manifest.pipeline] == ["load", "export", "quantise", "verify"]


def test_leaving_verification_out_is_written_into_the_artefact(
    marian: Path, tmp_path: Path
) -> None:
    manifest = export_artefact(
        Wanted(
            str(marian), "translate", "cpu", tmp_path / "out", work=tmp_path / "work",
            unverified="no data in this language",
        )
    )  # fmt: skip
    assert manifest.unverified == "no data in this language"
    assert not manifest.checks


def test_a_checkpoint_of_another_kind_says_what_it_is(marian: Path, tmp_path: Path) -> None:
    for task in ("transcribe", "generate"):
        with pytest.raises(CheckpointError, match="marian"):
            export_artefact(
                Wanted(str(marian), task, "cpu", tmp_path / "out", work=tmp_path / f"work-{task}")
            )
