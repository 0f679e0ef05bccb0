"""In which of the house's languages a sentence was said, by what the model found."""

from __future__ import annotations

from collections.abc import Sequence

from edge.tasks.understanding_schema import Scored

CERTAIN = 0.5
"""Another language than the house's usual one must be this probable."""


def spoken_language(found: Sequence[Scored], among: Sequence[str], usual: str) -> str:
    """The language of `among` that the model found most probable, or the `usual` one.

    A regional variant stands for its language: Portuguese is the Portuguese of the house.
    """
    best, most = usual, CERTAIN
    for language in among:
        probability = sum(s.confidence for s in found if _means(s.label, language, among))
        if probability > most:
            best, most = language, probability
    return best


def _means(label: str, language: str, among: Sequence[str]) -> bool:
    if label == language:
        return True
    return label not in among and label.partition("-")[0] == language.partition("-")[0]
