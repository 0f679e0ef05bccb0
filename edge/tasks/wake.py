"""Wake word: 16 kHz sound in, the moments at which the phrase was said out.

Every 80 ms the graph sees the log-mel frames of the last second and a half, and gives the
probability that the phrase has just ended. It keeps no state: what was heard an hour ago does not
matter, and a stream can begin anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.artefact import Artefact
from edge.audio import HOP, N_FFT, RATE, SILENCE, log_mel_frames
from edge.contract import open_session
from edge.errors import ArtefactError
from edge.sessions import SessionOptions
from edge.tasks.settings import read_settings, require_task
from edge.tasks.vad import known_sound as hum

STEP = RATE * 80 // 1000
"""Samples from one look to the next."""
OVERLAP = N_FFT - HOP
"""Samples of the step before that the next one's first frame needs."""
NOTHING = (float(np.log10(SILENCE)) + 4.0) / 4.0
"""A band of a frame in which nothing is heard."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Heard:
    """The phrase ended at about `at` seconds of the stream."""

    at: float
    probability: float


class WakeWord:
    """A loaded wake word artefact. `task_settings`: `phrase`, for people; `threshold` that `looks`
    probabilities in a row must reach; `refractory_ms` in which it is not heard again; `frames` and
    `bands` of what the graph sees."""

    def __init__(self, artefact: Artefact, options: SessionOptions | None = None) -> None:
        require_task(artefact, "wake")
        defaults = {
            "phrase": "", "threshold": 0.5, "looks": 2, "refractory_ms": 1500, "frames": 152,
            "bands": 40,
        }  # fmt: skip
        self.settings = read_settings(artefact, defaults)
        for name, least, most in (("frames", 8, 1000), ("bands", 1, 128), ("looks", 1, 100)):
            if not least <= self.settings[name] <= most:
                raise ArtefactError(
                    artefact.folder, f"task_settings: {name} must be from {least} to {most}"
                )
        self._session = open_session(artefact, options=options)
        if self._session.inputs != ["frames"] or self._session.outputs != ["probability"]:
            raise ArtefactError(artefact.folder, "takes no `frames` or gives no `probability`")
        provider = self._session.provider.removesuffix("ExecutionProvider")
        self.engine = f"{artefact.manifest.name} {artefact.manifest.version} ({provider})"
        self._self_test(artefact)

    @property
    def phrase(self) -> str:
        """What it listens for."""
        return str(self.settings["phrase"])

    def stream(self) -> Listener:
        """A listener for one stream of sound."""
        return Listener(self)

    def heard(self, sound: Floats) -> list[Heard]:
        """Where the phrase is said in a whole recording, float32 in [-1, 1] at 16 kHz."""
        return list(self.stream().hear(np.concatenate([sound, np.zeros(3 * STEP, np.float32)])))

    def look(self, frames: Floats) -> float:
        """Probability that the phrase ends with these frames, (frames, bands). Raises
        `ModelFailed`."""
        return float(self._session.run({"frames": frames[None]})["probability"].reshape(-1)[0])

    def _self_test(self, artefact: Artefact) -> None:
        for test in artefact.manifest.self_tests:
            found = np.array(list(self.stream().probabilities(known_sound())), dtype=np.float32)
            expected = np.array(test.output["probabilities"], dtype=np.float32)
            if found.shape != expected.shape or not (
                np.abs(found - expected).max() <= test.tolerance
            ):
                raise ArtefactError(artefact.folder, "self-test failed: hears something else")


class Trigger:
    """Decides, look by look, whether the phrase was heard: `looks` probabilities in a row at the
    threshold, and not within the refractory time of the last one."""

    def __init__(self, threshold: float, looks: int, refractory_ms: float) -> None:
        self._threshold, self._looks = threshold, looks
        self._rest = round(refractory_ms / 1000 * RATE / STEP)
        self._above = self._deaf = 0

    def hears(self, probability: float) -> bool:
        """Whether this look completes it."""
        self._above = self._above + 1 if probability >= self._threshold else 0
        self._deaf = max(0, self._deaf - 1)
        if self._above < self._looks or self._deaf:
            return False
        self._deaf = self._rest
        return True


class Listener:
    """The state of one stream: the last frames, and what is left over of a step."""

    def __init__(self, model: WakeWord) -> None:
        self._model = model
        settings = model.settings
        self._frames = np.full((settings["frames"], settings["bands"]), NOTHING, dtype=np.float32)
        self._before = np.zeros(OVERLAP, dtype=np.float32)
        self._rest = np.zeros(0, dtype=np.float32)
        self._steps = 0
        self._trigger = Trigger(settings["threshold"], settings["looks"], settings["refractory_ms"])

    def probabilities(self, sound: Floats) -> Iterator[float]:
        """Of each whole step that `sound` completes; what is left over waits for more."""
        samples = np.concatenate([self._rest, np.asarray(sound, dtype=np.float32)])
        whole = len(samples) // STEP * STEP
        self._rest = samples[whole:]
        for start in range(0, whole, STEP):
            piece = np.concatenate([self._before, samples[start : start + STEP]])
            self._before = piece[-OVERLAP:]
            new = log_mel_frames(piece, self._model.settings["bands"])
            self._frames = np.concatenate([self._frames, new])[-len(self._frames) :]
            self._steps += 1
            yield self._model.look(self._frames)

    def hear(self, sound: Floats) -> Iterator[Heard]:
        """Every time that the phrase is heard, but not twice within the refractory time."""
        for probability in self.probabilities(sound):
            if self._trigger.hears(probability):
                yield Heard(self._steps * STEP / RATE, probability)


def known_sound() -> Floats:
    """The sound of self-tests, made by rule: a buzz that swells twice, 1.6 s."""
    return hum("hum")
