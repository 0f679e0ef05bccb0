"""A smaller student of a trained understanding model.

The student keeps some layers of its teacher (Sanh et al. 2019, arXiv:1910.01108), and the heads,
which are linear: where its last hidden state equals the teacher's, so does every score. It learns
from the labels, from the teacher's scores, and to have the teacher's last hidden state.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.functional import kl_div, mse_loss

from models.nlu.batches import MAX_CLAUSES, Batch
from models.nlu.model import Scores, UnderstandingModel, clause_mean, untrained


def load(checkpoint: Path) -> UnderstandingModel:
    """The trained model, its architecture from the folder `base` beside the checkpoint. Only
    tensors are read (`weights_only`): a checkpoint cannot run code."""
    model = untrained(str(checkpoint.parent / "base"))
    state = torch.load(checkpoint, weights_only=True, map_location="cpu")
    model.load_state_dict(state["model"])
    return model.eval()


def student(teacher: Path, layers: Sequence[int], folder: Path) -> UnderstandingModel:
    """A model of the teacher's `layers`, its architecture and tokenizer written to `folder`.

    Raises ValueError where the teacher has no such layers.
    """
    config = json.loads((teacher.parent / "base" / "config.json").read_text("utf-8"))
    if max(layers) >= config["num_hidden_layers"] or sorted(set(layers)) != list(layers):
        raise ValueError(f"{teacher}: no layers {list(layers)} of {config['num_hidden_layers']}")
    config["num_hidden_layers"] = len(layers)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config, indent=1), "utf-8")
    tokenizer = (teacher.parent / "base" / "tokenizer.json").read_bytes()
    (folder / "tokenizer.json").write_bytes(tokenizer)
    model = untrained(str(folder))
    model.load_state_dict(kept(load(teacher).state_dict(), layers))
    return model


def kept(state: dict[str, Tensor], layers: Sequence[int]) -> dict[str, Tensor]:
    """The tensors of the chosen layers, numbered anew, and all that belong to no layer."""
    numbers = {old: new for new, old in enumerate(layers)}
    chosen: dict[str, Tensor] = {}
    for name, tensor in state.items():
        found = _LAYER.search(name)
        if found is None:
            chosen[name] = tensor
        elif int(found[1]) in numbers:
            chosen[_LAYER.sub(f".layer.{numbers[int(found[1])]}.", name)] = tensor
    return chosen


_LAYER = re.compile(r"\.layer\.(\d+)\.")


def distance(ours: Scores, theirs: Scores, hidden: tuple[Tensor, Tensor], batch: Batch) -> Tensor:
    """How far the student is from its teacher: the divergence of tags and of the intents of each
    wish, and the squared difference of the last hidden states (B, L, H), each dimension in units
    of the teacher's deviation."""
    spoken = batch.attention_mask.bool()
    student_states, teacher_states = (states[spoken].float() for states in hidden)
    scale = teacher_states.std(0).clamp(min=1e-3)
    apart = mse_loss(student_states / scale, teacher_states / scale)
    tags = _divergence(ours.tags[spoken], theirs.tags[spoken])
    wishes = [
        clause_mean(scores.intent, batch.clause_of_token, MAX_CLAUSES).flatten(0, 1)
        for scores in (ours, theirs)
    ]
    return apart + tags + _divergence(wishes[0], wishes[1])


def _divergence(ours: Tensor, theirs: Tensor) -> Tensor:
    return kl_div(
        ours.log_softmax(-1), theirs.log_softmax(-1), log_target=True, reduction="batchmean"
    )
