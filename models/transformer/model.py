"""The Transformer of "Attention Is All You Need" (Vaswani et al. 2017, arXiv:1706.03762).

Read it from top to bottom: configuration, attention, feed-forward layer, the two kinds of layers,
the model. Symbols are the paper's: d_model, h heads of d_k = d_model / h, N layers, d_ff. Shapes
are in the margin: B sentences, T or S tokens.

The same model is used three ways:

* translation: `encode` the source, `decode` the target with it (sections 3.1 to 3.5);
* generation: `decode` without a source, which is the decoder-only language model;
* classification: `encode`, then a linear layer on the mean over the tokens.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True, slots=True)
class Config:
    """Sizes. The paper's base model is d_model 512, h 8, N 6, d_ff 2048."""

    vocabulary: int
    d_model: int = 128
    heads: int = 4
    layers: int = 2
    d_ff: int = 512
    positions: int = 256
    dropout: float = 0.1
    classes: int = 0
    pad: int = 0


class MultiHeadAttention(nn.Module):
    """Section 3.2.

    Attention(Q, K, V) = softmax(Q K^T / sqrt(d_k)) V                          (1)
    MultiHead(Q, K, V) = Concat(head_1, ..., head_h) W^O
    head_i = Attention(Q W_i^Q, K W_i^K, V W_i^V)
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.heads = config.heads
        self.q = nn.Linear(config.d_model, config.d_model)  # W_1^Q ... W_h^Q side by side
        self.k = nn.Linear(config.d_model, config.d_model)
        self.v = nn.Linear(config.d_model, config.d_model)
        self.out = nn.Linear(config.d_model, config.d_model)  # W^O
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: Tensor, memory: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Queries from `x` (B, T, d_model), keys and values from `memory` (B, S, d_model).

        `mask` is True where a query may look, broadcast to (B, h, T, S). Returns the mixture
        (B, T, d_model) and the attention maps (B, h, T, S).
        """
        q = self.split(self.q(x))  # (B, h, T, d_k)
        k = self.split(self.k(memory))  # (B, h, S, d_k)
        v = self.split(self.v(memory))  # (B, h, S, d_k)
        scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])  # (B, h, T, S)
        maps = scores.masked_fill(~mask, float("-inf")).softmax(-1)  # (B, h, T, S)
        heads = self.dropout(maps) @ v  # (B, h, T, d_k)
        return self.out(heads.transpose(1, 2).flatten(-2)), maps  # (B, T, d_model)

    def split(self, x: Tensor) -> Tensor:
        """(B, T, d_model) to (B, h, T, d_k)."""
        batch, length, width = x.shape
        return x.view(batch, length, self.heads, width // self.heads).transpose(1, 2)


class FeedForward(nn.Module):
    """Section 3.3: FFN(x) = max(0, x W_1 + b_1) W_2 + b_2                      (2)"""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.inner = nn.Linear(config.d_model, config.d_ff)
        self.outer = nn.Linear(config.d_ff, config.d_model)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, d_model) to the same."""
        hidden = self.inner(x).relu()  # (B, T, d_ff)
        result: Tensor = self.outer(self.dropout(hidden))  # (B, T, d_model)
        return result


class EncoderLayer(nn.Module):
    """Section 3.1: two sub-layers, each as LayerNorm(x + Sublayer(x))."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.attention = MultiHeadAttention(config)
        self.feed_forward = FeedForward(config)
        self.norm_1 = nn.LayerNorm(config.d_model)
        self.norm_2 = nn.LayerNorm(config.d_model)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """(B, S, d_model) to the same, and the attention maps (B, h, S, S)."""
        mixed, maps = self.attention(x, x, mask)
        x = self.norm_1(x + self.dropout(mixed))  # (B, S, d_model)
        return self.norm_2(x + self.dropout(self.feed_forward(x))), maps


