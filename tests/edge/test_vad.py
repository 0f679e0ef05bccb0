"""Silero VAD, imported by the pipeline, on real speech."""

import numpy as np
import pytest

from edge.artefact import load_artefact
from edge.tasks.vad import RATE, VoiceActivity
from tests.artefacts import exported
from tests.sounds import read_wav, recordings


@pytest.fixture(scope="module")
def model() -> VoiceActivity:
    return VoiceActivity(load_artefact(exported("pypi:silero-vad", "vad")))


@pytest.fixture(scope="module")
def sentence() -> "np.ndarray[tuple[int], np.dtype[np.float32]]":
    return read_wav(next(path for path in recordings() if "sense" in path.name))


def test_speech_between_silences_is_found_where_it_is(
    model: VoiceActivity, sentence: "np.ndarray[tuple[int], np.dtype[np.float32]]"
) -> None:
    quiet = np.random.default_rng(1).normal(0, 1e-3, 2 * RATE).astype(np.float32)
    found = model.speech(np.concatenate([quiet, sentence, quiet]))
    assert 1.8 < found[0].start < 2.6
    assert 2 + len(sentence) / RATE - 0.6 < found[-1].end < 2.4 + len(sentence) / RATE


@pytest.mark.parametrize("level", [0.0, 1e-3, 0.1])
def test_noise_is_not_speech(model: VoiceActivity, level: float) -> None:
    noise = np.random.default_rng(2).normal(0, level, 4 * RATE).astype(np.float32)
    assert model.speech(noise) == []


def test_sound_that_comes_in_pieces_is_heard_as_the_whole(
    model: VoiceActivity, sentence: "np.ndarray[tuple[int], np.dtype[np.float32]]"
) -> None:
    whole = list(model.stream().probabilities(sentence))
    listener = model.stream()
    pieces = [p for part in np.array_split(sentence, 37) for p in listener.probabilities(part)]
    assert np.allclose(whole, pieces, atol=1e-4)
