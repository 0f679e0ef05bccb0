"""When: delays, clock times, days and repetitions, from the words of a time span.

Returns None for what it cannot place in time ("after dinner"): the hub then asks or refuses, and
never acts at once on a wish with a time in it.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from hub.languages import Lexicon, plain
from hub.lengths import lengths_in
from hub.quantities import duration, numeric, seconds_of
from hub.values import When

_BYDAY = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_WORKDAYS, _WEEKEND = _BYDAY[:5], _BYDAY[5:]


def delay(text: str, now: datetime, words: Lexicon) -> tuple[When, dict[str, int]] | None:
    """ "in ten minutes", "an hour from now": when, and the length as it was said. A length that
    ends the text is one whatever stands before it: its number is no clock time."""
    parts = duration(words.without("delay", plain(text)), words) or _ending(text, words)
    if not parts:
        return None
    return When(now + timedelta(seconds=seconds_of(parts))), parts


def _ending(text: str, words: Lexicon) -> dict[str, int] | None:
    found = lengths_in(text, words)
    ends = len(found) == 1 and found[0].end == len(text.rstrip())
    return dict(found[0].parts) if ends else None


def too_often(text: str, words: Lexicon) -> bool:
    """Whether the words repeat a wish within the day ("every second", "every ten minutes")."""
    said = plain(text)
    if not words.has("every", said):
        return False
    parts = duration(words.without("every", said), words)
    return parts is not None and seconds_of(parts) < timedelta(days=1).total_seconds()


def moment(text: str, now: datetime, words: Lexicon) -> When | None:
    """ "at half past six", "tomorrow morning", "every weekday at seven", "on friday at 9 pm"."""
    said = plain(text)
    repeat = repeat_said(said, words)
    clock = _clock(said, words)
    part = words.find("part", said)
    if clock is None and part is None:
        return None
    hour, minute, exact = clock or (int(part or 0), 0, True)
    if clock and part is not None:
        hour, exact = _in_part(hour, int(part)), True
    day = day_asked(said, now, words)
    due = (day or now).replace(hour=hour % 24, minute=minute, second=0, microsecond=0)
    if not exact and hour <= 12 and day is None and repeat is None and due <= now:
        later = due + timedelta(hours=12)
        due = later if later > now else due
    if due <= now and (day is None or day.date() == now.date()):
        due += timedelta(days=1)
    if repeat and "BYDAY" in repeat:
        due = _first_on(due, repeat, now)
    return When(due, repeat)


def _in_part(hour: int, part: int) -> int:
    """The hour of the clock that "six in the evening" or "twelve at night" means."""
    if part >= 12 and hour < 12 and not (part >= 22 and hour < 5):
        return hour + 12
    return 0 if hour == 12 and part in (0, 22) else hour


def repeat_said(said: str, words: Lexicon) -> str | None:
    """On which days plain text repeats a wish, as an RFC 5545 RRULE; None if it does not."""
    days = [name for name, day in zip(_BYDAY, words.weekdays, strict=True) if day.search(said)]
    if words.has("workday", said):
        days = [*_WORKDAYS]
    elif words.has("weekend", said):
        days = [*_WEEKEND]
    if words.has("every", said) or words.has("repeating", said):
        return f"FREQ=WEEKLY;BYDAY={','.join(days)}" if days else "FREQ=DAILY"
    return None


def _first_on(due: datetime, repeat: str, now: datetime) -> datetime:
    allowed = repeat.split("BYDAY=")[1].split(",")
    for _ in range(8):
        if due > now and _BYDAY[due.weekday()] in allowed:
            return due
        due += timedelta(days=1)
    return due


def day_asked(said: str, now: datetime, words: Lexicon) -> datetime | None:
    """The day that plain text names: today, tomorrow, a day of the week; None if it names none."""
    ahead = words.find("day", said)
    if ahead is not None:
        return now + timedelta(days=int(ahead))
    for index, day in enumerate(words.weekdays):
        if day.search(said):
            return now + timedelta(days=(index - now.weekday()) % 7 or 7)
    return None


_WRITTEN = re.compile(r"(?<!\d)(\d{1,2})[:.h](\d{2})(?!\d)")


def _clock(said: str, words: Lexicon) -> tuple[int, int, bool] | None:
    """Hour, minute, and whether morning or evening is certain."""
    apart = re.sub(r"(\d)([^\W\d])", r"\1 \2", said)
    pm, am = words.has("pm", apart), words.has("am", apart)
    written = _WRITTEN.search(said)
    if written:
        hour, minute = int(written.group(1)), int(written.group(2))
    elif (found := _spoken(apart, words)) is not None:
        hour, minute = found
    else:
        return None
    if hour > 24 or minute > 59:
        return None
    if pm and hour < 12:
        hour += 12
    if am and hour == 12:
        hour = 0
    return hour, minute, am or pm or hour > 12 or bool(written and written.group(1)[0] == "0")


def _spoken(said: str, words: Lexicon) -> tuple[int, int] | None:
    counted = numeric(said, words)
    for pattern, meaning in words.clock:
        match = pattern.search(counted)
        if match is None or _is_an_article(match, said):
            continue
        hour = words.hour(match.group("hour"))
        if isinstance(meaning, int):
            minute = meaning
        else:
            said_minute = int(match.group("minute"))
            base = int(meaning[:-1] or 0)
            minute = base - said_minute if meaning[-1] == "-" else base + said_minute
        if hour > 24 or not -60 < minute < 60:
            continue
        return (hour - 1 if minute < 0 else hour) % 25, minute % 60
    return None


def _is_an_article(hour: re.Match[str], said: str) -> bool:
    """Whether an hour is the "one" that stands before a thing ("dans un four")."""
    alone = hour.group() == "1" and "1" not in said
    return alone and bool(hour.string[hour.end() :].strip())
