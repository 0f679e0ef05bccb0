"""Pairs that the judge of answers learns from, and its training."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import BertConfig, BertForSequenceClassification, BertModel

from edge.artefact import shipped
from edge.sessions import Session
from models.judge.corpus import LANGUAGES, SEPARATOR, Pair, pairs
from models.judge.grammars import plain_facts
from models.judge.restored import restore
from models.judge.told import documents, titles
from models.judge.train import Recipe, train
from models.nlu.restored import NotRestorable


def test_the_same_seed_makes_the_same_pairs() -> None:
    assert pairs(50, 3) == pairs(50, 3) != pairs(50, 4)


def test_a_pair_is_whole_and_about_four_in_ten_are_answered() -> None:
    made = pairs(2000, 1)
    for pair in made:
        question, _, passage = pair.text.partition(SEPARATOR)
        assert question.strip()
        assert " > " in passage
        assert "{" not in pair.text.replace("{}", "")
        assert "\t" not in pair.text
    assert 0.33 < sum(pair.answered for pair in made) / len(made) < 0.47


def test_every_fact_has_questions_and_a_statement() -> None:
    assert len(plain_facts()) > 150
    assert all(questions and all(questions) and said for questions, said in plain_facts())


@pytest.fixture
def tiny_encoder(tmp_path: Path) -> Path:
    """A BERT of one layer whose words are single letters."""
    letters = "abcdefghijklmnopqrstuvwxyz?>"
    vocabulary = {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3}
    vocabulary |= {letter: 4 + at for at, letter in enumerate(letters)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    tokenizer.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]"])
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    folder = tmp_path / "tiny"
    config = BertConfig(
        vocab_size=len(vocabulary), hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=32, max_position_embeddings=64,
    )  # fmt: skip
    BertModel(config).save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


def test_training_writes_a_checkpoint_that_says_which_class_is_which(
    tiny_encoder: Path, tmp_path: Path
) -> None:
    taught = tmp_path / "pairs.jsonl"
    pair = Pair(f"what is a?{SEPARATOR}a > b: a is b", True)
    taught.write_text(json.dumps({"text": pair.text, "answered": pair.answered}) + "\n")
    recipe = Recipe(
        cache="", layers=(0,), pieces=0, seed=1, made=128, by_hand=0.5, taught=2, steps=3,
        stop=3, batch=4, longest=32, frozen=0,
        learning_rate=1e-3, warmup=1, bfloat16=False,
    )  # fmt: skip
    folder = train(recipe, tiny_encoder, [taught], tmp_path / "run")
    config = json.loads((folder / "config.json").read_text())
    assert config["id2label"] == {"0": "no", "1": "answers"}
    assert (folder / "model.safetensors").exists()
    assert (folder / "tokenizer.json").exists()


def test_every_passage_by_hand_has_questions_that_it_answers_and_near_ones() -> None:
    passages = [passage for document in documents().values() for passage in document]
    assert len(passages) > 1000
    assert titles().keys() == set(LANGUAGES)
    for passage in passages:
        assert len(passage.answered) >= 3 and len(passage.near) >= 3, passage.shown
        assert not set(passage.answered) & set(passage.near), passage.shown


def test_passages_by_hand_may_be_those_of_some_files_only() -> None:
    some = documents(("en-first",))
    assert some and some.keys() < documents().keys()
    made = pairs(300, 1, by_hand=1.0, names=("en-first",))
    shown = {passage.shown for document in some.values() for passage in document}
    assert {pair.text.partition(SEPARATOR)[2] for pair in made} <= shown


def test_a_share_of_the_pairs_is_by_hand() -> None:
    shown = {passage.shown for document in documents().values() for passage in document}
    made = pairs(1000, 1, by_hand=0.6)
    by_hand = [pair for pair in made if pair.text.partition(SEPARATOR)[2] in shown]
    assert 0.55 < len(by_hand) / len(made) < 0.65
    assert 0.3 < sum(pair.answered for pair in by_hand) / len(by_hand) < 0.5


def test_a_shipped_judge_is_read_back_into_a_checkpoint_that_says_the_same(tmp_path: Path) -> None:
    folder = restore(shipped("judge"), tmp_path / "restored")
    model = BertForSequenceClassification.from_pretrained(folder).train(False)
    session = Session(shipped("judge") / "model.onnx")
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    for said in ("How heavy is it?", "Is it loud?"):
        ids = np.array([tokenizer.encode(f"{said}{SEPARATOR}Kettle > Data: 1.2 kg.").ids])
        mask = np.ones_like(ids)
        quantised = session.run({"input_ids": ids, "attention_mask": mask})["logits"]
        with torch.inference_mode():
            floats = model(torch.tensor(ids), attention_mask=torch.tensor(mask)).logits.numpy()
        assert np.abs(quantised - floats).max() < 0.05


def test_what_is_no_int8_encoder_in_blocks_is_not_read_back(tmp_path: Path) -> None:
    with pytest.raises(NotRestorable, match="int8 encoder in blocks"):
        restore(shipped("embed-en"), tmp_path)
