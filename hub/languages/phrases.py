"""What the hub says itself, in the language of the request.

A `Phrase` is the English sentence, made where the fact is known, which also knows its name in the
tables of the other languages and the values in it. Whoever speaks to the person translates it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from functools import cache
from typing import Literal

from babel import Locale
from babel.core import UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time
from babel.lists import format_list
from babel.units import format_unit

from hub.languages.lexicon import lexicon


class Phrase(str):
    """An English sentence that can be said in other languages. `values` are what it names: text,
    numbers, a length (`timedelta`), a moment (`datetime`), a time of day (`time`), several
    names, or another phrase."""

    key: str
    values: dict[str, object]

    def within(self, language: str) -> str:
        """The sentence in a language; in English where its table does not have it."""
        words = lexicon(language)
        if words.language == "en":
            return str(self)
        if self.key not in words.phrases:
            return str(self)
        shown = {name: worded(value, words.language) for name, value in self.values.items()}
        return words.say(self.key, **shown)


class Choices(tuple[str, ...]):
    """Names of which one is meant: joined by "or"."""

    __slots__ = ()


def phrase(english: str, key: str, **values: object) -> Phrase:
    """`english`, which other languages have under `key` in their tables."""
    made = Phrase(english)
    made.key = key
    made.values = values
    return made


def worded(value: object, language: str) -> str:
    """A value of a phrase as a person of that language writes it."""
    if isinstance(value, Phrase):
        return value.within(language)
    if isinstance(value, timedelta):
        return spoken_length(round(value.total_seconds()), language)
    if isinstance(value, datetime):
        return spoken_moment(value, language)
    if isinstance(value, time):
        return format_time(value, "short", locale=locale_of(language))
    if isinstance(value, Choices):
        return listed(value, language, "or")
    if isinstance(value, tuple | list):
        return listed([str(item) for item in value], language)
    return f"{value:g}" if isinstance(value, float) else str(value)


@cache
def locale_of(language: str) -> Locale:
    """Unicode's data for a language tag; English where there is none."""
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def listed(
    items: Sequence[str], language: str, style: Literal["standard", "or"] = "standard"
) -> str:
    """ "a, b and c"."""
    return format_list(list(items), style=style, locale=locale_of(language))


def spoken_length(seconds: int, language: str) -> str:
    """ "1 hour 5 minutes"."""
    parts: list[str] = []
    for size, unit in ((3600, "hour"), (60, "minute"), (1, "second")):
        count, seconds = divmod(seconds, size)
        if count or (unit == "second" and not parts):
            parts.append(_counted(count, f"duration-{unit}", locale_of(language)))
    return " ".join(parts)


def _counted(count: int, unit: str, locale: Locale) -> str:
    """Some locales have only the short form; Babel then shows the unit's id for the long one."""
    long = format_unit(count, unit, locale=locale)
    return format_unit(count, unit, "short", locale=locale) if unit in long else long


def spoken_moment(moment: datetime, language: str) -> str:
    """Day of the week and time of day."""
    locale = locale_of(language)
    day = format_date(moment, "EEEE", locale=locale)
    return f"{day} {format_time(moment, 'short', locale=locale)}"


def spoken_time(moment: datetime, language: str) -> str:
    """The time of day."""
    return format_time(moment, "short", locale=locale_of(language))


def spoken_weekday(moment: datetime, language: str) -> str:
    """The name of the day of the week."""
    return format_date(moment, "EEEE", locale=locale_of(language))


def spoken_day(moment: datetime, language: str) -> str:
    """Day of the week, day and month."""
    return format_skeleton("MMMMEEEEd", moment, locale=locale_of(language))


def spoken_date(moment: datetime, language: str) -> str:
    """The whole date."""
    return format_date(moment, "full", locale=locale_of(language))
