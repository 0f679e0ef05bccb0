"""The language-identification task: in which of a few languages a sentence is.

A linear classifier over hashed character n-grams (fastText's features, Joulin et al. 2016), as
small as the task needs: a home speaks a few languages, and its sentences are about homes.
`models/language` trains it; the weights are one int8 matrix of `BUCKETS` rows, 380 kB.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

BUCKETS = 1 << 14
LONGEST = 4
_READ = 200
"""More characters than these say nothing new about the language."""


def features(text: str) -> NDArray[np.int64]:
    """Rows of the weights for a text: its words and their n-grams of 1 to 4 characters."""
    return np.fromiter((crc32(gram) % BUCKETS for gram in _grams(text)), np.int64)


def _grams(text: str) -> Iterator[bytes]:
    folded = unicodedata.normalize("NFKC", text[:_READ]).casefold()
    for word in "".join(c if c.isalpha() or c == "'" else " " for c in folded).split():
        marked = f"<{word}>"
        yield f"={word}".encode()
        for size in range(1, LONGEST + 1):
            for start in range(len(marked) - size + 1):
                yield marked[start : start + size].encode()


@dataclass(frozen=True, slots=True)
class LanguageDetector:
    """`weights` has shape (BUCKETS, languages)."""

    labels: tuple[str, ...]
    weights: NDArray[np.int8]
    scale: float

    def detect(self, text: str, among: Sequence[str], otherwise: str) -> str:
        """The most probable of the languages `among`; `otherwise` if the text says nothing, and
        where it says next to nothing more for another."""
        rows = features(text)
        if not len(rows):
            return otherwise
        columns = [self._column(language) for language in among]
        sums = self.weights[rows].sum(0, dtype=np.int32)
        scores = np.array([sums[c] if c is not None else -(2**31) for c in columns], np.float64)
        scores *= self.scale / len(rows)
        best = among[int(scores.argmax())]
        if otherwise in among and best != otherwise:
            lead = scores.max() - scores[list(among).index(otherwise)]
            return otherwise if lead < MARGIN else best
        return best

    def _column(self, language: str) -> int | None:
        """pt-BR is told from others as Portuguese; which Portuguese, the home knows."""
        base = language.partition("-")[0]
        return self.labels.index(base) if base in self.labels else None


MARGIN = 0.05
"""Another language than the home's must be this much more probable (in logits)."""


@cache
def load_detector() -> LanguageDetector:
    """The detector that hearthd ships."""
    with (files("edge") / "shipped" / "language" / "weights.npz").open("rb") as stored:
        arrays = np.load(stored, allow_pickle=False)
        labels = tuple(str(label) for label in arrays["labels"])
        return LanguageDetector(labels, arrays["weights"], float(arrays["scale"]))
