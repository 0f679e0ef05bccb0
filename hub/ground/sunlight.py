"""Sunrise and sunset in what people say: "at sunset", "half an hour before the sun comes up"."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from hub.automations.moments import Place, next_moment
from hub.automations.schema import WEEKDAYS, SunTrigger
from hub.languages import Lexicon, plain
from hub.quantities import duration, seconds_of
from hub.times import day_asked, repeat_said

_DAYS = ("workday", "weekend", "repeating")
_MOST = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class SunTime:
    """A moment of the sun's day: `repeat` (an RFC 5545 RRULE) where it is meant on more days than
    the next; `day` where one is named."""

    event: Literal["sunrise", "sunset"]
    offset: timedelta = timedelta()
    repeat: str | None = None
    day: datetime | None = None

    @property
    def trigger(self) -> SunTrigger:
        """The same as automations write it."""
        days = (self.repeat or "").partition("BYDAY=")[2]
        by_day = {name[:2].upper(): name for name in WEEKDAYS}
        weekday = [by_day[day] for day in days.split(",") if day]
        return SunTrigger(trigger="sun", event=self.event, offset=self.offset, weekday=weekday)

    def next(self, now: datetime, place: Place) -> datetime | None:
        """When it comes round next; None where the sun does not rise or set."""
        start = now
        if self.day is not None and self.day.date() != now.date():
            start = self.day.replace(hour=0, minute=0, second=0, microsecond=0)
        return next_moment(self.trigger, start, place)


def sun_said(text: str, now: datetime, words: Lexicon) -> SunTime | None:
    """The moment of the sun that the words name; None if they name none, or how far from it cannot
    be read."""
    said = plain(text)
    event = words.find("sun", said)
    other = words.find("sun", words.without_reading("sun", said, event))
    if event not in ("sunrise", "sunset") or other is not None:
        return None
    before, after = words.has("before", said), words.has("after", said)
    offset = timedelta()
    bare = said
    for kind in ("sun", "day", "part"):
        bare = words.without_reading(kind, bare)
    for group in ("before", "after", "every", *_DAYS):
        bare = words.without(group, bare)
    length = duration(bare, words) if before != after else None
    if length is not None:
        seconds = seconds_of(length)
        offset = timedelta(seconds=-seconds if before else seconds)
    elif any(_is_number(word) for word in bare.split()) or before:
        return None
    if abs(offset) > _MOST:
        return None
    repeat = repeat_said(said, words)
    if repeat is None and words.has("whenever", said):
        repeat = "FREQ=DAILY"
    return SunTime(event, offset, repeat, day_asked(said, now, words))


def _is_number(word: str) -> bool:
    return any(c.isdigit() for c in word)
