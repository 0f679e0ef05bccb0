"""The checker: may a text say what it says? Every sentence is taken apart and held to the facts.

A sentence passes if it is one of the facts (or part of what somebody asked to pass on), or if

- every word of it is a word of the facts, of the request, or one that says nothing (`glue.toml`):
  so no name, no action and no promise can appear that nobody put in;
- whatever it says of a subject (states, numbers with units, times, days, negation, past or
  present) is said by one fact about that subject; a clause about several needs one for each.

Strict on purpose: a true sentence that fails is dropped, and the template's words take its place.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path

from hub.writing.facts import STATE_WORDS, Fact, Kind

_PASSED_ON = frozenset({Kind.SAID, Kind.SUPPORT, Kind.EVENT, Kind.ITEM})
_NUMBERS = {
    word: str(number)
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
        "fifteen sixteen seventeen eighteen nineteen twenty".split()
    )
} | {"thirty": "30", "forty": "40", "fifty": "50", "hundred": "100", "half": "0.5", "twice": "2"}
_DAYS = (
    "today tomorrow yesterday tonight monday tuesday wednesday thursday friday saturday sunday "
    "january february march april may june july august september october november december "
    "morning afternoon evening night noon midnight"
).split()
_TIME = re.compile(r"\b\d{1,2}:\d{2}\b")
_NUMBER = re.compile(
    r"(?<![\w.])-?\d+(?:[.,]\d+)?(?:\s?(°[CF]|%|km/h|m/s|mph|kWh|kW|Wh|W|lx|hPa|ppm|percent\b|degrees\b))?"
)
_UNITS = {"percent": "%", "degrees": "°"}
_DAY = re.compile(rf"\b(?:{'|'.join(_DAYS)})\b", re.I)
_NUMBER_WORD = re.compile(rf"\b(?:{'|'.join(_NUMBERS)})\b", re.I)
_STATES = sorted(STATE_WORDS - {"on", "off"}, key=len, reverse=True)
_STATE = re.compile(rf"\b(?:{'|'.join(map(re.escape, _STATES))})\b", re.I)
_ON = re.compile(
    r"\b(?:is|are|was|were|be|been|became|stays|stayed|remains|still|also|now|both) (on)\b"
    r"|\b(on)\s*(?:\([^)]*\))?\s*$|\b(off)\b",
    re.I,
)
"""As a state, that is; "on" has other work to do."""
_RELATION = re.compile(r"\b(?:set|measures|measured|battery|obey|between)\b", re.I)
_RELATIONS = {"measured": "measures"}
_CAUSE = re.compile(r"\b(?:asked|automation)\b", re.I)
_NEGATED = re.compile(r"\b(?:not|no|never|without|neither|nor)\b|n't\b", re.I)
_PAST = re.compile(r"\b(?:was|were|became|began|had|been|has|have|did)\b", re.I)
_FIRST_PERSON = re.compile(r"\b(?:i|we)\b", re.I)
_PART = re.compile(r"\s*(?:[,;]|\band\b|\bbut\b|\bwhile\b)\s*", re.I)
_NAME = re.compile("\x00(\\d+)\x00")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")


@dataclass(frozen=True, slots=True)
class Claim:
    """What one clause says of its subjects. `values` are ("state", "open", "") and the like."""

    subjects: frozenset[str]
    values: frozenset[tuple[str, str, str]]


@dataclass(frozen=True)
class Ground:
    """What texts are held to: the facts, all names of the house, the request's own words, and the
    sentences that frame a text (greeting, heading, closing)."""

    facts: Sequence[Fact]
    names: frozenset[str]
    said: str = ""
    frame: frozenset[str] = frozenset()

    @cached_property
    def spoken_of(self) -> tuple[str, ...]:
        """All names, the longest first."""
        names = self.names | {fact.subject for fact in self.facts if fact.subject}
        return tuple(sorted(names, key=lambda name: (-len(name), name)))

    @cached_property
    def claims(self) -> tuple[tuple[Fact, Claim], ...]:
        """What each fact says; all of it is about its subject, whatever else it names."""
        return tuple(
            (fact, Claim(frozenset({fact.subject.lower()}), _said_in(fact.text, self.spoken_of)))
            for fact in self.facts
        )

    @cached_property
    def words(self) -> frozenset[str]:
        """Every word that a text may hold."""
        known = _words(self.said) | {w for fact in self.facts for w in _words(fact.text)} | glue()
        return frozenset(known | {re.sub(r"['’]s$", "", word) for word in known})

    @cached_property
    def verbatim(self) -> frozenset[str]:
        """Sentences that may stand as they are."""
        return frozenset(map(_plain, (*self.frame, *(fact.text for fact in self.facts))))

    @cached_property
    def passed_on(self) -> tuple[str, ...]:
        """Other people's words, parts of which may stand too."""
        return tuple(_plain(fact.text) for fact in self.facts if fact.kind in _PASSED_ON)


