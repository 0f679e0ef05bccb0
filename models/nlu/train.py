"""Train the understanding model from its recipe: `hearthd train nlu`.

One recipe file says everything: seed, mixture, steps, learning rates. A run writes its log, its
losses and a checkpoint to its folder every few hundred steps, and goes on from there if stopped.
"""

from __future__ import annotations

import csv
import itertools
import multiprocessing
import random
import shutil
import time
import tomllib
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import torch
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from models.bases.build import build
from models.bases.vocabulary import SPECIAL
from models.nlu import distil
from models.nlu.batches import IGNORE, MAX_CLAUSES, Batch, Encoded, batches, encode
from models.nlu.data.dataset import Mixture, training_set
from models.nlu.model import ATTRIBUTE_SIZES, Scores, UnderstandingModel, clause_mean, pretrained
from models.nlu.restored import restore


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a recipe file holds. `mixtures` says for each group of languages how many examples of
    each source one language of the group gets; `cache` is where the base model is made. A recipe
    may `start` from the checkpoint of another or from the folder of an int8 artefact, and `stop`
    before its learning rate has run out. With a `teacher`, a checkpoint, a model of those of its
    `layers` learns from it; the distance counts `teaching` times. With `average`, checkpoints, the
    mean of their weights and of what was trained is written to `average.pt`."""

    groups: Mapping[str, tuple[str, ...]]
    mixtures: Mapping[str, Mixture]
    layers: Sequence[int] = (0, 2, 4, 6, 8, 10)
    pieces: int = 40_000
    cache: str = "runs/bases"
    seed: int = 7
    steps: int = 2000
    batch: int = 64
    encoder_lr: float = 1.5e-4
    head_lr: float = 1.5e-3
    warmup: int = 100
    dropout: float = 0.1
    bfloat16: bool = True
    start: str = ""
    stop: int = 0
    teacher: str = ""
    teaching: float = 1.0
    average: Sequence[str] = ()

    @property
    def languages(self) -> dict[str, Mixture]:
        """Each language with its mixture."""
        return {lang: self.mixtures[g] for g, langs in self.groups.items() for lang in langs}


def read_recipe(path: Path) -> Recipe:
    """Raises TypeError for unknown keys, so that a typo is not ignored."""
    raw = tomllib.loads(path.read_text("utf-8"))
    groups = {name: tuple(listed) for name, listed in raw.pop("languages").items()}
    mixtures = {name: Mixture(**counts) for name, counts in raw.pop("mixture").items()}
    return Recipe(groups, mixtures, **raw)


def base_folder(recipe: Recipe, data: Path) -> Path:
    """The folder of the base encoder, made if it is not there yet."""
    return build(Path(recipe.cache), tuple(recipe.languages), recipe.layers, recipe.pieces, data)


def base_tokenizer(folder: Path) -> Tokenizer:
    """The encoder's tokenizer, without padding and truncation."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def training_rows(recipe: Recipe, data: Path, folder: Path) -> list[Encoded]:
    """The training set as arrays, one process a core; the order does not depend on timing."""
    jobs = [
        (lang, mixture, data, recipe.seed, folder) for lang, mixture in recipe.languages.items()
    ]
    jobs.sort(key=lambda job: job[1].own, reverse=True)
    rows: list[Encoded] = []
    with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as pool:
        for done, made in enumerate(pool.map(_rows_of_language, jobs), start=1):
            rows.extend(made)
            print(f"sentences: {jobs[done - 1][0]}, {done} of {len(jobs)} languages, {len(rows)}")
    return rows


def _rows_of_language(job: tuple[str, Mixture, Path, int, Path]) -> list[Encoded]:
    language, mixture, data, seed, folder = job
    tokenizer = base_tokenizer(folder)
    return [encode(example, tokenizer) for example in training_set(language, mixture, data, seed)]


def loss_of(scores: Scores, batch: Batch) -> Tensor:
    """Sum of the heads' losses, each a mean over what is known."""
    mask = batch.attention_mask.bool() & (batch.clause_of_token >= 0)
    tags = cross_entropy(scores.tags.flatten(0, 1), batch.tags.flatten(), ignore_index=IGNORE)
    known = ~batch.clause_start.isnan()
    starts = binary_cross_entropy_with_logits(scores.clause_start[known], batch.clause_start[known])
    intent = clause_mean(scores.intent, batch.clause_of_token, MAX_CLAUSES)
    loss = tags.nan_to_num() + starts.nan_to_num()
    loss = loss + cross_entropy(
        intent.flatten(0, 1), batch.intents.flatten(), ignore_index=IGNORE, label_smoothing=0.02
    )
    merged = clause_mean(scores.attributes, batch.clause_of_token, MAX_CLAUSES)
    for number, logits in enumerate(merged.split(ATTRIBUTE_SIZES, dim=-1)):
        part = cross_entropy(
            logits.flatten(0, 1), batch.attributes[..., number].flatten(), ignore_index=IGNORE
        )
        loss = loss + 0.5 * part.nan_to_num()
    weight = mask.float() / mask.sum(1, keepdim=True).clamp(min=1)
    ours = binary_cross_entropy_with_logits((scores.for_us * weight).sum(1), batch.for_us)
    spoken = (scores.language * weight.unsqueeze(-1)).sum(1)
    return loss + ours + 0.3 * cross_entropy(spoken, batch.language)


