"""Train a wake word from its recipe: `hearthd train wake`.

A run is a folder: the streams that were made for it, a checkpoint that it goes on from when it was
stopped, and in the end `config.json`, `model.safetensors` and `metrics.json`, which
`hearthd export --task wake` takes. Half-way, the network listens through all of its training and
from then on learns mostly from what it took for the phrase.
"""

from __future__ import annotations

import csv
import json
import time
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from models.wake.batches import Chooser, hardest, sure_places
from models.wake.corpus import LINES, Cast, stream
from models.wake.measure import Decision, choose, probabilities, score
from models.wake.model import Config, WakeNetwork
from models.wake.scenes import Stream
from models.wake.texts import talk
from models.wake.voices import Voice, espeak

SAVE_STEPS = 100


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a recipe file holds, but for `[export]`. `learn`, `choose` and `held` name eSpeak NG's
    accents and variants to learn from, to choose the threshold with, and to measure on; the numbers
    of scenes say how much of each is made. `phrases` and `near` are parts of what is said."""

    phrase: str
    language: str = "en"
    seed: int = 7
    learn: Mapping[str, Sequence[str]] | None = None
    choose: Mapping[str, Sequence[str]] | None = None
    held: Mapping[str, Sequence[str]] | None = None
    scenes: int = 400
    choose_scenes: int = 120
    held_scenes: int = 200
    sentences: int = 1500
    phrases: float = 0.35
    near: float = 0.25
    steps: int = 1500
    batch: int = 128
    learning_rate: float = 2e-3
    false_accepts: float = 0.5
    looks: int = 2
    refractory_ms: int = 1500
    frames: int = 152
    bands: int = 40
    widths: Sequence[int] = (48, 64, 96)


def read_recipe(path: Path) -> Recipe:
    """Raises TypeError for unknown keys, so that a typo is not ignored."""
    raw = tomllib.loads(path.read_text("utf-8"))
    raw.pop("export", None)
    return Recipe(**raw)


def voices_of(named: Mapping[str, Sequence[str]] | None) -> list[Voice]:
    """The voices of `accents` and `variants`. Raises ValueError where there are none."""
    if not named or not named.get("accents") or not named.get("variants"):
        raise ValueError("a recipe names `accents` and `variants` to learn, choose and hold out")
    return espeak(named["accents"], named["variants"])


def train(recipe: Recipe, run: Path, others: Sequence[Voice] = ()) -> dict[str, Any]:
    """Train, or go on with what lies in `run`; returns the metrics. `others` are voices to learn
    from beside the recipe's."""
    torch.manual_seed(recipe.seed)
    run.mkdir(parents=True, exist_ok=True)
    with _progress() as progress:
        streams = _streams(recipe, run, others, progress)
        model = WakeNetwork(Config(recipe.frames, recipe.bands, tuple(recipe.widths)))
        _learn(model, recipe, streams["learn"], run, progress)
        return _finish(model, recipe, streams, run, [voice.name for voice in others])


