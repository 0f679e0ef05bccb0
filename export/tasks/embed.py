"""Sentence embeddings: a sentence-transformers or Hugging Face encoder, pooled inside the graph."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import AutoModel

from edge.manifest import Check
from export.encoders import (
    INPUTS,
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
from export.lean import is_lean, vectors
from export.safe import check_folder, read_json
from export.sentences import PASSAGES, QUERIES, household_sentences, read_texts
from export.steps import Did, Job

NEAR_TIE = 0.02
"""Cosines of two passages that differ by less than this are in no particular order."""

Floats = NDArray[np.float32]


class Pooled(nn.Module):
    """Encoder, pooling over the tokens, and normalisation: ids to unit vectors."""

    def __init__(self, encoder: nn.Module, pooling: str) -> None:
        super().__init__()
        self.encoder = encoder
        self.pooling = pooling

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """int64 (B, L) each, to float32 (B, H)."""
        hidden = self.encoder(
            input_ids=input_ids, attention_mask=attention_mask
        ).last_hidden_state  # (B, L, H)
        if self.pooling == "cls":
            pooled = hidden[:, 0]  # (B, H)
        else:
            kept = attention_mask.unsqueeze(-1).to(hidden.dtype)  # (B, L, 1)
            pooled = (hidden * kept).sum(1) / kept.sum(1).clamp(min=1e-9)  # (B, H)
        return nn.functional.normalize(pooled, dim=-1)


def load(job: Job) -> Did:
    """Check the checkpoint's form and note what it is."""
    config, values = check_folder(job.checkpoint)
    plain_tokenizer(job.checkpoint)
    return {
        "architecture": str(config.get("architectures", [config.get("model_type")])[0]),
        "values": values, "pooling": pooling_of(job.checkpoint), "hidden": config["hidden_size"],
    }  # fmt: skip


def export(job: Job) -> Did:
    """ONNX with dynamic batch and length: int8 at once, or fp32, smoothed for int8."""
    texts = calibration(
        plain_tokenizer(job.checkpoint), str(job.recipe.settings.get("passage", ""))
    )
    model = open_checkpoint(job.checkpoint)
    encoder = model.encoder
    lean = partial(vectors, encoder, texts, model.pooling) if is_lean(encoder) else None
    return export_encoder(job, model, texts, "vector", longest=512, lean=lean)


def verify(job: Job) -> Did:
    """Cosine to PyTorch on the given texts, and the order of retrieved passages."""
    count = job.wanted.samples or 500
    texts = read_texts(job.wanted.data, count) if job.wanted.data else household_sentences(count)
    ours, theirs = _embedder(job), _reference(job)
    cosines = np.array([float(ours(text) @ theirs(text)) for text in texts])
    same, strict = same_order(ours, theirs)
    checks = [
        Check(name="mean cosine to PyTorch", value=float(cosines.mean()), kind="at least",
              limit=job.limit("mean_cosine", 0.993), samples=len(texts)),
        Check(name="least cosine to PyTorch", value=float(cosines.min()), kind="at least",
              limit=job.limit("least_cosine", 0.98), samples=len(texts)),
        Check(name="first three passages in the same order", value=same, kind="at least",
              limit=job.limit("same_order", 0.98), samples=len(QUERIES)),
    ]  # fmt: skip
    return {
        "checks": [check.model_dump() for check in checks],
        "near_ties_within": NEAR_TIE, "same_order_counting_ties": strict,
    }  # fmt: skip


def measure(job: Job) -> Did:
    """One thread, one sentence at a time, beside PyTorch."""
    return measured(job, _embedder(job), _reference(job), household_sentences(60))


def describe(job: Job) -> Mapping[str, Any]:
    """Tensors, settings and self-tests."""
    hidden = json.loads((job.checkpoint / "config.json").read_text("utf-8"))["hidden_size"]
    run = _embedder(job)
    settings = {k: v for k, v in job.recipe.settings.items() if k in ("query", "passage")}
    tokenizer = plain_tokenizer(job.checkpoint)
    prefix = str(settings.get("passage", ""))
    return {
        "tokenizer": "tokenizer.json",
        "inputs": INPUTS,
        "outputs": [{"name": "vector", "dtype": "float32", "shape": ["batch", hidden]}],
        "task_settings": {
            **settings, "max_tokens": _max_tokens(job.checkpoint), "pad": _pad(tokenizer),
        },
        "self_tests": [
            {"input": {"text": text}, "output": {"vector": _rounded(run(prefix + text))},
             "tolerance": 0.02}
            for text in ("turn off the kitchen lights", "where is the spare key?")
        ],
    }  # fmt: skip


def open_checkpoint(folder: Path) -> Pooled:
    """The PyTorch model, in evaluation mode. Raises `CheckpointError`."""
    try:
        encoder = AutoModel.from_pretrained(
            folder, attn_implementation="sdpa", dtype=torch.float32, use_safetensors=True,
            trust_remote_code=False, local_files_only=True,
        )  # fmt: skip
    except Exception as error:  # transformers raises many kinds
        raise CheckpointError(folder, f"transformers cannot read it: {error}") from error
    return Pooled(encoder, pooling_of(folder)).eval()


def pooling_of(folder: Path) -> Literal["mean", "cls"]:
    """How a sentence-transformers folder says that tokens become a vector."""
    path = folder / "1_Pooling" / "config.json"
    return "cls" if path.exists() and read_json(path).get("pooling_mode_cls_token") else "mean"


def _max_tokens(folder: Path) -> int:
    path = folder / "sentence_bert_config.json"
    said = read_json(path).get("max_seq_length") if path.exists() else None
    config = json.loads((folder / "config.json").read_text("utf-8"))
    return int(said or min(256, config.get("max_position_embeddings", 256)))


def _pad(tokenizer: Tokenizer) -> int:
    found = [tokenizer.token_to_id(piece) for piece in ("[PAD]", "<pad>")]
    return next((number for number in found if number is not None), 0)


def _embedder(job: Job) -> Run:
    return run_onnx(job, _ids(job))


def _reference(job: Job) -> Run:
    return run_torch(open_checkpoint(job.checkpoint), _ids(job))


def _ids(job: Job) -> IdsOf:
    tokenizer = plain_tokenizer(job.checkpoint)
    return lambda text: np.array([tokenizer.encode(text).ids], dtype=np.int64)


def same_order(ours: Run, theirs: Run) -> tuple[float, float]:
    """Share of queries whose first three passages are in the same order: but for near ties, and
    counting them."""
    scores = []
    for run in (ours, theirs):
        passages = np.stack([run(text) for text in PASSAGES])  # (P, H)
        scores.append(np.stack([run(text) for text in QUERIES]) @ passages.T)  # (Q, P)
    same = strict = 0
    for found, wanted in zip(*scores, strict=True):
        mine, reference = np.argsort(-found)[:3], np.argsort(-wanted)[:3]
        strict += int((mine == reference).all())
        same += int(np.all(np.abs(wanted[mine] - wanted[reference]) < NEAR_TIE))
    return same / len(QUERIES), strict / len(QUERIES)


def _rounded(vector: Floats) -> list[float]:
    return [round(float(value), 5) for value in vector]


SPEC = encoder_spec(load, export, verify, measure, describe)
