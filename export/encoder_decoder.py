"""Encoder-decoder Transformers with a cache, written out so that one small graph decodes a token.

A family (Whisper, Marian, our own) is described by its layers; `CachedDecoder` computes them with
the checkpoint's own modules. The interface of the two graphs is that of `edge.decoding`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from export.onnx_graph import export_graph


@dataclass(frozen=True, slots=True)
class Attention:
    """Projections of one attention, each (width) to (width)."""

    q: nn.Module
    k: nn.Module
    v: nn.Module
    out: nn.Module
    norm: nn.Module


@dataclass(frozen=True, slots=True)
class DecoderLayer:
    """A layer's parts. `pre_norm` tells whether norms stand before or after each part."""

    own: Attention
    cross: Attention
    feed_forward: Callable[[Tensor], Tensor]
    feed_forward_norm: nn.Module
    pre_norm: bool


@dataclass(frozen=True, slots=True)
class Family:
    """A checkpoint's parts. `embed(ids, offset)` gives (B, T, width) with positions in it;
    `head` is (width, vocabulary); `encode` gives (B, S, width)."""

    module: nn.Module
    encode: Callable[..., Tensor]
    embed: Callable[[Tensor, Tensor], Tensor]
    layers: Sequence[DecoderLayer]
    heads: int
    last_norm: nn.Module | None
    head: Tensor
    head_bias: Tensor | None = None


def _split(x: Tensor, heads: int) -> Tensor:
    """(B, T, width) to (B, heads, T, width / heads)."""
    apart: Tensor = x.unflatten(-1, (heads, -1))
    return apart.transpose(1, 2)


def _attend(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None) -> Tensor:
    """softmax(q k^T / sqrt(d)) v; q (B, h, T, d), k and v (B, h, S, d), to (B, T, h d).

    `mask` is added to the scores.
    """
    scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])  # (B, h, T, S)
    if mask is not None:
        scores = scores + mask
    mixed: Tensor = (scores.softmax(-1) @ v).transpose(1, 2)  # (B, T, h, d)
    return mixed.flatten(-2)


class CrossEncoder(nn.Module):
    """Input to the keys and values of every decoder layer's cross-attention."""

    def __init__(self, family: Family) -> None:
        super().__init__()
        self.module = family.module
        self.family = family

    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        """`cross_key_0, cross_value_0, cross_key_1, ...`, each (B, heads, S, d)."""
        memory = self.family.encode(*inputs)  # (B, S, width)
        out: list[Tensor] = []
        for layer in self.family.layers:
            out += [
                _split(layer.cross.k(memory), self.family.heads),
                _split(layer.cross.v(memory), self.family.heads),
            ]
        return tuple(out)


class CachedDecoder(nn.Module):
    """New tokens and the cache to the logits after the last of them, and the longer cache."""

    def __init__(self, family: Family, masked: bool) -> None:
        super().__init__()
        self.module = family.module
        self.family = family
        self.masked = masked
        # its own copy, already transposed, so that quantisation sees a constant
        self.head = nn.Parameter(family.head.detach().T.contiguous(), requires_grad=False)

    def forward(
        self, input_ids: Tensor, self_key: Tensor, self_value: Tensor, *encoded: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """ids (B, T), cache (layers, B, h, P, d) twice, cross keys and values a layer, and the
        encoder's mask (B, S) behind them where the inputs vary in length."""
        count = input_ids.shape[1]
        past = self_key.shape[3]
        at = torch.arange(count, device=input_ids.device) + past  # (T,)
        seen = torch.arange(past + count, device=input_ids.device)  # (P + T,)
        causal = torch.where(seen[None] <= at[:, None], 0.0, -1e9)  # (T, P + T)
        outer = None
        if self.masked:
            outer = (1.0 - encoded[-1].to(torch.float32))[:, None, None] * -1e9  # (B, 1, 1, S)
        x = self.family.embed(input_ids, at)  # (B, T, width)
        keys, values = [], []
        for number, layer in enumerate(self.family.layers):
            h = layer.own.norm(x) if layer.pre_norm else x
            q, k, v = (_split(p(h), self.family.heads)
                       for p in (layer.own.q, layer.own.k, layer.own.v))  # fmt: skip
            k = torch.cat([self_key[number], k], dim=2)  # (B, h, P + T, d)
            v = torch.cat([self_value[number], v], dim=2)
            keys.append(k)
            values.append(v)
            x = x + layer.own.out(_attend(q, k, v, causal))
            x = x if layer.pre_norm else layer.own.norm(x)
            h = layer.cross.norm(x) if layer.pre_norm else x
            q = _split(layer.cross.q(h), self.family.heads)
            told = _attend(q, encoded[2 * number], encoded[2 * number + 1], outer)
            x = x + layer.cross.out(told)
            x = x if layer.pre_norm else layer.cross.norm(x)
            h = layer.feed_forward_norm(x) if layer.pre_norm else x
            x = x + layer.feed_forward(h)
            x = x if layer.pre_norm else layer.feed_forward_norm(x)
        last = x[:, -1]  # (B, width)
        if self.family.last_norm is not None:
            last = self.family.last_norm(last)
        logits = last @ self.head
        if self.family.head_bias is not None:
            logits = logits + self.family.head_bias
        return logits, torch.stack(keys), torch.stack(values)


@dataclass(frozen=True, slots=True)
class Sample:
    """Example inputs of the encoder, by name, with the names of their varying dimensions."""

    tensors: dict[str, Tensor]
    varying: dict[str, dict[int, str]]
    masked: bool
    """Whether the last of them is a mask that the decoder needs as well."""


def export_both(family: Family, sample: Sample, encoder: Path, decoder: Path) -> None:
    """`encoder.onnx` and `decoder.onnx`, fp32."""
    names = [
        f"cross_{kind}_{number}"
        for number in range(len(family.layers))
        for kind in ("key", "value")
    ]
    first = CrossEncoder(family).eval()
    export_graph(first, sample.tensors, sample.varying, names, encoder)
    with torch.inference_mode():
        encoded = dict(zip(names, first(*sample.tensors.values()), strict=True))
    encoded = {name: value.clone() for name, value in encoded.items()}
    width = family.head.shape[1] // family.heads
    cache = torch.zeros(len(family.layers), 1, family.heads, 3, width)
    tensors: dict[str, Any] = {
        "input_ids": torch.ones((1, 2), dtype=torch.int64),
        "self_key": cache, "self_value": cache.clone(), **encoded,
    }  # fmt: skip
    varying: dict[str, dict[int, str]] = {
        "input_ids": {1: "new"}, "self_key": {3: "past"}, "self_value": {3: "past"},
    }  # fmt: skip
    if sample.masked:
        varying |= {name: {2: "source"} for name in names}
        tensors["attention_mask"] = sample.tensors["attention_mask"].clone()
        varying["attention_mask"] = {1: "source"}
    export_graph(
        CachedDecoder(family, sample.masked).eval(), tensors, varying,
        ["logits", "next_key", "next_value"], decoder,
    )  # fmt: skip
