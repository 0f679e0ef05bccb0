"""Train the judge of answers from its recipe: `hearthd train judge`.

A sentence encoder with a head for two classes, over question and passage in one text (a
cross-encoder: Nogueira and Cho 2019, arXiv:1901.04085). Its table of words and its lowest layers
stay as they were.
"""

from __future__ import annotations

import json
import random
import time
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn.functional import cross_entropy
from transformers import AutoModelForSequenceClassification

from models.judge.corpus import Pair, pairs

LABELS = ("no", "answers")


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a recipe file holds, but for `[export]`. Training ends at `stop`, with the learning rate
    that it has on its way to nothing at `steps`. `told` names the files of passages by hand, if
    not all; `layers` and `pieces` are those of the base encoder, made in `cache`
    (`models.judge.base`)."""

    cache: str
    layers: Sequence[int]
    pieces: int
    seed: int
    made: int
    by_hand: float
    taught: int
    steps: int
    stop: int
    batch: int
    longest: int
    frozen: int
    learning_rate: float
    warmup: int
    bfloat16: bool
    told: Sequence[str] = ()


def read_recipe(path: Path) -> Recipe:
    """Raises TypeError for unknown keys, so that a typo is not ignored."""
    raw = tomllib.loads(path.read_text("utf-8"))
    raw.pop("export", None)
    return Recipe(**raw)


def train(recipe: Recipe, base: Path, taught: Sequence[Path], run: Path) -> Path:
    """Train from the encoder (or an earlier judge) in `base` on made pairs and on those of the
    files `taught` (JSON lines, as `hearthd bench ask --pairs` writes them). Returns the
    checkpoint's folder."""
    torch.manual_seed(recipe.seed)
    model = AutoModelForSequenceClassification.from_pretrained(
        base, num_labels=2, use_safetensors=True, local_files_only=True, dtype=torch.float32,
        attention_probs_dropout_prob=0.0,  # else a step takes half as long again: no fused kernel
        id2label=dict(enumerate(LABELS)), label2id={name: at for at, name in enumerate(LABELS)},
    )  # fmt: skip
    model.bert.embeddings.requires_grad_(False)
    for layer in model.bert.encoder.layer[: recipe.frozen]:
        layer.requires_grad_(False)
    tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(recipe.longest)
    learned = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimiser = torch.optim.AdamW(learned, lr=recipe.learning_rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min(1, (step + 1) / recipe.warmup) * (1 - step / recipe.steps)
    )
    batches = _batches(recipe, _material(recipe, taught), tokenizer)
    model.train()
    run.mkdir(parents=True, exist_ok=True)
    started, losses = time.monotonic(), []
    with (run / "log.jsonl").open("w", encoding="utf-8") as log:
        for step in range(1, min(recipe.stop, recipe.steps) + 1):
            losses.append(_step(model, next(batches), optimiser, recipe.bfloat16))
            schedule.step()
            if step % 20 == 0:
                loss = sum(losses[-20:]) / 20
                line = {"step": step, "loss": loss, "seconds": time.monotonic() - started}
                print(json.dumps(line), file=log, flush=True)
            if step % 100 == 0 or step == recipe.stop:
                _save(model, tokenizer, run / "checkpoint")
    return run / "checkpoint"


def _step(
    model: Any, batch: tuple[Tensor, Tensor, Tensor], optimiser: torch.optim.Optimizer, short: bool
) -> float:
    """One step on ids (B, L), mask (B, L) and labels (B); returns the loss."""
    ids, mask, labels = batch
    with torch.autocast("cpu", torch.bfloat16, enabled=short):
        logits = model(input_ids=ids, attention_mask=mask).logits  # (B, 2)
    loss = cross_entropy(logits.float(), labels, label_smoothing=0.03)
    optimiser.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimiser.step()
    return float(loss.detach())


def _save(model: Any, tokenizer: Tokenizer, folder: Path) -> None:
    model.save_pretrained(folder)
    tokenizer.no_truncation()
    tokenizer.save(str(folder / "tokenizer.json"))


def _material(recipe: Recipe, taught: Sequence[Path]) -> list[Pair]:
    found = pairs(recipe.made, recipe.seed, recipe.by_hand, tuple(recipe.told))
    for path in taught:
        for line in path.read_text("utf-8").splitlines():
            pair = Pair(**json.loads(line))
            found += [pair] * (recipe.taught if pair.answered else 1)
    random.Random(recipe.seed).shuffle(found)
    return found


def _batches(
    recipe: Recipe, material: Sequence[Pair], tokenizer: Tokenizer
) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Without end; pairs of about one length go together, so that little is padding."""
    dice = random.Random(recipe.seed)
    span = recipe.batch * 32
    while True:
        for start in range(0, len(material) - span + 1, span):
            part = sorted(material[start : start + span], key=lambda pair: len(pair.text))
            groups = [part[at : at + recipe.batch] for at in range(0, span, recipe.batch)]
            dice.shuffle(groups)
            for group in groups:
                yield _tensors(group, tokenizer, recipe.longest)


def _tensors(
    group: Sequence[Pair], tokenizer: Tokenizer, longest: int
) -> tuple[Tensor, Tensor, Tensor]:
    rows = [tokenizer.encode(pair.text).ids[:longest] for pair in group]
    length = max(map(len, rows))
    ids = torch.tensor([row + [0] * (length - len(row)) for row in rows])  # (B, L)
    mask = torch.tensor([[1] * len(row) + [0] * (length - len(row)) for row in rows])
    return ids, mask, torch.tensor([int(pair.answered) for pair in group])
