"""A text encoder with fewer layers, taught by the one it was cut from: `hearthd models distil`.

The student keeps some of its teacher's layers (Sanh et al. 2019, arXiv:1910.01108), its table of
words, which does not change, and its head. On texts of any kind, without labels, it learns to have
the teacher's last hidden state (Jiao et al. 2020, arXiv:1909.10351), and what comes of it: the
direction of a text's vector and how alike two texts are, or how probable each label is.
"""

from __future__ import annotations

import csv
import hashlib
import json
import random
import shutil
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn.functional import cosine_similarity, kl_div, mse_loss, normalize
from transformers import AutoModel, AutoModelForSequenceClassification

SAVE_STEPS = 50
ALIKE = 4.0
"""How much the likeness of two texts counts beside the rest."""

Task = Literal["embed", "classify"]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to teach. `layers` are those that the student keeps; `pooling` is the encoder's."""

    task: Task
    layers: tuple[int, ...]
    pooling: Literal["mean", "cls"] = "mean"
    steps: int = 800
    batch: int = 32
    longest: int = 64
    learning_rate: float = 3e-4
    warmup: int = 40
    seed: int = 7
    bfloat16: bool = False


class NoStudent(ValueError):
    """A checkpoint that no student can be cut from, or layers that it does not have."""


def open_model(folder: Path, task: Task) -> Any:
    """The encoder, for classification with its head. Raises `NoStudent`."""
    kind = AutoModel if task == "embed" else AutoModelForSequenceClassification
    try:
        return kind.from_pretrained(
            folder, dtype=torch.float32, use_safetensors=True, trust_remote_code=False,
            local_files_only=True,
        ).eval()  # fmt: skip
    except Exception as error:  # transformers raises many kinds
        raise NoStudent(f"{folder}: transformers cannot read it: {error}") from error


def cut(model: Any, layers: Sequence[int]) -> Any:
    """The model with these of its layers alone, in place. Raises `NoStudent`."""
    said = "n_layers" if hasattr(model.config, "n_layers") else "num_hidden_layers"
    count = getattr(model.config, said, 0)
    found = [
        (parent, name, child)
        for parent in model.modules()
        for name, child in parent.named_children()
        if isinstance(child, nn.ModuleList) and len(child) == count
    ]
    if len(found) != 1 or not count:
        raise NoStudent(f"{model.config.model_type}: not an encoder with one stack of layers")
    if not layers or sorted(set(layers)) != list(layers) or layers[-1] >= count or layers[0] < 0:
        raise NoStudent(f"no layers {list(layers)}: it has 0 to {count - 1}, each once, in order")
    parent, name, stack = found[0]
    setattr(parent, name, nn.ModuleList([stack[number] for number in layers]))
    setattr(model.config, said, len(layers))
    return model


def distil(checkpoint: Path, out: Path, texts: Sequence[str], recipe: Recipe) -> Path:
    """Teach a student on `texts`, or go on with what lies in `out`, which becomes a checkpoint as
    its teacher's. Raises `NoStudent`."""
    torch.manual_seed(recipe.seed)
    wish = _wish(checkpoint, texts, recipe)
    done = out / "distil.json"
    if done.exists() and json.loads(done.read_text("utf-8")).get("wish") == wish:
        return out
    teacher = open_model(checkpoint, recipe.task)
    student = cut(open_model(checkpoint, recipe.task), recipe.layers)
    student.base_model.embeddings.requires_grad_(False)
    tokenizer = Tokenizer.from_file(str(checkpoint / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(recipe.longest)
    rows = [encoding.ids for encoding in tokenizer.encode_batch(list(texts)) if encoding.ids]
    out.mkdir(parents=True, exist_ok=True)
    last = _teach(teacher, student, rows, out, recipe, wish)
    _write(checkpoint, student, out)
    said = {"wish": wish, "loss": last, "texts": len(rows), **asdict(recipe)}
    done.write_text(json.dumps(said, indent=1) + "\n", "utf-8")
    (out / "distil.pt").unlink(missing_ok=True)
    return out


def _wish(checkpoint: Path, texts: Sequence[str], recipe: Recipe) -> str:
    found = hashlib.sha256(json.dumps([asdict(recipe), list(texts)]).encode())
    for path in sorted(checkpoint.glob("*.safetensors")):
        found.update(f"{path.name} {path.stat().st_size}".encode())
    return found.hexdigest()


def _write(checkpoint: Path, student: Any, out: Path) -> None:
    """The student's weights and configuration, and everything else as it lies in the teacher's
    folder: tokenizer, pooling, labels."""
    for path in checkpoint.iterdir():
        if path.suffix in (".safetensors", ".bin", ".pt") or path.name == "config.json":
            continue
        if path.is_dir():
            shutil.copytree(path, out / path.name, dirs_exist_ok=True)
        else:
            shutil.copy(path, out / path.name)
    student.save_pretrained(out)


def _teach(
    teacher: Any, student: Any, rows: Sequence[Sequence[int]], out: Path, recipe: Recipe, wish: str
) -> float:
    """Returns the mean loss of the last twenty steps."""
    learned = [parameter for parameter in student.parameters() if parameter.requires_grad]
    optimiser = torch.optim.AdamW(learned, recipe.learning_rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser,
        lambda step: min(1, (step + 1) / recipe.warmup) * (1 - step / (recipe.steps + 1)),
    )
    parts = {"student": student, "optimiser": optimiser, "schedule": schedule}
    done = _resume(out, parts, wish)
    losses: list[float] = []
    pad = int(student.config.pad_token_id or 0)
    student.train()
    started = time.monotonic()
    with _progress() as progress, (out / "loss.csv").open("a", newline="") as log:
        bar = progress.add_task("distilling", total=recipe.steps, completed=done, loss="")
        for step in range(done + 1, recipe.steps + 1):
            torch.manual_seed(recipe.seed * 100_003 + step)  # the same step, resumed or not
            batch = _batch(rows, step, pad, recipe)
            losses.append(_step(teacher, student, batch, recipe, optimiser))
            schedule.step()
            progress.update(bar, completed=step, loss=f"loss {losses[-1]:.4f}")
            if step % 20 == 0:
                elapsed = f"{time.monotonic() - started:.0f}"
                csv.writer(log).writerow((step, f"{_mean(losses):.5f}", elapsed))
                log.flush()
            if step % SAVE_STEPS == 0 and step < recipe.steps:
                _save(out, parts, wish, step)
    student.eval()
    return _mean(losses)


def _mean(losses: Sequence[float]) -> float:
    recent = losses[-20:]
    return sum(recent) / max(1, len(recent))


def _batch(
    rows: Sequence[Sequence[int]], step: int, pad: int, recipe: Recipe
) -> tuple[Tensor, Tensor]:
    """Ids and mask, (B, L), of texts that this step draws."""
    chosen = random.Random(f"{recipe.seed}-{step}").sample(rows, min(recipe.batch, len(rows)))
    longest = max(map(len, chosen))
    ids = torch.tensor([[*row, *[pad] * (longest - len(row))] for row in chosen])
    mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in chosen])
    return ids, mask


