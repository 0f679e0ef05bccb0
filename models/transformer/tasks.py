"""The three ways to use the model: how rows are made, what is lost, what is measured."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn.functional import cross_entropy

from models.transformer.model import Transformer
from models.transformer.texts import END, PAD, START, Example, Row, padded

Task = Literal["classify", "generate", "translate"]

COLUMNS: Mapping[Task, tuple[str, str]] = {
    "classify": ("text", "label"),
    "generate": ("text", ""),
    "translate": ("source", "target"),
}


@dataclass(frozen=True, slots=True)
class Codec:
    """Examples to rows and back. `labels` of classification, in order."""

    task: Task
    tokenizer: Tokenizer
    positions: int
    labels: tuple[str, ...] = field(default=())

    def row(self, example: Example) -> Row:
        """Ids, cut to the model's positions."""
        ids = self._ids(example.text)
        if self.task == "classify":
            return Row(ids or (END,), (self.labels.index(example.other),))
        if self.task == "generate":
            return Row((START, *ids, END)[: self.positions], ())
        return Row((*ids, END), (START, *self._ids(example.other), END))

    def _ids(self, text: str) -> tuple[int, ...]:
        return tuple(self.tokenizer.encode(text).ids[: self.positions - 2])


def loss_of(model: Transformer, task: Task, rows: Sequence[Row]) -> Tensor:
    """Cross-entropy of a batch, with label smoothing of 0.1 for translation (section 5.4)."""
    ids = padded([row.ids for row in rows])  # (B, S)
    if task == "classify":
        wanted = torch.tensor([row.target[0] for row in rows])  # (B,)
        return cross_entropy(model.classify(ids), wanted)
    if task == "generate":
        logits, _ = model.decode(ids[:, :-1])  # (B, T - 1, V)
        return cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten(), ignore_index=PAD)
    target = padded([row.target for row in rows])  # (B, T)
    memory, _ = model.encode(ids)
    logits, _ = model.decode(target[:, :-1], memory, ids)  # (B, T - 1, V)
    return cross_entropy(
        logits.flatten(0, 1), target[:, 1:].flatten(), ignore_index=PAD,
        label_smoothing=0.1 if model.training else 0.0,
    )  # fmt: skip


@torch.inference_mode()
def translate(model: Transformer, ids: Tensor, limit: int) -> list[list[int]]:
    """Greedy translations of source ids (B, S), without start and end."""
    memory, _ = model.encode(ids)
    made = torch.full((len(ids), 1), START)
    for _ in range(limit):
        logits, _ = model.decode(made, memory, ids)
        made = torch.cat([made, logits[:, -1].argmax(-1, keepdim=True)], dim=1)
        if bool((made == END).any(1).all()):
            break
    return [_until_end(row) for row in made[:, 1:].tolist()]


def _until_end(ids: list[int]) -> list[int]:
    return ids[: ids.index(END)] if END in ids else ids


@torch.inference_mode()
def sample(model: Transformer, count: int, length: int, seed: int) -> list[list[int]]:
    """Texts that a language model makes of nothing, at temperature 0.8."""
    generator = torch.Generator().manual_seed(seed)
    made = torch.full((count, 1), START)
    for _ in range(length):
        logits, _ = model.decode(made)
        logits[..., [PAD, START]] = -torch.inf
        chosen = torch.multinomial((logits[:, -1] / 0.8).softmax(-1), 1, generator=generator)
        made = torch.cat([made, chosen], dim=1)
    return [_until_end(row) for row in made[:, 1:].tolist()]


@torch.inference_mode()
def metrics_of(
    model: Transformer, codec: Codec, examples: Sequence[Example], loss: float
) -> dict[str, Any]:
    """What people of the field report for the task, on held-out examples."""
    model.eval()
    rows = [codec.row(example) for example in examples]
    if codec.task == "classify":
        found = [
            int(i)
            for at in range(0, len(rows), 64)
            for i in model.classify(padded([r.ids for r in rows[at : at + 64]])).argmax(-1)
        ]
        return classification_metrics(found, [r.target[0] for r in rows], codec.labels)
    if codec.task == "generate":
        limit = min(40, codec.positions - 2)
        texts = [codec.tokenizer.decode(ids).strip() for ids in sample(model, 3, limit, 1)]
        return {"perplexity": math.exp(min(loss, 50.0)), "samples": texts}
    from sacrebleu import corpus_bleu, corpus_chrf  # noqa: PLC0415

    longest = max(len(row.target) for row in rows)
    found_texts: list[str] = []
    for at in range(0, len(rows), 64):
        ids = padded([row.ids for row in rows[at : at + 64]])
        for made in translate(model, ids, min(longest + 8, codec.positions - 2)):
            found_texts.append(codec.tokenizer.decode(made).strip())
    wanted = [example.other for example in examples]
    same = sum(a == b for a, b in zip(found_texts, wanted, strict=True)) / len(wanted)
    return {
        "bleu": corpus_bleu(found_texts, [wanted]).score,
        "chrf": corpus_chrf(found_texts, [wanted]).score, "same": same,
    }  # fmt: skip


def classification_metrics(
    found: Sequence[int], wanted: Sequence[int], labels: Sequence[str]
) -> dict[str, Any]:
    """Accuracy; precision, recall and F1 as means over the classes; the confusion matrix, a row for
    each class that was wanted."""
    size = len(labels)
    confusion = [[0] * size for _ in range(size)]
    for f, w in zip(found, wanted, strict=True):
        confusion[w][f] += 1
    precision, recall, f1 = [], [], []
    for c in range(size):
        hit = confusion[c][c]
        p = hit / max(1, sum(row[c] for row in confusion))
        r = hit / max(1, sum(confusion[c]))
        precision.append(p)
        recall.append(r)
        f1.append(2 * p * r / (p + r) if p + r else 0.0)
    return {
        "accuracy": sum(confusion[c][c] for c in range(size)) / max(1, len(found)),
        "precision": sum(precision) / size, "recall": sum(recall) / size, "f1": sum(f1) / size,
        "confusion": confusion, "labels": list(labels),
    }  # fmt: skip