class DecoderLayer(nn.Module):
    """Section 3.1: as the encoder's, with attention to the encoder's output in between."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.attention = MultiHeadAttention(config)
        self.cross_attention = MultiHeadAttention(config)
        self.feed_forward = FeedForward(config)
        self.norm_1 = nn.LayerNorm(config.d_model)
        self.norm_2 = nn.LayerNorm(config.d_model)
        self.norm_3 = nn.LayerNorm(config.d_model)
        self.dropout = nn.Dropout(config.dropout)

    def forward(
        self, x: Tensor, mask: Tensor, memory: Tensor | None, memory_mask: Tensor | None
    ) -> tuple[Tensor, Tensor | None]:
        """(B, T, d_model) to the same; `memory` (B, S, d_model) is left out for generation.
        Returns the cross-attention maps (B, h, T, S) too."""
        x = self.norm_1(x + self.dropout(self.attention(x, x, mask)[0]))  # (B, T, d_model)
        maps = None
        if memory is not None:
            assert memory_mask is not None
            mixed, maps = self.cross_attention(x, memory, memory_mask)
            x = self.norm_2(x + self.dropout(mixed))  # (B, T, d_model)
        return self.norm_3(x + self.dropout(self.feed_forward(x))), maps


class Transformer(nn.Module):
    """The whole model. The embedding is shared by encoder, decoder and output (section 3.4)."""

    position: Tensor

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.vocabulary, config.d_model)
        self.encoder = nn.ModuleList(EncoderLayer(config) for _ in range(config.layers))
        self.decoder = nn.ModuleList(DecoderLayer(config) for _ in range(config.layers))
        self.classifier = nn.Linear(config.d_model, max(1, config.classes))
        self.dropout = nn.Dropout(config.dropout)
        self.register_buffer("position", positions(config), persistent=False)
        for parameter in self.parameters():
            if parameter.dim() > 1:
                nn.init.xavier_uniform_(parameter)
        nn.init.normal_(self.embedding.weight, std=config.d_model**-0.5)

    def embed(self, ids: Tensor) -> Tensor:
        """ids (B, T) to embeddings times sqrt(d_model) plus positions, (B, T, d_model)."""
        x = self.embedding(ids) * math.sqrt(self.config.d_model)  # (B, T, d_model)
        result: Tensor = self.dropout(x + self.position[: ids.shape[1]])
        return result

    def encode(self, ids: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Source ids (B, S) to (B, S, d_model), and each layer's maps (B, h, S, S)."""
        x, mask, maps = self.embed(ids), self.padding_mask(ids), []
        for layer in self.encoder:
            x, map_ = layer(x, mask)  # (B, S, d_model)
            maps.append(map_)
        return x, maps

    def decode(
        self, ids: Tensor, memory: Tensor | None = None, source: Tensor | None = None
    ) -> tuple[Tensor, list[Tensor]]:
        """Target ids (B, T) to logits (B, T, vocabulary) of each next token; and with a source
        (its ids (B, S) and `memory` (B, S, d_model)) the cross-attention maps (B, h, T, S)."""
        length = ids.shape[1]
        causal = torch.ones(length, length, dtype=torch.bool, device=ids.device).tril()  # (T, T)
        mask = causal & self.padding_mask(ids)  # (B, 1, T, T)
        memory_mask = self.padding_mask(source) if source is not None else None
        x, maps = self.embed(ids), []
        for layer in self.decoder:
            x, map_ = layer(x, mask, memory, memory_mask)  # (B, T, d_model)
            if map_ is not None:
                maps.append(map_)
        return x @ self.embedding.weight.T, maps  # (B, T, vocabulary)

    def classify(self, ids: Tensor) -> Tensor:
        """ids (B, S) to logits (B, classes)."""
        x, _ = self.encode(ids)  # (B, S, d_model)
        kept = (ids != self.config.pad).unsqueeze(-1).to(x.dtype)  # (B, S, 1)
        mean = (x * kept).sum(1) / kept.sum(1).clamp(min=1.0)  # (B, d_model)
        result: Tensor = self.classifier(mean)
        return result

    def padding_mask(self, ids: Tensor) -> Tensor:
        """True where a token is, (B, 1, 1, S). The first token is always seen, so that no row of
        attention is empty."""
        seen = ids != self.config.pad  # (B, S)
        first = torch.arange(ids.shape[1], device=ids.device) == 0
        return (seen | first)[:, None, None]


def positions(config: Config) -> Tensor:
    """Section 3.5, shape (positions, d_model):

    PE(pos, 2i) = sin(pos / 10000^(2i / d_model)), PE(pos, 2i + 1) = cos(the same)
    """
    place = torch.arange(config.positions).unsqueeze(1)  # (P, 1)
    even = torch.arange(0, config.d_model, 2)  # (d_model / 2,)
    angle = place / 10_000 ** (even / config.d_model)  # (P, d_model / 2)
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)  # (P, d_model)
