"""Letters to phonemes by eSpeak NG's library, which is loaded when somebody first speaks.

The library (GPL-3.0-or-later) is not part of hearthd: a system's `libespeak-ng.so.1` is used, or
the one in the package `espeakng-loader` (extra `speak`). It has global state: one call at a time.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import re
import threading
from functools import lru_cache
from pathlib import Path
from typing import Any

from edge.errors import EdgeError

_UTF8 = 1
_IPA = 0x02
_SYNCHRONOUS = 2  # AUDIO_OUTPUT_SYNCHRONOUS: no sound device, and no thread that polls
LOCK = threading.Lock()
"""Held by whoever uses the library."""

_CLAUSES = re.compile(r"([^.!?;:,。！？；：，、]*)([.!?;:,。！？；：，、]*)")
_MARKS = str.maketrans("。！？；：，、", ".!?;:,,")


class NoPhonemes(EdgeError):
    """eSpeak NG is not there, or does not know the language."""


@lru_cache(maxsize=1)
def library() -> Any:
    """The library, ready to use. Raises `NoPhonemes`."""
    name = ctypes.util.find_library("espeak-ng")
    place: bytes | None = None
    if name is None:
        try:
            import espeakng_loader  # noqa: PLC0415  (only where the system has none)
        except ModuleNotFoundError as error:
            raise NoPhonemes(
                "speaking needs eSpeak NG: apt install libespeak-ng1, or pip install "
                "'hearthd[speak]'"
            ) from error
        name = str(espeakng_loader.get_library_path())
        place = str(Path(espeakng_loader.get_data_path())).encode()
    found = ctypes.CDLL(name)
    found.espeak_TextToPhonemes.restype = ctypes.c_char_p
    if found.espeak_Initialize(_SYNCHRONOUS, 0, place, 0) < 0:
        raise NoPhonemes("eSpeak NG does not start: is its data (espeak-ng-data) installed?")
    return found


def phonemes(text: str, voice: str) -> list[str]:
    """IPA of each clause, its punctuation behind it, as Piper voices were trained to read it.

    Raises `NoPhonemes`.
    """
    with LOCK:
        speech = library()
        if speech.espeak_SetVoiceByName(voice.encode()) != 0:
            raise NoPhonemes(f"eSpeak NG has no voice {voice!r}")
        clauses = []
        for spoken, marks in _CLAUSES.findall(text):
            if any(character.isalnum() for character in spoken):
                mark = marks.translate(_MARKS)[:1] or ""
                clauses.append(_spell(speech, spoken) + mark)
    return clauses


def _spell(speech: Any, text: str) -> str:
    buffer = ctypes.c_char_p(text.encode("utf-8"))
    pointer = ctypes.c_void_p(ctypes.cast(buffer, ctypes.c_void_p).value)
    parts = []
    while pointer.value:
        found = speech.espeak_TextToPhonemes(ctypes.byref(pointer), _UTF8, _IPA)
        parts.append((found or b"").decode("utf-8", "replace"))
    # switches of language within a clause, as in "(en)kitchen(de)", are not phonemes
    return re.sub(r"\([a-z-]+\)", "", " ".join(part for part in parts if part)).strip()
