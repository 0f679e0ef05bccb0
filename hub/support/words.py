"""The words of `words.toml`, compiled."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files

from hub.languages import fold


class Said(StrEnum):
    """What somebody who is being helped can say."""

    SOLVED = "solved"
    FAILED = "failed"
    DONE = "done"
    NEXT = "next"
    BACK = "back"
    REPEAT = "repeat"
    STOP = "stop"
    MORE = "more"  # wants a person


@dataclass(frozen=True, slots=True)
class SupportWords:
    """One language. `faults` fits headings of what to do when something is wrong."""

    complaint: re.Pattern[str]
    faults: re.Pattern[str]
    remedy: re.Pattern[str]
    answers: Mapping[Said, re.Pattern[str]]
    phrases: Mapping[str, str]

    def answer(self, text: str) -> Said | None:
        """Which of the answers a text is, if one."""
        plain = " ".join(fold(text).replace("“", "").split()).strip(' ."!')
        return next((s for s, form in self.answers.items() if form.fullmatch(plain)), None)


@lru_cache(maxsize=8)
def support_words(language: str) -> SupportWords | None:
    """The words of a language; None where it has none."""
    tables = tomllib.loads(files(__package__).joinpath("words.toml").read_text("utf-8"))
    table = tables.get(language.split("-", maxsplit=1)[0])
    if table is None:
        return None
    return SupportWords(
        re.compile(table["complaint"]),
        re.compile(table["faults"]),
        re.compile(table["remedy"] + r":\s*(.+)$", re.DOTALL),
        {said: re.compile(table[said.value]) for said in Said},
        {name: text for name, text in table.items() if name not in {s.value for s in Said}},
    )
