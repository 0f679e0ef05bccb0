"""The joint understanding model: a pretrained encoder and linear heads on every token.

All heads are linear, so the score of a clause, which is the mean over its tokens of a linear head,
equals the head applied to the mean hidden state: any number of clauses is read in one pass, and
the runtime needs no second model. Slot tagging is BIO (Ramshaw & Marcus 1995); the joint training
of intent and slots follows Chen et al. 2019 (arXiv:1902.10909).
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel, BertModel

from edge.tasks.understanding_schema import ATTRIBUTES, INTENTS, LANGUAGES, TAGS

ATTRIBUTE_SIZES = tuple(len(labels) for labels in ATTRIBUTES.values())


@dataclass(frozen=True, slots=True)
class Scores:
    """Per-token logits, float32. B sentences of L tokens."""

    tags: Tensor  # (B, L, len(TAGS))
    clause_start: Tensor  # (B, L)
    intent: Tensor  # (B, L, len(INTENTS))
    attributes: Tensor  # (B, L, sum(ATTRIBUTE_SIZES))
    for_us: Tensor  # (B, L)
    language: Tensor  # (B, L, len(LANGUAGES))

    def float(self) -> Scores:
        """The same in float32, for losses."""
        return Scores(*(getattr(self, field.name).float() for field in fields(self)))


class UnderstandingModel(nn.Module):
    """Encoder and heads."""

    def __init__(self, encoder: BertModel, dropout: float = 0.1) -> None:
        super().__init__()
        hidden = encoder.config.hidden_size
        self.encoder = encoder
        self.dropout = nn.Dropout(dropout)
        self.tags = nn.Linear(hidden, len(TAGS))
        self.clause_start = nn.Linear(hidden, 1)
        self.intent = nn.Linear(hidden, len(INTENTS))
        self.attributes = nn.Linear(hidden, sum(ATTRIBUTE_SIZES))
        self.for_us = nn.Linear(hidden, 1)
        self.language = nn.Linear(hidden, len(LANGUAGES))

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]:
        """Logits in the order of `Scores`; `input_ids` and `attention_mask` are int64 (B, L)."""
        scores = self.read(self.hidden(input_ids, attention_mask))
        return (
            scores.tags,
            scores.clause_start,
            scores.intent,
            scores.attributes,
            scores.for_us,
            scores.language,
        )

    def scores(self, input_ids: Tensor, attention_mask: Tensor) -> Scores:
        """The same as `forward`, by name."""
        return self.read(self.hidden(input_ids, attention_mask))

    def hidden(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """The encoder's last hidden state, (B, L, H)."""
        output = self.encoder(input_ids=input_ids, attention_mask=attention_mask)
        states: Tensor = output.last_hidden_state
        return states

    def read(self, hidden: Tensor) -> Scores:
        """What the heads say of a last hidden state (B, L, H)."""
        hidden = self.dropout(hidden)
        return Scores(
            self.tags(hidden),
            self.clause_start(hidden).squeeze(-1),
            self.intent(hidden),
            self.attributes(hidden),
            self.for_us(hidden).squeeze(-1),
            self.language(hidden),
        )


def pretrained(folder: str, dropout: float = 0.1) -> UnderstandingModel:
    """Heads on the pretrained encoder in a Hugging Face folder."""
    encoder = AutoModel.from_pretrained(
        folder, attn_implementation="sdpa", dtype=torch.float32, add_pooling_layer=False
    )
    return UnderstandingModel(encoder, dropout)


def untrained(folder: str) -> UnderstandingModel:
    """The same architecture with random weights: to load a state dict into."""
    config = AutoConfig.from_pretrained(folder)
    encoder = AutoModel.from_config(config, attn_implementation="sdpa", add_pooling_layer=False)
    return UnderstandingModel(encoder)


def clause_mean(values: Tensor, clause_of_token: Tensor, clauses: int) -> Tensor:
    """Mean of (B, L, C) `values` over the tokens of each clause, giving (B, clauses, C).

    `clause_of_token` is int64 (B, L), -1 for tokens of no clause (padding, special tokens).
    """
    member = nn.functional.one_hot(clause_of_token.clamp(min=-1) + 1, clauses + 1)[..., 1:]
    member = member.to(values.dtype)  # (B, L, clauses)
    sums = torch.einsum("blk,blc->bkc", member, values)
    return sums / member.sum(1).clamp(min=1.0).unsqueeze(-1)
