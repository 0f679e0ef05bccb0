"""Which words a translator knows: a small model that meets others makes something up."""

from __future__ import annotations

import re
from collections.abc import Iterator

PLACEHOLDER = re.compile(r"<[nx]\d>")
"""What stands for a number (`<n1>`) or a name (`<x1>`) while a text is translated."""
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def words_of(text: str, language: str) -> Iterator[str]:
    """The words of a text in lower case, placeholders left out; of Chinese its characters, which
    are written without spaces."""
    text = PLACEHOLDER.sub(" ", text).replace("’", "'")
    if language == "zh":
        yield from _CHINESE.findall(text)
    for word in _WORD.findall(text):
        if not _CHINESE.search(word):
            yield word.lower()
