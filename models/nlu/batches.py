"""Examples to tensors."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor

from edge.tasks.understanding_schema import ATTRIBUTES, INTENTS, LANGUAGES, NONE, TAGS
from edge.tasks.words import units
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
    language: Tensor  # (B,)


@dataclass(frozen=True, slots=True)
class Encoded:
    """One example as arrays of its L tokens, before padding."""

    ids: NDArray[np.int32]
    tags: NDArray[np.int16]
    starts: NDArray[np.float32]
    clause: NDArray[np.int8]
    intents: list[int]
    attributes: list[list[int]]
    for_us: float
    language: int


def encode(example: Example, tokenizer: Tokenizer) -> Encoded:
    """Align words with tokens; every token of a unit carries the tag of the unit's first word."""
    text = example.text
    encoding = tokenizer.encode(text)
    word_at = _words_by_character(example)
    starts = {c.start: k for k, c in enumerate(example.clauses[:MAX_CLAUSES])}
    first_of = {unit.token: word_at[unit.start] for unit in units(text, encoding.offsets)}
    tags, start_marks, clause_of = [], [], []
    clause, word, seen, spoken = -1, -1, -1, None
    for token, (begin, end) in enumerate(encoding.offsets):
        if begin == end or (word < 0 and token not in first_of):
            tags.append(IGNORE)
            start_marks.append(float("nan"))
            clause_of.append(-1)
            continue
        first = token in first_of
        word = first_of.get(token, word)
        begun = [w for w in range(seen + 1, word + 1) if w in starts]
        seen = max(seen, word)
        clause = starts[begun[-1]] if begun else clause
        tags.append(_tag_of(example, word, first, spoken))
        spoken = example.words[word].slot
        start_marks.append(float(first and bool(begun)) if example.for_us else float("nan"))
        clause_of.append(max(clause, 0) if example.for_us else 0)
    return Encoded(
        np.array(encoding.ids[:MAX_TOKENS], dtype=np.int32),
        np.array(tags[:MAX_TOKENS], dtype=np.int16),
        np.array(start_marks[:MAX_TOKENS], dtype=np.float32),
        np.array(clause_of[:MAX_TOKENS], dtype=np.int8),
        [_INTENT_INDEX[c.intent] for c in example.clauses[:MAX_CLAUSES]] or [_INTENT_INDEX[NONE]],
        [_attribute_ids(example, k) for k in range(len(example.clauses[:MAX_CLAUSES]))]
        or [[IGNORE] * len(ATTRIBUTES)],
        float(example.for_us),
        LANGUAGES.index(example.language),
    )


def _words_by_character(example: Example) -> list[int]:
    """For each character of the text, the word that it belongs to (spaces: the word before)."""
    owners: list[int] = []
    for number, word in enumerate(example.words):
        owners.extend([number] * (len(word.text) + (bool(owners) and not word.glued)))
    return owners


def _tag_of(example: Example, number: int, first: bool, spoken: str | None) -> int:
    """The tag of a token of word `number`; `spoken` is the slot of the token before."""
    if not (example.tags_known and example.for_us):
        return IGNORE
    word = example.words[number]
    if word.slot is None:
        return _TAG_INDEX["O"]
    begins = first and (word.begins or spoken != word.slot)
    return _TAG_INDEX[f"{'B' if begins else 'I'}-{word.slot}"]


def _attribute_ids(example: Example, k: int) -> list[int]:
    clause = example.clauses[k]
    return [
        IGNORE if name in clause.unknown else labels.index(clause.attributes.get(name, NONE))
        for name, labels in ATTRIBUTES.items()
    ]


def collate(rows: Sequence[Encoded], pad: int) -> Batch:
    """Pad to the longest."""
    length = max(len(row.ids) for row in rows)

    def padded(values: Sequence[NDArray[Any]], fill: float, kind: type) -> Tensor:
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
        padded([np.ones_like(row.ids) for row in rows], 0, np.int64),
        padded([row.tags for row in rows], IGNORE, np.int64),
        padded([row.starts for row in rows], float("nan"), np.float32),
        padded([row.clause for row in rows], -1, np.int64),
        torch.from_numpy(intents),
        torch.from_numpy(attributes),
        torch.tensor([row.for_us for row in rows], dtype=torch.float32),
        torch.tensor([row.language for row in rows], dtype=torch.int64),
    )


def batches(rows: Sequence[Encoded], size: int, pad: int, rng: random.Random) -> Iterator[Batch]:
    """Batches of similar length, in random order: padding costs as much as words do."""
    order = sorted(range(len(rows)), key=lambda i: (len(rows[i].ids), rng.random()))
    groups = [order[i : i + size] for i in range(0, len(order), size)]
    rng.shuffle(groups)
    for group in groups:
        yield collate([rows[i] for i in group], pad)
