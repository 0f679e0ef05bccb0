"""Sound as arrays: reading WAV, changing the rate, and Whisper's log-mel spectrogram, in NumPy."""

from __future__ import annotations

import io
import wave
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.errors import EdgeError

RATE = 16_000
N_FFT = 400
HOP = 160
WINDOW_SECONDS = 30
SECONDS_LIMIT = 3600
SILENCE = 1e-8
"""Power of a band, below which nothing is heard."""

Floats = NDArray[np.float32]


class SoundError(EdgeError):
    """Bytes that are not a sound this runtime reads."""


def read_wav(source: Path | bytes) -> tuple[Floats, int]:
    """Mono float32 samples in [-1, 1], and their rate. 16-bit PCM, any number of channels.

    Raises `SoundError` for anything else, and for more than an hour.
    """
    stream = io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")
    try:
        with stream, wave.open(stream) as sound:
            rate, channels = sound.getframerate(), sound.getnchannels()
            if sound.getsampwidth() != 2 or not 4_000 <= rate <= 192_000 or channels > 8:
                raise SoundError("only 16-bit PCM of 4 to 192 kHz is read")
            if sound.getnframes() > SECONDS_LIMIT * rate:
                raise SoundError(f"longer than {SECONDS_LIMIT} seconds")
            raw = np.frombuffer(sound.readframes(sound.getnframes()), dtype="<i2")
    except (wave.Error, EOFError) as error:
        raise SoundError(f"not a WAV file: {error}") from error
    samples = raw[: len(raw) // channels * channels].reshape(-1, channels)
    return (samples.mean(1) / 32768.0).astype(np.float32), rate


def write_wav(samples: Floats, rate: int) -> bytes:
    """A mono 16-bit WAV file."""
    stream = io.BytesIO()
    with wave.open(stream, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return stream.getvalue()


def resample(samples: Floats, rate: int, target: int = RATE) -> Floats:
    """Band-limited, by a windowed sinc of 32 taps a side."""
    if rate == target or not len(samples):
        return samples
    ratio = target / rate
    places = np.arange(int(len(samples) * ratio)) / ratio  # in input samples
    nearest = places.astype(np.int64)
    cut = min(1.0, ratio)
    width = int(np.ceil(32 / cut))
    padded = np.pad(samples, width)
    out = np.zeros(len(places))
    for step in range(-width + 1, width + 1):
        away = places - (nearest + step)
        window = 0.5 + 0.5 * np.cos(np.pi * np.clip(away / width, -1, 1))
        out += padded[nearest + step + width] * cut * np.sinc(cut * away) * window
    return out.astype(np.float32)


def _mel(frequency: NDArray[np.float64]) -> NDArray[np.float64]:
    """Slaney's mel scale: linear below 1 kHz, logarithmic above."""
    high = 15.0 + np.log(np.maximum(frequency, 1e-9) / 1000.0) * (27.0 / np.log(6.4))
    return np.where(frequency < 1000.0, frequency * 3.0 / 200.0, high)


def _hertz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    high = 1000.0 * np.exp((mel - 15.0) * (np.log(6.4) / 27.0))
    return np.where(mel < 15.0, mel * 200.0 / 3.0, high)


@lru_cache(maxsize=2)
def mel_filters(count: int) -> Floats:
    """Triangular filters of equal area, shape (N_FFT // 2 + 1, count)."""
    bins = np.linspace(0, RATE / 2, N_FFT // 2 + 1)
    edges = _hertz(np.linspace(0.0, float(_mel(np.array(RATE / 2))), count + 2))
    rising = (bins[:, None] - edges[None, :-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[None, 2:] - bins[:, None]) / (edges[2:] - edges[1:-1])
    filters = np.maximum(0.0, np.minimum(rising, falling))
    return (filters * (2.0 / (edges[2:] - edges[:-2]))).astype(np.float32)


def log_mel(samples: Floats, bands: int = 80) -> Floats:
    """Whisper's features of up to 30 s at 16 kHz, shape (bands, 3000), silence behind."""
    length = WINDOW_SECONDS * RATE
    sound = np.zeros(length, dtype=np.float32)
    sound[: min(len(samples), length)] = samples[:length]
    padded = np.pad(sound, N_FFT // 2, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(padded, N_FFT)[::HOP][:-1]  # (3000, 400)
    window = np.hanning(N_FFT + 1)[:-1].astype(np.float32)
    # silence has the same spectrum everywhere: only what is heard is transformed
    heard = min(len(frames), (min(len(samples), length) + N_FFT) // HOP + 2)
    power = np.zeros((len(frames), N_FFT // 2 + 1), dtype=np.float32)
    power[:heard] = np.abs(np.fft.rfft(frames[:heard] * window, axis=1)) ** 2
    spectrum = np.log10(np.maximum(power @ mel_filters(bands), 1e-10))
    spectrum = np.maximum(spectrum, spectrum.max() - 8.0)
    result: Floats = ((spectrum + 4.0) / 4.0).T.astype(np.float32)
    return result


def log_mel_frames(samples: Floats, bands: int) -> Floats:
    """Log-mel frames of every whole window of `N_FFT` samples, `HOP` apart, shape (frames, bands):
    sound that comes in pieces gives the same frames, where each piece follows the last
    `N_FFT - HOP` samples of the one before it. What is softer than 16 bits can say is silence."""
    if len(samples) < N_FFT:
        return np.zeros((0, bands), dtype=np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(samples, N_FFT)[::HOP]
    window = np.hanning(N_FFT + 1)[:-1].astype(np.float32)
    power = (np.abs(np.fft.rfft(frames * window, axis=1)) ** 2).astype(np.float32)
    found: Floats = (np.log10(np.maximum(power @ mel_filters(bands), SILENCE)) + 4.0) / 4.0
    return found
