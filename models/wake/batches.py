"""What the network sees in a step of training: places in a stream, each a little different every
time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from edge.tasks.wake import NOTHING
from models.wake.measure import HOP, probabilities
from models.wake.model import WakeNetwork
from models.wake.scenes import Stream
from models.wake.voices import Floats

SAID = 24
"""Frames after the end of the phrase in which it has just been said."""
UNSURE_BEFORE, UNSURE_AFTER = 25, 80
"""Frames around its end in which nothing is learnt from what is not the phrase."""


@dataclass(slots=True)
class Chooser:
    """Draws a batch: a quarter where the phrase has just been said, the rest elsewhere; once `hard`
    is known, half of that from there. What a step draws depends on its number alone."""

    seed: int
    size: int
    frames: int
    source: Stream
    elsewhere: NDArray[np.int64]
    hard: Tensor

    def batch(self, step: int) -> tuple[Tensor, Tensor]:
        """Frames (B, T, bands) and whether the phrase ends with them (B)."""
        dice = np.random.default_rng((self.seed, step))
        wakes = self.size // 4
        ends = np.array(self.source.ends)
        places = [dice.choice(ends, wakes) + dice.integers(0, SAID + 1, wakes)]
        rest = self.size - wakes
        if len(self.hard):
            places.append(self.hard.numpy()[dice.integers(0, len(self.hard), rest // 2)])
            rest -= rest // 2
        places.append(self.elsewhere[dice.integers(0, len(self.elsewhere), rest)])
        chosen = np.concatenate(places)
        seen = varied(self.source, chosen, self.frames, dice)
        labels = torch.zeros(len(chosen))
        labels[:wakes] = 1.0
        return torch.from_numpy(seen), labels


def varied(
    source: Stream, ends: NDArray[np.int64], frames: int, dice: np.random.Generator
) -> Floats:
    """As `models.wake.measure.windows`, said a little faster or slower, by a longer or shorter
    throat, now and then with a few bands that are not heard."""
    speed = dice.uniform(0.85, 1.18, (len(ends), 1))
    throat = dice.uniform(0.92, 1.09, (len(ends), 1))
    back = np.rint((frames - 1 - np.arange(frames)) * speed).astype(np.int64)
    bands = source.frames.shape[1]
    heard = np.clip(np.rint(np.arange(bands) * throat), 0, bands - 1).astype(np.int64)
    places = ends[:, None] - 1 - back  # (n, frames)
    known = np.maximum(places, 0)[:, :, None]
    seen: Floats = source.frames[known, heard[:, None, :]].astype(np.float32)
    seen[places < 0] = NOTHING
    for row in np.flatnonzero(dice.random(len(seen)) < 0.3):
        at = int(dice.integers(0, bands - 4))
        seen[row, :, at : at + int(dice.integers(1, 5))] = seen[row, :, at].mean()
    return seen


def sure_places(source: Stream) -> NDArray[np.bool_]:
    """Whether the phrase has surely not just been said, at the end of so many frames."""
    sure = np.ones(len(source.frames) + 1, dtype=bool)
    for end in source.ends:
        sure[max(0, end - UNSURE_BEFORE) : end + UNSURE_AFTER] = False
    sure[0] = False
    return sure


def hardest(model: WakeNetwork, source: Stream) -> Tensor:
    """The twentieth of the places that are most like the phrase to the network as it is."""
    looked = probabilities(model, source)
    ends = np.arange(1, len(looked) + 1) * HOP
    sure = sure_places(source)[ends]
    order = ends[sure][np.argsort(-looked[sure])]
    return torch.from_numpy(order[: max(1, len(order) // 20)].copy())
