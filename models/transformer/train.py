"""Train the Transformer for a task: `hearthd train classify|generate|translate`.

A run is a folder. `checkpoint.pt` is written every few steps with everything that the next step
depends on, random states included, so a run that was stopped ends with the same weights, bit for
bit, as one that was not. `loss.csv` and `loss.png` tell how it went, `metrics.json` what came out.
"""

from __future__ import annotations

import csv
import json
import math
import random
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer

from models.transformer.model import Config, Transformer
from models.transformer.tasks import COLUMNS, Codec, Task, loss_of, metrics_of
from models.transformer.texts import (
    DataError,
    Example,
    Row,
    augmented,
    order_of,
    read_examples,
    split,
    train_tokenizer,
)


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to train. `patience` epochs without a better validation loss end the training;
    `start_from` is the folder of an earlier run, of any task, whose layers and tokenizer are
    taken over."""

    task: Task
    data: str
    epochs: int = 10
    batch: int = 32
    learning_rate: float = 1e-3
    warmup: int = 100
    vocabulary: int = 2000
    d_model: int = 128
    heads: int = 4
    layers: int = 2
    d_ff: int = 512
    positions: int = 128
    dropout: float = 0.1
    augment: float = 0.0
    patience: int = 3
    seed: int = 7
    start_from: str = ""
    checkpoint_steps: int = 50


@dataclass(slots=True)
class _Run:
    """What a training step changes."""

    model: Transformer
    optimiser: torch.optim.AdamW
    schedule: torch.optim.lr_scheduler.LambdaLR
    step: int = 0
    summed: float = 0.0
    best: float = float("inf")
    since_best: int = 0
    history: list[tuple[int, float, float]] | None = None


def train(recipe: Recipe, folder: Path, stop_after: int | None = None) -> dict[str, Any]:
    """Train, or go on with what lies in `folder`; returns the metrics of the best epoch's weights.

    `stop_after` ends the call after that many steps in all, as if it had been killed. Raises
    `DataError`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(recipe.seed)
    learn, held = split(read_examples(Path(recipe.data), COLUMNS[recipe.task]), recipe.seed)
    codec = _codec(recipe, learn, held, folder)
    run = _begin(recipe, codec)
    _resume(run, folder)
    rows, held_rows = [codec.row(e) for e in learn], [codec.row(e) for e in held]
    batches = -(-len(rows) // recipe.batch)
    with _progress() as progress:
        bar = progress.add_task("training", total=recipe.epochs * batches, completed=run.step,
                                loss="")  # fmt: skip
        while run.step < recipe.epochs * batches and run.since_best <= recipe.patience:
            if stop_after is not None and run.step >= stop_after:
                return {}
            epoch, place = divmod(run.step, batches)
            chosen = order_of(epoch, len(rows), recipe.seed)[place * recipe.batch :][: recipe.batch]
            loss = _step(run, recipe, codec, [learn[i] for i in chosen], [rows[i] for i in chosen])
            progress.update(bar, completed=run.step, loss=f"loss {loss:.3f}")
            if place == batches - 1:
                _end_epoch(run, recipe, codec, held_rows, folder, batches)
                progress.update(bar, loss=f"validation {(run.history or [])[-1][2]:.3f}")
            if run.step % recipe.checkpoint_steps == 0 or place == batches - 1:
                _save(run, folder)
    return _finish(run, recipe, codec, held, folder)


def _codec(recipe: Recipe, learn: list[Example], held: list[Example], folder: Path) -> Codec:
    path = folder / "tokenizer.json"
    earlier = Path(recipe.start_from) / "tokenizer.json"
    if path.exists():
        tokenizer = Tokenizer.from_file(str(path))
    elif recipe.start_from:
        tokenizer = Tokenizer.from_file(str(earlier))
    else:
        texts = [text for e in learn for text in (e.text, e.other)]
        tokenizer = train_tokenizer(texts, recipe.vocabulary)
    tokenizer.save(str(path))
    labels: tuple[str, ...] = ()
    if recipe.task == "classify":
        labels = tuple(sorted({e.other for e in [*learn, *held]}))
        if not 2 <= len(labels) <= 1000:
            raise DataError(f"{recipe.data}: {len(labels)} labels; from 2 to 1000 can be learned")
    return Codec(recipe.task, tokenizer, recipe.positions, labels)


def _begin(recipe: Recipe, codec: Codec) -> _Run:
    config = Config(
        vocabulary=codec.tokenizer.get_vocab_size(), d_model=recipe.d_model, heads=recipe.heads,
        layers=recipe.layers, d_ff=recipe.d_ff, positions=recipe.positions, dropout=recipe.dropout,
        classes=len(codec.labels),
    )  # fmt: skip
    model = Transformer(config)
    if recipe.start_from:
        _take_over(model, load_file(Path(recipe.start_from) / "model.safetensors"))
    optimiser = torch.optim.AdamW(
        model.parameters(), lr=recipe.learning_rate, betas=(0.9, 0.98), weight_decay=0.01
    )

    def factor(step: int) -> float:
        """Section 5.3: linear warm-up, then the inverse square root of the step."""
        return min((step + 1) / recipe.warmup, math.sqrt(recipe.warmup / (step + 1)))

    return _Run(model, optimiser, torch.optim.lr_scheduler.LambdaLR(optimiser, factor), history=[])


def _take_over(model: Transformer, state: dict[str, torch.Tensor]) -> None:
    """What fits. A language model has trained its decoder alone: its layers start the encoder too,
    whose parts have the same names."""
    own = model.state_dict()
    for name in own:
        source = name
        if name.startswith("encoder.") and "decoder.0.norm_3.weight" in state:
            source = name.replace("encoder.", "decoder.").replace("norm_2", "norm_3")
        if source in state and state[source].shape == own[name].shape and "classifier" not in name:
            own[name] = state[source]
    model.load_state_dict(own)


def _step(
    run: _Run, recipe: Recipe, codec: Codec, examples: list[Example], rows: list[Row]
) -> float:
    if recipe.augment:
        rng = random.Random(f"{recipe.seed}-{run.step}")
        rows = [
            codec.row(Example(augmented(e.text, rng, recipe.augment), e.other)) for e in examples
        ]
    run.model.train()
    half = torch.cuda.is_available()
    with torch.autocast("cuda", torch.bfloat16) if half else nullcontext():
        loss = loss_of(run.model, codec.task, rows)
    run.optimiser.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(run.model.parameters(), 1.0)
    run.optimiser.step()
    run.schedule.step()
    run.step += 1
    value = float(loss.item())
    run.summed += value
    return value


@torch.inference_mode()
def validation_loss(model: Transformer, task: Task, rows: Sequence[Row], batch: int) -> float:
    """Mean over the rows."""
    model.eval()
    total = 0.0
    for at in range(0, len(rows), batch):
        part = rows[at : at + batch]
        total += loss_of(model, task, part).item() * len(part)
    return total / len(rows)


def _end_epoch(
    run: _Run, recipe: Recipe, codec: Codec, held: Sequence[Row], folder: Path, batches: int
) -> None:
    loss = validation_loss(run.model, codec.task, held, recipe.batch)
    history = run.history if run.history is not None else []
    history.append((len(history) + 1, run.summed / batches, loss))
    run.history, run.summed = history, 0.0
    run.since_best = 0 if loss < run.best else run.since_best + 1
    if loss < run.best:
        run.best = loss
        save_file(_weights(run.model), folder / "model.safetensors")
    with (folder / "loss.csv").open("w", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow(("epoch", "training", "validation"))
        writer.writerows((e, f"{t:.5f}", f"{v:.5f}") for e, t, v in history)


def _weights(model: Transformer) -> dict[str, torch.Tensor]:
    return {name: tensor.contiguous() for name, tensor in model.state_dict().items()}


def _finish(
    run: _Run, recipe: Recipe, codec: Codec, held: Sequence[Example], folder: Path
) -> dict[str, Any]:
    run.model.load_state_dict(load_file(folder / "model.safetensors"))
    metrics = metrics_of(run.model, codec, held, run.best)
    metrics = {"validation_loss": run.best, "held_out": len(held), **metrics}
    config = {
        "model_type": "hearthd-transformer", "task": recipe.task, "labels": list(codec.labels),
        "model": asdict(run.model.config), "recipe": asdict(recipe),
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n", "utf-8")
    (folder / "metrics.json").write_text(json.dumps(metrics, indent=1) + "\n", "utf-8")
    _plot(run.history or [], folder / "loss.png")
    return metrics


def _plot(history: Sequence[tuple[int, float, float]], path: Path) -> None:
    from matplotlib.figure import Figure  # noqa: PLC0415

    figure = Figure(figsize=(6, 4))
    axes = figure.add_subplot(xlabel="epoch", ylabel="loss")
    epochs = [row[0] for row in history]
    axes.plot(epochs, [row[1] for row in history], label="training")
    axes.plot(epochs, [row[2] for row in history], label="validation")
    axes.legend()
    figure.savefig(path, dpi=120)


def _save(run: _Run, folder: Path) -> None:
    state = {
        "model": run.model.state_dict(), "optimiser": run.optimiser.state_dict(),
        "schedule": run.schedule.state_dict(), "random": torch.get_rng_state(),
        "step": run.step, "summed": run.summed, "best": run.best, "since_best": run.since_best,
        "history": run.history,
    }  # fmt: skip
    partial = folder / "checkpoint.partial"
    torch.save(state, partial)
    partial.replace(folder / "checkpoint.pt")


def _resume(run: _Run, folder: Path) -> None:
    path = folder / "checkpoint.pt"
    if not path.exists():
        return
    state = torch.load(path, weights_only=True)
    run.model.load_state_dict(state["model"])
    run.optimiser.load_state_dict(state["optimiser"])
    run.schedule.load_state_dict(state["schedule"])
    torch.set_rng_state(state["random"])
    run.step, run.summed, run.best = state["step"], state["summed"], state["best"]
    run.since_best, run.history = state["since_best"], [tuple(row) for row in state["history"]]


def load_run(folder: Path) -> tuple[Transformer, Codec]:
    """The trained model of a run, in evaluation mode. Raises FileNotFoundError or ValueError."""
    said = json.loads((folder / "config.json").read_text("utf-8"))
    if said.get("model_type") != "hearthd-transformer":
        raise ValueError(f"{folder}: not a run of `hearthd train`")
    model = Transformer(Config(**said["model"]))
    model.load_state_dict(load_file(folder / "model.safetensors"))
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    codec = Codec(said["task"], tokenizer, model.config.positions, tuple(said["labels"]))
    return model.eval(), codec


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
        TextColumn("{task.fields[loss]}"), TimeRemainingColumn(), console=Console(stderr=True),
    )  # fmt: skip
