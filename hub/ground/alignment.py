"""How the words of a phrase stand against the words of names, one by one or two as one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from hub.ground.names import kind_of_word, synonym, word_fit

if TYPE_CHECKING:
    from hub.ground.index import HomeWords

_LEAST = 0.7
"""Two words that fit less are different words."""
_SLIP = 0.94
_JOINED = 0.87
"""Words written as one, or one written as two, must fit this well ("bed room", "nanoleafs")."""
Unit = tuple[str, tuple[int, ...]]
"""A word, or two neighbours written as one, with the positions it stands for."""


def unit_fit(spoken: str, written: str) -> float:
    """How well a spoken unit fits a written one; 0 if they are different words. Numbers are what
    they are, and a slip counts more here than in a whole name."""
    score = word_fit(spoken, written)
    if score >= _SAME or score < _LEAST:
        return score if score >= _SAME and _numbered_alike(spoken, written) else 0.0
    if any(c.isdigit() for c in spoken + written):
        return 0.0
    return score * _SLIP


_SAME = 0.95
"""From here on two units are one word, or mean the same."""


def _numbered_alike(spoken: str, written: str) -> bool:
    """Whether no digit stands against it: "light2" is never "light1"."""
    numbers = ["".join(c for c in unit if c.isdigit()) for unit in (spoken, written)]
    return numbers[0] == numbers[1] or synonym(spoken) == synonym(written)


def units(words: Sequence[str]) -> Iterator[Unit]:
    """Every word, and every two neighbours as one."""
    for at, word in enumerate(words):
        yield word, (at,)
        if at + 1 < len(words):
            yield word + words[at + 1], (at, at + 1)


Alignment = tuple[list[float], list[float]]
"""For each word of the phrase and of a name, how well it is found in the other."""


def aligned(
    said: Sequence[str], weights: Sequence[float], index: HomeWords, telling: bool
) -> dict[str, dict[int, Alignment]]:
    """By entity, and by which of its names, how the phrase's words are found there. A word that
    stands in a name is not taken for a slip of another word of it besides: a reading light may be
    the left or the right one."""
    fitting = [
        (said_at, other, score, score < _SAME and kind_of_word(unit) != kind_of_word(other))
        for unit, said_at in units(said)
        for other, score in index.fitting(unit).items()
        if len(said_at) == 1 or score >= _JOINED
    ]
    fitting.sort(key=lambda each: -each[2])
    worth = {
        entity_id
        for said_at, other, *_ in fitting
        if not telling or any(weights[at] == 1 for at in said_at)
        for entity_id in index.by_unit[other]
    }
    found: dict[str, dict[int, Alignment]] = {entity_id: {} for entity_id in worth}
    for said_at, other, score, slip in fitting:
        bearers = index.bearing[other]
        for entity_id in worth & bearers.keys():
            for number, name_at in bearers[entity_id]:
                if not _joins(said_at, name_at, score):
                    continue
                alignment = found[entity_id].get(number)
                if alignment is None:
                    words = index.spelled[entity_id][number][0]
                    alignment = found[entity_id][number] = ([0.0] * len(said), [0.0] * len(words))
                if slip and all(alignment[0][at] == 1 for at in said_at):
                    continue
                for scores, places in zip(alignment, (said_at, name_at), strict=True):
                    for at in places:
                        scores[at] = max(scores[at], score)
    return found


def _joins(said_at: tuple[int, ...], name_at: tuple[int, ...], score: float) -> bool:
    """Whether the fit is good enough for words that are written as one on one side."""
    together = len(said_at) + len(name_at)
    return score >= (_LEAST if together == 2 else _JOINED) and together < 4
