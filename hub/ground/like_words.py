"""Which of many words can fit a spoken one at all, without comparing it with each in Python.

`hub.ground.names.word_fit` gives a score to words of one kind, of one sound, with one beginning, or
with few slips between them. The first three are looked up, the last is one call over all words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from hub.ground.names import FEW_SLIPS, kind_of_word, sound, synonym

_BEGINNING = 3
"""Two forms of one word share at least so many letters, and so does a word with its beginning."""


@dataclass(frozen=True, slots=True)
class LikeWords:
    """Words by what makes them like another."""

    words: Sequence[str]
    sharing: Mapping[tuple[str, str], Sequence[str]]

    @classmethod
    def of(cls, words: Iterable[str]) -> LikeWords:
        """The words, taken apart once."""
        listed = sorted(words)
        sharing: dict[tuple[str, str], list[str]] = {}
        for word in listed:
            for trait in _traits(word):
                sharing.setdefault(trait, []).append(word)
        return cls(listed, sharing)

    def to(self, spoken: str) -> list[str]:
        """The words that may fit the spoken one, in alphabetical order: all for which `word_fit` is
        not 0, and some others."""
        found = {word for trait in _traits(spoken) for word in self.sharing.get(trait, ())}
        near = process.extract(
            spoken,
            self.words,
            scorer=DamerauLevenshtein.normalized_similarity,
            score_cutoff=FEW_SLIPS,
            limit=None,
        )
        return sorted(found | {word for word, _, _ in near})


def _traits(word: str) -> list[tuple[str, str]]:
    traits = [("synonym", synonym(word)), ("sound", sound(word)), ("begins", word[:_BEGINNING])]
    kind = kind_of_word(word)
    return [*traits, ("kind", kind)] if kind is not None else traits
