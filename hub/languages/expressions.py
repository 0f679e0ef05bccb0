"""Word lists as patterns over plain text.

The lists of `home-assistant-intents` and our own are written the same way: `[optional]`,
`(one|other)`, and, in our own, `*` for any ending of a word ("minut*").
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from hub.languages.text import fold

Pattern = re.Pattern[str]

_SIGNS = {"(": "(?:", ")": ")", "[": "(?:", "]": ")?", "|": "|", "*": r"\w*", " ": " ?"}
_SPACE = re.compile(r"\s+")


def expression(template: str) -> str:
    """A template as a regular expression over plain text. A space may be missing: beside an
    optional word it must be, and people write "day light" as they like."""
    folded = _SPACE.sub(" ", re.sub(r"\s*\|\s*", "|", fold(template)).replace("-", " ")).strip()
    return f"(?:{''.join(_SIGNS.get(c) or re.escape(c) for c in folded)})"


def whole(words: Sequence[str] | str) -> Pattern:
    """Matches any of the words; for `fullmatch`."""
    listed = [words] if isinstance(words, str) else list(words)
    return re.compile("|".join(expression(word) for word in listed))


def compiled(words: Sequence[str] | str, spaced: bool) -> Pattern:
    """Finds any of the words inside a text, the longest first; a sign ("%") may touch what it
    stands at. What must be a whole word is looked for as one, which takes a third of the time that
    its words take one by one."""
    listed = [words] if isinstance(words, str) else sorted(words, key=len, reverse=True)
    bounded = [word for word in listed if spaced and any(c.isalnum() for c in word)]
    signs = [expression(word) for word in listed if word not in bounded]
    apart = [_bounded("|".join(map(expression, bounded)))] if bounded else []
    return re.compile("|".join((*apart, *signs)) or r"(?!)")


def _bounded(words: str) -> str:
    return rf"(?<!\w)(?:{words})(?!\w)"


@lru_cache(maxsize=4096)
def anywhere(pattern: Pattern, spaced: bool) -> Pattern:
    """The same words, found inside a text."""
    inner = pattern.pattern
    return re.compile(_bounded(inner) if spaced else f"(?:{inner})")
