"""The words that the translator has seen, by language: what it may be asked to translate."""

from __future__ import annotations

from collections.abc import Iterable

from edge.register import words_of
from models.translate.corpus import Pair


def register_of(made: Iterable[Pair]) -> dict[str, list[str]]:
    """Sorted words of each language's sources (for Chinese: its characters)."""
    found: dict[str, set[str]] = {}
    for pair in made:
        found.setdefault(pair.source_language, set()).update(
            words_of(pair.source, pair.source_language)
        )
    return {language: sorted(words) for language, words in sorted(found.items())}
