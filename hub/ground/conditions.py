"""Conditions in what people say: "when the washing machine is done", "if it is above 23 degrees".

A condition is read as automations write it (`hub.automations.schema`), so that it is judged by the
same code, now or later. What cannot be read for certain is None: it is then refused.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from devices.home import Home
from hub.automations.conditions import alternatives
from hub.automations.schema import GroupCondition
from hub.ground.awaited import Awaited, Manner, Told, holds
from hub.ground.context import Context
from hub.ground.measured import measured
from hub.ground.presence import presence
from hub.ground.situations import situation, weather_like
from hub.ground.sunlit import sunlit
from hub.languages import Lexicon, Phrase, plain

Reading = Callable[[str, Home, Context, Sequence[str]], Told | Phrase | None]

_READINGS: Sequence[Reading] = (sunlit, measured, presence, situation, weather_like)
_LEADS = ("unless", "whenever", "when", "if_now", "until", "thereupon")


def read_condition(
    text: str, home: Home, context: Context, near: Sequence[str] = ()
) -> Awaited | Phrase | None:
    """The condition that the words say; None if they cannot be read, and a question if they may
    mean several things. `near` are the areas of the things that the wish is about: "it is above 23
    degrees" is said of there."""
    words, said = context.words, plain(text)
    manner = manner_of(said, words)
    if manner is None:
        return None
    core = said
    for group in _LEADS:
        core = words.without(group, core)
    readings = (read(core, home, context, near) for read in _READINGS)
    told = next((found for found in readings if found is not None), None)
    if told is None or isinstance(told, Phrase):
        return told
    if words.has("unless", said):
        told = _denied(told)
    parts = tuple(holds(part, home, context) for part in alternatives(told.condition))
    return Awaited(manner, told, holds(told.condition, home, context), parts)


def manner_of(said: str, words: Lexicon) -> Manner | None:
    """How plain text makes a wish hang on what it says. A word that may mean "if" or "when" waits:
    nothing is done at once unless the sentence surely asks for that."""
    if words.has("until", said) and not _begins_otherwise(said, words):
        return Manner.UNTIL
    if words.has("whenever", said):
        return Manner.EVERY
    if words.has("when", said) or words.has("thereupon", said):
        return Manner.ONCE
    if words.has("unless", said):
        return Manner.NOW
    if words.has("if_now", said):
        return Manner.ONCE if words.has("happens", said) else Manner.NOW
    return None


def _begins_otherwise(said: str, words: Lexicon) -> bool:
    """Whether the words begin with "when" or "if": what says "until" may also say "to" ("jak Anna
    wróci do domu")."""
    if words.starts("until", said) is not None:
        return False
    return any(words.starts(group, said) is not None for group in _LEADS if group != "until")


def _denied(told: Told) -> Told:
    condition = GroupCondition(condition="not", conditions=[told.condition])
    return replace(
        told, condition=condition, english=f"it is not so that {told.english}",
        brief=f"¬ {told.brief}",
    )  # fmt: skip
