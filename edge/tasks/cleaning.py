"""A sentence as the tokenizer gets it."""

from __future__ import annotations

import re
import unicodedata

_MARKUP = re.compile(r"</?[A-Za-z][^<>]*>")


def clean(text: str) -> tuple[str, list[int]]:
    """The sentence in NFKC without control, format and bidirectional characters and with a space
    for each tag of markup, and for each of its characters the offset of the character in `text`
    that it came from."""
    if text.isascii() and text.isprintable() and "<" not in text:
        return text, list(range(len(text)))
    tags = [found.span() for found in _MARKUP.finditer(text)]
    begins = {start for start, _ in tags}
    inside = {at for start, end in tags for at in range(start, end)}
    out: list[str] = []
    offsets: list[int] = []
    for index, character in enumerate(text):
        shown = character
        if index in inside:
            shown = " " if index in begins else ""
        elif unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn"):
            shown = " " if character in "\n\r\t" else ""
        for normal in unicodedata.normalize("NFKC", shown):
            out.append(normal)
            offsets.append(index)
    return "".join(out), offsets
