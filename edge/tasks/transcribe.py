"""Speech recognition: 16 kHz sound in, text out (Whisper family: Radford et al. 2022)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.artefact import Artefact
from edge.audio import RATE, WINDOW_SECONDS, log_mel, read_wav, resample
from edge.contract import open_session
from edge.decoding import Cache, Limits, decode
from edge.errors import ArtefactError
from edge.sessions import SessionOptions, SessionPool
from edge.tasks.settings import open_tokenizer, read_settings, require_task

Floats = NDArray[np.float32]

SILENCE = 0.003
"""Peak below which nothing is said. Whisper makes words up where it hears nothing."""

_DEFAULTS: dict[str, Any] = {
    "bands": 80, "layers": 0, "heads": 0, "width": 64, "start": 0, "end": 0, "transcribe": None,
    "no_timestamps": 0, "first_timestamp": 0, "suppress": [], "suppress_first": [],
    "languages": {},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was said. `confidence` in [0, 1] is the mean probability of its tokens; `language` is
    the one that was given, or heard."""

    text: str
    language: str
    confidence: float


class Transcriber:
    """A loaded transcription artefact; `task_settings` hold the cache's shape and the ids of
    Whisper's special tokens."""

    def __init__(
        self,
        artefact: Artefact,
        options: SessionOptions | None = None,
        pool: SessionPool | None = None,
    ) -> None:
        require_task(artefact, "transcribe")
        self.settings = read_settings(artefact, _DEFAULTS)
        self._cache = Cache(*(self.settings[k] for k in ("layers", "heads", "width")))
        self._tokenizer = open_tokenizer(artefact)
        self._encoder = open_session(artefact, "encoder.onnx", options)
        self._decoder = open_session(artefact, "decoder.onnx", options)
        self._pool = pool
        self._languages: dict[str, int] = self.settings["languages"]
        provider = self._encoder.provider.removesuffix("ExecutionProvider")
        self.engine = f"{artefact.manifest.name} {artefact.manifest.version} ({provider})"
        self._self_test(artefact)

    async def transcribe(self, sound: Floats, language: str | None = None) -> Transcript:
        """The text of a recording at 16 kHz, without blocking the loop. Raises `ModelFailed`."""
        work = lambda: self.transcribe_sync(sound, language)  # noqa: E731
        return await (self._pool.call(work) if self._pool else asyncio.to_thread(work))

    def transcribe_sync(self, sound: Floats, language: str | None = None) -> Transcript:
        """The same in this thread. Longer recordings are cut where it is quiet."""
        texts: list[str] = []
        confidences: list[float] = []
        for part in windows(np.asarray(sound, dtype=np.float32)):
            if np.abs(part).max() < SILENCE:
                continue
            encoded = self._encoder.run({"features": log_mel(part, self.settings["bands"])[None]})
            language = language or self._heard_language(encoded)
            limit = min(224, int(8 * len(part) / RATE) + 16)  # nobody speaks faster
            found = decode(
                self._decoder, self._cache, encoded, self._prompt(language),
                self.settings["end"], Limits(limit), self._forbid,
            )  # fmt: skip
            texts.append(self._tokenizer.decode(list(found.ids)).strip())
            confidences.append(found.confidence)
        text = " ".join(text for text in texts if text)
        return Transcript(text, language or "en", float(np.mean(confidences or [0.0])))

    def _prompt(self, language: str) -> list[int]:
        if not self._languages:
            return [self.settings["start"], self.settings["no_timestamps"]]
        known = self._languages.get(language, next(iter(self._languages.values())))
        return [
            self.settings["start"], known, self.settings["transcribe"],
            self.settings["no_timestamps"],
        ]  # fmt: skip

    def _heard_language(self, encoded: dict[str, Floats]) -> str:
        if not self._languages:
            return "en"

        def only_languages(logits: Floats, _: int) -> None:
            ids = list(self._languages.values())
            kept = logits[ids]
            logits[:] = -np.inf
            logits[ids] = kept

        found = decode(
            self._decoder, self._cache, encoded, [self.settings["start"]], -1, Limits(1),
            only_languages,
        )  # fmt: skip
        return next(name for name, number in self._languages.items() if number == found.ids[0])

    def _forbid(self, logits: Floats, count: int) -> None:
        logits[self.settings["suppress"]] = -np.inf
        logits[self.settings["first_timestamp"] :] = -np.inf
        if count == 0:
            logits[self.settings["suppress_first"]] = -np.inf

    def _self_test(self, artefact: Artefact) -> None:
        for test in artefact.manifest.self_tests:
            samples, rate = read_wav(artefact.file(str(test.input["wav"])))
            expected = str(test.output["text"])
            found = self.transcribe_sync(resample(samples, rate), artefact.manifest.languages[0])
            if found.text != expected:
                raise ArtefactError(
                    artefact.folder, f"self-test failed: heard {found.text!r}, not {expected!r}"
                )


def windows(sound: Floats) -> Iterator[Floats]:
    """Parts of at most 30 s, cut at the quietest tenth of a second of each window's last third."""
    size, step = WINDOW_SECONDS * RATE, RATE // 10
    while len(sound) > size:
        third = sound[size * 2 // 3 : size]
        frames = third[: len(third) // step * step].reshape(-1, step)
        cut = size * 2 // 3 + int((frames**2).mean(1).argmin()) * step + step // 2
        yield sound[:cut]
        sound = sound[cut:]
    if len(sound) >= step:
        yield sound
