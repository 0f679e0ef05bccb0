"""Words, tags and clauses of a sentence survive tokenisation."""

import pytest
from tokenizers import Tokenizer

from edge.tasks.understanding_schema import TAGS
from edge.tasks.words import units
from models.bases.vocabulary import SPECIAL, Vocabulary, fold, tokenizer, with_special
from models.nlu.batches import IGNORE, encode
from models.nlu.data.examples import Clause, Example, words_from


@pytest.fixture(scope="module")
def small() -> Tokenizer:
    pieces = [
        *SPECIAL,
        "\u2581turn",
        "\u2581on",
        "\u2581the",
        "\u2581kit",
        "chen",
        "\u2581",
        "打开",
        "厨房",
        "的",
        "灯",
    ]
    letters = sorted(set("abcdefghijklmnopqrstuvwxyz"))
    texts = (*pieces, *letters)
    return tokenizer(Vocabulary(texts, tuple([-1.0] * len(texts)), ()))


def test_letter_case_does_not_matter(small: Tokenizer) -> None:
    assert small.encode("Turn ON the KITCHEN").ids == small.encode("turn on the kitchen").ids
    assert fold("ＡB") == "ab"


def test_a_special_token_is_one_piece_whose_embedding_begins_as_the_end_of_a_text() -> None:
    rows = tuple(((at, 1.0),) for at in range(len(SPECIAL)))
    told = with_special(Vocabulary(SPECIAL, (0.0,) * len(SPECIAL), rows), ["[SEP]"])
    made = tokenizer(told)
    made.add_special_tokens(["[SEP]"])
    assert made.encode("[SEP]").ids[1] == len(SPECIAL)
    assert told.rows[-1] == rows[SPECIAL.index("</s>")]


def test_every_token_of_a_word_has_its_slot_and_only_the_first_begins_it(small: Tokenizer) -> None:
    spoken = words_from([("turn on the ", None), ("kitchen", "area")])
    row = encode(Example(spoken, (Clause(0, "HassTurnOn", {}),), "test"), small)
    names = [TAGS[tag] if tag != IGNORE else "" for tag in row.tags]
    assert names == ["", "O", "O", "O", "B-area", "I-area", ""]
    assert list(row.clause) == [-1, 0, 0, 0, 0, 0, -1]


def test_chinese_tokens_are_units_of_their_own(small: Tokenizer) -> None:
    text = "打开厨房的灯"
    found = units(text, small.encode(text).offsets)
    assert [text[unit.start : unit.end] for unit in found] == ["打开", "厨房", "的", "灯"]
    spoken = words_from([("打开", None), ("厨房", "area"), ("的", None), ("灯", "device")], "zh-CN")
    row = encode(Example(spoken, (Clause(0, "HassTurnOn", {}),), "t", language="zh-CN"), small)
    names = [TAGS[tag] for tag in row.tags if tag != IGNORE]
    assert names == ["O", "B-area", "O", "B-device"]
