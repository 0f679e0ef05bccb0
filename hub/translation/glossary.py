"""What a model must not change: numbers, names, and terms that the home has words of its own for.

They leave the sentence before the model sees it and come back into its translation. Where a
placeholder is lost or doubled on the way, the translation is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_NUMBER = re.compile(r"\d+(?:[:.,]\d+)*")
_PLACEHOLDER = re.compile(r"<[nx]\d>")
_LIMIT = 4
"""Placeholders of a kind that a model knows."""


@dataclass(frozen=True, slots=True)
class Term:
    """Words of one language, and what is written for them in another."""

    said: str
    written: str


@dataclass(frozen=True, slots=True)
class Protected:
    """A sentence with placeholders, and what stands for each."""

    text: str
    kept: Mapping[str, str]

    def restored(self, translation: str) -> str | None:
        """The translation with its numbers and names; None if not each came back, once."""
        if sorted(_PLACEHOLDER.findall(translation)) != sorted(self.kept):
            return None
        return _PLACEHOLDER.sub(lambda m: self.kept[m[0]], translation)


def protect(text: str, terms: Iterable[Term]) -> Protected | None:
    """The sentence with placeholders; None if there are more than a model can carry. The longest
    term that fits wins."""
    found: dict[tuple[int, int], str] = {}
    for term in sorted(terms, key=lambda term: len(term.said), reverse=True):
        pattern = rf"(?<!\w){re.escape(term.said)}(?!\w)"
        if term.said and not term.said.isascii() and not term.said[0].isalpha():
            pattern = re.escape(term.said)
        for match in re.finditer(pattern, text, re.IGNORECASE):
            if not _taken(match.span(), found):
                found[match.span()] = "x" + term.written
    for match in _NUMBER.finditer(text):
        if not _taken(match.span(), found):
            found[match.span()] = "n" + match[0]
    kept: dict[str, str] = {}
    out, at = "", 0
    for (start, end), value in sorted(found.items()):
        number = sum(name[1] == value[0] for name in kept) + 1
        if number > _LIMIT:
            return None
        mark = f"<{value[0]}{number}>"
        kept[mark] = value[1:]
        out += text[at:start] + mark
        at = end
    return Protected(out + text[at:], kept)


def _taken(span: tuple[int, int], found: Mapping[tuple[int, int], str]) -> bool:
    return any(span[0] < end and start < span[1] for start, end in found)


def names_in(text: str, language: str, unknown: Iterable[str]) -> list[Term]:
    """Unknown words that are written as names are, which stay as they are: a capital in the middle
    of a sentence (not in German, where every noun has one), Latin letters in Chinese."""
    if language == "de":
        return []
    found = []
    for word in unknown:
        for match in re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE):
            begins = match.start() == 0
            if language == "zh" or (match[0][0].isupper() and not begins):
                found.append(Term(match[0], match[0]))
    return found
