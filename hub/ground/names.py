"""How well a spoken phrase fits a written name: by spelling, by sound, by shared words.

People say part of a name, its plural, the room's word beside the device's, with slips of typing and
of speech recognition; languages inflect names ("keittiössä"), run them together ("Küchenlicht") or
write them without spaces. A score is 1 for the name itself and falls with every word that is
missing, extra or different. Nothing here depends on the language of the request: a home's names
may be in another.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any

from rapidfuzz.distance import DamerauLevenshtein, Postfix
from rapidfuzz.fuzz import ratio

from hub.languages import fold
from hub.languages.expressions import expression
from hub.languages.pinyin import syllable

SURE = 0.86
"""From here on a phrase is taken to be the name."""
POSSIBLE = 0.62
"""Below this a name is not even offered."""

_TABLE: Mapping[str, Any] = tomllib.loads(
    (files("hub.languages") / "names.toml").read_text("utf-8")
)

ARTICLES = frozenset(fold(word) for word in _TABLE["articles"].split())
_DENSE_ARTICLES = re.compile("|".join(_TABLE["no_spaces"]))
_ENDINGS = frozenset(fold(word) for word in _TABLE["endings"].split())
_SYNONYMS: Mapping[str, str] = _TABLE["synonyms"]
OCCASIONS = frozenset(fold(word) for word in _TABLE["occasions"].split())
ITS_TIME_FOR = frozenset(fold(word) for word in _TABLE["its_time_for"].split())
ITS_TIME = frozenset(fold(word) for word in _TABLE["its_time"].split())
OVERHEAD = frozenset(fold(word) for word in _TABLE["overhead"].split())
"""Words in the names of lights that hang from the ceiling and light the whole room."""
_SPOTS = re.compile("|".join(map(expression, _TABLE["spots"].split())))
_ARABIC = re.compile(f"(?:{'|'.join(map(fold, _TABLE['arabic_prefixes']))})(?=\\w\\w)")


def _one_of(words: str) -> str:
    return "|".join(expression(word) for word in words.split())


_KINDS = re.compile("|".join(f"(?P<{k}>{_one_of(w)})" for k, w in _TABLE["kinds"].items()))
_COMPOUND = re.compile(rf"(\w{{3,}}?)({_one_of(_TABLE['compounds']['heads'])})")
_DENSE_KINDS = re.compile("|".join(re.findall(r"[\u4e00-\u9fff]+", str(_TABLE["kinds"]))))
_GENERIC = frozenset(_TABLE["kinds"]) - {"garage", "coffee"}
"""Kinds whose words tell less than others which thing is meant."""
_DENSE_GENERIC = frozenset(
    character
    for kind in _GENERIC
    for character in re.findall(r"[\u4e00-\u9fff]", _TABLE["kinds"][kind])
)
_HAN = re.compile(r"([\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff])")
_ABBREVIATION = re.compile(r"\b([A-Z]{2,4})[a-z]{1,3}\b")
"""An abbreviation with an ending ("TVt", "PCs")."""
_SUFFIX = re.compile(r"(?<=\w\w)[':]\w{1,5}(?!\w)|(?<=\w)\([^)]*\)")
"""Endings that are set off: "TV'yi", "WC:ssä", "John's", "lamp(s)"."""


@lru_cache(maxsize=8192)
def tokens(text: str) -> tuple[str, ...]:
    """Words for comparison: folded, singular, compounds and Chinese characters apart, no
    articles; a letter at the end is no article ("Lamp A")."""
    said = _SUFFIX.sub(_kept_suffix, fold(_ABBREVIATION.sub(r"\1", text)))
    if _HAN.search(said):
        said = _HAN.sub(r" \1 ", _DENSE_ARTICLES.sub("", said) or said)
    words = [part for word in re.sub(r"[^\w]+", " ", said).split() for part in _parts(word)]
    last = len(words) - 1
    kept = [
        word
        for at, word in enumerate(words)
        if word not in ARTICLES or (at == last and at and len(word) == 1)
    ]
    return tuple(kept or words)


def _kept_suffix(match: re.Match[str]) -> str:
    """What follows an apostrophe is a word if an article stands before it ("dell'ufficio")."""
    before = match.string[: match.start()].split()[-1:]
    return match.group() if before and before[0] in ARTICLES else ""


def _parts(word: str) -> list[str]:
    if "\u0600" <= word[0] <= "\u06ff":
        return [_ARABIC.sub("", word)]
    if len(word) >= 7 and (compound := _COMPOUND.fullmatch(word)):
        return [compound.group(1), compound.group(2)]
    return [_singular(word)]


def _singular(word: str) -> str:
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def compound_head(text: str) -> tuple[str, str] | None:
    """A compound word's first part as it was written, and the kind of thing it is: "pizzatimern"
    is "pizza" and timer; None if the text is no compound."""
    match = _COMPOUND.fullmatch(fold(text))
    if match is None or len(fold(text)) != len(text):
        return None
    return text[: match.end(1)], kind_of_word(match.group(2)) or ""


@lru_cache(maxsize=8192)
def kind_of_word(word: str) -> str | None:
    """The kind of thing that a word names in any language ("lampa": light); None if none."""
    match = _KINDS.fullmatch(word) or _KINDS.fullmatch(f"{word}s")
    return match.lastgroup if match else None


@lru_cache(maxsize=2048)
def is_special(word: str) -> bool:
    """Whether a word names one kind of lamp only: spots are no floor lamp."""
    return _SPOTS.fullmatch(word) is not None


@lru_cache(maxsize=8192)
def kinds_in(text: str) -> frozenset[str]:
    """All kinds of things that a name's words name."""
    folded = fold(text)
    dense = _DENSE_KINDS.findall(folded) if _HAN.search(folded) else []
    words = (*tokens(text), *dense)
    return frozenset(kind for word in words if (kind := kind_of_word(word)))


