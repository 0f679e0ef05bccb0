"""What people say in twelve languages near a hub and not to it: our own sentences, a line each.

Every third line is held out: counted, never shown, so that nothing is trained or tuned on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path

from hub.bench.cases import Case

FOLDER = files("hub.bench") / "other_talk"
LANGUAGES = ("cs", "de", "es", "fr", "it", "nl", "pl", "pt", "ru", "sv", "tr", "zh-CN")
HELD_OUT = ", held out"


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
                if number % 3 == 0:
                    group += HELD_OUT
                yield Case(group, text, language, str(there if there.is_file() else home))
