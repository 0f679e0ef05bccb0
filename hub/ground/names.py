"""How well a spoken phrase fits a written name: by spelling, by sound, by shared words.

People say part of a name, its plural, the room's word beside the device's, with slips of typing and
of speech recognition. A score is 1 for the name itself and falls with every word that is missing,
extra or different.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

from rapidfuzz.distance import DamerauLevenshtein
from rapidfuzz.fuzz import ratio

SURE = 0.86
"""From here on a phrase is taken to be the name."""
POSSIBLE = 0.62
"""Below this a name is not even offered."""

ARTICLES = frozenset(
    "the a an my our your this that these those of in at on to please der die das den dem mein "
    "meine le la les un une el los las mi il lo gli de het een".split()
)
GENERIC = frozenset(
    "light lamp bulb lighting fan blind curtain shade shutter window door gate lock plug socket "
    "outlet switch thermostat heater heating radiator tv television speaker vacuum cleaner sensor "
    "detector device camera valve one thing".split()
)
"""Words that say what kind of thing it is: they weigh less than words that say which one."""

_SYNONYMS = {
    "television": "tv", "telly": "tv", "lighting": "light", "lamp": "light", "bulb": "light",
    "sofa": "couch", "lounge": "living", "mum": "mom", "hoover": "vacuum", "fridge": "refrigerator",
    "cooker": "stove", "socket": "outlet", "plug": "outlet", "drape": "curtain",
    "programme": "program", "hallway": "hall", "entryway": "entrance", "colour": "color",
    "ac": "aircon", "1": "one", "2": "two", "3": "three", "4": "four", "1st": "first",
    "2nd": "second", "3rd": "third", "storey": "floor", "level": "floor",
}  # fmt: skip


@lru_cache(maxsize=8192)
def tokens(text: str) -> tuple[str, ...]:
    """Words for comparison: NFKC, accents kept, lower case, singular, no articles."""
    text = unicodedata.normalize("NFKC", text).casefold().replace("'s", "")
    text = re.sub(r"[^\w]+", " ", text)
    words = [_singular(word) for word in text.split()]
    kept = [word for word in words if word not in ARTICLES]
    return tuple(kept or words)


def _singular(word: str) -> str:
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


@lru_cache(maxsize=8192)
def sound(word: str) -> str:
    """A rough phonetic key: consonant classes in order, vowels dropped (after Soundex, 1918)."""
    if not word.isascii() or not word.isalpha():
        return word
    word = re.sub(r"ph", "f", re.sub(r"^kn|gn", "n", re.sub(r"ck|q", "k", word)))
    codes = word[0] + "".join(_SOUND_CLASS.get(c, "") for c in word[1:])
    return re.sub(r"(.)\1+", r"\1", codes)


_SOUND_CLASS = {
    **dict.fromkeys("bp", "p"), **dict.fromkeys("fvw", "f"), **dict.fromkeys("ckgqx", "k"),
    **dict.fromkeys("szj", "s"), **dict.fromkeys("dt", "t"), "l": "l", "m": "m", "n": "m", "r": "r",
}  # fmt: skip


@lru_cache(maxsize=65536)
def word_fit(spoken: str, written: str) -> float:
    """How well one word fits another, in [0, 1]."""
    if spoken == written:
        return 1.0
    if _SYNONYMS.get(spoken, spoken) == _SYNONYMS.get(written, written):
        return 0.95
    if min(len(spoken), len(written)) < 3:
        return 0.0
    same = DamerauLevenshtein.normalized_similarity(spoken, written)
    if same >= 0.7:
        return 0.55 + 0.45 * same
    if len(spoken) > 3 and sound(spoken) == sound(written):
        return 0.75
    if len(spoken) > 3 and (written.startswith(spoken) or spoken.startswith(written)):
        return 0.7
    return 0.0


@lru_cache(maxsize=65536)
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
    return 0.45 if word in GENERIC else 1.0


def best_fit(spoken: str, names: Iterable[str]) -> float:
    """The best score among a thing's name and aliases."""
    best = 0.0
    for name in names:
        score = fit(spoken, name)
        best = max(best, score)
    return best
