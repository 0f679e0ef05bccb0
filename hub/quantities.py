"""Amounts as people say them: numbers, levels, durations, colours, in any language of a lexicon.

Every function takes the words of one span and returns None where they are not what it reads, so
that the caller can ask instead of guess.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from devices.colors import RGB
from hub.languages import Lexicon, plain

_DIGITS = re.compile(r"[-+]?\d+(?:[.,]\d+)?(?:e[-+]?\d+)?")
_GROUPED = re.compile(r"\d{1,3}(?: \d{3})+")


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


# --- numbers --------------------------------------------------------------------------------


def numeric(said: str, words: Lexicon) -> str:
    """Plain text with spelled numbers as digits: "twenty past six" is "20 past 6"."""
    if not words.spaced:
        said = words.apart(said)
    tokens = said.split()
    shown: list[str] = []
    at = 0
    while at < len(tokens):
        value, used = _spelled(tokens, at, words)
        shown.append(f"{value:g}" if used else tokens[at])
        at += used or 1
    return " ".join(shown)


def _spelled(tokens: Sequence[str], at: int, words: Lexicon) -> tuple[float, int]:
    """The spelled number that starts at a token, and how many tokens it takes (0: none does)."""
    total, used = _longest(tokens, at, words)
    while used:
        tens = total in _TENS
        skip = 1 if (total >= 100 or tens) and _joins(tokens, at + used, words) else 0
        value, more = _longest(tokens, at + used + skip, words)
        if not more or (skip and value >= 100):
            break
        if value in (100, 1000) and total < value:
            total *= value
        elif (total >= 100 and value < 100) or (tens and skip and value < 10):
            total += value
        else:
            break
        used += skip + more
    return total, used


_TENS = frozenset(range(20, 100, 10))
"""What "and" and a unit may follow ("veinte y dos")."""


def _joins(tokens: Sequence[str], at: int, words: Lexicon) -> bool:
    return at < len(tokens) and words.groups["and"].fullmatch(tokens[at]) is not None


def _longest(tokens: Sequence[str], at: int, words: Lexicon) -> tuple[float, int]:
    for length in range(min(words.longest_number, len(tokens) - at), 0, -1):
        said = " ".join(tokens[at : at + length])
        for ending in ("", *words.number_endings):
            if said.endswith(ending):
                value = words.numbers.get(said.removesuffix(ending))
                if value is not None:
                    return value, length
    return _half_more(tokens[at], words) if at < len(tokens) else (0, 0)


def _half_more(token: str, words: Lexicon) -> tuple[float, int]:
    """A number that says its half in one word ("einundzwanzigeinhalb")."""
    for ending in words.half_endings:
        value = words.numbers.get(token.removesuffix(ending)) if token.endswith(ending) else None
        if value is not None:
            return value + 0.5, 1
    return 0, 0


def number(text: str, words: Lexicon) -> float | None:
    """A number in digits or words: "21.5", "minus five", "twenty one point five", "a hundred"."""
    said = numeric(plain(text).replace(" - ", " -"), words)
    sign = 1
    if minus := words.groups["minus"].match(said):
        sign, said = -1, said[minus.end() :].strip()
    if _GROUPED.fullmatch(said):
        said = said.replace(" ", "")
    if _DIGITS.fullmatch(said):
        return _sane(sign * float(said.replace(",", ".")))
    whole, *fraction = words.groups["point"].split(said, maxsplit=1)
    if not fraction or not _DIGITS.fullmatch(whole.strip()):
        return None
    digits = fraction[0].replace(" ", "")
    return _sane(sign * float(f"{whole.strip()}.{digits}")) if digits.isdecimal() else None


LARGEST = 1e12
"""No amount in a house is larger; what is ("1e400" overflows) is out of every range as this."""


def _sane(value: float) -> float:
    return max(-LARGEST, min(LARGEST, value))


# --- levels and units -----------------------------------------------------------------------

_SIGN = re.compile(r"(?<=\d) ?°? ?([cfk])(?!\w)")
_SIGNS = {"c": Unit.CELSIUS, "f": Unit.FAHRENHEIT, "k": Unit.KELVIN}
_UNIT_GROUPS = (Unit.PERCENT, Unit.KELVIN, Unit.FAHRENHEIT, Unit.CELSIUS, Unit.DEGREES)


def amount(text: str, words: Lexicon) -> Amount | None:
    """A number with its unit, or a level ("half", "max", "the lowest")."""
    said = plain(text)
    unit = _unit(said, words)
    bare = _SIGN.sub(" ", said)
    for group in _UNIT_GROUPS:
        bare = words.without(str(group), bare)
    tenths = words.has("tenths", said)
    bare = words.without("filler", words.without("tenths", bare))
    level = words.which("level", said)
    level = words.which("level", bare) if level is None else level
    first, _, rest = bare.partition(" ")
    if level is None and rest and words.fits("articles", first):
        level = words.which("level", rest)
    if level is not None:
        return Amount(float(level), Unit.PERCENT, level=True)
    digits = _DIGITS.search(bare)
    if digits is None and words.has("small", bare):
        return None
    value = number(bare, words)
    if value is None and (found := digits or _DIGITS.search(numeric(bare, words))):
        value = _sane(float(found.group().replace(",", ".")))
        if words.has("half", bare):
            value += 0.5
    if value is None:
        level = words.find("level", bare)
        if level is None and unit in _COUNTED and (near := _misspelt(bare, words)) is not None:
            return Amount(near, unit)
        return None if level is None else Amount(float(level), Unit.PERCENT, level=True)
    return Amount(value * 10, Unit.PERCENT) if tenths else Amount(value, unit)


_COUNTED = (Unit.PERCENT, Unit.DEGREES, Unit.CELSIUS, Unit.FAHRENHEIT)
_ALIKE, _AHEAD, _SHORTEST = 0.75, 0.1, 5
"""How like a number's word one with slips must be, how much more than to the next number's, and how
long it is at least."""


def _misspelt(word: str, words: Lexicon) -> float | None:
    """The number whose word this is with slips ("achtzich"), where a unit says that it is one."""
    if len(word) < _SHORTEST or " " in word:
        return None
    alike = DamerauLevenshtein.normalized_similarity
    found = process.extract(word, list(words.numbers), scorer=alike, score_cutoff=_ALIKE - _AHEAD)
    best = found[0] if found else ("", 0.0, 0)
    rivals = [score for said, score, _ in found if words.numbers[said] != words.numbers[best[0]]]
    if best[1] < _ALIKE or (rivals and max(rivals) > best[1] - _AHEAD):
        return None
    return words.numbers[best[0]]


def is_amount(text: str, words: Lexicon) -> bool:
    """Whether a text is an amount and nothing else: "channel 4" and "HDMI 1" are not."""
    said = plain(text)
    bare = _SIGN.sub(" ", said)
    for group in (*map(str, _UNIT_GROUPS), "filler", "tenths"):
        bare = words.without(group, bare)
    leveled = any(words.which("level", each) is not None for each in (said, bare))
    return leveled or number(bare, words) is not None


def _unit(said: str, words: Lexicon) -> Unit:
    if words.has(Unit.PERCENT, said):
        return Unit.PERCENT
    if sign := _SIGN.search(said):
        return _SIGNS[sign.group(1)]
    return next((unit for unit in _UNIT_GROUPS if words.has(str(unit), said)), Unit.NONE)


# --- durations ------------------------------------------------------------------------------

_SECONDS: Mapping[str, int] = {"days": 86400, "hours": 3600, "minutes": 60, "seconds": 1}
_BELOW: Mapping[str, str] = {"days": "hours", "hours": "minutes", "minutes": "seconds"}
_FRACTIONS: Mapping[str, float] = {
    "one_and_half": 1.5, "three_quarters": 0.75, "quarter": 0.25, "third": 1 / 3, "half": 0.5,
}  # fmt: skip


def duration(text: str, words: Lexicon) -> dict[str, int] | None:
    """A length of time, unit by unit as it was said: "1 hour 5 minutes" is hours 1, minutes 5;
    "half an hour" is minutes 30; "five and a half minutes" is minutes 5, seconds 30; a mixed number
    in one word ("anderthalb Stunden") counts the unit below, minutes 90."""
    found: dict[str, int] = {}
    said = re.sub(r"(\d)([^\W\d])", r"\1 \2", plain(text))
    for pattern, seconds in words.lengths:
        said, times = pattern.subn(" ", said)
        _add(found, times, "", seconds)
    pending: list[str] = []
    last = ""
    for token in _length_tokens(said, words):
        unit = _unit_of_time(token, words)
        if unit is None:
            pending.append(token)
            continue
        if not any(map(_is_count, pending)) and words.fits("not_one", token):
            continue  # "min timer": my timer, in Danish
        count = _count(pending or ["1"], words, 1)
        if count is None:
            return None
        whole = not any(token.startswith("#") and float(token[1:]) > 1 for token in pending)
        _add(found, count, unit if whole else _BELOW.get(unit, unit), _SECONDS[unit])
        pending, last = [], unit
    rest = _count(pending, words, 0)
    if rest is None or (rest and not last):
        return None
    if rest:
        below = _SECONDS[last] if rest < 1 else _SECONDS[last] // 60
        _add(found, rest, "", below)
    return {unit: count for unit, count in found.items() if count} or None


def _unit_of_time(word: str, words: Lexicon) -> str | None:
    return next((unit for unit in _SECONDS if words.groups[unit].fullmatch(word)), None)


def _taken_apart(word: str, words: Lexicon) -> list[str]:
    """A compound of a number and a unit as the two: "dvouhodinový", "tízperces"."""
    for at in range(len(word) - 2, 1, -1):
        if word[:at] in words.numbers and _unit_of_time(word[at:], words):
            return [word[:at], word[at:]]
    return [word]


def _length_tokens(said: str, words: Lexicon) -> list[str]:
    """Words of a length with fractions as "#0.5" and numbers as digits. A one before a fraction
    is an article ("eine halbe Stunde")."""
    said = said.replace("'", "' ")
    for group, value in _FRACTIONS.items():
        said = words.groups[group].sub(f" #{value} ", said)
    for ending in words.half_endings:
        said = re.sub(rf"(\w+){ending}(?!\w)", lambda m: _and_a_half(m, words), said)
    tokens = said.split() if words.spaced else words.apart(said).split()
    if words.spaced:
        tokens = [part for token in tokens for part in _taken_apart(token, words)]
    kept = [
        token
        for token, after in zip(tokens, [*tokens[1:], ""], strict=False)
        if not (after.startswith("#") and words.numbers.get(token) == 1)
    ]
    return numeric(" ".join(kept), words).split()


def _and_a_half(match: re.Match[str], words: Lexicon) -> str:
    """ "fünfeinhalb" as "#5.5"."""
    value = words.numbers.get(match.group(1))
    return match.group() if value is None else f" #{value + 0.5:g} "


def _count(pending: Sequence[str], words: Lexicon, otherwise: float) -> float | None:
    """The number that words before a unit say; None if they say something else too."""
    kept = [t for t in pending if not any(words.fits(g, t) for g in ("articles", "and", "lasting"))]
    total = 0.0
    if len(kept) > 1 and kept[0] == "1" and _DIGITS.fullmatch(kept[1]):
        kept = kept[1:]  # an article: "en 2 time lang timer"
    for token in kept:
        if token.startswith("#"):
            total += float(token[1:])
        elif _DIGITS.fullmatch(token):
            total += float(token.replace(",", "."))
        else:
            return None
    return total if kept and total >= 0 else otherwise


def _is_count(token: str) -> bool:
    return token.startswith("#") or _DIGITS.fullmatch(token) is not None


def _add(found: dict[str, int], count: float, unit: str, size: int) -> None:
    """Add `count` times `size` seconds to the parts: in `unit` as it was said, if it is one, and
    what is left over in the units below."""
    left = round(count * size)
    if unit in ("hours", "minutes", "seconds"):
        whole, left = divmod(left, _SECONDS[unit])
        found[unit] = found.get(unit, 0) + whole
    for name in ("hours", "minutes", "seconds"):
        whole, left = divmod(left, _SECONDS[name])
        if whole:
            found[name] = found.get(name, 0) + whole


def seconds_of(parts: Mapping[str, int]) -> int:
    """Total seconds of what `duration` returns."""
    return sum(_SECONDS[unit] * count for unit, count in parts.items() if unit in _SECONDS)


# --- colours --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Colour:
    """A colour: a CSS name, or a colour temperature in kelvin."""

    name: str | None = None
    kelvin: int | None = None


def colour(text: str, words: Lexicon) -> Colour | None:
    """A colour or colour temperature: "red", "sky blue", "warm white", "2700 kelvin"."""
    whole = plain(text)
    bare = words.without("color_filler", whole)
    said = (whole, bare)
    if words.language == "en" and whole.replace(" ", "") in RGB:
        return Colour(name=whole)
    kelvin = next((k for s in said if (k := words.which("kelvin", s)) is not None), None)
    if kelvin is not None:
        return Colour(kelvin=int(kelvin))
    name = next((n for s in said if (n := words.which("color", s)) is not None), None)
    if name is not None:
        return Colour(name=str(name))
    if bare.replace(" ", "") in RGB:
        return Colour(name=bare)
    found = amount(bare, words)
    if found and not found.level and 1000 <= found.value <= 12000:
        return Colour(kelvin=int(found.value))
    kelvin = words.find("kelvin", whole)
    if kelvin is not None and words.language != "en":
        return Colour(kelvin=int(kelvin))
    name = words.find("color", whole)
    if name is not None:
        return Colour(name=str(name))
    last = bare.split()[-1] if bare else ""
    return Colour(name=last) if last in RGB else None