def _step(
    teacher: Any, student: Any, batch: tuple[Tensor, Tensor], recipe: Recipe,
    optimiser: torch.optim.Optimizer,
) -> float:  # fmt: skip
    with torch.autocast("cpu", torch.bfloat16, enabled=recipe.bfloat16):
        with torch.no_grad():
            shown = _outputs(teacher, batch, recipe)
        found = _outputs(student, batch, recipe)
    loss = distance(found, shown, batch[1], recipe.task)
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(student.parameters(), 1.0)
    optimiser.step()
    return float(loss.item())


def _outputs(model: Any, batch: tuple[Tensor, Tensor], recipe: Recipe) -> tuple[Tensor, Tensor]:
    """The last hidden state (B, L, H), and vectors (B, H) or logits (B, C)."""
    ids, mask = batch
    if recipe.task == "classify":
        found = model(input_ids=ids, attention_mask=mask, output_hidden_states=True)
        return found.hidden_states[-1].float(), found.logits.float()
    hidden = model(input_ids=ids, attention_mask=mask).last_hidden_state.float()
    if recipe.pooling == "cls":
        return hidden, hidden[:, 0]
    kept = mask.unsqueeze(-1).float()  # (B, L, 1)
    return hidden, (hidden * kept).sum(1) / kept.sum(1)


def distance(
    found: tuple[Tensor, Tensor], shown: tuple[Tensor, Tensor], mask: Tensor, task: Task
) -> Tensor:
    """How far the student is from its teacher: the squared difference of the hidden states, each
    dimension in units of the teacher's deviation, and how far apart what comes of them is."""
    spoken = mask.bool()
    ours, theirs = found[0][spoken], shown[0][spoken]  # (tokens, H)
    spread = theirs.std(0)  # (H); what hardly moves would count without end
    scale = torch.maximum(spread, spread.mean() / 2)
    apart = mse_loss(ours / scale, theirs / scale)
    if task == "classify":
        said, wanted = found[1].log_softmax(-1), shown[1].log_softmax(-1)
        return apart + kl_div(said, wanted, log_target=True, reduction="batchmean")
    turned = 1.0 - cosine_similarity(found[1], shown[1]).mean()
    one, other = normalize(found[1], dim=-1), normalize(shown[1], dim=-1)  # (B, H)
    alike = mse_loss(one @ one.T, other @ other.T)  # of (B, B)
    return apart + turned + ALIKE * alike


def _save(out: Path, parts: dict[str, Any], wish: str, step: int) -> None:
    state = {name: part.state_dict() for name, part in parts.items()}
    torch.save({**state, "wish": wish, "step": step}, out / "distil.partial")
    (out / "distil.partial").replace(out / "distil.pt")


def _resume(out: Path, parts: dict[str, Any], wish: str) -> int:
    path = out / "distil.pt"
    if not path.exists():
        return 0
    state = torch.load(path, weights_only=True)
    if state.get("wish") != wish:
        return 0
    for name, part in parts.items():
        part.load_state_dict(state[name])
    return int(state["step"])


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
        TextColumn("{task.fields[loss]}"), TimeRemainingColumn(), console=Console(stderr=True),
    )  # fmt: skip
