"""Greedy decoding of encoder-decoder models, shared by speech recognition and translation.

The decoder graph takes the new tokens, the cache of the tokens before them, and what the encoder
made of the input (keys and values of every layer's cross-attention, computed once):

    input_ids int64 (1, T); self_key, self_value float32 (layers, 1, heads, P, width);
    cross_key_<layer>, cross_value_<layer>, and whatever else the encoder gives, by name
    -> logits float32 (1, vocabulary) after the last token; next_key, next_value (…, P + T, …)
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.errors import ModelFailed
from edge.sessions import Session

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Decoded:
    """Token ids without the prompt and the end; `confidence` is the mean probability of a token;
    `whole` is False if a limit was reached first."""

    ids: tuple[int, ...]
    confidence: float
    whole: bool


@dataclass(frozen=True, slots=True)
class Cache:
    """Shape of the decoder's cache."""

    layers: int
    heads: int
    width: int

    def empty(self) -> Floats:
        """No tokens yet."""
        return np.zeros((self.layers, 1, self.heads, 0, self.width), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one decoding."""

    tokens: int
    seconds: float = 30.0


def decode(
    session: Session,
    cache: Cache,
    encoded: Mapping[str, Floats],
    prompt: Sequence[int],
    end: int,
    limits: Limits,
    forbid: Callable[[Floats, int], None] | None = None,
) -> Decoded:
    """The most probable token at each step. `forbid` may lower logits, given how many tokens there
    are. Raises `ModelFailed`, also for logits that are not numbers."""
    feeds: dict[str, NDArray[np.generic]] = dict(encoded)
    new = np.array([list(prompt)], dtype=np.int64)
    keys, values = cache.empty(), cache.empty()
    ids: list[int] = []
    probabilities: list[float] = []
    until = time.monotonic() + limits.seconds
    while len(ids) < limits.tokens and time.monotonic() < until:
        feeds |= {"input_ids": new, "self_key": keys, "self_value": values}
        outputs = session.run(feeds)
        logits, keys, values = outputs["logits"][0], outputs["next_key"], outputs["next_value"]
        if forbid:
            forbid(logits, len(ids))
        best = int(logits.argmax())
        peak = logits[best]
        if not np.isfinite(peak):
            raise ModelFailed("the decoder's logits are not numbers")
        probabilities.append(float(1.0 / np.exp(logits - peak).sum()))
        if best == end:
            return Decoded(tuple(ids), float(np.mean(probabilities)), True)
        ids.append(best)
        new = np.array([[best]], dtype=np.int64)
    return Decoded(tuple(ids), float(np.mean(probabilities or [0.0])), False)
