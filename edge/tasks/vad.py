"""Voice activity: 16 kHz sound in, the stretches in which somebody speaks out.

The graph (Silero VAD 5 and later) takes 512 new samples with the 64 before them and the state that
the last call returned, and gives the probability of speech.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.artefact import Artefact
from edge.contract import open_session
from edge.errors import ArtefactError
from edge.sessions import SessionOptions
from edge.tasks.settings import read_settings, require_task

RATE = 16_000
FRAME = 512
CONTEXT = 64

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Speech:
    """Seconds from `start` to `end`."""

    start: float
    end: float


class VoiceActivity:
    """A loaded voice activity artefact. `task_settings`: `threshold` to begin speech (it ends 0.15
    below), `min_speech_ms`, `min_silence_ms`, `pad_ms`."""

    def __init__(self, artefact: Artefact, options: SessionOptions | None = None) -> None:
        require_task(artefact, "vad")
        defaults = {"threshold": 0.5, "min_speech_ms": 200, "min_silence_ms": 300, "pad_ms": 60}
        self.settings = read_settings(artefact, defaults)
        self._session = open_session(artefact, options=options)
        provider = self._session.provider.removesuffix("ExecutionProvider")
        self.engine = f"{artefact.manifest.name} {artefact.manifest.version} ({provider})"
        self._self_test(artefact)

    def stream(self) -> Listener:
        """A listener for one stream of sound."""
        return Listener(self)

    def frame(self, samples: Floats, state: Floats) -> tuple[float, Floats]:
        """Probability of speech in one frame of `CONTEXT + FRAME` samples, and the next state, of
        shape (2, 1, 128). Raises `ModelFailed`."""
        found = self._session.run(
            {"input": samples[None], "state": state, "sr": np.array(RATE, dtype=np.int64)}
        )
        following: Floats = found["stateN"]
        return float(found["output"][0, 0]), following

    def speech(self, sound: Floats) -> list[Speech]:
        """Stretches of speech in a whole recording; `sound` is float32 in [-1, 1] at 16 kHz."""
        listener = self.stream()
        probabilities = listener.probabilities(sound)
        return self.stretches(list(probabilities), len(sound) / RATE)

    def stretches(self, probabilities: list[float], length: float) -> list[Speech]:
        """Frames' probabilities as stretches of speech, with hysteresis and padding."""
        frame = FRAME / RATE
        silence = self.settings["min_silence_ms"] / 1000
        pad = self.settings["pad_ms"] / 1000
        found: list[Speech] = []
        begun: float | None = None
        last = 0.0
        for number, probability in enumerate([*probabilities, 0.0]):
            at = number * frame
            limit = self.settings["threshold"] - (0.15 if begun is not None else 0.0)
            if probability >= limit and number < len(probabilities):
                begun = at if begun is None else begun
                last = at + frame
            elif begun is not None and (at - last >= silence or number == len(probabilities)):
                if last - begun >= self.settings["min_speech_ms"] / 1000:
                    found.append(Speech(max(0.0, begun - pad), min(length, last + pad)))
                begun = None
        return found

    def _self_test(self, artefact: Artefact) -> None:
        for test in artefact.manifest.self_tests:
            found = self.stream().probabilities(known_sound(str(test.input["sound"])))
            expected = np.array(test.output["probabilities"], dtype=np.float32)
            values = np.array(list(found), dtype=np.float32)
            if values.shape != expected.shape or not (
                np.abs(values - expected).max() <= test.tolerance
            ):
                raise ArtefactError(artefact.folder, "self-test failed: hears other speech")


class Listener:
    """The state of one stream."""

    def __init__(self, model: VoiceActivity) -> None:
        self._model = model
        self._state = np.zeros((2, 1, 128), dtype=np.float32)
        self._before = np.zeros(CONTEXT, dtype=np.float32)
        self._rest = np.zeros(0, dtype=np.float32)

    def probabilities(self, sound: Floats) -> Iterator[float]:
        """Of each whole frame that `sound` completes; what is left over waits for more."""
        samples = np.concatenate([self._rest, np.asarray(sound, dtype=np.float32)])
        whole = len(samples) // FRAME * FRAME
        self._rest = samples[whole:]
        for start in range(0, whole, FRAME):
            frame = np.concatenate([self._before, samples[start : start + FRAME]])
            probability, self._state = self._model.frame(frame, self._state)
            self._before = frame[-CONTEXT:]
            yield probability


def known_sound(name: str) -> Floats:
    """Sounds for self-tests, made by rule: `silence`, or `hum`, a buzz with four formants that
    swells twice, 1.6 s."""
    time = np.arange(int(1.6 * RATE), dtype=np.float64) / RATE
    if name == "silence":
        return np.zeros(len(time), dtype=np.float32)
    pitch = 120 + 20 * np.sin(2 * np.pi * 2.5 * time)
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    sound = np.zeros_like(time)
    for number in range(1, 30):
        away = min(abs(number * 120 - formant) for formant in (600, 1200, 2500, 3400))
        sound += np.sin(number * phase) / (1 + (away / 120) ** 2)
    envelope = np.sin(np.pi * time / 0.8) ** 2
    swelling: Floats = (0.1 * sound * envelope).astype(np.float32)
    return swelling
