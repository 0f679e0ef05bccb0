"""What typing and speech recognition do to a sentence, at word level, spans kept."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from models.nlu.data.examples import Example, Word, words_from
from models.nlu.data.homophones import homophones
from models.nlu.data.lexicon import lexicon
from models.nlu.data.own import OwnGrammar
from models.nlu.data.sampler import draw, number_words, parse_template
from models.nlu.data.wordlists import language_file

_NEIGHBOURS: Mapping[str, str] = {
    "a": "qsz", "b": "vgn", "c": "xdv", "d": "sfec", "e": "wrd", "f": "dgr", "g": "fht", "h": "gjy",
    "i": "uok", "j": "hkn", "k": "jli", "l": "ko", "m": "n", "n": "bm", "o": "ipl", "p": "o",
    "q": "wa", "r": "etf", "s": "adw", "t": "ryg", "u": "yij", "v": "cb", "w": "qes", "x": "zc",
    "y": "tu", "z": "x",
}  # fmt: skip
"""Keys beside a key, on the Latin keyboard that most of these languages share."""

Tagged = list[tuple[Word, bool]]
"""Words, each with whether a clause starts there."""


def noisy(example: Example, rng: random.Random) -> Example:
    """The sentence as somebody else might say or type it."""
    language = example.language
    starts = {clause.start for clause in example.clauses}
    tagged = [(word, i in starts) for i, word in enumerate(example.words)]
    if example.for_us or rng.random() < 0.5:
        tagged = _polite(tagged, language, rng)
    if rng.random() < 0.3:
        tagged = _misspelt(tagged, rng)
    if rng.random() < 0.15:
        tagged = _misheard(tagged, language, rng)
    if language == "zh-CN" and rng.random() < 0.15:
        tagged = _sounding_alike(tagged, language, rng)
    if rng.random() < 0.25:
        tagged = _spelled_numbers(tagged, language, rng)
    if rng.random() < 0.06:
        tagged = _dropped_short_word(tagged, rng)
    if rng.random() < 0.12:
        tagged = [(replace(word, text=without_accents(word.text)), mark) for word, mark in tagged]
    if rng.random() < 0.12:
        tagged = [(replace(word, text=_OWNER.sub("s", word.text)), mark) for word, mark in tagged]
    tagged = _opened(_ended(tagged, rng), language, rng)
    new_starts = [i for i, (_, mark) in enumerate(tagged) if mark]
    clauses = tuple(
        replace(clause, start=start)
        for clause, start in zip(example.clauses, new_starts, strict=True)
    )
    return replace(example, words=tuple(word for word, _ in tagged), clauses=clauses)


@cache
def _phrases(kind: str, language: str) -> tuple[tuple[Word, ...], ...]:
    """The `leads`, `tails` or `connectors` of a language as words."""
    listed: list[str] = language_file(language).get(kind, [])
    return tuple(words_from([(phrase, None)], language) for phrase in listed)


@cache
def _situations(language: str) -> tuple[tuple[Word, ...], ...]:
    """Remarks that people make before a wish ("anna's asleep,"), drawn from our templates."""
    grammar, rng = OwnGrammar(language).grammar, random.Random(language)
    templates = [parse_template(text) for text in language_file(language).get("situations", [])]
    drawn = [draw(template, grammar, rng) for template in templates for _ in range(_REMARKS)]
    ends = [*_PAUSES, *(f" {word}" for word in language_file(language).get("so", []))]
    said = ["".join(text for text, _ in one.pieces).strip() + rng.choice(ends) for one in drawn]
    return tuple(words_from([(remark, None)], language) for remark in said)


_REMARKS = 40  # of each template
_PAUSES = (",", ",", ".", "")


def _lead(language: str, rng: random.Random) -> tuple[Word, ...]:
    """What comes before a wish: a courtesy, or a remark about what goes on."""
    remarks = _situations(language)
    if remarks and rng.random() < 0.35:
        return rng.choice(remarks)
    return phrase("leads", language, rng)


def phrase(kind: str, language: str, rng: random.Random) -> tuple[Word, ...]:
    """One of the `leads`, `tails` or `connectors` of a language; nothing where it has none."""
    known = _phrases(kind, language)
    return rng.choice(known) if known else ()


def following(spoken: tuple[Word, ...], language: str) -> tuple[Word, ...]:
    """Words as they stand after others: without a space where the language writes none."""
    if lexicon(language).spaced or not spoken:
        return spoken
    return (replace(spoken[0], glued=True), *spoken[1:])


def _polite(tagged: Tagged, language: str, rng: random.Random) -> Tagged:
    if rng.random() < 0.22:
        lead = _lead(language, rng)
        if lead:
            first_mark = tagged[0][1]
            head = [(word, first_mark and i == 0) for i, word in enumerate(lead)]
            rest = following(tuple(word for word, _ in tagged), language)
            marks = [False, *(mark for _, mark in tagged[1:])]
            tagged = [*head, *zip(rest, marks, strict=True)]
    if rng.random() < 0.12:
        tail = following(phrase("tails", language, rng), language)
        if tail and rng.random() < 0.3:
            word, mark = tagged[-1]
            tagged = [*tagged[:-1], (replace(word, text=f"{word.text.rstrip('.,')},"), mark)]
        tagged = [*tagged, *((word, False) for word in tail)]
    return tagged


_OWNER = re.compile(r"(?<=[^\W\d_]{2})['’]s\b")
"""What is often left out of "john's lamp" in writing."""


def _misspelt(tagged: Tagged, rng: random.Random) -> Tagged:
    out = list(tagged)
    for _ in range(rng.choice((1, 1, 2))):
        at = rng.randrange(len(out))
        word, mark = out[at]
        if len(word.text) > 3 and word.text.isalpha():
            out[at] = (replace(word, text=_typo(word.text, rng)), mark)
    return out


def _typo(text: str, rng: random.Random) -> str:
    at = rng.randrange(1, len(text))
    kind = rng.random()
    if kind < 0.3:
        return text[:at] + text[at + 1 :]
    if kind < 0.55 and at < len(text) - 1:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    near = _NEIGHBOURS.get(text[at].lower())
    if kind < 0.75 or near is None:
        return text[:at] + text[at] + text[at:]
    return text[:at] + rng.choice(near) + text[at + (kind < 0.9) :]


def _misheard(tagged: Tagged, language: str, rng: random.Random) -> Tagged:
    known: Mapping[str, list[str]] = language_file(language).get("heard", {})
    out: Tagged = []
    left = 2
    for word, mark in tagged:
        heard = known.get(word.text.lower())
        if heard and left and rng.random() < 0.5:
            left -= 1
            parts = str(rng.choice(heard)).split() or [word.text]
            out.append((replace(word, text=parts[0]), mark))
            out.extend((Word(part, word.slot), False) for part in parts[1:])
        else:
            out.append((word, mark))
    return out


def _sounding_alike(tagged: Tagged, language: str, rng: random.Random) -> Tagged:
    """With one or two characters written as others of the same syllable."""
    known = homophones(language)
    places = [at for at, (word, _) in enumerate(tagged) if word.text in known]
    chosen = set(rng.sample(places, min(len(places), rng.choice((1, 1, 2)))))
    return [
        (replace(word, text=rng.choice(known[word.text])), mark) if at in chosen else (word, mark)
        for at, (word, mark) in enumerate(tagged)
    ]


def _spelled_numbers(tagged: Tagged, language: str, rng: random.Random) -> Tagged:
    out: Tagged = []
    for word, mark in tagged:
        if word.text.isdecimal() and len(word.text) <= 3:
            said = words_from([(_spelled(int(word.text), language), None)], language)
            out.append((replace(word, text=said[0].text), mark))
            out.extend((Word(part.text, word.slot, glued=part.glued), False) for part in said[1:])
        else:
            out.append((word, mark))
    return out


@cache
def _spelled(number: int, language: str) -> str:
    return number_words(language).format_number(number).text.replace("-", " ").replace("\xad", "")


def _dropped_short_word(tagged: Tagged, rng: random.Random) -> Tagged:
    droppable = [
        i
        for i, (word, mark) in enumerate(tagged)
        if len(word.text) <= 3 and word.text.isalpha() and not mark and not word.glued
        and word.slot is None and word.text not in ("on", "off", "up", "no", "not")
    ]  # fmt: skip
    if not droppable or len(tagged) < 4:
        return tagged
    at = rng.choice(droppable)
    if tagged[at][0].slot is None and tagged[at][1]:
        return tagged
    return tagged[:at] + tagged[at + 1 :]


def without_accents(text: str) -> str:
    """As typed on a keyboard without them. Only Latin letters change."""
    plain = unicodedata.normalize("NFD", text)
    if not plain[:1].isascii():
        return text
    return unicodedata.normalize("NFC", "".join(c for c in plain if not unicodedata.combining(c)))


def _ended(tagged: Tagged, rng: random.Random) -> Tagged:
    """Letter case does not matter to this encoder; final punctuation does."""
    if rng.random() < 0.25:
        word, mark = tagged[-1]
        ending = rng.choice((".", "!", "?", "..", ""))
        if word.text[-1].isalnum():
            tagged = [*tagged[:-1], (replace(word, text=word.text + ending), mark)]
    return tagged


def _opened(tagged: Tagged, language: str, rng: random.Random) -> Tagged:
    """Spanish opens a question and a shout with a mark, which many leave out; a wish may be put as
    one ("¿puedes apagar la luz?")."""
    if language not in ("es", "ca"):
        return tagged
    (first, mark), last = tagged[0], tagged[-1][0].text[-1:]
    bare = first.text.lstrip("¿¡")
    opening = {"?": "¿", "!": "¡"}.get(last, first.text[:1] if first.text[:1] in "¿¡" else "")
    within = any("¿" in word.text for word, _ in tagged[1:])
    opened = bool(bare) and not within and rng.random() < _OPENED
    text = f"{opening}{bare}" if opened else bare or first.text
    return [(replace(first, text=text), mark), *tagged[1:]]


_OPENED = 0.6
