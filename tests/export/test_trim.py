"""Vocabularies cut to what is said: kept texts read and mean exactly what they did."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import BertConfig, BertModel

from edge.artefact import load_artefact
from edge.tasks.translate import Translator
from export.errors import CheckpointError, ExportFailed
from export.recipe import Wanted
from export.run import export_artefact
from export.trim import trim
from models.transformer.train import train
from tests.export.conftest import PLACES, pairs
from tests.models.test_transformer import news, small

pytestmark = pytest.mark.filterwarnings("ignore")

HOME = [f"turn on the lamp in the {place} please" for place in PLACES] * 5
OTHER = [
    "quarterly profits of shipping companies rose",
    "le chat dort sur le canapé, über Nacht",
] * 9
KINDS = ("WordPiece", "Unigram", "BPE")


def _tokenizer(kind: str) -> Tokenizer:
    special = ["<pad>", "[UNK]", "[CLS]", "[SEP]"]
    trainer: Any
    if kind == "WordPiece":
        made = Tokenizer(models.WordPiece(unk_token="[UNK]"))
        made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        trainer = trainers.WordPieceTrainer(vocab_size=260, special_tokens=special)
    elif kind == "Unigram":
        made = Tokenizer(models.Unigram())
        made.pre_tokenizer = pre_tokenizers.Metaspace()
        trainer = trainers.UnigramTrainer(vocab_size=200, special_tokens=special, unk_token="[UNK]")
    else:
        made = Tokenizer(models.BPE(unk_token="[UNK]"))
        made.pre_tokenizer = pre_tokenizers.Metaspace()
        trainer = trainers.BpeTrainer(vocab_size=260, special_tokens=special)
    made.train_from_iterator(HOME + OTHER, trainer)
    made.decoder = decoders.Metaspace()
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return made


@pytest.fixture(params=KINDS)
def encoder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A random encoder whose vocabulary has words of several subjects and languages."""
    tokenizer = _tokenizer(request.param)
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=tokenizer.get_vocab_size(), hidden_size=32, num_hidden_layers=1,
        num_attention_heads=2, intermediate_size=64, max_position_embeddings=40,
    )  # fmt: skip
    BertModel(config).save_pretrained(tmp_path / "whole")
    tokenizer.save(str(tmp_path / "whole" / "tokenizer.json"))
    return tmp_path / "whole"


def _vector(folder: Path, text: str) -> np.ndarray:
    ids = Tokenizer.from_file(str(folder / "tokenizer.json")).encode(text).ids
    model: Any = BertModel.from_pretrained(folder)
    model.eval()
    with torch.inference_mode():
        found: np.ndarray = model(input_ids=torch.tensor([ids])).last_hidden_state[0].numpy()
    return found


def test_what_is_kept_means_the_same_bit_for_bit(encoder: Path, tmp_path: Path) -> None:
    whole, cut = trim(encoder, tmp_path / "cut", HOME, [40])
    assert cut.pieces < whole.pieces and cut.megabytes < whole.megabytes
    assert (cut.same, cut.longer, cut.unknown) == (1.0, 1.0, 0.0)
    assert np.array_equal(_vector(encoder, HOME[0]), _vector(cut.folder, HOME[0]))
    assert json.loads((cut.folder / "config.json").read_text())["vocab_size"] == cut.pieces


def test_what_is_lost_is_counted(encoder: Path, tmp_path: Path) -> None:
    mixed = [text for pair in zip(HOME[:20], [HOME[0]] * 20, strict=True) for text in pair]
    mixed[::5] = [OTHER[0]] * 8  # said in the held-out texts alone
    _, cut = trim(encoder, tmp_path / "cut", mixed, [40])
    assert cut.same == 0.0 and (cut.longer > 1.0 or cut.unknown > 0.0)


def test_a_translator_that_was_cut_translates_as_before(
    marian: Path, sources: Path, tmp_path: Path
) -> None:
    texts = [text for pair in pairs() for text in pair if "garage" not in pair[0]] * 2
    _, cut = trim(marian, tmp_path / "cut", texts, [20])
    assert cut.same == 1.0
    kept = tmp_path / "kept.txt"
    kept.write_text("\n".join(a for a, _ in pairs() if "garage" not in a), "utf-8")
    export_artefact(
        Wanted(
            str(cut.folder), "translate", "cpu", tmp_path / "out", work=tmp_path / "work",
            data=kept, samples=10,
        )
    )  # fmt: skip
    translator = Translator(load_artefact(tmp_path / "out"))
    said = "turn on the lamp in the kitchen"
    assert translator.translate_sync(said).text == "schalte Lampe in Küche ein"


def test_a_classifier_of_our_own_is_cut_too(tmp_path: Path) -> None:
    data = news(tmp_path / "news.jsonl", 200)
    train(small("classify", data, epochs=1, layers=1), tmp_path / "run")
    texts = [json.loads(line)["text"] for line in data.read_text("utf-8").splitlines()]
    whole, cut = trim(tmp_path / "run", tmp_path / "cut", texts[:50], [30])
    assert cut.pieces < whole.pieces
    manifest = export_artefact(
        Wanted(
            str(cut.folder), "classify", "cpu", tmp_path / "out", work=tmp_path / "work",
            data=data, samples=20,
        )
    )  # fmt: skip
    assert all(check.passed for check in manifest.checks)


def test_what_cannot_be_cut_is_refused(encoder: Path, tmp_path: Path) -> None:
    with pytest.raises(ExportFailed, match="too few"):
        trim(encoder, tmp_path / "cut", HOME[:3], [40])
    tokenizer = json.loads((encoder / "tokenizer.json").read_text("utf-8"))
    tokenizer["model"]["type"] = "Other"
    (encoder / "tokenizer.json").write_text(json.dumps(tokenizer), "utf-8")
    with pytest.raises(CheckpointError, match="WordPiece"):
        trim(encoder, tmp_path / "cut", HOME, [40])
