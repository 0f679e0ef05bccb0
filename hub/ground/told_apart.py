"""Several things that fit, told apart by words that the model marked as nothing."""

from __future__ import annotations

from dataclasses import replace

from devices.home import Home
from edge.tasks.understanding_schema import ClauseReading
from hub.ground.index import words_of
from hub.ground.names import tokens, weight
from hub.ground.spans import blank
from hub.ground.target import Target
from hub.languages import Lexicon


def told_apart(target: Target, clause: ClauseReading, home: Home, words: Lexicon) -> Target:
    """The target with only those of the things that it is a question between that bear a word of
    the sentence which not all of them bear: "close the blinds on the north side"."""
    if len(target.tied) < 2:
        return target
    free = {word for word in tokens(blank(clause, clause.spans)) if _tells(word, words)}
    if not free:
        return target
    own = words_of(home).own
    free -= frozenset.intersection(*(own[entity.id] for entity in target.tied))
    meant = tuple(entity for entity in target.tied if free & own[entity.id])
    if len(meant) != 1:
        return replace(target, tied=meant) if meant else target
    return Target(meant, {**target.slots, "name": meant[0].name})


def _tells(word: str, words: Lexicon) -> bool:
    return len(word) > _SHORT and weight(word) == 1 and not words.fits("particles", word)


_SHORT = 2
