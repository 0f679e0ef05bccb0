"""Names that are written with all their endings: "nočn(á|ú|ej) lamp(a|u|y|e)"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import product
from math import prod

_ENDINGS = re.compile(r"(?<=\w)\(([^()|]*(?:\|[^()|]*)+)\)")
"""Alternatives right behind a letter; "Lamp (left)" is a name as it stands."""
_WHOLE = re.compile(r"(?<=\))\|(?=\w)")
"""Between whole forms, where one of them has endings: "spáln(i|e)|spálň(a|u)"."""
_MOST = 32
"""Names with more forms are taken as they are written."""


@lru_cache(maxsize=4096)
def forms(name: str) -> tuple[str, ...]:
    """The name in all its forms, or only itself if it is written without alternatives."""
    whole = _WHOLE.split(name)
    if len(whole) > 1:
        return tuple(form for part in whole for form in forms(part))
    endings = [group.split("|") for group in _ENDINGS.findall(name)]
    if not endings or prod(map(len, endings)) > _MOST:
        return (name,)
    pieces = _ENDINGS.sub("\0", name).split("\0")
    return tuple(
        "".join(piece + ending for piece, ending in zip(pieces, (*chosen, ""), strict=True))
        for chosen in product(*endings)
    )


def all_forms(names: Iterable[str]) -> Iterator[str]:
    """Every form of every name."""
    return (form for name in names for form in forms(name))
