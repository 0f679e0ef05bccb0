"""Streams to learn from, to choose the threshold on, and to measure on."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from models.wake.scenes import FRAME, Line, Stream, frames_of, scene
from models.wake.texts import Talk
from models.wake.voices import Floats, Manner, Voice

LINES = 8
"""Of a scene."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Who speaks, what they say, and how often a line is the phrase or near to it."""

    voices: Sequence[Voice]
    talk: Talk
    phrase: str
    phrases: float = 0.0
    near: float = 0.0


def stream(
    cast: Cast, scenes: int, bands: int, seed: int, told: Callable[[int], None] = lambda _: None
) -> Stream:
    """So many scenes of the cast, one after the other; `told` hears of each."""
    found, ends, at = [], [], 0
    for number, (sound, wakes) in enumerate(_scenes(cast, scenes, seed), start=1):
        whole = sound[: len(sound) // FRAME * FRAME]
        frames = frames_of(whole, bands)
        ends += [at + end // FRAME for end in wakes]
        at += len(frames)
        found.append(frames.astype(np.float16))
        told(number)
    return Stream(np.concatenate(found), tuple(ends))


def _scenes(cast: Cast, scenes: int, seed: int) -> Iterator[tuple[Floats, list[int]]]:
    dice = random.Random(seed)
    other = _others(cast, dice)
    for number in range(scenes):
        voice = cast.voices[number % len(cast.voices)]
        yield scene(voice, _lines(cast, dice), other, dice)


def _lines(cast: Cast, dice: random.Random) -> list[Line]:
    """Never the phrase twice in a row: nobody says it again before it could have been heard."""
    lines: list[Line] = []
    while len(lines) < LINES:
        line = _line(cast, dice)
        if not (line.wakes and lines and lines[-1].wakes):
            lines.append(line)
    return lines


def _line(cast: Cast, dice: random.Random) -> Line:
    kind = dice.random()
    if kind < cast.phrases:
        return Line(dice.choice((cast.phrase, f"{cast.phrase}.", f"{cast.phrase}?")), wakes=True)
    if kind < cast.phrases + cast.near and cast.talk.near:
        return Line(dice.choice(cast.talk.near))
    return Line(dice.choice(cast.talk.sentences))


def _others(cast: Cast, dice: random.Random) -> Floats:
    """Talk of a few people at once, for the background."""
    said = [
        voice.say(dice.choice(cast.talk.sentences), Manner())
        for voice in [dice.choice(cast.voices) for _ in range(12)]
    ]
    half = len(said) // 2
    one, two = np.concatenate(said[:half]), np.concatenate(said[half:])
    length = min(len(one), len(two))
    return (one[:length] + two[:length]).astype(np.float32)
