"""Voices to learn and to measure with: eSpeak NG's, of which there are hundreds, and any function
that says a text, such as a Piper voice.

eSpeak NG's variants differ in the shape of the throat, its accents in the sounds; pitch, range and
rate are the speaker's mood. All of them are one synthesiser's: what is measured on them tells how
it fares with throats and accents that it never heard, not with people.
"""

from __future__ import annotations

import ctypes
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.audio import RATE
from edge.phonemes import LOCK, NoPhonemes, library
from edge.tasks.speak import Speaker

Floats = NDArray[np.float32]

ESPEAK_RATE = 22_050
_CHARACTERS, _UTF8 = 1, 1
_SPEED, _PITCH, _RANGE = 1, 3, 4
_CALLBACK = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)
QUIET = 0.01
"""Of the loudest: what is softer at either end of an utterance is not the utterance."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How something is said: `speed` and `pitch` as parts of the voice's own, `lively` from 0,
    flat, to 1."""

    speed: float = 1.0
    pitch: float = 1.0
    lively: float = 0.5


Say = Callable[[str, Manner], Floats]
"""A text as sound at 16 kHz, in [-1, 1]."""


@dataclass(frozen=True, slots=True)
class Voice:
    """Somebody who can say things."""

    name: str
    say: Say


def espeak(accents: Sequence[str], variants: Iterable[str]) -> list[Voice]:
    """A voice for each variant in each accent: first every variant once, in each accent in turn, so
    that a few of them are as different as can be."""
    throats = list(variants)
    names = [
        f"{accents[(number + turn) % len(accents)]}+{variant}"
        for turn in range(len(accents))
        for number, variant in enumerate(throats)
    ]
    return [Voice(name, partial(_espeak, name)) for name in names]


def piper(name: str, speaker: Speaker) -> Voice:
    """The voice of a `speak` artefact."""

    def say(text: str, manner: Manner) -> Floats:
        # played faster, it is higher and shorter: said slower, it only becomes higher
        pieces = [np.zeros(0, np.float32), *speaker.say(text, manner.speed / manner.pitch)]
        return trimmed(stretched(np.concatenate(pieces), speaker.rate * manner.pitch))

    return Voice(name, say)


def manner(dice: random.Random) -> Manner:
    """As somebody may just be."""
    return Manner(dice.uniform(0.75, 1.35), dice.uniform(0.85, 1.18), dice.random())


def _espeak(voice: str, text: str, how: Manner) -> Floats:
    pieces: list[NDArray[np.int16]] = []

    def take(samples: Any, count: int, _: object) -> int:
        if samples and count:
            pieces.append(np.ctypeslib.as_array(samples, (count,)).copy())
        return 0

    spoken = text.encode("utf-8")
    with LOCK:
        speech = library()
        callback = _CALLBACK(take)
        speech.espeak_SetSynthCallback(callback)
        if speech.espeak_SetVoiceByName(voice.encode()) != 0:
            raise NoPhonemes(f"eSpeak NG has no voice {voice!r}")
        for parameter, value in (
            (_SPEED, 165 * how.speed), (_PITCH, 50 * how.pitch**2.5), (_RANGE, 100 * how.lively),
        ):  # fmt: skip
            speech.espeak_SetParameter(parameter, round(value), 0)
        size = ctypes.c_size_t(len(spoken) + 1)
        speech.espeak_Synth(spoken, size, 0, _CHARACTERS, 0, _UTF8, None, None)
    sound = np.concatenate([*pieces, np.zeros(1, np.int16)]).astype(np.float32) / 32768.0
    return trimmed(stretched(sound, ESPEAK_RATE))


def stretched(sound: Floats, rate: float) -> Floats:
    """Sound of `rate` samples a second at 16 kHz, by its spectrum: quick, and good enough where
    nothing is before or behind it. Lengths are round numbers, whose spectra are quick to make, so
    that the rate is off by less than a hundredth."""
    blocks = len(sound) // 2205 + 1
    whole = np.pad(sound, (0, blocks * 2205 - len(sound)))
    length = max(1, round(len(whole) * RATE / rate / 100)) * 100
    spectrum = np.fft.rfft(whole)[: length // 2 + 1]
    found: Floats = np.fft.irfft(spectrum, length).astype(np.float32)
    return found * np.float32(length / len(whole))


def trimmed(sound: Floats) -> Floats:
    """Without the silence at both ends, and as loud as every other."""
    loudest = float(np.abs(sound).max(initial=0.0))
    heard = np.flatnonzero(np.abs(sound) > QUIET * loudest) if loudest > 0 else np.zeros(0, int)
    if not len(heard):
        return np.zeros(0, dtype=np.float32)
    kept = sound[heard[0] : heard[-1] + 1]
    return (kept * (0.1 / float(np.sqrt((kept**2).mean())))).astype(np.float32)
