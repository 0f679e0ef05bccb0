"""What the hub must know of a language to read amounts, times, states and names, and to answer.

A `Lexicon` is made once per language, of three sources: the slot lists of `home-assistant-intents`
(colours, levels, states, cover classes), the number words of CLDR (`unicode-rbnf`), and a small
table of our own, `hub/languages/LANGUAGE.toml`. Functions that read words take it as an argument.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Any

from home_assistant_intents import get_intents

from hub.languages.expressions import Pattern, anywhere, compiled, expression, whole
from hub.languages.numerals import number_words
from hub.languages.text import plain

LANGUAGES = tuple(
    "ar bg ca cs da de en es fi fr hu it nl pl pt pt-BR ro ru sk sl sv tr uk zh-CN".split()
)
"""The languages that have a table here."""

_GAPS = re.compile(r"\s+")

Readings = tuple[tuple[Pattern, Any], ...]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """One language's words.

    `numbers` maps spelled numbers to values; `groups` are sets of words by purpose ("articles",
    "until"); `readings` map words to values by kind ("color": "rot" to "red"); `clock` are the
    forms of clock times; `phrases` what the hub says.
    """

    language: str
    spaced: bool
    numbers: Mapping[str, float]
    groups: Mapping[str, Pattern]
    readings: Mapping[str, Readings]
    clock: tuple[tuple[Pattern, int | str], ...]
    lengths: Readings
    weekdays: tuple[Pattern, ...]
    ordinals: tuple[Pattern, ...]
    phrases: Mapping[str, str]
    states: Mapping[str, str]
    half_endings: tuple[str, ...]
    number_endings: tuple[str, ...]
    longest_number: int
    tokens: Pattern | None = None
    _unions: dict[str, Pattern] = field(default_factory=dict, repr=False, compare=False)

    def has(self, group: str, said: str) -> bool:
        """Whether a word or phrase of the group occurs in `said` (plain text)."""
        pattern = self.groups.get(group)
        return pattern is not None and pattern.search(said) is not None

    def fits(self, group: str, word: str) -> bool:
        """Whether the whole word is of the group."""
        pattern = self.groups.get(group)
        return pattern is not None and pattern.fullmatch(word) is not None

    def ending(self, group: str, said: str) -> str:
        """The words of the group that `said` (plain text) ends with, as many as there are; else
        nothing."""
        pattern = self.groups.get(group)
        starts = [0, *(m.end() for m in _GAPS.finditer(said))]
        found = (said[at:] for at in starts if pattern and pattern.fullmatch(said, at))
        return next(found, "")

    def without(self, group: str, said: str) -> str:
        """`said` (plain text) without the words of the group."""
        pattern = self.groups.get(group)
        return said if pattern is None else " ".join(pattern.sub(" ", said).split())

    def which(self, kind: str, said: str) -> Any | None:
        """The value that the whole of `said` (plain text) stands for; None if it is unknown."""
        for pattern, value in self.readings.get(kind, ()):
            if pattern.fullmatch(said):
                return value
        return None

    def find(self, kind: str, said: str) -> Any | None:
        """The value of the longest words of this kind that occur in `said` (plain text)."""
        best: tuple[int, Any] = (0, None)
        if self._all_of(kind).search(said) is None:
            return None
        for pattern, value in self.readings.get(kind, ()):
            for found in anywhere(pattern, self.spaced).finditer(said):
                if len(found.group()) > best[0]:
                    best = (len(found.group()), value)
        return best[1]

    def _all_of(self, kind: str) -> Pattern:
        """The words of all values of this kind, found inside a text."""
        if kind not in self._unions:
            words = "|".join(pattern.pattern for pattern, _ in self.readings.get(kind, ()))
            self._unions[kind] = anywhere(re.compile(words or r"(?!)"), self.spaced)
        return self._unions[kind]

    def without_reading(self, kind: str, said: str, value: object = None) -> str:
        """`said` (plain text) without the words that have a value of this kind, or only those that
        have this `value`."""
        for pattern, meant in self.readings.get(kind, ()):
            if value is None or meant == value:
                said = anywhere(pattern, self.spaced).sub(" ", said)
        return " ".join(said.split())

    def where(self, group: str, text: str) -> int | None:
        """Where in `text`, as it was written, the first word of the group stands."""
        pattern = self.groups.get(group)
        if pattern is None or pattern.search(plain(text)) is None:
            return None
        starts = [0, *(m.end() for m in _GAPS.finditer(text))] if self.spaced else range(len(text))
        return next((at for at in starts if pattern.match(plain(text[at:]))), None)

    def starts(self, group: str, text: str) -> int | None:
        """How many characters of `text`, as it was written, are the words of the group that it
        starts with; None if it does not start with any."""
        pattern = self.groups.get(group)
        found = pattern.match(plain(text)) if pattern is not None else None
        if found is None:
            return None
        ends = [*(m.start() for m in _GAPS.finditer(text)), len(text)]
        ends = ends if self.spaced else list(range(1, len(text) + 1))
        return next((end for end in ends if len(plain(text[:end])) >= found.end()), None)

    def apart(self, said: str) -> str:
        """Words with spaces between them, where the script writes none."""
        return said if self.tokens is None else " ".join(self.tokens.findall(said))

    def hour(self, said: str) -> int:
        """The hour of a clock form: digits, or an ordinal ("siódmej")."""
        if said.isdecimal():
            return int(said)
        found = (n for n, word in enumerate(self.ordinals, 1) if word.fullmatch(said))
        return next(found, 25)

    def ordinal(self, said: str) -> int | None:
        """The place in a list that plain text names: 0 for "the first", -1 for "the last"."""
        if self.has("last", said):
            return -1
        return next((n for n, word in enumerate(self.ordinals) if word.search(said)), None)

    def say(self, phrase: str, **variables: object) -> str:
        """One of the hub's own sentences, filled in."""
        return self.phrases[phrase].format(**variables)


