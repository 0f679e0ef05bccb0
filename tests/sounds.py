"""Real speech for tests: recordings that Debian ships, with what is said in them."""

from __future__ import annotations

import re
import wave
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

RECORDINGS = Path("/usr/share/pocketsphinx/test/data")

Floats = NDArray[np.float32]


def read_wav(path: Path) -> Floats:
    """Mono 16-bit samples in [-1, 1]."""
    with wave.open(str(path)) as sound:
        raw = np.frombuffer(sound.readframes(sound.getnframes()), dtype="<i2")
    return (raw / 32768.0).astype(np.float32)


def recordings() -> dict[Path, str]:
    """Every recording that has a transcript: path to words. Skips where the package is missing."""
    if not RECORDINGS.is_dir():
        pytest.skip("no pocketsphinx-testdata")
    found: dict[Path, str] = {}
    for name in ("cards/cards.transcription", "librivox/transcription"):
        path = RECORDINGS / name
        for line in path.read_text("utf-8").splitlines():
            match = re.fullmatch(r"(?:<s> )?(.*?)(?: </s>)? \((\S+)\)\s*", line)
            if match:
                words = re.sub(r"\(\d+\)", "", match[1])
                found[path.parent / f"{match[2]}.wav"] = words
    return {path: words for path, words in found.items() if path.exists()}