def faults(sentence: str, ground: Ground) -> list[str]:
    """Why a sentence may not be said; empty if it may."""
    plain = _plain(sentence)
    if not plain or plain in ground.verbatim:
        return []
    if any(_within(plain, known) for known in ground.passed_on):
        return []
    masked = _masked(sentence, ground.spoken_of)
    found = [f"no fact has the word {word!r}" for word in _unknown(masked, ground)]
    claims = claims_in(sentence, ground.spoken_of)
    states = any(kind == "state" for claim in claims for kind, _, _ in claim.values)
    if states and _FIRST_PERSON.search(masked):
        found.append("nobody who writes here has done anything")
    for claim in claims:
        found += _unsupported(claim, ground.claims)
    return found


def faults_in(text: str, ground: Ground) -> list[str]:
    """The same for a whole text, sentence by sentence."""
    return [fault for sentence in sentences(text) for fault in faults(sentence, ground)]


def sentences(text: str) -> list[str]:
    """The sentences of a text; a line is at least one."""
    found = []
    for line in text.splitlines():
        bare = re.sub(r"^\s*[-*•]\s+", "", line.strip())
        found += [
            part.strip() for part in re.split(r"(?<=[.!?])\s+(?=[^a-z])", bare) if part.strip()
        ]
    return found


@lru_cache(maxsize=2000)
def claims_in(sentence: str, names: tuple[str, ...]) -> tuple[Claim, ...]:
    """What a sentence says, clause by clause. `names` are those that may be spoken of."""
    text = _masked(sentence.strip().rstrip(".!"), names)
    claims: list[Claim] = []
    subjects: set[str] = set()
    values: set[tuple[str, str, str]] = set()
    before: frozenset[str] = frozenset()
    tense = ""
    for part in _PART.split(text):
        here = {names[int(n)].lower() for n in _NAME.findall(part)}
        found = _values(part)
        if not here and not claims and not subjects:
            values |= found  # "At 08:12, ..."
            continue
        subjects |= here
        if not found:
            continue  # "the lamp, ..." of an enumeration
        now = "past" if _PAST.search(part) else tense
        if now:
            found.add(("tense", now, ""))
        tense = now if not here or now == "past" else ""
        claims.append(Claim(frozenset(subjects) or before, frozenset(values | found)))
        before, subjects, values = claims[-1].subjects, set(), set()
    if values or (subjects and claims):
        claims.append(Claim(frozenset(subjects) or before, frozenset(values)))
    return tuple(claim for claim in claims if claim.values)


def _values(part: str) -> set[tuple[str, str, str]]:
    found: set[tuple[str, str, str]] = set()
    rest = _NAME.sub(" x ", part)

    def take(pattern: re.Pattern[str], kind: str) -> None:
        nonlocal rest
        for match in pattern.finditer(rest):
            word = next((g for g in match.groups() if g), match[0]) if pattern is _ON else match[0]
            found.add((kind, word.lower(), ""))
        rest = pattern.sub(" ", rest)

    take(_TIME, "time")
    for match in _NUMBER.finditer(rest):
        number = re.match(r"-?\d+(?:[.,]\d+)?", match[0])
        assert number is not None
        unit = match[1] or ""
        found.add(("number", f"{float(number[0].replace(',', '.')):g}", _UNITS.get(unit, unit)))
    rest = _NUMBER.sub(" ", rest)
    found |= {("number", _NUMBERS[m.lower()], "") for m in _NUMBER_WORD.findall(rest)}
    take(_STATE, "state")
    take(_ON, "state")
    found |= {
        ("relation", _RELATIONS.get(m.lower(), m.lower()), "") for m in _RELATION.findall(rest)
    }
    take(_CAUSE, "cause")
    take(_DAY, "day")
    if _NEGATED.search(rest):
        found.add(("negated", "", ""))
    return found