_BY_TAG = {name.lower(): name for name in LANGUAGES} | {"zh": "zh-CN", "zh-hans": "zh-CN"}


def known(language: str | None) -> str | None:
    """The table for a language tag: "de-AT" and "de_DE" are "de", "zh" is "zh-CN"."""
    if not language:
        return None
    tag = language.replace("_", "-").lower()
    return _BY_TAG.get(tag) or _BY_TAG.get(tag.partition("-")[0])


@lru_cache(maxsize=128)
def lexicon(language: str | None) -> Lexicon:
    """The lexicon for a language tag; English for a language without a table."""
    return _load(known(language) or "en")


@lru_cache(maxsize=len(LANGUAGES))
def _load(name: str) -> Lexicon:
    table = _table(name)
    spaced = not table.get("no_spaces", False)
    numbers = _numbers(name, table)
    return Lexicon(
        language=name,
        spaced=spaced,
        numbers=numbers,
        groups={group: compiled(words, spaced) for group, words in _groups(table).items()},
        readings=_readings(name, table),
        clock=_clock(table, spaced),
        lengths=tuple(
            (compiled([words], spaced), seconds)
            for words, seconds in table.get("lengths", {}).items()
        ),
        weekdays=tuple(compiled([word], spaced) for word in table["weekdays"]),
        ordinals=tuple(compiled([word], spaced) for word in table["ordinals"]),
        phrases=table["phrases"],
        states=table["states"],
        half_endings=tuple(map(plain, table.get("half_endings", ()))),
        number_endings=tuple(map(plain, table.get("number_endings", ()))),
        longest_number=max(len(words.split()) for words in numbers),
        tokens=None if spaced else _word_pattern(table, numbers),
    )


GROUPS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(
        "articles filler and minus point tenths hours minutes seconds days half quarter third "
        "three_quarters one_and_half small large goal delay lasting until every workday weekend "
        "repeating am pm pronoun all last house upstairs downstairs yes anyone shopping next now "
        "how_many color_filler".split(),
        (),
    ),
    "percent": ("%",),
    "degrees": ("°",),
    "celsius": ("celsius",),
    "fahrenheit": ("fahrenheit",),
    "kelvin": ("kelvin",),
}
"""All groups of words, with what every language has in them."""


_OF_OTHERS: Mapping[str, tuple[str, ...]] = {
    "opening": ("opens", "closing"), "unlocking": ("opens",),
}  # fmt: skip
"""Groups that are the words of others where a language does not tell them."""


def _groups(table: Mapping[str, Any]) -> dict[str, list[str]]:
    told = table["groups"]
    others = {g: [w for o in of for w in told.get(o, ())] for g, of in _OF_OTHERS.items()}
    own = {**others, **told}
    return {group: [*own.get(group, ()), *GROUPS.get(group, ())] for group in {**GROUPS, **own}}


