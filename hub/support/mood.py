"""How a complaint sounds, and what its speaker wants: by the words of `mood.toml`.

A table of words is all it is: it reads what is said outright, and no irony. It changes nothing that
the house does; the support gets it with the transcript, to see what is urgent.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files

from hub.languages import fold


class Sentiment(StrEnum):
    """In the order in which they count: who is worried and angry is worried."""

    WORRIED = "worried"
    ANGRY = "angry"
    ANNOYED = "annoyed"
    PLEASED = "pleased"
    CALM = "calm"


class Intent(StrEnum):
    """What is wanted; in the order in which they count."""

    DANGER = "danger"  # something burns, sparks, floods
    MONEY_BACK = "money_back"
    PERSON = "person"
    EXPLAIN = "explain"
    FIX = "fix"
    REPORT = "report"  # only tells what is wrong


@dataclass(frozen=True, slots=True)
class Mood:
    """Of one sentence, or of all that somebody said."""

    sentiment: Sentiment
    intent: Intent


@dataclass(frozen=True, slots=True)
class _Forms:
    sentiment: Mapping[Sentiment, re.Pattern[str]]
    intent: Mapping[Intent, re.Pattern[str]]


@lru_cache(maxsize=8)
def _forms(language: str) -> _Forms | None:
    tables = tomllib.loads(files(__package__).joinpath("mood.toml").read_text("utf-8"))
    table = tables.get(language.split("-", maxsplit=1)[0])
    if table is None:
        return None
    return _Forms(
        {Sentiment(name): re.compile(form) for name, form in table["sentiment"].items()},
        {Intent(name): re.compile(form) for name, form in table["intent"].items()},
    )


def mood_of(text: str, language: str) -> Mood | None:
    """The mood of a sentence; None in a language without a table."""
    forms = _forms(language)
    if forms is None:
        return None
    folded = fold(text)
    return Mood(
        next((s for s in Sentiment if s in forms.sentiment and forms.sentiment[s].search(folded)),
             Sentiment.CALM),
        next((i for i in Intent if i in forms.intent and forms.intent[i].search(folded)),
             Intent.REPORT),
    )  # fmt: skip


def gravest(moods: Sequence[Mood]) -> Mood | None:
    """The sentiment and the intent that count most of several; None of none."""
    if not moods:
        return None
    sentiments, intents = list(Sentiment), list(Intent)
    return Mood(
        min((m.sentiment for m in moods), key=sentiments.index),
        min((m.intent for m in moods), key=intents.index),
    )
