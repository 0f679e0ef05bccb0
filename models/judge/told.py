"""Questions about passages as households write them: manuals, house rules, notes, sheets.

The files of `data/told`, named by their language, have them written out: a line `Title > Heading`,
one `: passage`, one `+ ` with questions that the passage answers, one `- ` with questions that it
is near to and does not answer, divided by `|`; both as people talk, few in the passage's own words.
Passages under one title are one document: what one of them answers, another does not.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

ANSWERED, NEAR, BESIDE = 42, 36, 16
"""Of a hundred pairs: answered, near, a question about another passage of the document; the rest
are questions about another document."""


@dataclass(frozen=True, slots=True)
class Passage:
    """What is shown of a passage, and the questions about it."""

    language: str
    title: str
    shown: str
    answered: tuple[str, ...]
    near: tuple[str, ...]


@cache
def documents(names: tuple[str, ...] = ()) -> Mapping[str, Sequence[Passage]]:
    """The passages by the title of their document, only those of the files `names` where any are
    named. Raises ValueError for lines out of order."""
    found = defaultdict(list)
    folder = files(__package__).joinpath("data/told")
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if not names or file.name.removesuffix(".txt") in names:
            for passage in _passages(file.name, file.read_text("utf-8")):
                found[passage.title].append(passage)
    return found


@cache
def titles(names: tuple[str, ...] = ()) -> Mapping[str, Sequence[str]]:
    """The documents of each language."""
    found = defaultdict(list)
    for title, passages in documents(names).items():
        found[passages[0].language].append(title)
    return found


def _passages(file: str, text: str) -> list[Passage]:
    lines = [line for line in text.splitlines() if line.strip()]
    found = []
    for at in range(0, len(lines), 4):
        place, *rest = lines[at : at + 4]
        if " > " not in place or [line[:2] for line in rest] != [": ", "+ ", "- "]:
            raise ValueError(f"{file}: expected title > heading, `:`, `+` and `-` at {place!r}")
        said, answered, near = (line[2:] for line in rest)
        title, language = place.partition(" > ")[0], file.partition("-")[0]
        shown = f"{place}: {said}"
        found.append(Passage(language, title, shown, _questions(answered), _questions(near)))
    return found


def _questions(line: str) -> tuple[str, ...]:
    return tuple(question.strip() for question in line.split("|"))


def told(dice: random.Random, names: tuple[str, ...] = ()) -> tuple[str, Passage, bool]:
    """A question, a passage of the files `names` (all of them without), and whether it answers."""
    known = documents(names)
    document = known[dice.choice(list(known))]
    passage = dice.choice(document)
    lot = dice.random() * 100
    if lot < ANSWERED:
        return dice.choice(passage.answered), passage, True
    if lot < ANSWERED + NEAR:
        return dice.choice(passage.near), passage, False
    question = dice.choice(passage.answered + passage.near)
    others = [each for each in document if each is not passage]
    if not others or lot >= ANSWERED + NEAR + BESIDE:
        same = titles(names)[passage.language]
        others = list(known[dice.choice([title for title in same if title != passage.title])])
    return question, dice.choice(others), False
