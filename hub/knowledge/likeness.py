"""How much of a question a text speaks of: the same stem, or a word of the same meaning.

Two words mean the same as far as their vectors say so ("loud" and "noise" 0.66, "wifi" and
"wireless" 0.77, "dishwasher" and "oven" 0.40). For languages that the encoder does not know,
a word within a word counts: German "Filter" in "Flusenfilter".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hub.knowledge.encoder import ENCODED, Encoder
from hub.knowledge.terms import (
    COMPOUNDING,
    Question,
    Term,
    code_key,
    codes_in,
    stem_of,
    tokens,
    words,
)

Floats = NDArray[np.float32]

_NEAR, _SAME = 0.5, 0.78
"""Cosines of two words: from here on they have something, or all, in common."""
_MOST_SOFT = 0.85
"""What a word of the same meaning is worth beside the word itself."""
_MEANT = 0.9
_COMPOUND_PART = 4
"""Letters of the shortest word that makes a part of a compound."""
_WITHIN = 0.8
_WEAK = 0.35


@dataclass(frozen=True, slots=True)
class Text:
    """A text's words: stems to one word that has it; and the ranges of numbers in it."""

    stems: Mapping[str, str]
    ranges: tuple[tuple[float, float], ...] = ()

    def within(self, number: str) -> bool:
        """Whether a number lies in one of the ranges."""
        if not _PLAIN_NUMBER.fullmatch(number):
            return False
        return any(low <= float(number) <= high for low, high in self.ranges)


_PLAIN_NUMBER = re.compile(r"\d{1,6}")
_RANGE = re.compile(r"(?<![\d.,])(\d{1,6})\s*(?:-|–|to|bis|a|hasta)\s*(\d{1,6})(?![\d.,])")
_ABOVE = re.compile(r"(?:over|above|more than|über|mehr als|más de)\s+(\d{1,6})")
_UP_TO = re.compile(r"(?:up to|below|under|less than|bis zu|unter|hasta|menos de)\s+(\d{1,6})")


def _ranges(source: str) -> tuple[tuple[float, float], ...]:
    found = [(float(a), float(b)) for a, b in _RANGE.findall(source)]
    found += [(float(a), float("inf")) for a in _ABOVE.findall(source)]
    found += [(0.0, float(a)) for a in _UP_TO.findall(source)]
    return tuple(found)


class Likeness:
    """Compares the terms of one question with texts; remembers what it compared."""

    def __init__(self, question: Question, encoder: Encoder, cache: dict[str, Floats]) -> None:
        self._question = question
        self._table = words(question.language)
        self._encoder = encoder
        self._vectors = cache
        self._known: dict[tuple[str, str], float] = {}

    def text(self, source: str) -> Text:
        """A text taken apart; codes are found however they are written."""
        table = self._table
        stems = {stem_of(word, table): word for word in tokens(source)}
        stems |= {key: key for key in map(code_key, codes_in(source))}
        return Text(stems, _ranges(source))

    def learn(self, texts: Iterable[Text]) -> None:
        """Encode the words of texts that will be compared, all at once."""
        if self._question.language not in ENCODED:
            return
        wanted = {word for text in texts for word in text.stems.values()}
        wanted |= {term.word for term in self._question.terms}
        new = [w for w in sorted(wanted) if w not in self._vectors and w.isalpha() and len(w) > 2]
        for word, vector in zip(new, self._encoder.encode(new), strict=True):
            self._vectors[word] = vector

    def cover(self, term: Term, text: Text) -> float:
        """How much `text` speaks of a term, in [0, 1]."""
        if term.stem in text.stems:
            return 1.0
        if any(meant in text.stems for meant in self._table.same.get(term.stem, ())):
            return _MEANT
        if any(c.isdigit() for c in term.stem):
            return _WITHIN if text.within(term.stem) else 0.0
        found = 0.0
        for base, word in text.stems.items():
            key = (term.stem, base)
            if key not in self._known:
                self._known[key] = self._alike(term, base, word)
            found = max(found, self._known[key])
        return found

    def _alike(self, term: Term, base: str, word: str) -> float:
        if base.startswith(term.stem) and base[len(term.stem) :].isdigit():
            return 1.0  # "IP" is spoken of by "IP54"
        shorter, longer = sorted((term.stem, base), key=len)
        if len(shorter) >= 5 and shorter in longer:
            return _WITHIN
        if self._question.language in COMPOUNDING and len(shorter) >= _COMPOUND_PART:
            return _WITHIN if longer.startswith(shorter) or longer.endswith(shorter) else 0.0
        one, other = self._vectors.get(term.word), self._vectors.get(word)
        if one is None or other is None or word in self._table.stop:
            return 0.0
        cosine = float(one @ other)
        return max(0.0, min(1.0, (cosine - _NEAR) / (_SAME - _NEAR))) * _MOST_SOFT

    def covers(self, text: Text) -> list[float]:
        """`cover` of each term of the question."""
        return [self.cover(term, text) for term in self._question.terms]


def weights(question: Question, frequency: Mapping[str, int], chunks: int) -> list[float]:
    """How much each term of a question counts: rare ones most. In (0, 1], as inverse document
    frequency, 1 for a word that no document has; a weak word counts for a part of that."""
    most = np.log(1 + chunks / 0.5)
    return [
        float(np.log(1 + chunks / (0.5 + frequency.get(term.stem, 0))) / most)
        * (_WEAK if term.weak else 1.0)
        for term in question.terms
    ]


def weighted(values: Sequence[float], by: Sequence[float]) -> float:
    """The weighted mean; 0 of nothing."""
    total = sum(by)
    return sum(v * w for v, w in zip(values, by, strict=True)) / total if total else 0.0
