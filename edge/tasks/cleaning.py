"""A sentence as the tokenizer gets it."""

from __future__ import annotations

import unicodedata


def clean(text: str) -> tuple[str, list[int]]:
    """The sentence in NFKC without control, format and bidirectional characters, and for each of
    its characters the offset of the character in `text` that it came from."""
    if text.isascii() and text.isprintable():
        return text, list(range(len(text)))
    out: list[str] = []
    offsets: list[int] = []
    for index, character in enumerate(text):
        shown = character
        if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn"):
            shown = " " if character in "\n\r\t" else ""
        for normal in unicodedata.normalize("NFKC", shown):
            out.append(normal)
            offsets.append(index)
    return "".join(out), offsets
