"""When: delays, clock times, days and repetitions, from the words of a time span.

Returns None for what it cannot place in time ("after dinner"): the hub then asks or refuses, and
never acts at once on a wish with a time in it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from hub.quantities import duration, number, plain, seconds_of
from hub.values import When

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_BYDAY: Mapping[str, str] = {
    **{day: day[:2].upper() for day in _WEEKDAYS},
    "weekday": "MO,TU,WE,TH,FR",
    "workday": "MO,TU,WE,TH,FR",
    "weekend": "SA,SU",
}
_PART_OF_DAY: Mapping[str, int] = {
    "morning": 8, "noon": 12, "afternoon": 15, "evening": 19, "tonight": 21, "night": 22,
    "midnight": 0, "midday": 12,
}  # fmt: skip


def delay(text: str, now: datetime) -> tuple[When, dict[str, int]] | None:
    """ "in ten minutes", "an hour from now": when, and the length as it was said."""
    said = re.sub(r"\b(in|after|from now|time|within)\b", " ", plain(text))
    parts = duration(said)
    if parts is None:
        return None
    return When(now + timedelta(seconds=seconds_of(parts))), parts


def moment(text: str, now: datetime) -> When | None:
    """ "at half past six", "tomorrow morning", "every weekday at seven", "on friday at 9 pm"."""
    said = plain(text).replace("o'clock", "").replace("a.m", "am").replace("p.m", "pm")
    repeat = _repeat(said)
    clock = _clock(said)
    part = next(
        (hour for word, hour in _PART_OF_DAY.items() if re.search(rf"\b{word}s?\b", said)), None
    )
    if clock is None and part is None:
        return None
    hour, minute, exact = clock or (part or 0, 0, True)
    if clock and part is not None and part >= 12 and hour < 12:
        hour, exact = hour + 12, True
    day = _day(said, now)
    due = (day or now).replace(hour=hour % 24, minute=minute, second=0, microsecond=0)
    if not exact and hour <= 12 and day is None and repeat is None and due <= now:
        later = due + timedelta(hours=12)
        due = later if later > now else due
    if due <= now and (day is None or day.date() == now.date()):
        due += timedelta(days=1)
    if repeat and "BYDAY" in repeat:
        due = _first_on(due, repeat, now)
    return When(due, repeat)


def _repeat(said: str) -> str | None:
    days = [_BYDAY[day] for day in _BYDAY if re.search(rf"\b{day}s?\b", said)]
    plural = bool(
        re.search(r"\b(mon|tues|wednes|thurs|fri|satur|sun)days\b|\bweekends\b|weekdays", said)
    )
    if re.search(r"\b(every|each|daily)\b", said) or plural:
        return f"FREQ=WEEKLY;BYDAY={','.join(days)}" if days else "FREQ=DAILY"
    return None


def _first_on(due: datetime, repeat: str, now: datetime) -> datetime:
    allowed = repeat.split("BYDAY=")[1].split(",")
    for _ in range(8):
        if due > now and _WEEKDAYS[due.weekday()][:2].upper() in allowed:
            return due
        due += timedelta(days=1)
    return due


def _day(said: str, now: datetime) -> datetime | None:
    if "day after tomorrow" in said:
        return now + timedelta(days=2)
    if "tomorrow" in said:
        return now + timedelta(days=1)
    if "today" in said or "tonight" in said or "this " in said:
        return now
    for index, day in enumerate(_WEEKDAYS):
        if re.search(rf"\b{day}\b", said):
            ahead = (index - now.weekday()) % 7
            return now + timedelta(days=ahead or 7)
    return None


def _clock(said: str) -> tuple[int, int, bool] | None:
    """Hour, minute, and whether morning or evening is certain."""
    half = re.search(r"\bhalf past (\w+)|\bhalf (\w+)\b", said)
    past = re.search(r"\b(quarter|[\w-]+) (past|to) ([\w]+)", said)
    digits = re.search(r"\b(\d{1,2})[:.h](\d{2})\b", said)
    pm, am = bool(re.search(r"\bpm\b|\d\s?pm", said)), bool(re.search(r"\bam\b|\d\s?am", said))
    if digits:
        hour, minute = int(digits.group(1)), int(digits.group(2))
    elif half and (value := number(half.group(1) or half.group(2))) is not None:
        hour, minute = int(value), 30
    elif past and (found := _past(past.group(1), past.group(2), past.group(3))):
        hour, minute = found
    else:
        found = _hour(re.sub(r"(\d)(am|pm)\b", r"\1 \2", said))
        if found is None:
            return None
        hour, minute = found
    if hour > 24 or minute > 59:
        return None
    if pm and hour < 12:
        hour += 12
    if am and hour == 12:
        hour = 0
    return hour, minute, am or pm or hour > 12 or bool(digits and digits.group(1)[0] == "0")


def _past(minutes: str, side: str, hour: str) -> tuple[int, int] | None:
    count = 15 if minutes == "quarter" else number(minutes)
    base = number(hour)
    if count is None or base is None:
        return None
    if side == "past":
        return int(base), int(count)
    return int(base) - 1, 60 - int(count)


def _hour(said: str) -> tuple[int, int] | None:
    match = re.search(
        r"\b(?:at|by|until|till|around|from|for)\s+(\w+)(?:\s+(\w+))?(?:\s+(\w+))?", said
    )
    words = list(match.groups("")) if match else said.split()
    if not match:
        words = [w for w in words if number(w) is not None and w not in ("a", "an", "no")][:2]
    if not words or (hour := number(words[0])) is None or words[0] in ("a", "an"):
        return None
    minute = number(words[1]) if len(words) > 1 and words[1] not in ("", "a", "an") else None
    if minute is not None and len(words) > 2 and words[2] and minute >= 20:
        ones = number(words[2])
        minute += ones if ones is not None and ones < 10 else 0
    return int(hour), int(minute or 0)