def _streams(
    recipe: Recipe, run: Path, others: Sequence[Voice], progress: Progress
) -> dict[str, Stream]:
    """To learn from, to choose with (phrases and talk), and held out (phrases, talk, near)."""
    phrase, language = recipe.phrase, recipe.language
    learn, chosen, held = (voices_of(v) for v in (recipe.learn, recipe.choose, recipe.held))
    said = talk(phrase, language, recipe.sentences, recipe.seed)
    known = (*said.sentences, *said.near)
    # else what it has learnt would be chosen with, and the threshold come out too low
    other = talk(phrase, language, recipe.sentences, recipe.seed + 2, known)
    later = talk(phrase, language, recipe.sentences, recipe.seed + 1, (*known, *other.sentences))
    quarter = max(1, recipe.held_scenes // 4)
    plan = {
        "learn": (Cast([*learn, *others], said, phrase, recipe.phrases, recipe.near),
                  recipe.scenes),
        "choose": (Cast(chosen, other, phrase), recipe.choose_scenes),
        "held-phrases": (Cast(held, later, phrase, phrases=0.5), quarter),
        "held-talk": (Cast(held, later, phrase), recipe.held_scenes),
        "held-near": (Cast(held, later, phrase, near=1.0), quarter),
    }  # fmt: skip
    bar = progress.add_task("voices", total=sum(count for _, count in plan.values()), loss="")
    made = {}
    for number, (name, (cast, count)) in enumerate(plan.items()):
        path = run / f"{name}.npz"
        if path.exists():
            made[name] = _read(path)
            progress.advance(bar, count)
            continue
        made[name] = stream(
            cast, count, recipe.bands, recipe.seed * 10 + number, lambda _: progress.advance(bar)
        )
        _write(path, made[name])
    return made


def _write(path: Path, made: Stream) -> None:
    partial = path.with_suffix(".partial.npz")
    np.savez(partial, frames=made.frames, ends=np.array(made.ends, dtype=np.int64))
    partial.replace(path)


def _read(path: Path) -> Stream:
    with np.load(path, allow_pickle=False) as found:
        return Stream(found["frames"], tuple(int(end) for end in found["ends"]))


def _learn(
    model: WakeNetwork, recipe: Recipe, source: Stream, run: Path, progress: Progress
) -> None:
    optimiser = torch.optim.AdamW(model.parameters(), recipe.learning_rate, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, recipe.learning_rate, recipe.steps + 1, pct_start=0.1
    )
    elsewhere = np.flatnonzero(sure_places(source))[::2]
    chooser = Chooser(
        recipe.seed, recipe.batch, recipe.frames, source, elsewhere,
        torch.zeros(0, dtype=torch.int64),
    )  # fmt: skip
    done = _resume(run, model, optimiser, schedule, chooser)
    bar = progress.add_task("training", total=recipe.steps, completed=done, loss="")
    started = time.monotonic()
    with (run / "loss.csv").open("a", newline="") as log:
        for step in range(done + 1, recipe.steps + 1):
            loss = _step(model, chooser.batch(step), optimiser)
            schedule.step()
            progress.update(bar, completed=step, loss=f"loss {loss:.3f}")
            if step in (recipe.steps // 3, 2 * recipe.steps // 3):
                chooser.hard = hardest(model, source)
            if step % 20 == 0:
                elapsed = f"{time.monotonic() - started:.0f}"
                csv.writer(log).writerow((step, f"{loss:.4f}", elapsed))
            if step % SAVE_STEPS == 0 or step == recipe.steps:
                log.flush()
                _save(run, step, model, optimiser, schedule, chooser)


def _step(model: WakeNetwork, batch: tuple[Tensor, Tensor], optimiser: torch.optim.AdamW) -> float:
    model.train()
    frames, labels = batch
    loss = binary_cross_entropy_with_logits(model.logits(frames), labels)
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimiser.step()
    return float(loss.item())


def _save(run: Path, step: int, model: Any, optimiser: Any, schedule: Any, chooser: Any) -> None:
    state = {
        "step": step, "model": model.state_dict(), "optimiser": optimiser.state_dict(),
        "schedule": schedule.state_dict(), "hard": chooser.hard, "random": torch.get_rng_state(),
    }  # fmt: skip
    partial = run / "checkpoint.partial"
    torch.save(state, partial)
    partial.replace(run / "checkpoint.pt")


def _resume(run: Path, model: Any, optimiser: Any, schedule: Any, chooser: Chooser) -> int:
    path = run / "checkpoint.pt"
    if not path.exists():
        return 0
    state = torch.load(path, weights_only=True)
    for part, name in ((model, "model"), (optimiser, "optimiser"), (schedule, "schedule")):
        part.load_state_dict(state[name])
    chooser.hard = state["hard"]
    torch.set_rng_state(state["random"])
    return int(state["step"])


def _finish(
    model: WakeNetwork, recipe: Recipe, streams: Mapping[str, Stream], run: Path, others: list[str]
) -> dict[str, Any]:
    tuned = streams["choose"]
    threshold = choose(
        probabilities(model, tuned), tuned, recipe.false_accepts, recipe.looks, recipe.refractory_ms
    )
    decision = Decision(threshold, recipe.looks, recipe.refractory_ms)
    held = {
        name: score(probabilities(model, streams[name]), streams[name], decision)
        for name in ("held-phrases", "held-talk", "held-near")
    }
    near = held["held-near"]
    near_lines = max(1, recipe.held_scenes // 4) * LINES
    metrics = {
        "phrases": held["held-phrases"].phrases, "missed": round(held["held-phrases"].missed, 4),
        "talk_hours": round(held["held-talk"].hours, 2),
        "false_accepts_an_hour": round(held["held-talk"].false_accepts, 2),
        "near_taken_for_it": round(near.false_accepts * near.hours / near_lines, 4),
        "learnt_hours": round(streams["learn"].hours, 2), "weights": _size(model),
    }  # fmt: skip
    config = {
        "model_type": "hearthd-wake", "phrase": recipe.phrase, "language": recipe.language,
        "model": asdict(model.config), "decision": asdict(decision), "seed": recipe.seed,
        "held": recipe.held, "voices": others, "metrics": metrics,
    }  # fmt: skip
    save_file({k: v.contiguous() for k, v in model.state_dict().items()}, run / "model.safetensors")
    (run / "config.json").write_text(json.dumps(config, indent=1) + "\n", "utf-8")
    (run / "metrics.json").write_text(json.dumps(metrics, indent=1) + "\n", "utf-8")
    return {"threshold": threshold, **metrics}


def _size(model: WakeNetwork) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
        TextColumn("{task.fields[loss]}"), TimeRemainingColumn(), console=Console(stderr=True),
    )  # fmt: skip
