"""Questions about passages as households write them: manuals, house rules, notes, sheets.

`data/told.txt` has them by hand: a line `Title > Heading`, one `: passage`, one `+ ` with questions
that the passage answers, one `- ` with questions that it is near to and does not answer, divided
by `|`. Passages under one title are one document: what one of them answers, another does not.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from models.judge.grammars import read_lines

ANSWERED, NEAR, BESIDE = 42, 36, 16
"""Of a hundred pairs: answered, near, a question about another passage of the document; the rest
are questions about another document."""


@dataclass(frozen=True, slots=True)
class Passage:
    """What is shown of a passage, and the questions about it."""

    title: str
    shown: str
    answered: tuple[str, ...]
    near: tuple[str, ...]


@cache
def documents() -> Mapping[str, Sequence[Passage]]:
    """The passages by the title of their document. Raises ValueError for lines out of order."""
    lines = [line for line in read_lines("told.txt") if line.strip()]
    found = defaultdict(list)
    for at in range(0, len(lines), 4):
        place, *rest = lines[at : at + 4]
        if " > " not in place or [line[:2] for line in rest] != [": ", "+ ", "- "]:
            raise ValueError(f"told.txt: expected title > heading, `:`, `+` and `-` at {place!r}")
        said, answered, near = (line[2:] for line in rest)
        title = place.partition(" > ")[0]
        passage = Passage(title, f"{place}: {said}", _questions(answered), _questions(near))
        found[title].append(passage)
    return found


def _questions(line: str) -> tuple[str, ...]:
    return tuple(question.strip() for question in line.split("|"))


def told(dice: random.Random) -> tuple[str, str, bool]:
    """A question, what is shown of a passage, and whether it answers."""
    known = documents()
    document = known[dice.choice(list(known))]
    passage = dice.choice(document)
    lot = dice.random() * 100
    if lot < ANSWERED:
        return dice.choice(passage.answered), passage.shown, True
    if lot < ANSWERED + NEAR:
        return dice.choice(passage.near), passage.shown, False
    question = dice.choice(passage.answered + passage.near)
    others = [each for each in document if each is not passage]
    if not others or lot >= ANSWERED + NEAR + BESIDE:
        other = dice.choice([title for title in known if title != passage.title])
        others = list(known[other])
    return question, dice.choice(others).shown, False
