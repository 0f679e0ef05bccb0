"""A text in sentences, with the space between them."""

from __future__ import annotations

import re

_END = re.compile(
    r"(?<=[.!?…])(?<!\b[A-Z]\.)(?<!\b(?:Mr|Dr|St)\.)(?<!\bMrs\.)\s+|(?<=[。！？])|\n+"
)


def sentences_of(text: str) -> list[str]:
    """The sentences in order, none of them empty. A full stop in a number ends none."""
    return [part.strip() for part in _END.split(text) if part and part.strip()]
