"""Why a model said what it said, of small models whose reasons are known."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertModel

from edge.artefact import shipped
from export.attribution import attribute
from export.attribution_picture import draw
from export.errors import ExportFailed
from models.transformer.train import train
from tests.models.test_transformer import news, small

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def topics(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("topics")
    train(small("classify", news(folder / "news.jsonl", 600), epochs=4), folder / "run")
    return folder / "run"


def test_the_word_that_decides_counts_most(topics: Path) -> None:
    found = attribute(topics, "a report in the year and shares")
    assert found.said.startswith("markets")
    assert max(zip(found.weights, found.words, strict=True))[1] == "shares"


def test_every_row_of_attention_sums_to_one(topics: Path) -> None:
    found = attribute(topics, "the coach said on monday")
    assert [layer.layer for layer in found.attention] == [1, 2]
    for layer in found.attention:
        assert layer.values.shape == (len(layer.rows), len(layer.columns))
        assert np.allclose(layer.values.sum(-1), 1, atol=1e-5)


def test_a_translator_shows_which_word_became_which(marian: Path) -> None:
    found = attribute(marian, "turn on the lamp in the kitchen")
    assert found.said == "schalte Lampe in Küche ein"
    last = found.attention[-1]
    assert last.rows[1] == "Lampe" and last.columns[3] == "lamp"
    assert dict(zip(found.words, found.weights, strict=True))["lamp"] > 0


def test_an_encoder_is_explained_by_its_vector(marian: Path, tmp_path: Path) -> None:
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=60, hidden_size=32, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=64, max_position_embeddings=40,
    )  # fmt: skip
    BertModel(config).save_pretrained(tmp_path)
    (tmp_path / "tokenizer.json").write_bytes((marian / "tokenizer.json").read_bytes())
    found = attribute(tmp_path, "turn on the lamp")
    assert len(found.weights) == 4 and len(found.attention) == 2


def test_an_artefact_is_explained_without_its_checkpoint() -> None:
    found = attribute(shipped("understand"), "set a timer for ten minutes please")
    assert found.said.startswith("HassStartTimer") and found.attention == ()
    weights = dict(zip(found.words, found.weights, strict=True))
    assert weights["timer"] > weights["please"]


def test_the_picture_shows_words_and_attention(topics: Path, tmp_path: Path) -> None:
    draw(attribute(topics, "shares cost $5 and $6"), tmp_path / "why.svg")
    picture = (tmp_path / "why.svg").read_text("utf-8")
    assert picture.count("attention, layer") >= 2 and "shares" in picture


def test_the_command_says_and_draws_it(topics: Path, tmp_path: Path) -> None:
    command: list[str | Path] = [
        Path(sys.executable).with_name("hearthd"), "explain", "--model", topics,
        "a goal in the match", "--out", tmp_path / "why.svg", "--json",
    ]  # fmt: skip
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert [entry["word"] for entry in json.loads(found)["words"]] == "a goal in the match".split()
    assert (tmp_path / "why.svg").stat().st_size > 1000


@pytest.mark.parametrize(("text", "said"), [("", "1 to 60"), ("word " * 61, "1 to 60")])
def test_a_text_that_cannot_be_drawn_is_refused(topics: Path, text: str, said: str) -> None:
    with pytest.raises(ExportFailed, match=said):
        attribute(topics, text)
