"""What typing and speech recognition do to a sentence, at word level, spans kept."""
# ruff: noqa: E501 (tables of words)

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import replace

from models.nlu.data.examples import Example, Word
from models.nlu.data.sampler import number_words

_NEIGHBOURS: Mapping[str, str] = {
    "a": "qsz", "b": "vgn", "c": "xdv", "d": "sfec", "e": "wrd", "f": "dgr", "g": "fht", "h": "gjy",
    "i": "uok", "j": "hkn", "k": "jli", "l": "ko", "m": "n", "n": "bm", "o": "ipl", "p": "o",
    "q": "wa", "r": "etf", "s": "adw", "t": "ryg", "u": "yij", "v": "cb", "w": "qes", "x": "zc",
    "y": "tu", "z": "x",
}  # fmt: skip

_HEARD: Mapping[str, tuple[str, ...]] = {
    "to": ("too", "two"), "off": ("of", "off of"), "lights": ("light's", "lites", "like"),
    "light": ("lite", "like"), "for": ("four",), "forty": ("for tea",), "percent": ("per cent", "%"),
    "the": ("da", "a", "de"), "bedroom": ("bed room", "bad room"), "lamp": ("lamb", "lump"),
    "living": ("livin", "leaving"), "blinds": ("blind's", "blimes"), "two": ("to", "too"),
    "bathroom": ("bath room",), "door": ("dor", "store"), "hall": ("hole", "haul"),
    "dim": ("dem", "deem"), "heater": ("heeter", "heat her"), "fan": ("van", "fun"),
    "close": ("clothes", "closed"), "set": ("sat", "said"), "turn": ("tern", "turned", "tune"),
    "their": ("there",), "red": ("read",), "blue": ("blew",), "white": ("wide",), "and": ("an", "n"),
    "start": ("stat",), "vacuum": ("vaccum", "vacum", "back room"), "curtains": ("curtain's",),
    "coffee": ("coffe", "cofee"), "colour": ("color",), "color": ("colour",), "ten": ("tan",),
    "eight": ("ate",), "window": ("windo",), "windows": ("window's",), "what's": ("whats", "what is"),
    "it's": ("its", "it is"), "i'm": ("im", "i am"), "please": ("pleas",), "brighter": ("writer",),
    "kitchen": ("kitchin", "chicken"), "garage": ("garbage",), "socket": ("soccer",),
}  # fmt: skip

_LEADS = (
    "please", "hey", "ok", "okay", "could you please", "can you", "could you", "would you",
    "hey olly", "alexa", "hey siri", "ok google", "computer", "i'd like you to", "i want you to",
    "uh", "um", "so", "can you please", "would you mind to", "go ahead and", "just", "hi", "hey home",
    "jarvis", "now", "will you", "kindly", "quickly", "olly", "i need you to", "let's",
)  # fmt: skip
_TAILS = (
    "please",
    "for me",
    "now",
    "thanks",
    "thank you",
    "right now",
    "would you",
    "ok",
    "for me please",
)

Noise = Callable[[list[Word], random.Random], list[Word]]


def noisy(example: Example, rng: random.Random) -> Example:
    """The sentence as somebody else might say or type it."""
    words = list(example.words)
    starts = {clause.start for clause in example.clauses}
    marks = [i in starts for i in range(len(words))]
    tagged = list(zip(words, marks, strict=True))
    if example.for_us or rng.random() < 0.5:
        tagged = _polite(tagged, rng)
    if rng.random() < 0.3:
        tagged = _misspelt(tagged, rng)
    if rng.random() < 0.15:
        tagged = _misheard(tagged, rng)
    if rng.random() < 0.25:
        tagged = _spelled_numbers(tagged, rng)
    if rng.random() < 0.06:
        tagged = _dropped_function_word(tagged, rng)
    tagged = _cased(tagged, rng)
    new_starts = [i for i, (_, mark) in enumerate(tagged) if mark]
    clauses = tuple(
        replace(clause, start=start)
        for clause, start in zip(example.clauses, new_starts, strict=True)
    )
    return replace(example, words=tuple(word for word, _ in tagged), clauses=clauses)


Tagged = list[tuple[Word, bool]]


def _polite(tagged: Tagged, rng: random.Random) -> Tagged:
    if rng.random() < 0.22:
        lead = rng.choice(_LEADS).split()
        first_word, first_mark = tagged[0]
        head = [(Word(w), first_mark and i == 0) for i, w in enumerate(lead)]
        tagged = [*head, (first_word, False), *tagged[1:]]
    if rng.random() < 0.12:
        tagged = [*tagged, *((Word(w), False) for w in rng.choice(_TAILS).split())]
    return tagged


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
    if kind < 0.75:
        return text[:at] + text[at] + text[at:]
    near = _NEIGHBOURS.get(text[at].lower(), "e")
    return text[:at] + rng.choice(near) + text[at + (kind < 0.9) :]


def _misheard(tagged: Tagged, rng: random.Random) -> Tagged:
    out: Tagged = []
    left = 2
    for word, mark in tagged:
        heard = _HEARD.get(word.text.lower())
        if heard and left and rng.random() < 0.5:
            left -= 1
            parts = rng.choice(heard).split()
            out.append((replace(word, text=parts[0]), mark))
            out.extend((Word(part, word.slot), False) for part in parts[1:])
        else:
            out.append((word, mark))
    return out


def _spelled_numbers(tagged: Tagged, rng: random.Random) -> Tagged:
    engine = number_words("en")
    out: Tagged = []
    for word, mark in tagged:
        digits, rest = word.text.rstrip("%"), word.text.endswith("%")
        if digits.isdigit() and len(digits) <= 3:
            said = engine.format_number(int(digits)).text.replace("-", " ").split()
            said += ["percent"] if rest else []
            out.append((replace(word, text=said[0]), mark))
            out.extend((Word(part, word.slot), False) for part in said[1:])
        else:
            out.append((word, mark))
    return out


def _dropped_function_word(tagged: Tagged, rng: random.Random) -> Tagged:
    droppable = [
        i
        for i, (word, mark) in enumerate(tagged)
        if word.text in ("the", "my", "in", "please", "a", "of") and not mark and word.slot is None
    ]
    if not droppable:
        return tagged
    at = rng.choice(droppable)
    return tagged[:at] + tagged[at + 1 :]


def _cased(tagged: Tagged, rng: random.Random) -> Tagged:
    """Casing does not matter to an uncased encoder; final punctuation does."""
    if rng.random() < 0.25:
        word, mark = tagged[-1]
        ending = rng.choice((".", "!", "?", "..", ""))
        if word.text[-1].isalnum():
            tagged = [*tagged[:-1], (replace(word, text=word.text + ending), mark)]
    return tagged
