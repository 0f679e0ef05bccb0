"""What a checkpoint says to a text, and the attention maps of its layers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor
from transformers import (
    AutoModel,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    MarianMTModel,
)

from edge.tasks.embed import cosine
from export.answers import Answer, Attention, alike
from export.encoders import plain_tokenizer
from export.errors import CheckpointError, ExportFailed
from export.safe import check_folder
from models.transformer.tasks import Codec, translate
from models.transformer.texts import START, Example
from models.transformer.train import load_run

MOST_TOKENS = 128
"""Larger maps cannot be read."""


@torch.inference_mode()
def checkpoint_answer(folder: Path, text: str) -> Answer:
    """Of a checkpoint. Raises `ExportFailed` for kinds that are not explained."""
    config, _ = check_folder(folder)
    kind = str(config.get("model_type"))
    if kind == "hearthd-transformer":
        model, codec = load_run(folder)
        if codec.task == "classify":
            return _own_classifier(model, codec, text)
        if codec.task == "translate":
            return _own_translator(model, codec, text)
        raise ExportFailed(
            f"{folder}: was trained to {codec.task}; explained are classify, translate"
        )
    tokenizer = plain_tokenizer(folder)
    if kind == "marian":
        return _marian(folder, tokenizer, text)
    return _encoder(folder, config, tokenizer, text)


def _own_classifier(model: Any, codec: Codec, text: str) -> Answer:
    def ids(other: str) -> Tensor:
        return torch.tensor([codec.row(Example(other, codec.labels[0])).ids])

    def probabilities(other: str) -> Tensor:
        with torch.inference_mode():
            found: Tensor = model.classify(ids(other))[0].softmax(-1)
        return found

    best = int(probabilities(text).argmax())
    names = _names(codec.tokenizer, ids(text)[0].tolist())
    maps = [layer[0] for layer in model.encode(ids(text))[1]]
    return Answer(
        f"{codec.labels[best]} {float(probabilities(text)[best]):.0%}",
        lambda other: float(probabilities(other)[best]),
        _attention(maps, names, names),
    )


def _own_translator(model: Any, codec: Codec, text: str) -> Answer:
    def made(other: str) -> tuple[Tensor, list[int]]:
        ids = torch.tensor([codec.row(Example(other, "")).ids])
        return ids, translate(model, ids, min(MOST_TOKENS, codec.positions - 2))[0]

    ids, target = made(text)
    said = codec.tokenizer.decode(target).strip()
    memory, _ = model.encode(ids)
    _, maps = model.decode(torch.tensor([[START, *target]]), memory, ids)
    rows = [*_names(codec.tokenizer, target), "(end)"]
    columns = _names(codec.tokenizer, ids[0].tolist())
    return Answer(
        said,
        lambda other: alike(codec.tokenizer.decode(made(other)[1]).strip(), said),
        _attention([layer[0] for layer in maps], rows, columns),
    )


def _marian(folder: Path, tokenizer: Tokenizer, text: str) -> Answer:
    model = _opened(MarianMTModel, folder)

    def made(other: str) -> tuple[Tensor, Any]:
        ids = torch.tensor([[*tokenizer.encode(other).ids, model.config.eos_token_id]])
        out = model.generate(
            input_ids=ids, num_beams=1, do_sample=False, max_new_tokens=MOST_TOKENS
        )
        return ids, out

    ids, out = made(text)
    said = _said(tokenizer, model, out)
    maps = model(input_ids=ids, decoder_input_ids=out[:, :-1], output_attentions=True)
    return Answer(
        said,
        lambda other: alike(_said(tokenizer, model, made(other)[1]), said),
        _attention(
            [layer[0] for layer in maps.cross_attentions],
            _names(tokenizer, out[0, 1:].tolist()), _names(tokenizer, ids[0].tolist()),
        ),
    )  # fmt: skip


def _said(tokenizer: Tokenizer, model: Any, out: Tensor) -> str:
    """Without start and end, which not every tokenizer knows to be special."""
    special = {model.config.pad_token_id, model.config.eos_token_id}
    return tokenizer.decode([i for i in out[0].tolist() if i not in special]).strip()


def _encoder(folder: Path, config: dict[str, Any], tokenizer: Tokenizer, text: str) -> Answer:
    """An encoder of the BERT family: its class if it has a head for that, else its mean vector."""
    architecture = str((config.get("architectures") or [""])[0])
    heads = {
        "ForSequenceClassification": AutoModelForSequenceClassification,
        "ForTokenClassification": AutoModelForTokenClassification,
    }
    kind = next((head for name, head in heads.items() if architecture.endswith(name)), AutoModel)
    model = _opened(kind, folder)

    def run(other: str) -> Any:
        ids = torch.tensor([tokenizer.encode(other or " ").ids[:MOST_TOKENS]])
        with torch.inference_mode():
            return model(input_ids=ids, output_attentions=True)

    out = run(text)
    names = tokenizer.encode(text).tokens[:MOST_TOKENS]
    maps = _attention([layer[0] for layer in out.attentions], names, names)
    if kind is AutoModelForSequenceClassification:
        best = int(out.logits[0].argmax())
        label = str(model.config.id2label[best])
        return Answer(label, lambda other: float(run(other).logits[0].softmax(-1)[best]), maps)
    if kind is not AutoModel:
        raise ExportFailed(f"{folder}: tags tokens; explained are encoders that say one thing")
    vector = out.last_hidden_state[0].mean(0).numpy()

    def still(other: str) -> float:
        return cosine(vector, run(other).last_hidden_state[0].mean(0).numpy())

    return Answer("its meaning", still, maps)


def _opened(kind: Any, folder: Path) -> Any:
    try:
        return kind.from_pretrained(
            folder, attn_implementation="eager", dtype=torch.float32, use_safetensors=True,
            trust_remote_code=False, local_files_only=True,
        ).eval()  # fmt: skip
    except Exception as error:  # transformers raises many kinds
        raise CheckpointError(folder, f"transformers cannot read it: {error}") from error


def _names(tokenizer: Tokenizer, ids: Sequence[int]) -> list[str]:
    return [tokenizer.id_to_token(number) or "?" for number in ids]


def _attention(
    layers: Sequence[Tensor], rows: Sequence[str], columns: Sequence[str]
) -> tuple[Attention, ...]:
    """Of each layer's maps (h, rows, columns)."""
    return tuple(
        Attention(number, tuple(rows), tuple(columns), layer.mean(0).float().numpy())
        for number, layer in enumerate(layers, start=1)
    )