@lru_cache(maxsize=2048)
def may_name_kind(word: str, kind: str) -> bool:
    """Whether a word, or one with a slip or two, names the kind in any language."""
    if kind_of_word(word) == kind:
        return True
    known = (w.rstrip("*") for w in fold(_TABLE["kinds"][kind]).split())
    return any(DamerauLevenshtein.normalized_similarity(word, w) >= FEW_SLIPS for w in known)


@lru_cache(maxsize=8192)
def sound(word: str) -> str:
    """A rough phonetic key: consonant classes in order, vowels dropped (after Soundex, 1918); the
    syllable of a Chinese character."""
    if _HAN.fullmatch(word):
        return syllable(word)
    if not word.isascii() or not word.isalpha():
        return word
    word = re.sub(r"ph", "f", re.sub(r"^kn|gn", "n", re.sub(r"ck|q", "k", word)))
    codes = word[0] + "".join(_SOUND_CLASS.get(c, "") for c in word[1:])
    return re.sub(r"(.)\1+", r"\1", codes)


_SOUND_CLASS = {
    **dict.fromkeys("bp", "p"), **dict.fromkeys("fvw", "f"), **dict.fromkeys("ckgqx", "k"),
    **dict.fromkeys("szj", "s"), **dict.fromkeys("dt", "t"), "l": "l", "m": "m", "n": "m", "r": "r",
}  # fmt: skip


_HOMOPHONE = 0.8
"""How well a Chinese character fits another of the same syllable."""
FEW_SLIPS = 0.7
"""Two words at least so alike, letter by letter, are one with slips."""


def synonym(word: str) -> str:
    """The word that stands for all of its meaning."""
    return _SYNONYMS.get(word, word)


@lru_cache(maxsize=16384)
def word_fit(spoken: str, written: str) -> float:
    """How well one word fits another, in [0, 1]."""
    if spoken == written:
        return 1.0
    if synonym(spoken) == synonym(written):
        return 0.95
    kind = kind_of_word(spoken)
    if kind is not None and kind == kind_of_word(written):
        return 0.9
    if _HAN.fullmatch(spoken) and _HAN.fullmatch(written):
        return _HOMOPHONE if sound(spoken) == sound(written) else 0.0
    if min(len(spoken), len(written)) < 3:
        return 0.0
    same = DamerauLevenshtein.normalized_similarity(spoken, written)
    if same >= FEW_SLIPS and not _other_compound(spoken, written):
        return 0.55 + 0.45 * same
    if inflected := _inflected(spoken, written) or _fleeting(spoken, written):
        return inflected
    if _softened(spoken, written):
        return _SOFT
    if len(spoken) > 3 and sound(spoken) == sound(written):
        return 0.75
    if len(spoken) > 3 and (written.startswith(spoken) or spoken.startswith(written)):
        return 0.7
    return 0.0


