"""What is said in training and measurement: the phrase, what sounds like it, and all else."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing import get_context

from rapidfuzz.distance import Levenshtein

from edge.phonemes import phonemes
from models.nlu.data.own import OwnGrammar
from models.nlu.data.templates import HomeAssistantTemplates

CANDIDATES = 40
"""Words nearest to each word of the phrase."""
SENTENCES = 1000
"""Whose words are looked through for them."""


@dataclass(frozen=True, slots=True)
class Talk:
    """Texts that are not the phrase. `near` ones sound like it."""

    sentences: tuple[str, ...]
    near: tuple[str, ...]


def talk(phrase: str, language: str, count: int, seed: int, unlike: Sequence[str] = ()) -> Talk:
    """`count` sentences and two thirds of the near ones; none of `unlike`, and none with the
    phrase. Raises `NoPhonemes` for a language that eSpeak NG does not know."""
    dice = random.Random(seed)
    known, sentences = set(unlike), []
    for text in _sentences(language, dice):
        if text not in known and phrase.lower() not in text.lower():
            known.add(text)
            sentences.append(text)
        if len(sentences) == count:
            break
    near = [text for text in _near(phrase, language) if text not in known]
    return Talk(tuple(sentences), tuple(dice.sample(near, -(-len(near) * 2 // 3))))


def _sentences(language: str, dice: random.Random) -> Iterator[str]:
    """Half talk, half wishes; without end."""
    own, templates = OwnGrammar(language), HomeAssistantTemplates(language)
    while True:
        yield own.sample_chatter(dice).text
        yield (own if dice.random() < 0.5 else templates).sample(dice).text


@lru_cache(maxsize=2)
def _household(language: str) -> tuple[str, ...]:
    dice = random.Random(1)
    stream = _sentences(language, dice)
    return tuple(next(stream) for _ in range(SENTENCES))


@lru_cache(maxsize=2)
def _near(phrase: str, language: str) -> tuple[str, ...]:
    """In a process of its own: eSpeak NG 1.51 that has spelt some thousand words dies, for some
    numbers of them, when it next says something."""
    words = sorted({word for text in _household(language) for word in text.lower().split()})
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
        return tuple(apart.submit(near_texts, phrase, language, words).result())


@lru_cache(maxsize=20_000)
def _sound(text: str, language: str) -> str:
    """Phonemes without stress and length, which voices differ in."""
    spelt = " ".join(phonemes(text, language))
    return "".join(c for c in spelt if c not in "ˈˌː -_,.")


def near_texts(phrase: str, language: str, words: Sequence[str]) -> list[str]:
    """Parts of the phrase, its words in another order, and phrases in which words are exchanged for
    words that sound like them. What differs from the phrase in one phoneme is taken for it by
    people too, and is left out."""
    said = phrase.split()
    made = {" ".join(said[:at]) for at in range(1, len(said))}
    made |= {" ".join(said[at:]) for at in range(1, len(said))} | {" ".join(reversed(said))}
    nearest = [_nearest(word.lower(), language, words) for word in said]
    for at, others in enumerate(nearest):
        made |= {" ".join([*said[:at], other, *said[at + 1 :]]) for other in others}
    dice = random.Random(0)
    made |= {" ".join(dice.choice(others) for others in nearest) for _ in range(CANDIDATES)}
    sound = _sound(phrase, language)
    return sorted(t for t in made if Levenshtein.distance(_sound(t, language), sound) > 1)


def _nearest(word: str, language: str, words: Sequence[str]) -> list[str]:
    sound = _sound(word, language)
    known = [w for w in words if w.isalpha() and w != word]
    return sorted(
        known, key=lambda w: (-Levenshtein.normalized_similarity(_sound(w, language), sound), w)
    )[:CANDIDATES]
