"""What somebody wants translated, read by the words of `words.toml`: patterns, not a model, because
what stands in quotation marks must never be read as a command."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

_QUOTES = "\"'“”„«»‘’‚‹›「」『』"
_END = " \t.?!？！。"
LANGUAGES = ("en", "de", "es", "fr", "zh")
"""In which a translation can be asked for."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A translation of `text`; into `target` or, where none was named, into that of `person`."""

    text: str
    target: str | None = None
    person: str | None = None


@dataclass(frozen=True, slots=True)
class Between:
    """The two-way mode: what is said in one language is said again in the other."""

    first: str
    second: str


@dataclass(frozen=True, slots=True)
class Stop:
    """The end of the two-way mode."""


Wish = Wanted | Between | Stop


@dataclass(frozen=True, slots=True)
class _Patterns:
    """`any_of` fits where one of the others does: nearly no sentence has to do with translation."""

    any_of: re.Pattern[str]
    translate: tuple[re.Pattern[str], ...]
    start: tuple[re.Pattern[str], ...]
    stop: tuple[re.Pattern[str], ...]


@lru_cache(maxsize=1)
def _words() -> dict[str, Any]:
    return tomllib.loads(files("hub.translation").joinpath("words.toml").read_text("utf-8"))


@lru_cache(maxsize=1)
def language_names() -> dict[str, str]:
    """What languages are called, in any of them, to their code."""
    return {name: code for code, names in _words()["names"].items() for name in names}


_NAMED = re.compile(r"\(\?P<\w+>")


@lru_cache(maxsize=len(LANGUAGES))
def _patterns(language: str) -> _Patterns:
    names = "|".join(sorted(map(re.escape, language_names()), key=len, reverse=True))

    def filled(pattern: str) -> str:
        pattern = pattern.replace("LANG", f"({names})", 2).replace("TEXT", "(?P<text>.+)")
        pattern = pattern.replace("ANY", r"[^\W\d_]{2,20}")
        return pattern.replace("PERSON", r"(?P<person>[\w'’ -]{1,40}?)")

    def compiled(pattern: str) -> re.Pattern[str]:
        return re.compile(pattern, re.IGNORECASE | re.DOTALL)

    table = _words()[language]
    kinds = [list(map(filled, table[kind])) for kind in ("translate", "start", "stop")]
    every = "|".join(f"(?:{_NAMED.sub('(?:', pattern)})" for kind in kinds for pattern in kind)
    return _Patterns(compiled(every), *(tuple(map(compiled, kind)) for kind in kinds))


def wish_of(said: str, language: str) -> Wish | None:
    """What a sentence asks for, in the words of `language` or else in any language's; None if it
    has nothing to do with translation."""
    text = said.strip().lstrip("¿¡ ").replace("’", "'")
    base = language.split("-", maxsplit=1)[0]
    order = (
        [base, *(other for other in LANGUAGES if other != base)] if base in LANGUAGES else LANGUAGES
    )
    for known in order:
        if (found := _wish_in(text, _patterns(known))) is not None:
            return found
    return None


def _wish_in(text: str, patterns: _Patterns) -> Wish | None:
    bare = text.strip(_END)
    if not any(map(patterns.any_of.fullmatch, {bare, text})):
        return None
    for pattern in patterns.stop:
        if pattern.fullmatch(bare):
            return Stop()
    for pattern in patterns.start:
        if match := pattern.fullmatch(bare):
            first, second = (language_names()[name.lower()] for name in match.groups()[:2])
            return Between(first, second) if first != second else None
    for pattern in patterns.translate:
        for candidate in dict.fromkeys((text, bare)):
            match = pattern.fullmatch(candidate)
            if match is not None and (wanted := _wanted(match)) is not None:
                return wanted
    return None


def _wanted(match: re.Match[str]) -> Wanted | None:
    groups = match.groupdict()
    text = groups["text"].strip().strip(_QUOTES).strip()
    others = (g for g in match.groups() if g and g != groups["text"])
    named = [name for name in others if name.lower() in language_names()]
    if not any(character.isalnum() for character in text):
        return None
    person = groups.get("person")
    return Wanted(
        text,
        language_names()[named[0].lower()] if named else None,
        person.strip().lower() if person else None,
    )
