"""Where words begin and end: the units that slots and clause starts are said of.

Words are runs between white space; in scripts without spaces between words (Han, kana) every token
of the model's tokenizer is a unit of its own. Training and decoding share this one definition.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")
"""A character of a script without spaces between words."""


@dataclass(frozen=True, slots=True)
class Unit:
    """Characters `start` to `end` of the text, beginning with token `token`."""

    start: int
    end: int
    token: int


def units(text: str, offsets: Sequence[tuple[int, int]]) -> list[Unit]:
    """Tokens joined into units. `offsets` are the tokenizer's, special tokens being empty."""
    found: list[Unit] = []
    for token, (first, end) in enumerate(offsets):
        start = first
        while start < end and text[start].isspace():
            start += 1
        if start == end:
            continue
        if found and start < found[-1].end:  # the mark of a word's beginning, as a token of its own
            found.pop()
        if found and _continues(text, found[-1], start):
            last = found[-1]
            found[-1] = Unit(last.start, end, last.token)
        else:
            found.append(Unit(start, end, token))
    return found


def _continues(text: str, last: Unit, start: int) -> bool:
    if any(map(str.isspace, text[last.end : start])):
        return False
    return not (UNSPACED.match(text[start]) or UNSPACED.match(text[last.end - 1]))
