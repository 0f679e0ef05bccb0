"""The sentences that the router is fitted to, made from `sentences.toml`."""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

from hub.routing.router import Skill

EACH = 4
"""Sentences made of a form that has a slot."""
_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence and the skill that it is for."""

    text: str
    language: str
    skill: Skill


def examples(seed: int) -> list[Example]:
    """All forms, with their slots filled; the same for the same seed."""
    table = tomllib.loads(files(__package__).joinpath("sentences.toml").read_text("utf-8"))
    dice, words = random.Random(seed), table.pop("words")
    return [
        Example(text, language, skill)
        for language, forms in table.items()
        for skill in Skill
        for form in forms[skill].split("\n")
        if form
        for text in _filled(form, words[language], dice)
    ]


def _filled(form: str, words: Mapping[str, Sequence[str]], dice: random.Random) -> list[str]:
    times = EACH if "{" in form else 1
    made = [_SLOT.sub(lambda slot: dice.choice(words[slot[1]]), form) for _ in range(times)]
    return list(dict.fromkeys(made))
