"""Written forms made comparable: one letter case, one form of each letter, for every script."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_LETTERS = str.maketrans(
    {
        "ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d",
        "ة": "ه", "ى": "ي", "ک": "ك", "ی": "ي", "ـ": None, "·": None,
        "’": "'", "ʼ": "'", "‘": "'", "`": "'", "´": "'", "，": ",", "。": " ", "、": ",",
    }
)  # fmt: skip
"""Letters that Unicode does not take apart, and apostrophes, which everyone types differently."""


_REMEMBERED = 160
"""Longer texts are not kept: strangers may send a thousand of them, each another."""


def fold(text: str) -> str:
    """Lower case without diacritics: "Küche" and "KUCHE" are "kuche", "ё" is "е", "أ" is "ا".

    People and speech recognition leave diacritics out, and write them in several ways.
    """
    return _kept_folded(text) if len(text) <= _REMEMBERED else _folded(text)


def _folded(text: str) -> str:
    lowered = unicodedata.normalize("NFKC", text).casefold()
    if lowered.isascii():
        return lowered.replace("`", "'")
    apart = unicodedata.normalize("NFKD", lowered.translate(_LETTERS))
    kept = (c for c in apart if unicodedata.category(c) not in ("Mn", "Cf"))
    return unicodedata.normalize("NFC", "".join(kept))


_HAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


_PUNCTUATION = re.compile(r"[^\w\s%°.,'/+-]|[.,](?!\d)")
_HYPHEN = re.compile(r"(?<=[\w%]) - (?=[^\W\d])")


def plain(text: str) -> str:
    """Folded, single spaces, no punctuation around words; signs that belong to numbers stay."""
    return _kept_plain(text) if len(text) <= _REMEMBERED else _plain(text)


def _plain(text: str) -> str:
    kept = _PUNCTUATION.sub(" ", fold(text).replace("-", " - "))
    if " - " in kept:
        kept = _HYPHEN.sub(" ", kept).replace("- ", "-")
    return " ".join(kept.split())


_kept_folded = lru_cache(maxsize=8192)(_folded)
_kept_plain = lru_cache(maxsize=4096)(_plain)
