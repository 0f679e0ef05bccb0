"""Written forms made comparable: one letter case, one form of each letter, for every script."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_LETTERS = str.maketrans(
    {
        "ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d",
        "ة": "ه", "ى": "ي", "ک": "ك", "ی": "ي", "ـ": None,
        "’": "'", "ʼ": "'", "‘": "'", "`": "'", "´": "'", "，": ",", "。": " ", "、": ",",
    }
)  # fmt: skip
"""Letters that Unicode does not take apart, and apostrophes, which everyone types differently."""


@lru_cache(maxsize=16384)
def fold(text: str) -> str:
    """Lower case without diacritics: "Küche" and "KUCHE" are "kuche", "ё" is "е", "أ" is "ا".

    People and speech recognition leave diacritics out, and write them in several ways.
    """
    lowered = unicodedata.normalize("NFKC", text).casefold()
    if lowered.isascii():
        return lowered.replace("`", "'")
    apart = unicodedata.normalize("NFKD", lowered.translate(_LETTERS))
    kept = (c for c in apart if unicodedata.category(c) not in ("Mn", "Cf"))
    return unicodedata.normalize("NFC", "".join(kept))


_HAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


_PUNCTUATION = re.compile(r"[^\w\s%°.,'/+-]|[.,](?!\d)")
_HYPHEN = re.compile(r"(?<=[\w%]) - (?=[^\W\d])")


@lru_cache(maxsize=8192)
def plain(text: str) -> str:
    """Folded, single spaces, no punctuation around words; signs that belong to numbers stay."""
    kept = _PUNCTUATION.sub(" ", fold(text).replace("-", " - "))
    if " - " in kept:
        kept = _HYPHEN.sub(" ", kept).replace("- ", "-")
    return " ".join(kept.split())
