"""Speech synthesis: text in, sound out, sentence by sentence (Piper voices; Kim et al. 2021)."""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections.abc import AsyncIterator, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.artefact import Artefact
from edge.contract import open_session
from edge.errors import ArtefactError
from edge.phonemes import phonemes
from edge.sessions import SessionOptions, SessionPool
from edge.tasks.settings import read_settings, require_task

Floats = NDArray[np.float32]

_DEFAULTS: dict[str, Any] = {
    "rate": 22050, "voice": "en-us", "phoneme_ids": {}, "noise": 0.667, "length": 1.0,
    "noise_width": 0.8,
}  # fmt: skip
CHARACTERS = 2000
"""Of one text; what is behind is not said."""
CLAUSE = 300
"""Phonemes of one run: the model's memory grows with its square."""


class Speaker:
    """A loaded voice. `task_settings`: `rate` in Hz, eSpeak NG's `voice`, `phoneme_ids`, and the
    scales of VITS: `noise`, `length` (larger is slower), `noise_width`."""

    def __init__(
        self,
        artefact: Artefact,
        options: SessionOptions | None = None,
        pool: SessionPool | None = None,
    ) -> None:
        require_task(artefact, "speak")
        self.settings = read_settings(artefact, _DEFAULTS)
        self._ids: dict[str, list[int]] = self.settings["phoneme_ids"]
        self._session = open_session(artefact, options=options)
        self._pool = pool
        provider = self._session.provider.removesuffix("ExecutionProvider")
        self.engine = f"{artefact.manifest.name} {artefact.manifest.version} ({provider})"
        self._self_test(artefact)

    @property
    def rate(self) -> int:
        """Samples a second of the sound."""
        return int(self.settings["rate"])

    def say(self, text: str, speed: float = 1.0, noise: bool = True) -> Iterator[Floats]:
        """The sound of each sentence, float32 in [-1, 1], in this thread: the first is there while
        the rest is not made yet. Without `noise` the same text always sounds the same, and flat.
        Raises `ModelFailed` and `NoPhonemes`."""
        for sentence in sentences(text[:CHARACTERS]):
            clauses = phonemes(sentence, self.settings["voice"])
            for ids in self._pieces(clauses):
                yield self.sound(ids, speed, noise)

    async def stream(self, text: str, speed: float = 1.0) -> AsyncIterator[Floats]:
        """The same without blocking the loop; stop iterating and nothing more is made."""
        pieces = self.say(text, speed)
        while (piece := await self._call(lambda: next(pieces, None))) is not None:
            yield piece

    def sound(self, ids: list[int], speed: float = 1.0, noise: bool = True) -> Floats:
        """The sound of phoneme ids."""
        scales = [
            self.settings["noise"] if noise else 0.0,
            self.settings["length"] / min(max(speed, 0.25), 4.0),
            self.settings["noise_width"] if noise else 0.0,
        ]
        found = self._session.run(
            {
                "input": np.array([ids], dtype=np.int64),
                "input_lengths": np.array([len(ids)], dtype=np.int64),
                "scales": np.array(scales, dtype=np.float32),
            }
        )
        return np.clip(next(iter(found.values())).reshape(-1), -1.0, 1.0)

    async def _call(self, work: Any) -> Any:
        return await (self._pool.call(work) if self._pool else asyncio.to_thread(work))

    def _pieces(self, clauses: list[str]) -> Iterator[list[int]]:
        """Clauses joined up to `CLAUSE` phonemes, as ids with the padding between them that Piper
        trains with. Phonemes that the voice does not know are left out."""
        joined = ""
        for clause in [*clauses, ""]:
            if joined and (not clause or len(joined) + len(clause) > CLAUSE):
                yield self._to_ids(joined)
                joined = ""
            joined = f"{joined} {clause}".strip()

    def _to_ids(self, spelt: str) -> list[int]:
        pad = self._ids.get("_", [0])
        ids = [*self._ids.get("^", [1]), *pad]
        for phoneme in unicodedata.normalize("NFD", spelt):
            if phoneme in self._ids:
                ids += [*self._ids[phoneme], *pad]
        return ids + self._ids.get("$", [2])

    def _self_test(self, artefact: Artefact) -> None:
        for test in artefact.manifest.self_tests:
            ids: Any = test.input["ids"]
            sound = self.sound([int(i) for i in ids], noise=False)
            loudness = float(np.sqrt((sound**2).mean())) if len(sound) else 0.0
            for found, name in ((len(sound) / self.rate, "seconds"), (loudness, "loudness")):
                expected: Any = test.output[name]
                if not abs(found - float(expected)) <= test.tolerance * float(expected):
                    raise ArtefactError(
                        artefact.folder, f"self-test failed: {name} {found:.3f}, not {expected}"
                    )


def sentences(text: str) -> list[str]:
    """Split behind full stops, exclamation and question marks that end a sentence."""
    parts = re.split(r"(?<=[.!?])\s+|(?<=[。！？])|\n+", text)
    return [part.strip() for part in parts if any(c.isalnum() for c in part)]
