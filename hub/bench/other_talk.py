"""What people say near a hub and not to it, in every language: our own sentences, a line each.

Many of them are about homes and devices, and ask nothing of this one. Every third line is held
out: counted, never shown among the misses, so that nothing is tuned on it. The first lines of the
files that are older were read before the grammars of `models/nlu/data/languages/near` were written;
they are held out no longer. All of `later` is held out: it was written after those grammars and
before those of `elsewhere`, which are by the same people and of the same kinds: what learned from
them does better here than on talk that nobody thought of.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path

from hub.bench.cases import Case

FOLDER = files("hub.bench") / "other_talk"
OLDER = frozenset("cs de es fr it nl pl pt ru sv tr zh-CN".split())
LATER = FOLDER / "later"
LANGUAGES = tuple(
    "ar bg ca cs da de en es fi fr hu it nl pl pt pt-BR ro ru sk sl sv tr uk zh-CN".split()
)
HELD_OUT = ", held out"
_READ = 32
"""So many lines of the older files have been read."""


def other_talk(data: Path, home: Path, languages: Sequence[str]) -> Iterator[Case]:
    """All sentences as not for us, in the demo home of their language where there is one.

    `data` plays no part. Raises `FileNotFoundError` where a language has no sentences.
    """
    for language in LANGUAGES:
        if language in languages:
            there = home.with_name(f"{home.stem}-{language.partition('-')[0]}{home.suffix}")
            lines = (FOLDER / f"{language}.txt").read_text("utf-8").splitlines()
            for number, text in enumerate(lines, start=1):
                group = f"not for us: other talk {language}"
                if number % 3 == 0 and not (language in OLDER and number <= _READ):
                    group += HELD_OUT
                yield Case(group, text, language, str(there if there.is_file() else home))
            for text in (LATER / f"{language}.txt").read_text("utf-8").splitlines():
                group = f"not for us: later talk {language}{HELD_OUT}"
                yield Case(group, text, language, str(there if there.is_file() else home))
