"""Names that are written with all their endings: "nočn(á|ú|ej) lamp(a|u|y|e)"; and names of things
that have somebody's name in them, who is called something else too ("Katrin's phone": Mum's)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
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


def by_whom(names: Sequence[str], people: Sequence[Sequence[str]]) -> Iterator[str]:
    """The names again, with what else each of the `people` is called in place of one's name."""
    for name in names:
        for called in people:
            at = next((found for one in called if (found := _mention(one).search(name))), None)
            if at is not None:
                others = (other for other in called if other != at.group(1))
                yield from (f"{name[: at.start(1)]}{other}{name[at.end(1) :]}" for other in others)


@lru_cache(maxsize=1024)
def _mention(one: str) -> re.Pattern[str]:
    """Somebody's name as a word, or as one's own ("Katrins", "Maya's")."""
    return re.compile(rf"\b({re.escape(one)})(?=s?\b|['’]s\b)", re.IGNORECASE)
