"""What a wake word network hears in a stream: misses, false accepts, and the threshold between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from edge.tasks.wake import NOTHING, STEP, Trigger
from models.wake.model import WakeNetwork
from models.wake.scenes import FRAME, Stream
from models.wake.voices import Floats

HOP = STEP // FRAME
"""Frames from one look to the next."""
EARLY, LATE = 25, 80
"""Frames before and after the end of a phrase within which hearing it counts."""
THRESHOLDS = (*(round(0.4 + 0.02 * n, 2) for n in range(28)), 0.97, 0.98, 0.99, 0.995)


@dataclass(frozen=True, slots=True)
class Decision:
    """How looks become a wake-up: see `edge.tasks.wake.WakeWord`."""

    threshold: float
    looks: int = 2
    refractory_ms: int = 1500


@dataclass(frozen=True, slots=True)
class Score:
    """Of a stream. `missed` is a share of the phrases, `false_accepts` are an hour."""

    phrases: int
    missed: float
    false_accepts: float
    hours: float


def windows(stream: Stream, ends: NDArray[Any] | Sequence[int], frames: int) -> Floats:
    """What the network sees at these frames, (len(ends), frames, bands); before the stream there
    was nothing to hear."""
    places = np.asarray(ends)[:, None] - frames + np.arange(frames)  # (n, frames)
    found = stream.frames[np.maximum(places, 0)].astype(np.float32)
    found[places < 0] = NOTHING
    return found


@torch.inference_mode()
def probabilities(model: WakeNetwork, stream: Stream, every: int = HOP, batch: int = 256) -> Floats:
    """At every so many frames of the stream, the first after `every`."""
    model.eval()
    ends = np.arange(every, len(stream.frames) + 1, every)
    found = [
        model(torch.from_numpy(windows(stream, ends[at : at + batch], model.config.frames))).numpy()
        for at in range(0, len(ends), batch)
    ]
    return np.concatenate(found) if found else np.zeros(0, np.float32)


def score(looked: Floats, stream: Stream, decision: Decision) -> Score:
    """Of the probabilities at every step of a stream."""
    trigger = Trigger(decision.threshold, decision.looks, decision.refractory_ms)
    woken = [(step + 1) * HOP for step, p in enumerate(looked) if trigger.hears(float(p))]
    ends = np.array(stream.ends, dtype=np.int64)
    found: set[int] = set()
    false = 0
    for at in woken:
        near = np.flatnonzero((ends - EARLY <= at) & (at <= ends + LATE))
        found |= {int(number) for number in near}
        false += not len(near)
    missed = 1.0 - len(found) / len(ends) if len(ends) else 0.0
    return Score(len(ends), missed, false / max(stream.hours, 1e-9), stream.hours)


def choose(looked: Floats, stream: Stream, allowed: float, looks: int, refractory_ms: int) -> float:
    """The lowest threshold with at most `allowed` false accepts an hour, else the highest."""
    for threshold in THRESHOLDS:
        found = score(looked, stream, Decision(threshold, looks, refractory_ms))
        if found.false_accepts <= allowed:
            return threshold
    return THRESHOLDS[-1]
