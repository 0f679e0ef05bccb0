"""Texts from files, cleaned, split, tokenized and put into batches."""

from __future__ import annotations

import csv
import json
import random
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from torch import Tensor

PAD, START, END, UNKNOWN = 0, 1, 2, 3
SPECIAL = ["<pad>", "<s>", "</s>", "<unk>"]


class DataError(ValueError):
    """A file that cannot be learned from; says which line and why."""


@dataclass(frozen=True, slots=True)
class Example:
    """A text, and what belongs to it: a label, a translation, or nothing."""

    text: str
    other: str = ""


def read_examples(path: Path, columns: tuple[str, str]) -> list[Example]:
    """`.jsonl` or `.csv` with these columns, or plain text with one text a line. Cleaned; exact
    duplicates and empty texts are left out. Raises `DataError`."""
    if path.suffix not in (".jsonl", ".csv", ".txt"):
        raise DataError(f"{path}: not .jsonl, .csv or .txt")
    found: dict[Example, None] = {}
    number = 0
    with path.open(encoding="utf-8", newline="") as lines:
        try:
            for row in _rows(path.suffix, lines, columns):
                number += 1
                example = Example(clean(row[0]), clean(row[1]))
                if example.text:
                    found[example] = None
        except (KeyError, ValueError, TypeError) as error:
            raise DataError(f"{path}: row {number + 1}: {error!r}") from error
    if len(found) < 2:
        raise DataError(f"{path}: fewer than two texts")
    return list(found)


def _rows(kind: str, lines: Iterator[str], columns: tuple[str, str]) -> Iterator[tuple[str, str]]:
    first, second = columns
    if kind == ".txt":
        yield from ((line, "") for line in lines)
    elif kind == ".jsonl":
        for line in lines:
            row = json.loads(line)
            yield str(row[first]), str(row[second]) if second else ""
    else:
        for row in csv.DictReader(lines):
            yield row[first], row[second] if second else ""


def clean(text: str) -> str:
    """NFC, no control characters, single spaces."""
    kept = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in text)
    return " ".join(unicodedata.normalize("NFC", kept).split())


def split(
    examples: Sequence[Example], seed: int, share: float = 0.1
) -> tuple[list[Example], list[Example]]:
    """Training and validation; the same for the same seed."""
    mixed = list(examples)
    random.Random(seed).shuffle(mixed)
    held = max(1, int(len(mixed) * share))
    return mixed[held:], mixed[:held]


def train_tokenizer(texts: Sequence[str], vocabulary: int) -> Tokenizer:
    """Byte-level BPE (Sennrich et al. 2016; Radford et al. 2019): knows every text."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary, special_tokens=SPECIAL, show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )  # fmt: skip
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def augmented(text: str, rng: random.Random, amount: float) -> str:
    """The text with some of its words dropped or exchanged with their neighbour (Wei & Zou 2019),
    each with probability `amount`; never empty."""
    words = [word for word in text.split() if rng.random() >= amount] or text.split()
    for place in range(len(words) - 1):
        if rng.random() < amount:
            words[place], words[place + 1] = words[place + 1], words[place]
    return " ".join(words)


@dataclass(frozen=True, slots=True)
class Row:
    """Token ids of an example; `target` is a label's number or ids of a translation."""

    ids: tuple[int, ...]
    target: tuple[int, ...]


def padded(rows: Sequence[tuple[int, ...]]) -> Tensor:
    """(B, longest), filled with `PAD`."""
    longest = max(map(len, rows))
    return torch.tensor([[*row, *([PAD] * (longest - len(row)))] for row in rows])


def order_of(epoch: int, count: int, seed: int) -> list[int]:
    """The order of the examples in an epoch. Depends on nothing else, so that a run that goes on in
    the middle of an epoch sees what it would have seen."""
    order = list(range(count))
    random.Random(f"{seed}-{epoch}").shuffle(order)
    return order
