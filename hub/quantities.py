"""Amounts as people say them: numbers, levels, durations, colours. English; tables by language.

Every function takes the words of one span and returns None where they are not what it reads, so
that the caller can ask instead of guess.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from devices.colors import RGB

_ONES: Mapping[str, int] = {
    "zero": 0, "no": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14,
    "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20,
    "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
    "ninety": 90, "a": 1, "an": 1, "couple": 2, "few": 3, "dozen": 12,
}  # fmt: skip

_LEVELS: Mapping[str, float] = {
    "half": 50, "halfway": 50, "half way": 50, "quarter": 25, "third": 33, "two thirds": 67,
    "three quarters": 75, "three quarter": 75, "full": 100, "max": 100, "maximum": 100,
    "highest": 100, "fully": 100, "completely": 100, "all the way": 100, "all the way up": 100,
    "full blast": 100, "brightest": 100, "up": 100, "on": 100, "min": 1, "minimum": 1, "lowest": 1,
    "all the way down": 1, "dimmest": 1, "down": 1, "low": 25, "medium": 50, "high": 75,
    "middle": 50, "partially": 50,
}  # fmt: skip

_FILLER = re.compile(
    r"\b(the|its|it's|to|at|about|around|exactly|brightness|level|power|volume|speed|setting|of|"
    r"by|please|then|degrees?|celsius|percent|per cent)\b"
)
_DIGITS = re.compile(r"[-+]?\d+(?:[.,]\d+)?(?:e[-+]?\d+)?")


class Unit(StrEnum):
    """What a number was said with."""

    PERCENT = "percent"
    CELSIUS = "celsius"
    FAHRENHEIT = "fahrenheit"
    KELVIN = "kelvin"
    DEGREES = "degrees"
    NONE = ""


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with its unit; `level` if it was said as one ("half", "max")."""

    value: float
    unit: Unit = Unit.NONE
    level: bool = False


def plain(text: str) -> str:
    """Lower case, single spaces, no punctuation around words."""
    kept = re.sub(r"[^\w\s%°.,'/+-]|[.,](?!\d)", " ", text.lower().replace("-", " - "))
    kept = re.sub(r"(?<=\w) - (?=[a-z])", " ", kept).replace("- ", "-")
    return " ".join(kept.split())


def number(text: str) -> float | None:
    """A number in digits or words: "21.5", "minus five", "twenty one point five", "a hundred"."""
    words = plain(text).replace(" - ", " -")
    if _DIGITS.fullmatch(words.replace(" ", "")):
        return float(words.replace(" ", "").replace(",", "."))
    sign = 1
    if words.startswith(("minus ", "negative ")):
        sign, words = -1, words.split(" ", 1)[1]
    whole, _, fraction = words.partition(" point ")
    value = _spelled(whole)
    if value is None:
        return None
    if fraction:
        digits = [_ONES.get(word) for word in fraction.split()]
        if any(digit is None or digit > 9 for digit in digits):
            return None
        value += float("0." + "".join(str(digit) for digit in digits))
    return sign * value


def _spelled(words: str) -> float | None:
    total = current = 0.0
    seen = False
    tokens = [word for word in words.split() if word not in ("and", "of")]
    for word in tokens:
        if word in ("a", "an") and len(tokens) > 1:
            pass
        elif word in _ONES:
            current += _ONES[word]
        elif _DIGITS.fullmatch(word):
            current += float(word.replace(",", "."))
        elif word == "hundred":
            current = (current or 1) * 100
        elif word == "thousand":
            total, current = total + (current or 1) * 1000, 0.0
        elif word == "half" and seen:
            current += 0.5
        else:
            return None
        seen = True
    return total + current if seen else None


def amount(text: str) -> Amount | None:
    """A number with its unit, or a level ("half", "max", "the lowest")."""
    said = plain(text)
    unit = _unit(said)
    bare = " ".join(_FILLER.sub(" ", said).replace("%", " ").replace("°", " ").split())
    bare = re.sub(r"(?<=\d)\s?(c|f|k|kelvin|fahrenheit)\b", "", bare)
    bare = " ".join(re.sub(r"\b(kelvin|fahrenheit|celsius)\b", "", bare).split())
    words = bare.removeprefix("a ")
    if words in _LEVELS:
        return Amount(_LEVELS[words], Unit.PERCENT, level=True)
    if "out of ten" in said and (tenths := number(said.partition(" out of ten")[0])) is not None:
        return Amount(tenths * 10, Unit.PERCENT)
    value = number(bare)
    if value is None:
        found = _DIGITS.search(bare)
        value = float(found.group().replace(",", ".")) if found else None
    return None if value is None else Amount(value, unit)


def _unit(said: str) -> Unit:
    if "%" in said or "percent" in said or "per cent" in said:
        return Unit.PERCENT
    if re.search(r"\d\s?k\b|kelvin", said):
        return Unit.KELVIN
    if re.search(r"°?\s?f\b|fahrenheit", said):
        return Unit.FAHRENHEIT
    if re.search(r"°\s?c\b|celsius|\d\s?c\b", said):
        return Unit.CELSIUS
    return Unit.DEGREES if "degree" in said or "°" in said else Unit.NONE