def _other_compound(spoken: str, written: str) -> bool:
    """Whether two words only share their last part: a ballroom is no bathroom with slips."""
    shared = Postfix.similarity(spoken, written)
    first = spoken[: len(spoken) - shared], written[: len(written) - shared]
    if shared < _LAST_PART or min(map(len, first)) < _FIRST_PART:
        return False
    return DamerauLevenshtein.normalized_similarity(*first) < _ONE_PART


_LAST_PART, _FIRST_PART, _ONE_PART = 4, 3, 0.6


def _inflected(spoken: str, written: str) -> float:
    """The score of two forms of one word, which share their beginning; else 0."""
    stem = next(
        (n for n, (a, b) in enumerate(zip(spoken, written, strict=False)) if a != b),
        min(len(spoken), len(written)),
    )
    endings = spoken[stem:], written[stem:]
    longest = 6 if stem > 5 else 5
    if stem < 3 or len(endings[1]) > 2 or len(endings[0]) > longest:
        return 0.0
    if stem < 5 and not all(ending in _ENDINGS or not ending for ending in endings):
        return 0.0
    return 0.9 - 0.02 * sum(map(len, endings))


_FLEETING = re.compile(r"(?<=\w\w\w)i?[eo](?=[^aeiouy\W]$)")


def _fleeting(spoken: str, written: str) -> float:
    """The score of two forms of one word that lose a vowel to an ending, as Slavic ones do: Zenek,
    "Zenka"; else 0."""
    stem = _FLEETING.sub("", written)
    ending = spoken.removeprefix(stem)
    if stem == written or ending == spoken or not 0 < len(ending) <= _LONGEST_CASE:
        return 0.0
    return 0.9 - 0.02 * len(ending)


_LONGEST_CASE = 3
_SOFT = 0.86
_SOFTENINGS = {"ka": "ce", "ga": "dze", "cha": "sze", "ra": "rze", "ta": "cie", "da": "dzie"}
"""The ending of a Slavic name and that of its dative and locative: pralka, "pralce"."""


def _softened(spoken: str, written: str) -> bool:
    """Whether a word is a Slavic one whose last consonant has become soft before an ending."""
    return any(
        written.endswith(plain) and len(written) - len(plain) >= 3 and spoken == stem + soft
        for plain, soft in _SOFTENINGS.items()
        for stem in [written.removesuffix(plain)]
    )


@lru_cache(maxsize=8192)
def fit(spoken: str, written: str) -> float:
    """How well a spoken phrase fits a written name, in [0, 1]."""
    said, name = tokens(spoken), tokens(written)
    if not said or not name:
        return 0.0
    if said == name:
        return 1.0
    joined = ratio("".join(said), "".join(name)) / 100
    return max(_overlap(said, name), joined if joined >= 0.8 else 0.0)


def _overlap(said: Sequence[str], name: Sequence[str]) -> float:
    of_said = [0.0] * len(said)
    of_name = [0.0] * len(name)
    for i, word in enumerate(said):
        for j, other in enumerate(name):
            score = word_fit(word, other)
            if score:
                of_said[i] = max(of_said[i], score)
                of_name[j] = max(of_name[j], score)
    if not any(of_said):
        return 0.0
    return 0.6 * _covered(said, of_said) + 0.4 * _covered(name, of_name)


def _covered(words: Sequence[str], scores: Sequence[float]) -> float:
    weights = [weight(word) for word in words]
    return sum(w * s for w, s in zip(weights, scores, strict=True)) / sum(weights)


def weight(word: str) -> float:
    """How much a word tells which thing is meant."""
    return 0.45 if word in _DENSE_GENERIC or kind_of_word(word) in _GENERIC else 1.0


def best_fit(spoken: str, names: Iterable[str]) -> float:
    """The best score among a thing's name and aliases."""
    best = 0.0
    for name in names:
        score = fit(spoken, name)
        best = max(best, score)
    return best