def _table(language: str) -> dict[str, Any]:
    """A language's own table; one that names a `base` holds only what differs from it."""
    text = (files("hub.languages") / f"{language}.toml").read_text("utf-8")
    table = tomllib.loads(text)
    if "base" not in table:
        return table
    merged = _table(table["base"])
    for section, entries in table.items():
        both = isinstance(entries, dict) and isinstance(merged.get(section), dict)
        merged[section] = {**merged[section], **entries} if both else entries
    return merged


def _numbers(language: str, table: Mapping[str, Any]) -> dict[str, float]:
    spelled: dict[str, float] = {plain(w): n for w, n in number_words(language).items()}
    return {**spelled, **{plain(w): n for w, n in table.get("numbers", {}).items()}}


_LISTS: Mapping[str, tuple[str, ...]] = {
    "color": ("color",),
    "kelvin": ("color_temperature_names",),
    "level": ("brightness_level", "position_level", "volume_mapping"),
    "on_off": ("on_off_states",),
    "cover_state": ("cover_states",),
    "lock_state": ("lock_states",),
    "opening_state": ("bs_open_states", "bs_opening_states", "bs_door_states"),
    "occupancy_state": ("bs_occupancy_states",),
    "presence_state": ("presence_states",),
    "cover_class": ("cover_classes",),
    "fan_mode": ("fan_mode",),
    "media_class": ("media_class", "media_class_my_split"),
}
"""Our kinds of readings, and the lists of `home-assistant-intents` that they are made of."""

_ENDS = ("1", "100")
"""The ends of a scale are looked up first: "highest" begins like "high" in many languages."""

_FAMILY: Mapping[str, tuple[str, ...]] = {"pt": ("pt", "pt-BR"), "pt-BR": ("pt-BR", "pt")}
"""Languages whose speakers use each other's words."""


def _readings(language: str, table: Mapping[str, Any]) -> dict[str, Readings]:
    """Our own words first: they may correct a list. Only what is used is kept of the lists."""
    found: dict[str, list[tuple[Pattern, Any]]] = {kind: [] for kind in _LISTS}
    for kind, entries in table.get("readings", {}).items():
        for value, words in sorted(entries.items(), key=lambda entry: entry[0] not in _ENDS):
            meant = int(value) if value.isdecimal() else value
            found.setdefault(kind, []).append((whole(words), meant))
    for tag in _FAMILY.get(language, (language,)):
        lists = (get_intents(tag) or {}).get("lists", {})
        for kind, names in _LISTS.items():
            for name in names:
                found[kind] += _listed(lists.get(name, {}).get("values", ()))
    return {kind: tuple(entries) for kind, entries in found.items()}


def _listed(values: Sequence[Any]) -> list[tuple[Pattern, Any]]:
    entries: list[tuple[Pattern, Any]] = []
    for value in values:
        said, meant = (value, value) if isinstance(value, str) else (value["in"], value["out"])
        meant = meant[0] if isinstance(meant, list) else meant
        entries.append((re.compile(expression(str(said))), meant))
    return entries


_WORDS_APART = ("hours", "minutes", "seconds", "days", "half", "quarter", "and", "point")


def _word_pattern(table: Mapping[str, Any], numbers: Mapping[str, float]) -> Pattern:
    """Cuts text without spaces into digits, spelled numbers, words of time, and the rest."""
    words = [re.escape(word) for word in sorted(numbers, key=len, reverse=True)]
    words += [expression(word) for group in _WORDS_APART for word in table["groups"][group]]
    return re.compile(rf"#[\d.]+|\d+(?:[.,:]\d+)?|{'|'.join(words)}|[^\s]")


def _clock(table: Mapping[str, Any], spaced: bool) -> tuple[tuple[Pattern, int | str], ...]:
    """Clock forms, e.g. "halb {hour}" = -30: minutes to add to the hour, or "+", "-", "=" for
    minutes that are said (after the hour, before it, as they are); "-30+" adds both. Numbers are
    digits here."""
    ordinals = "|".join(expression(word) for word in table["ordinals"][:12])
    hour = rf"(?P<hour>\d{{1,2}}|{ordinals})" if spaced else r"(?P<hour>\d{1,2})"
    edge = (r"(?<!\w)", r"(?!\w)") if spaced else ("", "")
    forms = []
    for form, meaning in table["clock"].items():
        body = expression(form.replace("{hour}", "\x01").replace("{minute}", "\x02"))
        body = body.replace("\x01 ?\x02", "\x01 \x02") if spaced else body
        body = body.replace("\x01", hour).replace("\x02", r"(?P<minute>\d{1,2})")
        forms.append((re.compile(f"{edge[0]}{body}{edge[1]}"), meaning))
    return tuple(forms)