def train(recipe: Recipe, data: Path, run: Path) -> UnderstandingModel:
    """Train, or go on with what lies in `run`. Returns the model in evaluation mode."""
    torch.manual_seed(recipe.seed)
    run.mkdir(parents=True, exist_ok=True)
    model, folder = _beginning(recipe, data, run)
    teacher = distil.load(Path(recipe.teacher)) if recipe.teacher else None
    rows = training_rows(recipe, data, folder)
    optimiser, schedule = _optimiser(model, recipe)
    done = _resume(run, model, optimiser, schedule)
    pad = SPECIAL.index("<pad>")
    rng = random.Random(recipe.seed)
    stream = itertools.chain.from_iterable(
        batches(rows, recipe.batch, pad, rng) for _ in itertools.count()
    )
    model.train()
    last = recipe.stop or recipe.steps
    started = time.monotonic()
    with _progress() as progress, (run / "loss.csv").open("a", newline="") as log:
        task = progress.add_task("training", total=last, completed=done, loss="")
        for step, batch in enumerate(itertools.islice(stream, last), start=1):
            if step <= done:
                continue
            loss = step_loss(model, teacher, batch, recipe)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            progress.update(task, completed=step, loss=f"loss {loss.item():.3f}")
            if step % 20 == 0:
                elapsed = f"{time.monotonic() - started:.0f}"
                csv.writer(log).writerow((step, f"{loss.item():.4f}", elapsed))
                log.flush()
            if step % 250 == 0 or step == last:
                _save(run, step, model, optimiser, schedule)
    if recipe.average:
        states = [distil.load(Path(path)).state_dict() for path in recipe.average]
        model.load_state_dict(mean([*states, model.state_dict()]))
        torch.save({"model": model.state_dict()}, run / "average.pt")
    return model.eval()


def mean(states: Sequence[Mapping[str, Tensor]]) -> dict[str, Tensor]:
    """The mean of several models' weights, which generalises better than each where one was
    trained from the other (Wortsman et al. 2022, arXiv:2203.05482)."""
    first, *others = states
    return {
        name: sum((other[name] for other in others), start=tensor) / len(states)
        if tensor.is_floating_point()
        else tensor
        for name, tensor in first.items()
    }


def step_loss(
    model: UnderstandingModel, teacher: UnderstandingModel | None, batch: Batch, recipe: Recipe
) -> Tensor:
    """The loss of one batch, and the distance from the teacher, if there is one."""
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=recipe.bfloat16):
        hidden = model.hidden(batch.input_ids, batch.attention_mask)
        scores = model.read(hidden).float()
    loss = loss_of(scores, batch)
    if teacher is None:
        return loss
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=recipe.bfloat16):
        known = teacher.hidden(batch.input_ids, batch.attention_mask)
        shown = teacher.read(known).float()
    return loss + recipe.teaching * distil.distance(scores, shown, (hidden, known), batch)


def _beginning(recipe: Recipe, data: Path, run: Path) -> tuple[UnderstandingModel, Path]:
    """The model before the first step, and the folder with its architecture and tokenizer, which
    are kept beside the checkpoint: they are needed to load it."""
    folder = run / "base"
    if Path(recipe.start, "manifest.json").exists():
        model = restore(Path(recipe.start), folder)
    elif recipe.start:
        model = distil.load(Path(recipe.start))
        _keep_architecture(Path(recipe.start).parent / "base", folder)
    elif recipe.teacher:
        model = distil.student(Path(recipe.teacher), recipe.layers, folder)
    else:
        base = base_folder(recipe, data)
        model = pretrained(str(base), recipe.dropout)
        _keep_architecture(base, folder)
    model.dropout.p = recipe.dropout
    return model, folder


def _keep_architecture(source: Path, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    for name in ("config.json", "tokenizer.json"):
        shutil.copyfile(source / name, folder / name)


def _optimiser(
    model: UnderstandingModel, recipe: Recipe
) -> tuple[torch.optim.AdamW, torch.optim.lr_scheduler.LambdaLR]:
    encoder = list(model.encoder.parameters())
    heads = [p for name, p in model.named_parameters() if not name.startswith("encoder.")]
    optimiser = torch.optim.AdamW(
        [{"params": encoder, "lr": recipe.encoder_lr}, {"params": heads, "lr": recipe.head_lr}],
        weight_decay=0.01,
        fused=True,
    )

    def factor(step: int) -> float:
        if step < recipe.warmup:
            return (step + 1) / recipe.warmup
        return max(0.0, (recipe.steps - step) / (recipe.steps - recipe.warmup))

    return optimiser, torch.optim.lr_scheduler.LambdaLR(optimiser, factor)


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[loss]}"),
        TimeRemainingColumn(),
    )


def _save(
    run: Path,
    step: int,
    model: nn.Module,
    optimiser: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LambdaLR,
) -> None:
    state = {
        "step": step,
        "model": model.state_dict(),
        "optimiser": optimiser.state_dict(),
        "schedule": schedule.state_dict(),
    }
    partial = run / "checkpoint.partial"
    torch.save(state, partial)
    partial.replace(run / "checkpoint.pt")


def _resume(
    run: Path,
    model: nn.Module,
    optimiser: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LambdaLR,
) -> int:
    path = run / "checkpoint.pt"
    if not path.exists():
        return 0
    state = torch.load(path, weights_only=True)
    model.load_state_dict(state["model"])
    optimiser.load_state_dict(state["optimiser"])
    schedule.load_state_dict(state["schedule"])
    return int(state["step"])


def main(recipe_file: Path, data: Path, run: Path) -> None:
    """Train what `recipe_file` says into the folder `run`."""
    train(read_recipe(recipe_file), data, run)
