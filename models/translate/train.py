"""Train the household translator from its recipe: `hearthd train translator`.

A run is a folder: log, checkpoints it goes on from when it was stopped, and in the end a Marian
checkpoint as Hugging Face has it, which the pipeline exports as any other.
"""

from __future__ import annotations

import csv
import json
import random
import time
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from transformers import MarianConfig, MarianMTModel

from models.translate.corpus import DIRECTIONS, Pair, pairs
from models.translate.register import register_of
from models.translate.tokens import END, PAD, SIGNS, train_tokenizer

SAVE_STEPS = 200


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a recipe file holds. `pairs` sentences are made, and seen as often as the steps need;
    the learning rate rises over `warmup` steps and falls to nothing at `steps`."""

    seed: int = 7
    pairs: int = 600_000
    vocabulary: int = 4000
    width: int = 256
    encoder_layers: int = 4
    decoder_layers: int = 2
    heads: int = 8
    feed_forward: int = 1024
    dropout: float = 0.1
    batch: int = 128
    steps: int = 6000
    learning_rate: float = 1.5e-3
    warmup: int = 300
    label_smoothing: float = 0.05
    bfloat16: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """Token ids, each ending with `END`."""

    source: tuple[int, ...]
    target: tuple[int, ...]


def read_recipe(path: Path) -> Recipe:
    """Raises TypeError for unknown keys, so that a typo is not ignored."""
    raw = tomllib.loads(path.read_text("utf-8"))
    raw.pop("export", None)
    return Recipe(**raw)


def new_model(recipe: Recipe, vocabulary: int) -> MarianMTModel:
    """A Marian model with random weights; source, target and output share their embedding."""
    config = MarianConfig(
        vocab_size=vocabulary, decoder_vocab_size=vocabulary, d_model=recipe.width,
        encoder_layers=recipe.encoder_layers, decoder_layers=recipe.decoder_layers,
        encoder_attention_heads=recipe.heads, decoder_attention_heads=recipe.heads,
        encoder_ffn_dim=recipe.feed_forward, decoder_ffn_dim=recipe.feed_forward,
        max_position_embeddings=128, pad_token_id=PAD, eos_token_id=END, forced_eos_token_id=END,
        decoder_start_token_id=PAD, dropout=recipe.dropout, activation_function="swish",
        scale_embedding=True, init_std=recipe.width**-0.5,
    )  # fmt: skip
    return MarianMTModel(config)


def rows_of(made: Sequence[Pair], tokenizer: Tokenizer) -> list[Row]:
    """Sources begin with the sign of the language that is wanted."""
    sources = tokenizer.encode_batch([f"{SIGNS[p.target_language]} {p.source}" for p in made])
    targets = tokenizer.encode_batch([p.target for p in made])
    return [Row((*a.ids, END), (*b.ids, END)) for a, b in zip(sources, targets, strict=True)]


def batches(rows: Sequence[Row], size: int, rng: random.Random) -> Iterator[list[Row]]:
    """For ever: rows of like length together, batches in random order."""
    while True:
        order = list(range(len(rows)))
        rng.shuffle(order)
        for start in range(0, len(order), size * 64):
            part = sorted(order[start : start + size * 64], key=lambda i: len(rows[i].target))
            parts = [part[at : at + size] for at in range(0, len(part), size)]
            rng.shuffle(parts)
            yield from ([rows[i] for i in chosen] for chosen in parts)


def padded(rows: Sequence[tuple[int, ...]]) -> Tensor:
    """(B, longest), filled with `PAD`."""
    longest = max(map(len, rows))
    return torch.tensor([[*row, *([PAD] * (longest - len(row)))] for row in rows])


def loss_of(model: MarianMTModel, rows: Sequence[Row], recipe: Recipe) -> Tensor:
    """Cross-entropy of each next token, teacher-forced."""
    source, target = padded([r.source for r in rows]), padded([r.target for r in rows])
    start = torch.full((len(rows), 1), PAD)
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=recipe.bfloat16):
        out = model(
            input_ids=source, attention_mask=(source != PAD).long(),
            decoder_input_ids=torch.cat([start, target[:, :-1]], 1),
        )  # fmt: skip
    return cross_entropy(
        out.logits.float().flatten(0, 1), target.flatten(), ignore_index=PAD,
        label_smoothing=recipe.label_smoothing,
    )  # fmt: skip


def train(recipe: Recipe, run: Path) -> Path:
    """Train, or go on with what lies in `run`; returns the folder of the finished checkpoint."""
    torch.manual_seed(recipe.seed)
    run.mkdir(parents=True, exist_ok=True)
    made = list(pairs(recipe.pairs, recipe.seed))
    tokenizer = _tokenizer(recipe, made, run)
    rows = rows_of(made, tokenizer)
    model = new_model(recipe, tokenizer.get_vocab_size())
    optimiser = torch.optim.AdamW(
        model.parameters(), lr=recipe.learning_rate, betas=(0.9, 0.98), weight_decay=0.01,
        fused=True,
    )  # fmt: skip
    done = _resume(run, model, optimiser)
    stream = batches(rows, recipe.batch, random.Random(recipe.seed))
    model.train()
    started = time.monotonic()
    with _progress() as progress, (run / "loss.csv").open("a", newline="") as log:
        bar = progress.add_task("training", total=recipe.steps, completed=done, loss="")
        for step in range(1, recipe.steps + 1):
            chosen = next(stream)
            if step <= done:
                continue
            loss = _step(model, optimiser, chosen, recipe, step)
            progress.update(bar, completed=step, loss=f"loss {loss:.3f}")
            if step % 20 == 0:
                csv.writer(log).writerow((step, f"{loss:.4f}", f"{time.monotonic() - started:.0f}"))
                log.flush()
            if step % SAVE_STEPS == 0 or step == recipe.steps:
                _save(run, step, model, optimiser)
    return finish(model, tokenizer, made, run)


def _step(
    model: MarianMTModel, optimiser: torch.optim.Optimizer, rows: Sequence[Row], recipe: Recipe,
    step: int,
) -> float:  # fmt: skip
    left = (recipe.steps - step + 1) / (recipe.steps - recipe.warmup)
    for group in optimiser.param_groups:
        group["lr"] = recipe.learning_rate * min(step / recipe.warmup, left)
    loss = loss_of(model, rows, recipe)
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimiser.step()
    return float(loss.item())


def finish(model: MarianMTModel, tokenizer: Tokenizer, made: Sequence[Pair], run: Path) -> Path:
    """The checkpoint as Hugging Face has it, and beside it what the artefact must know of it."""
    folder = run / "checkpoint"
    rounded(model).eval().save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    about = {
        "pairs": [list(pair) for pair in DIRECTIONS],
        "prefix": {language: f"{sign} " for language, sign in SIGNS.items()},
        "placeholders": True,
        "words": register_of(made),
    }
    (folder / "translation.json").write_text(
        json.dumps(about, ensure_ascii=False, indent=0) + "\n", "utf-8"
    )
    return folder


def rounded(model: MarianMTModel) -> MarianMTModel:
    """The model with its weights moved to what 8 bits with a scale a row hold, in place: what is
    scored in PyTorch is then what the artefact stores."""
    tables = [m for m in model.modules() if isinstance(m, nn.Linear)]  # the head is the embedding
    with torch.no_grad():
        for table in tables:
            scale = table.weight.abs().amax(1, keepdim=True).clamp_min(1e-12) / 127
            table.weight.copy_((table.weight / scale).round() * scale)
    return model


def _tokenizer(recipe: Recipe, made: Sequence[Pair], run: Path) -> Tokenizer:
    path = run / "tokenizer.json"
    if not path.exists():
        texts = (text for pair in made[:100_000] for text in (pair.source, pair.target))
        train_tokenizer(texts, recipe.vocabulary).save(str(path))
    return Tokenizer.from_file(str(path))


def _save(run: Path, step: int, model: nn.Module, optimiser: torch.optim.Optimizer) -> None:
    partial = run / "checkpoint.partial"
    state = {"step": step, "model": model.state_dict(), "optimiser": optimiser.state_dict()}
    torch.save(state, partial)
    partial.replace(run / "checkpoint.pt")


def _resume(run: Path, model: nn.Module, optimiser: torch.optim.Optimizer) -> int:
    path = run / "checkpoint.pt"
    if not path.exists():
        return 0
    state = torch.load(path, weights_only=True)
    model.load_state_dict(state["model"])
    optimiser.load_state_dict(state["optimiser"])
    return int(state["step"])


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
        TextColumn("{task.fields[loss]}"), TimeRemainingColumn(), console=Console(stderr=True),
    )  # fmt: skip
