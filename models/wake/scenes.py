"""Scenes: somebody says some things in a room, in which it is never quite still.

What a microphone in a home hears differs from a synthesiser's output by the room (echo), what else
sounds there (noise, other people), the microphone (colour) and the distance (loudness). Each scene
draws all four anew.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.audio import RATE, log_mel_frames
from edge.tasks.wake import OVERLAP
from models.wake.voices import Floats, Voice, manner

FRAME = RATE // 100
"""Samples from one frame to the next."""


GAPS = (0.02, 0.1, 0.4, 0.9, 2.5)
"""Seconds before a line; in the longest, noise is all that a network sees."""


@dataclass(frozen=True, slots=True)
class Stream:
    """Frames, (N, bands), kept in float16, of scenes one after the other, and the frames at which
    the phrase ended."""

    frames: NDArray[np.floating[Any]]
    ends: tuple[int, ...]

    @property
    def hours(self) -> float:
        """How long it is."""
        return len(self.frames) / 100 / 3600


@dataclass(frozen=True, slots=True)
class Line:
    """What somebody says. `wakes`: it is the phrase."""

    text: str
    wakes: bool = False


def scene(
    voice: Voice, lines: Sequence[Line], other: Floats, dice: random.Random
) -> tuple[Floats, list[int]]:
    """The lines as a microphone hears them, and the samples at which the phrase ends. `other` is
    talk of somebody else, for the background."""
    pieces, ends, at = [], [], 0
    for line in lines:
        gap = np.zeros(int(RATE * dice.choice(GAPS)), np.float32)
        sound = voice.say(line.text, manner(dice)) * dice.uniform(0.6, 1.4)
        pieces += [gap, sound]
        at += len(gap) + len(sound)
        if line.wakes and len(sound):
            ends.append(at)
    # to a length that is quick to transform
    pieces.append(np.zeros(RATE - at % (RATE // 2), np.float32))
    return heard(np.concatenate(pieces), other, dice), ends


def heard(sound: Floats, other: Floats, dice: random.Random) -> Floats:
    """A sound as it comes in."""
    rng = np.random.default_rng(dice.getrandbits(32))
    if dice.random() < 0.6:
        sound = in_room(sound, dice.uniform(0.1, 0.6), dice.uniform(0.1, 0.8), rng)
    sound = sound + noise(len(sound), other, dice, rng) * 0.1 * 10 ** (-dice.uniform(5, 40) / 20)
    sound = coloured(sound, dice, rng)
    found: Floats = np.clip(sound * 10 ** (dice.uniform(-26, 10) / 20), -1, 1).astype(np.float32)
    return found


def in_room(sound: Floats, seconds: float, wet: float, rng: np.random.Generator) -> Floats:
    """With the echo of a room in which sound falls by 60 dB in `seconds`."""
    time = np.arange(int(RATE * seconds)) / RATE
    echo = _hiss(len(time), rng) * 10 ** (-3 * time / seconds)
    echo *= wet / max(1e-9, float(np.sqrt((echo**2).sum())))
    echo[: RATE // 500] = 0.0
    echo[0] = 1.0
    size = (len(sound) + len(echo)) // 8000 * 8000 + 8000
    found = np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(echo, size), size)
    return found[: len(sound)].astype(np.float32)


def noise(length: int, other: Floats, dice: random.Random, rng: np.random.Generator) -> Floats:
    """Hiss, rumble, a machine's hum, or other talk, as loud as speech."""
    kind = dice.choice(("hiss", "hum", "talk", "talk"))
    found: NDArray[np.floating[Any]]
    if kind == "talk" and len(other):
        start = int(rng.integers(len(other)))
        found = np.resize(np.roll(other, -start), length)
    elif kind == "hum":
        base = dice.choice((50, 60, 100, 120, 440, 1000))
        period = np.arange(RATE) / RATE
        parts = [dice.random() / n for n in range(1, 8)]
        tone = sum(p * np.sin(2 * np.pi * base * n * period) for n, p in enumerate(parts, 1))
        found = np.resize(np.asarray(tone, np.float32), length) + 0.2 * _hiss(length, rng)
    else:
        spectrum = np.fft.rfft(_hiss(length, rng))
        falling = dice.uniform(0, 1)  # 0 is white, 0.5 pink, 1 brown
        spectrum /= np.maximum(np.arange(len(spectrum)) * RATE / length, 20) ** falling
        found = np.fft.irfft(spectrum, length)
    slow = 1 + 0.5 * np.sin(2 * np.pi * dice.uniform(0.05, 1) * np.arange(length) / RATE)
    found = found * slow
    return (found / max(1e-9, float(np.sqrt((found**2).mean())))).astype(np.float32)


def _hiss(length: int, rng: np.random.Generator) -> Floats:
    return rng.standard_normal(length, dtype=np.float32)


def coloured(sound: Floats, dice: random.Random, rng: np.random.Generator) -> Floats:
    """Through a microphone that prefers some frequencies, by up to 8 dB either way."""
    places = np.array([0, 200, 500, 1000, 2000, 4000, 8000])
    level = rng.uniform(-8, 8, len(places))
    if dice.random() < 0.3:
        level[-1] -= 25.0
    spectrum = np.fft.rfft(sound)
    gain = np.interp(np.linspace(0, RATE / 2, len(spectrum)), places, level)
    return np.fft.irfft(spectrum * 10 ** (gain / 20), len(sound)).astype(np.float32)


def frames_of(sound: Floats, bands: int) -> Floats:
    """As a stream that begins with it has them: a frame each 10 ms."""
    return log_mel_frames(np.concatenate([np.zeros(OVERLAP, np.float32), sound]), bands)
