"""Size against quality of a student beside its teacher: `hearthd models distil` shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from export.encoders import Run, plain_tokenizer
from export.errors import CheckpointError
from export.measure import interleaved
from export.safe import check_folder
from export.tasks.embed import open_checkpoint, same_order
from models.encoders.distil import NoStudent, Task, open_model


@dataclass(frozen=True, slots=True)
class Quality:
    """`megabytes` of weights in float32 and `p50_ms` of a text in PyTorch on one thread, both in
    the same run. `like` is, of texts that had no part in teaching, the mean cosine to the teacher,
    or the share with the same label; `least` the lowest cosine, or one minus the mean difference of
    probability. `order` is the share of queries whose first three passages are in the teacher's
    order, near ties apart, and `strictly` counting them; of classifiers both are missing."""

    folder: Path
    layers: int
    megabytes: float
    p50_ms: float
    like: float
    least: float
    order: float | None = None
    strictly: float | None = None


def checked(checkpoint: Path) -> Path:
    """The folder, if it is a checkpoint that a student could be cut from. Raises
    `CheckpointError`."""
    config, _ = check_folder(checkpoint)
    plain_tokenizer(checkpoint)
    if config.get("model_type") == "hearthd-transformer":
        raise CheckpointError(
            checkpoint, "was made by `hearthd train`: train it again with fewer --layers"
        )
    return checkpoint


def qualities(
    teacher: Path, student: Path, task: Task, held: Sequence[str], timed: int = 40
) -> list[Quality]:
    """A row for the teacher and one for the student. Raises `CheckpointError`."""
    runs = {folder: _run(folder, task) for folder in (teacher, student)}
    times = interleaved({str(folder): run for folder, run in runs.items()}, held[:timed])
    shown = [runs[teacher](text) for text in held]
    rows = []
    for folder, run in runs.items():
        found = [run(text) for text in held]
        like, least = _alike(found, shown, task)
        order, strictly = (None, None) if task == "classify" else same_order(run, runs[teacher])
        config, _ = check_folder(folder)
        rows.append(
            Quality(
                folder, int(config.get("num_hidden_layers") or config["n_layers"]),
                sum(path.stat().st_size for path in folder.glob("*.safetensors")) / 1e6,
                times[str(folder)]["p50_ms"], like, least, order, strictly,
            )
        )  # fmt: skip
    return rows


def _alike(found: Sequence[Any], shown: Sequence[Any], task: Task) -> tuple[float, float]:
    if task == "embed":
        cosines = np.array([float(one @ other) for one, other in zip(found, shown, strict=True)])
        return float(cosines.mean()), float(cosines.min())
    same = [one.argmax() == other.argmax() for one, other in zip(found, shown, strict=True)]
    apart = [np.abs(one - other).max() for one, other in zip(found, shown, strict=True)]
    return float(np.mean(same)), 1.0 - float(np.mean(apart))


def _run(folder: Path, task: Task) -> Run:
    """A text to its unit vector, or to the probabilities of its labels, on one thread."""
    torch.set_num_threads(1)
    tokenizer = plain_tokenizer(folder)
    tokenizer.enable_truncation(256)
    model: Any
    try:
        model = open_checkpoint(folder) if task == "embed" else open_model(folder, task)
    except NoStudent as error:
        raise CheckpointError(folder, str(error)) from error

    def run(text: str) -> Any:
        ids = torch.tensor([tokenizer.encode(text).ids])
        with torch.inference_mode():
            found = model(ids, torch.ones_like(ids))
            return (found if task == "embed" else found.logits.softmax(-1))[0].numpy()

    return run


def table(rows: Sequence[Quality]) -> str:
    """A model a line."""
    names = ("layers", "MB", "ms", "like", "least", "order", "strict")
    lines = [" ".join(f"{name:>7}" for name in names)]
    for row in rows:
        order = "" if row.order is None else f"{row.order:7.0%} {row.strictly or 0.0:7.0%}"
        lines.append(
            f"{row.layers:7} {row.megabytes:7.1f} {row.p50_ms:7.2f} {row.like:7.4f} "
            f"{row.least:7.4f} {order}".rstrip()
        )
    return "\n".join(lines)
