"""What speech recognition makes of Chinese: other characters of the same syllable."""

from __future__ import annotations

import os
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from models.nlu.data.wordlists import language_file

_HAN = re.compile(r"[\u4e00-\u9fff]")
_OFTEN = 3
"""So often a character stands in what we wrote for the language, to be one that people write."""


@cache
def homophones(language: str) -> Mapping[str, Sequence[str]]:
    """Characters with the others of their syllable, tones apart, that are often written."""
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    from pypinyin import lazy_pinyin

    counted = Counter(_HAN.findall(_all_text(language_file(language))))
    alike: dict[str, list[str]] = defaultdict(list)
    for character in sorted(c for c, times in counted.items() if times >= _OFTEN):
        alike[lazy_pinyin(character)[0]].append(character)
    return {
        one: [other for other in group if other != one]
        for group in alike.values()
        if len(group) > 1
        for one in group
    }


def _all_text(contents: Any) -> str:
    if isinstance(contents, Mapping):
        return " ".join(_all_text(value) for value in contents.values())
    if isinstance(contents, list):
        return " ".join(_all_text(value) for value in contents)
    return str(contents)
