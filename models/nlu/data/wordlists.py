"""The word lists of each language, and what words alone tell about a sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

import yaml

from edge.tasks.understanding_schema import NONE
from models.nlu.data.examples import Word
from models.nlu.data.lexicon import lexicon

_NOUN_LISTS: Mapping[str, str] = {
    "light": "light_noun", "fan": "fan_noun", "climate": "climate_noun", "switch": "outlet_noun",
    "media_player": "media_noun", "vacuum": "vacuum_noun", "lock": "lock_noun",
    "lawn_mower": "mower_noun",
}  # fmt: skip


@cache
def language_file(language: str) -> dict[str, Any]:
    """What we wrote for a language: words, connectors, leads, blocks, chatter."""
    if language == "en":
        files = [_yaml(f"en/{name}.yaml") for name in _ENGLISH]
        return _merged([{"words": _yaml("en/words.yaml")}, *files])
    names = [f"languages/{language}.yaml", f"languages/chatter/{language}.yaml"]
    more = [f"languages/{folder}/{language}.yaml" for folder in _MORE]
    here = resources.files("models.nlu.data")
    names += [name for name in more if here.joinpath(name).is_file()]
    return _merged([_yaml(name) for name in names])


_MORE = (
    "further", "everyday", "near", "talk", "asked", "remarks", "reminders", "elsewhere", "spoken",
    "aside", "colloquial", "passing", "wondering", "asking_for", "hinted", "inquired",
    "lifelike",
)  # fmt: skip
_ENGLISH = (
    "sentences", "devices", "questions", "roundabout", "everyday", "whole_home", "speech", "near",
    "talk", "elsewhere", "short", "lived", "spoken", "further_spoken", "aside",
    "colloquial", "passing", "wondering", "asking_for", "shades", "day", "hinted", "inquired",
    "lifelike",
)  # fmt: skip


def _merged(files: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Lists of several files appended, mappings united."""
    merged: dict[str, Any] = {}
    for contents in files:
        for key, value in contents.items():
            if isinstance(value, list):
                merged[key] = [*merged.get(key, []), *value]
            else:
                merged[key] = {**merged.get(key, {}), **value}
    return merged


def _yaml(name: str) -> Any:
    text = resources.files("models.nlu.data").joinpath(name).read_text("utf-8")
    return yaml.safe_load(text)


@cache
def words(language: str) -> dict[str, list[str]]:
    """The word lists of a language; lists that it lacks are the English ones, since devices have
    English names everywhere."""
    own = own_words(language)
    return own if language == "en" else {**words("en"), **own}


@cache
def own_words(language: str) -> dict[str, list[str]]:
    """The word lists that were written for a language."""
    return {k: [str(v) for v in values] for k, values in language_file(language)["words"].items()}


def scope_of(text: str, language: str = "en") -> str:
    """Which scope the words of a sentence imply."""
    known = lexicon(language)
    if known.here.search(text):
        return "here"
    if known.everywhere.search(text):
        return "all"
    return "one" if language == "en" and _ONE.search(text) else NONE


_ONE = re.compile(r"\b(the|my) (light|lamp|fan|tv|blind|curtain|door|window|plug|socket|outlet)\b")


@cache
def _nouns(language: str, domain: str) -> tuple[tuple[str, ...], ...]:
    listed = words(language).get(_NOUN_LISTS[domain], [])
    split = {tuple(noun.lower().split()) for noun in listed}
    return tuple(sorted(split, key=len, reverse=True))


def tag_device_words(
    spoken: tuple[Word, ...], domain: str, language: str = "en"
) -> tuple[Word, ...]:
    """Mark the generic word for the thing ("lights", "fan") where a source does not."""
    if domain not in _NOUN_LISTS or any(word.slot == "device" for word in spoken):
        return spoken
    out = list(spoken)
    for start in range(len(out)):
        for noun in _nouns(language, domain):
            length = _length_of(out, start, noun)
            if length and all(word.slot is None for word in out[start : start + length]):
                for offset in range(length):
                    word = out[start + offset]
                    out[start + offset] = Word(word.text, "device", offset == 0, word.glued)
                return tuple(out)
    return spoken


def _length_of(spoken: list[Word], start: int, noun: tuple[str, ...]) -> int:
    """How many words from `start` on are this noun, 0 if they are not."""
    run = spoken[start : start + len(noun)]
    if tuple(word.text.lower().strip(".,!?") for word in run) == noun:
        return len(noun)
    if len(noun) > 1:
        return 0
    said, at = "", start
    while at < len(spoken) and len(said) < len(noun[0]):
        said, at = said + spoken[at].text, at + 1
    return at - start if said == noun[0] else 0
