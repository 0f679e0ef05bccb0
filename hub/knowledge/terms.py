"""Words to terms: folded, stemmed, without those that carry no meaning; and what a question asks.

Index and question go through the same stemmer (Snowball), so FTS5 needs none of its own and every
language with a table in `words/` is searched alike. A table is data: add one file for a language.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from importlib.resources import files
from typing import Any

from hub.languages import fold

LANGUAGES = ("en", "de", "es")
"""With a table in `words/`. Documents in others are read with the first one's."""

COMPOUNDING = frozenset({"de"})
"""Languages that write words together: "Sieb" is spoken of by "Flusensieb"."""

_WORD = re.compile(r"[^\W_]+(?:['’][^\W\d_]+)?")
_CODE = re.compile(
    r"\b[A-Za-z]{1,4}[-:.]?\d{1,4}[A-Za-z]?\b|\b[B-HJ-Zb-hj-z] \d{1,4}\b|\b[A-Z]{2,}\d[\w-]*\b"
)
_MODEL = re.compile(r"\b(?=\w*\d)(?=\w*[A-Za-z])[A-Za-z0-9]{2,}(?:[-/][A-Za-z0-9]+)*\b")
_SIGNS = (("°c", " degrees celsius "), ("°f", " degrees fahrenheit "), ("°", " degrees "),
          ("%", " percent "))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Demand:
    """What a question that is `asked` so wants to be `shown`: "how much flour" wants an amount."""

    asked: re.Pattern[str]
    shown: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Words:
    """One language's table."""

    language: str
    stop: frozenset[str]
    stop_stems: frozenset[str]
    weak: frozenset[str]
    numbers: Mapping[str, str]
    code: re.Pattern[str]
    expects: tuple[tuple[str, tuple[re.Pattern[str], ...]], ...]
    demands: tuple[Demand, ...]
    same: Mapping[str, tuple[str, ...]]
    not_known: str
    nearest: str
    no_documents: str
    other_language: str
    stemmer: str


@lru_cache(maxsize=len(LANGUAGES))
def words(language: str) -> Words:
    """The table of a language; English for one without a table."""
    code = language.split("-", maxsplit=1)[0]
    code = code if code in LANGUAGES else LANGUAGES[0]
    table = tomllib.loads(files(__package__).joinpath(f"words/{code}.toml").read_text("utf-8"))
    stemmer = table["stemmer"]
    expects = tuple(
        (kind, tuple(re.compile(fold(form)) for form in forms))
        for kind, forms in table["expects"].items()
    )
    demands = tuple(
        Demand(re.compile(each["asked"]), re.compile(each["shown"]))
        for each in table.get("demands", {}).values()
    )
    same = {
        stem(fold(said), stemmer): tuple(stem(word, stemmer) for word in fold(meant).split())
        for said, meant in table["same"].items()
    }
    weak = frozenset(stem(word, stemmer) for word in fold(table["weak"]).split())
    numbers = dict(pair.split("=") for pair in fold(table["numbers"]).split())
    said = "|".join(fold(table["code_words"]).split())
    numbered = re.compile(rf"\b(?:{said})\s+(?:code\s+)?(\d{{1,4}})\b|\b(\d{{1,4}})\s+(?:{said})")
    stop = fold(table["stop"]).split()
    stop_stems = frozenset(stem(word, stemmer) for word in stop if len(word) > 3)
    return Words(
        code, frozenset(stop), stop_stems, weak, numbers, numbered, expects, demands, same,
        table["not_known"], table["nearest"], table["no_documents"], table["other_language"],
        stemmer,
    )  # fmt: skip


@lru_cache(maxsize=len(LANGUAGES))
def _stemmer(name: str) -> Any:
    """Loaded with the first question: the package brings the tables of 30 languages."""
    return import_module("snowballstemmer").stemmer(name)


@lru_cache(maxsize=16384)
def stem(word: str, stemmer: str) -> str:
    """The stem of a folded word."""
    if any(c.isdigit() for c in word):
        return word
    return str(_stemmer(stemmer).stemWord(word))


