"""Examples to tensors."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor

from edge.tasks.understanding_schema import ATTRIBUTES, INTENTS, NONE, TAGS
from models.nlu.data.examples import Example

IGNORE = -100
MAX_CLAUSES = 4
MAX_TOKENS = 64

_TAG_INDEX = {tag: i for i, tag in enumerate(TAGS)}
_INTENT_INDEX = {intent: i for i, intent in enumerate(INTENTS)}


@dataclass(frozen=True, slots=True)
class Batch:
    """B sentences of L tokens, K = MAX_CLAUSES clauses; int64 unless said otherwise."""

    input_ids: Tensor  # (B, L)
    attention_mask: Tensor  # (B, L)
    tags: Tensor  # (B, L), IGNORE on special tokens and where the source has no spans
    clause_start: Tensor  # (B, L) float32, NaN where not trained
    clause_of_token: Tensor  # (B, L), -1 outside
    intents: Tensor  # (B, K), IGNORE where there is no such clause
    attributes: Tensor  # (B, K, len(ATTRIBUTES)), IGNORE where unknown
    for_us: Tensor  # (B,) float32


@dataclass(frozen=True, slots=True)
class Encoded:
    """One example as arrays, before padding."""

    ids: list[int]
    tags: list[int]
    starts: list[float]
    clause: list[int]
    intents: list[int]
    attributes: list[list[int]]
    for_us: float


def encode(example: Example, tokenizer: Tokenizer) -> Encoded:
    """Align words with sub-tokens; every sub-token of a word carries the word's tag."""
    encoding = tokenizer.encode([w.text for w in example.words], is_pretokenized=True)
    starts = {c.start: k for k, c in enumerate(example.clauses[:MAX_CLAUSES])}
    tags, start_marks, clause_of = [], [], []
    clause, previous = -1, None
    for word_id in encoding.word_ids:
        if word_id is None:
            tags.append(IGNORE)
            start_marks.append(float("nan"))
            clause_of.append(-1)
            continue
        first = word_id != previous
        previous = word_id
        if word_id in starts:
            clause = starts[word_id]
        word = example.words[word_id]
        tag = "O" if word.slot is None else f"{'B' if word.begins and first else 'I'}-{word.slot}"
        known = example.tags_known and example.for_us
        tags.append(_TAG_INDEX[tag] if known else IGNORE)
        start_marks.append(float(first and word_id in starts) if example.for_us else float("nan"))
        clause_of.append(clause if example.for_us else 0)
    return Encoded(
        encoding.ids[:MAX_TOKENS],
        tags[:MAX_TOKENS],
        start_marks[:MAX_TOKENS],
        clause_of[:MAX_TOKENS],
        [_INTENT_INDEX[c.intent] for c in example.clauses[:MAX_CLAUSES]] or [_INTENT_INDEX[NONE]],
        [_attribute_ids(example, k) for k in range(len(example.clauses[:MAX_CLAUSES]))]
        or [[IGNORE] * len(ATTRIBUTES)],
        float(example.for_us),
    )


def _attribute_ids(example: Example, k: int) -> list[int]:
    clause = example.clauses[k]
    return [
        IGNORE if name in clause.unknown else labels.index(clause.attributes.get(name, NONE))
        for name, labels in ATTRIBUTES.items()
    ]


def collate(rows: Sequence[Encoded], pad: int) -> Batch:
    """Pad to the longest."""
    length = max(len(row.ids) for row in rows)

    def padded(values: Sequence[Sequence[float]], fill: float, kind: type) -> Tensor:
        full: NDArray[np.generic] = np.full((len(values), length), fill, dtype=kind)
        for i, row in enumerate(values):
            full[i, : len(row)] = row
        return torch.from_numpy(full)

    intents = np.full((len(rows), MAX_CLAUSES), IGNORE, dtype=np.int64)
    attributes = np.full((len(rows), MAX_CLAUSES, len(ATTRIBUTES)), IGNORE, dtype=np.int64)
    for i, row in enumerate(rows):
        intents[i, : len(row.intents)] = row.intents
        attributes[i, : len(row.attributes)] = row.attributes
    return Batch(
        padded([row.ids for row in rows], pad, np.int64),
        padded([[1] * len(row.ids) for row in rows], 0, np.int64),
        padded([row.tags for row in rows], IGNORE, np.int64),
        padded([row.starts for row in rows], float("nan"), np.float32),
        padded([row.clause for row in rows], -1, np.int64),
        torch.from_numpy(intents),
        torch.from_numpy(attributes),
        torch.tensor([row.for_us for row in rows], dtype=torch.float32),
    )


def batches(rows: Sequence[Encoded], size: int, pad: int, rng: random.Random) -> Iterator[Batch]:
    """Batches of similar length, in random order: padding costs as much as words do."""
    order = sorted(range(len(rows)), key=lambda i: (len(rows[i].ids), rng.random()))
    groups = [order[i : i + size] for i in range(0, len(order), size)]
    rng.shuffle(groups)
    for group in groups:
        yield collate([rows[i] for i in group], pad)
