"""Text and token classification: Hugging Face encoders, and what `hearthd train classify` made."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from transformers import (
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    BertForSequenceClassification,
    BertForTokenClassification,
)

from edge.manifest import Check
from edge.sessions import Session
from export.encoders import (
    INPUTS,
    Floats,
    IdsOf,
    Run,
    calibration,
    encoder_spec,
    export_encoder,
    measured,
    plain_tokenizer,
    run_onnx,
    run_torch,
)
from export.errors import CheckpointError
from export.lean import is_lean, labels
from export.safe import check_folder
from export.sentences import household_sentences, read_texts
from export.steps import Did, Job
from models.transformer.model import Transformer
from models.transformer.train import load_run


class _Logits(nn.Module):
    """A Hugging Face model's logits alone."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        logits: Tensor = self.model(input_ids=input_ids, attention_mask=attention_mask).logits
        return logits


class _Own(nn.Module):
    """The reference Transformer, with a mask beside the ids as everybody else has it."""

    def __init__(self, model: Transformer) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        pad = torch.full_like(input_ids, self.model.config.pad)
        return self.model.classify(torch.where(attention_mask > 0, input_ids, pad))


def load(job: Job) -> Did:
    """Check the checkpoint's form and note what it is."""
    config, values = check_folder(job.checkpoint)
    plain_tokenizer(job.checkpoint)
    labels = _labels(job)
    return {"architecture": str(config.get("model_type")), "values": values, "labels": len(labels)}


def export(job: Job) -> Did:
    """ONNX: int8 at once, or fp32, smoothed for int8."""
    longest = _max_tokens(job)
    found = calibration(plain_tokenizer(job.checkpoint))
    texts = [ids[:, :longest] for ids in found if ids.numel()]
    model = open_checkpoint(job)
    inner = getattr(model, "model", None)
    of_tokens = job.wanted.task == "tag"
    lean = partial(labels, inner, texts, of_tokens) if _is_bert(inner) else None
    return export_encoder(job, model, texts, "logits", longest, lean)


def _is_bert(model: Any) -> bool:
    known = isinstance(model, BertForSequenceClassification | BertForTokenClassification)
    return known and is_lean(model.bert)


def verify(job: Job) -> Did:
    """How often both choose the same label, and how far their probabilities are apart."""
    count = job.wanted.samples or 200
    texts = read_texts(job.wanted.data, count) if job.wanted.data else household_sentences(count)
    ours, theirs = _onnx(job), _torch(job)
    same, apart = [], []
    for text in texts:
        a, b = ours(text), theirs(text)
        same.append(float((a.argmax(-1) == b.argmax(-1)).mean()))
        apart.append(float(np.abs(_softmax(a) - _softmax(b)).max()))
    checks = [
        Check(name="same label as PyTorch", value=float(np.mean(same)), kind="at least",
              limit=job.limit("same_label", 0.98), samples=len(texts)),
        Check(name="mean difference of probability", value=float(np.mean(apart)), kind="at most",
              limit=job.limit("probability", 0.03), samples=len(texts)),
    ]  # fmt: skip
    return {"checks": [check.model_dump() for check in checks]}


def measure(job: Job) -> Did:
    """One thread, one text at a time, beside PyTorch."""
    return measured(job, _onnx(job), _torch(job), household_sentences(40))


def describe(job: Job) -> Mapping[str, Any]:
    """Tensors, labels and self-tests."""
    labels = _labels(job)
    tokens: list[int | str] = ["batch", "length"]
    whole = job.wanted.task == "classify"
    return {
        "tokenizer": "tokenizer.json",
        "inputs": INPUTS,
        "outputs": [
            {"name": "logits", "dtype": "float32",
             "shape": ["batch", len(labels)] if whole else [*tokens, len(labels)]}
        ],
        "labels": {"labels": labels},
        "task_settings": {"max_tokens": _max_tokens(job)},
        "self_tests": [_self_test(job, text, labels) for text in household_sentences(3)],
    }  # fmt: skip


def _self_test(job: Job, text: str, labels: Sequence[str]) -> dict[str, Any]:
    if job.wanted.task == "tag":
        return {"input": {"text": text}, "output": {"tags": _tags(job, text, labels)}}
    probabilities = _softmax(_onnx(job)(text))
    best = int(probabilities.argmax())
    return {
        "input": {"text": text}, "tolerance": 0.1,
        "output": {"label": labels[best], "probability": round(float(probabilities[best]), 4)},
    }  # fmt: skip


def _tags(job: Job, text: str, labels: Sequence[str]) -> list[list[Any]]:
    """As `edge.tasks.tag` joins them."""
    from edge.tasks.tag import Tagger  # noqa: PLC0415

    tagger = Tagger.__new__(Tagger)
    tagger.labels = list(labels)
    tagger._tokenizer = plain_tokenizer(job.checkpoint)
    tagger._session = Session(job.file("model.onnx"))
    return [[tag.start, tag.end, tag.label] for tag in tagger.tag(text)]


def open_checkpoint(job: Job) -> nn.Module:
    """The PyTorch model. Raises `CheckpointError`."""
    if _is_own(job.checkpoint):
        model, codec = load_run(job.checkpoint)
        if codec.task != "classify":
            raise CheckpointError(job.checkpoint, f"was trained to {codec.task}")
        return _Own(model).eval()
    kind = (
        AutoModelForTokenClassification
        if job.wanted.task == "tag"
        else AutoModelForSequenceClassification
    )
    try:
        return _Logits(
            kind.from_pretrained(
                job.checkpoint, dtype=torch.float32, use_safetensors=True,
                trust_remote_code=False, local_files_only=True,
            )
        ).eval()  # fmt: skip
    except Exception as error:  # transformers raises many kinds
        raise CheckpointError(job.checkpoint, f"transformers cannot read it: {error}") from error


def _is_own(folder: Path) -> bool:
    return _config(folder).get("model_type") == "hearthd-transformer"


def _config(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "config.json").read_text("utf-8"))
    return found


def _labels(job: Job) -> list[str]:
    config = _config(job.checkpoint)
    if _is_own(job.checkpoint):
        return [str(label) for label in config["labels"]]
    named = config.get("id2label") or {}
    if len(named) < 2:
        raise CheckpointError(job.checkpoint, "its config.json has no id2label with two or more")
    return [str(named[key]) for key in sorted(named, key=int)]


def _max_tokens(job: Job) -> int:
    config = _config(job.checkpoint)
    if _is_own(job.checkpoint):
        return int(config["model"]["positions"]) - 2
    return min(256, int(config.get("max_position_embeddings", 256)) - 2)


def _softmax(logits: Floats) -> Floats:
    shifted = np.exp(logits - logits.max(-1, keepdims=True))
    result: Floats = shifted / shifted.sum(-1, keepdims=True)
    return result


def _ids(job: Job) -> IdsOf:
    tokenizer = plain_tokenizer(job.checkpoint)
    tokenizer.enable_truncation(_max_tokens(job))
    return lambda text: np.array([tokenizer.encode(text).ids], dtype=np.int64)


def _onnx(job: Job) -> Run:
    return run_onnx(job, _ids(job))


def _torch(job: Job) -> Run:
    return run_torch(open_checkpoint(job), _ids(job))


SPEC = encoder_spec(load, export, verify, measure, describe)