def _unsupported(claim: Claim, known: Sequence[tuple[Fact, Claim]]) -> list[str]:
    if not claim.subjects:
        if any(
            _supports(have, claim)
            for fact, have in known
            if fact.kind in (Kind.WEATHER, Kind.EVENT)
        ):
            return []
        return [f"of nothing that is named: {_spelt(claim)}"]
    return [
        f"no fact says of {subject}: {_spelt(claim)}"
        for subject in sorted(claim.subjects)
        if not any(subject in have.subjects and _supports(have, claim) for _, have in known)
    ]


def _supports(have: Claim, claim: Claim) -> bool:
    """Whether one claim of a fact holds all of another, in the same tense and with its negation."""
    for kind, value, unit in claim.values:
        if kind == "number":
            same = any(
                k == kind
                and v == value
                and (not unit or u == unit or (unit == "°" and u[:1] == unit))
                for k, v, u in have.values
            )
            if not same:
                return False
        elif (kind, value, unit) not in have.values:
            return False
    decisive = {"negated", "tense"}
    if {v for v in have.values if v[0] == "negated"} - claim.values:
        return False
    says_state = any(kind in ("state", "number") for kind, _, _ in claim.values)
    return not says_state or {v for v in have.values if v[0] in decisive} <= claim.values


def _spelt(claim: Claim) -> str:
    return ", ".join(f"{kind} {value}{unit}".strip() for kind, value, unit in sorted(claim.values))


def _said_in(text: str, names: tuple[str, ...]) -> frozenset[tuple[str, str, str]]:
    return frozenset(value for claim in claims_in(text, names) for value in claim.values)


def _masked(text: str, names: tuple[str, ...]) -> str:
    pattern, places = _pattern_of(names)
    return pattern.sub(lambda match: f"\x00{places[match[0].lower()]}\x00", text)


@lru_cache(maxsize=32)
def _pattern_of(names: tuple[str, ...]) -> tuple[re.Pattern[str], dict[str, int]]:
    listed = "|".join(re.escape(name) for name in names) or r"(?!)"
    places = {name.lower(): number for number, name in reversed(list(enumerate(names)))}
    return re.compile(rf"(?<!\w)(?:{listed})(?!\w)", re.I), places


def _unknown(masked: str, ground: Ground) -> list[str]:
    found = _WORD.findall(_NAME.sub(" ", masked))
    return [w for w in found if w.lower().replace("’", "'") not in ground.words]


def _words(text: str) -> set[str]:
    return {word.lower().replace("’", "'") for word in _WORD.findall(text)}


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text.strip().rstrip(".!,")).lower()


def _within(sentence: str, said: str) -> bool:
    return len(sentence) > 1 and re.search(rf"(?<!\w){re.escape(sentence)}(?!\w)", said) is not None


@cache
def glue() -> frozenset[str]:
    """The words that say nothing about a house."""
    text = (Path(__file__).parent / "glue.toml").read_text("utf-8")
    return frozenset(tomllib.loads(text)["words"].split())


def told(sentence: str, fact: Fact, ground: Ground) -> bool:
    """Whether a sentence that passed tells a fact whole: its subject and all that is said of it."""
    if _plain(sentence) == _plain(fact.text):
        return True
    wanted = next(claim for known, claim in ground.claims if known == fact)
    subject = fact.subject.lower()
    claims = claims_in(sentence, ground.spoken_of)
    said = {value for claim in claims if subject in claim.subjects for value in claim.values}
    exact = {(kind, value) for kind, value, _ in said}
    needed = {(k, v) for k, v, _ in wanted.values if k not in ("tense", "cause", "relation")}
    return bool(needed) and needed <= exact
