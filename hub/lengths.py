"""All lengths of time in a sentence, where they stand: "add 5 minutes to the 2 hour timer"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hub.languages import Lexicon, plain
from hub.quantities import duration, numeric

_UNITS = ("hours", "minutes", "seconds")
_BEFORE = 4
"""A number has at most so many words."""


@dataclass(frozen=True, slots=True)
class Length:
    """Characters `start` to `end` of the text say `parts`."""

    start: int
    end: int
    parts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Word:
    start: int
    end: int
    text: str


def lengths_in(text: str, words: Lexicon) -> list[Length]:
    """Every length in the text; one that is said in several units is one length. Empty for a
    script without spaces, whose words the model's spans must tell apart."""
    if not words.spaced:
        return []
    tokens = [_Word(m.start(), m.end(), m.group()) for m in re.finditer(r"[\w/]+", text)]
    found: list[Length] = []
    used = -1
    for at, token in enumerate(tokens):
        if not _is_unit(token.text, words):
            continue
        single = _ending_at(text, tokens, at, used, words)
        if single is not None:
            used = at
            found = _joined(found, single, text, words)
    return found


def _is_unit(word: str, words: Lexicon) -> bool:
    said = plain(word)
    if any(pattern.fullmatch(said) for pattern, _ in words.lengths):
        return True
    return any(words.fits(unit, said.lstrip("0123456789 ")) for unit in _UNITS)


def _ending_at(
    text: str, tokens: Sequence[_Word], at: int, used: int, words: Lexicon
) -> Length | None:
    """The length whose unit this word is: with all words before it that change how long it is, and
    with the fraction after it ("1 hora y media")."""
    best = None
    for first in range(at, max(used, at - _BEFORE - 1), -1):
        parts = duration(text[tokens[first].start : tokens[at].end], words)
        if parts is None:
            continue
        if best is None or parts != best.parts or numeric(plain(tokens[first].text), words) == "1":
            best = Length(tokens[first].start, tokens[at].end, parts)
    return best if best is None else _with_fraction(text, tokens, at, best, words)


def _with_fraction(
    text: str, tokens: Sequence[_Word], at: int, single: Length, words: Lexicon
) -> Length:
    for last in (at + 1, at + 2):
        after = tokens[last + 1].text if last + 1 < len(tokens) else ""
        if last >= len(tokens) or (after and _is_unit(after, words)):
            break
        if any(words.fits(group, plain(tokens[last].text)) for group in _FRACTIONS):
            parts = duration(text[single.start : tokens[last].end], words)
            if parts is not None:
                return Length(single.start, tokens[last].end, parts)
    return single


_FRACTIONS = ("half", "quarter", "three_quarters")


def _joined(found: list[Length], single: Length, text: str, words: Lexicon) -> list[Length]:
    """Minutes that follow hours, with nothing but "and" between, belong to them."""
    if not found:
        return [single]
    last = found[-1]
    between = plain(text[last.end : single.start]).split()
    smaller = _rank(last.parts) < _rank(single.parts)
    if smaller and all(words.fits("and", word) for word in between):
        parts = {unit: last.parts.get(unit, 0) + single.parts.get(unit, 0) for unit in _UNITS}
        merged = {unit: count for unit, count in parts.items() if count}
        return [*found[:-1], Length(last.start, single.end, merged)]
    return [*found, single]


def _rank(parts: Mapping[str, int]) -> int:
    return max(_UNITS.index(unit) for unit in parts)