def tokens(text: str) -> list[str]:
    """Folded words in their order; signs of amounts are spelled out, codes lose their gaps."""
    folded = fold(text)
    for sign, spelled in _SIGNS:
        folded = folded.replace(sign, spelled)
    return [word.replace("'s", "") for word in _WORD.findall(folded)]


def terms(text: str, table: Words) -> list[str]:
    """Stems of all words, for the index; numbers up to twelve as digits."""
    return [stem_of(word, table) for word in tokens(text)]


def stem_of(word: str, table: Words) -> str:
    """The stem of a folded word; a number as digits."""
    return table.numbers.get(word) or stem(word, table.stemmer)


@dataclass(frozen=True, slots=True)
class Term:
    """A word of a question that carries meaning, and its stem; a `weak` one carries little."""

    word: str
    stem: str
    weak: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: `terms` carry the meaning, `codes` must be met exactly, and so must
    `numbers` that stand for one ("error 8"); `expects` are the kinds of fact that would answer;
    `asking` are the stems that ask for one ("heavy": weight), which an answer need not repeat."""

    text: str
    language: str
    terms: tuple[Term, ...]
    codes: tuple[str, ...]
    numbers: tuple[str, ...]
    expects: frozenset[str]
    asking: Mapping[str, frozenset[str]]


def question_of(text: str, language: str) -> Question:
    """Take a question apart."""
    table = words(language)
    found: dict[str, Term] = {}
    for word in tokens(text):
        base = stem_of(word, table)
        if (
            word not in table.stop
            and base not in table.stop_stems
            and (len(word) > 1 or word.isdigit())
        ):
            found.setdefault(base, Term(word, base, base in table.weak))
    folded = fold(text)
    expects = frozenset(
        kind for kind, forms in table.expects if any(form.search(folded) for form in forms)
    )
    digits = " ".join(table.numbers.get(word, word) for word in folded.split())
    numbers = numbers_in(digits, table)
    return Question(
        text, table.language, tuple(found.values()), codes_in(text), numbers, expects,
        _asking(folded, table),
    )  # fmt: skip


def numbers_in(folded: str, table: Words) -> tuple[str, ...]:
    """Numbers that are codes: "error 8", "5 blinks"."""
    return tuple(dict.fromkeys(one or other for one, other in table.code.findall(folded)))


def _asking(folded: str, table: Words) -> dict[str, frozenset[str]]:
    """The stems of the words that ask for a kind of fact, with these kinds."""
    found: dict[str, frozenset[str]] = {}
    for kind, forms in table.expects:
        for match in (match for form in forms for match in form.finditer(folded)):
            for word in tokens(match[0]):
                base = stem_of(word, table)
                found[base] = found.get(base, frozenset()) | {kind}
    return found


def codes_in(text: str) -> tuple[str, ...]:
    """Error codes and model names, written one way: "e 18" and "E-18" are "e18"."""
    found = [match[0] for match in (*_CODE.finditer(text), *_MODEL.finditer(text))]
    return tuple(dict.fromkeys(c for f in found if not _amount(c := code_key(f))))


def code_key(code: str) -> str:
    """A code without its gaps, folded."""
    return re.sub(r"[\s:._/-]", "", code).casefold()


def _amount(code: str) -> bool:
    """Whether it is a number with a unit, or a word before a number, and not a code."""
    return bool(
        re.fullmatch(
            r"\d+(?:kg|g|mg|l|ml|w|kw|v|a|mm|cm|m|km|h|min|s|c|f|hz|bar|db|th|st|nd|rd|x|rpm|kwh)"
            r"|(?:in|at|to|is|or|of|the|and|for|on|by|step|page|day|days|bei|auf|mit|von|bis|um|zu"
            r"|que|con|los|las|des|die|der|das|a|i)\d+",
            code,
        )
    )


def language_of(text: str, likely: Sequence[str] = LANGUAGES) -> str:
    """The language whose small words a text has most of; the first of `likely` on a tie."""
    said = tokens(text[:20000])
    scores = [(sum(word in words(code).stop for word in said), code) for code in likely]
    best = max(score for score, _ in scores)
    return next(code for score, code in scores if score == best)