# --- durations ------------------------------------------------------------------------------

_UNIT_NAMES: Mapping[str, str] = {
    **dict.fromkeys(("hour", "hours", "hr", "hrs", "h"), "hours"),
    **dict.fromkeys(("minute", "minutes", "min", "mins", "m"), "minutes"),
    **dict.fromkeys(("second", "seconds", "sec", "secs", "s"), "seconds"),
}
_BELOW: Mapping[str, tuple[str, int]] = {"hours": ("minutes", 60), "minutes": ("seconds", 60)}
_FRACTIONS: Mapping[str, float] = {
    "half": 0.5, "1/2": 0.5, "quarter": 0.25, "third": 1 / 3, "three quarters": 0.75,
}  # fmt: skip


def duration(text: str) -> dict[str, int] | None:
    """A length of time, unit by unit as it was said: "1 hour 5 minutes" is hours 1, minutes 5;
    "half an hour" is minutes 30; "five and a half minutes" is minutes 5, seconds 30."""
    said = plain(text).replace("three quarters", "three_quarters")
    said = re.sub(r"(\d)\s?(hours?|hrs?|h|minutes?|mins?|m|seconds?|secs?|s)\b", r"\1 \2", said)
    found: dict[str, int] = {}
    pending: list[str] = []
    last = ""
    for word in said.split():
        unit = _UNIT_NAMES.get(word)
        if unit is None:
            pending.append(word.replace("_", " "))
            continue
        if not _add_duration(found, " ".join(pending), unit):
            return None
        pending, last = [], unit
    trailing = " ".join(w for w in pending if w not in ("and", "a", "an"))
    if trailing in _FRACTIONS and last:
        _add_fraction(found, _FRACTIONS[trailing], last)
    elif trailing:
        return None
    return {unit: count for unit, count in found.items() if count} or None


def _add_duration(found: dict[str, int], said: str, unit: str) -> bool:
    said = re.sub(r"^(for|in|after|by|of|the next|and|the)\s+", "", said).strip()
    fraction = re.sub(r"\b(an?|of)\b", "", said).strip()
    if fraction in _FRACTIONS:
        _add_fraction(found, _FRACTIONS[fraction], unit)
        return True
    mixed = re.fullmatch(r"(.+?) and (?:a )?(half|quarter|three quarters|third)", said)
    count = number(mixed.group(1) if mixed else said or "a")
    if count is None or count < 0:
        return False
    found[unit] = found.get(unit, 0) + int(count)
    rest = count - int(count) + (_FRACTIONS[mixed.group(2)] if mixed else 0)
    if rest:
        _add_fraction(found, rest, unit)
    return True


def _add_fraction(found: dict[str, int], fraction: float, unit: str) -> None:
    if unit in _BELOW:
        below, factor = _BELOW[unit]
        found[below] = found.get(below, 0) + round(fraction * factor)


def seconds_of(parts: Mapping[str, int]) -> int:
    """Total seconds of what `duration` returns."""
    factors = {"hours": 3600, "minutes": 60, "seconds": 1}
    return sum(factors[unit] * count for unit, count in parts.items() if unit in factors)


# --- colours --------------------------------------------------------------------------------

_KELVIN: Mapping[str, int] = {
    "candle light": 1900, "candlelight": 1900, "warm white": 2700, "soft white": 2700,
    "warm yellow": 2200, "neutral white": 3500, "cold white": 4000, "cool white": 4000,
    "day light": 6500, "daylight": 6500,
}  # fmt: skip
_COLOR_ALIASES: Mapping[str, str] = {
    "turqoise": "turquoise", "lilac": "plum", "rose": "pink", "peach": "peachpuff",
    "mint": "mintcream", "burgundy": "maroon", "amber": "gold", "ice blue": "lightblue",
    "deep purple": "purple", "dark purple": "indigo", "sunset orange": "darkorange",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Colour:
    """A colour: a CSS name as it was said, or a colour temperature in kelvin."""

    name: str | None = None
    kelvin: int | None = None


def colour(text: str) -> Colour | None:
    """A colour or colour temperature: "red", "sky blue", "warm white", "2700 kelvin"."""
    said = re.sub(r"\b(the|colou?r|light|to|a|of)\b(?! white)", " ", plain(text))
    said = " ".join(said.split())
    whole = plain(text)
    if whole.replace(" ", "") in RGB:
        return Colour(name=whole)
    for name, kelvin in _KELVIN.items():
        if name in (said, whole):
            return Colour(kelvin=kelvin)
    known = _COLOR_ALIASES.get(said, said)
    if known.replace(" ", "") in RGB:
        return Colour(name=known if known != said else said)
    found = amount(said)
    if found and 1000 <= found.value <= 12000:
        return Colour(kelvin=int(found.value))
    last = said.split()[-1] if said else ""
    return Colour(name=last) if last in RGB else None
