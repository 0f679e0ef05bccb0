"""The amount in a clause: a goal ("to 20%"), a change ("by 20%", "a bit"), or none.

A relative wish becomes an absolute value, against the state of now, so that it can be repeated
without harm.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from devices.home import Entity, Home
from edge.tasks.understanding_schema import ClauseReading
from hub.ground.results import Impossible
from hub.ground.spans import spans_of
from hub.languages import Lexicon, phrase, plain
from hub.languages.expressions import anywhere
from hub.quantities import Amount, Unit, amount

Call = tuple[str, Mapping[str, Any]] | None
"""A service of the entity's domain with its data; None to leave the entity out."""
Built = tuple[dict[str, Any], Callable[[Entity], Call] | None]
"""What an intent adds to the frame's slots, and its call for an entity; None: ask how much."""

_QUESTIONS: Mapping[str, str] = {
    "HassLightSet": "Which colour or brightness?",
    "HassClimateSetTemperature": "To which temperature?",
    "HassSetPosition": "To which position?",
    "HassSetVolume": "To which volume?",
    "HassFanSetSpeed": "To which speed?",
    "HassSetValue": "To which value?",
}


def question(clause: ClauseReading) -> str:
    """What to ask when the amount is missing."""
    return phrase(_QUESTIONS.get(clause.intent, "To which value?"), "ask_value")


def facts_of(entity: Entity, home: Home) -> Mapping[str, Any]:
    """What is known of an entity: its options from discovery and its attributes of now."""
    return {**entity.options, **home.state(entity.id).attributes}


def reading_of(entity: Entity, home: Home, *keys: str) -> float | None:
    """The first of these attributes that is a number."""
    facts = facts_of(entity, home)
    values = (facts.get(key) for key in keys)
    return next((float(v) for v in values if isinstance(v, int | float)), None)


def amounts(clause: ClauseReading, words: Lexicon) -> list[Amount]:
    """All amounts of the clause, in order; one that the model tore ("à | fond") as one."""
    marked = spans_of(clause, "value")
    spans = [s for s in marked if not words.fits("articles", plain(s.text))] or marked
    found = [each for span in spans if (each := _amount_of(span.text, words)) is not None]
    whole = amount(value_text(clause), words) if len(spans) > 1 and not found else None
    return [whole] if whole is not None else found


def _amount_of(text: str, words: Lexicon) -> Amount | None:
    """The amount in the words; the "un" of "un altro 20%" is none."""
    more = words.without("further", plain(text)) if words.has("further", plain(text)) else ""
    return amount(more or text, words)


def said_amount(clause: ClauseReading, words: Lexicon) -> Amount | None:
    """The amount of the clause; without a span, what follows its last "to"."""
    found = amounts(clause, words)
    if found:
        return found[0]
    level = _level_said(clause, words) or _level_with_its_word(clause, words)
    if level is not None:
        return level
    goals = list(words.groups["goal"].finditer(plain(clause.text)))
    if not goals or any(span.slot in ("value", "color") for span in clause.spans):
        return None
    return amount(plain(clause.text)[goals[-1].end() :], words)


_SHORTEST_LEVEL = 4
_SHORTEST_DENSE = 2
"""The same in a script that has no spaces."""


def _level_said(clause: ClauseReading, words: Lexicon) -> Amount | None:
    """A level that stands in the clause without a span ("all the way", "halfway")."""
    if any(span.slot in ("value", "color") for span in clause.spans):
        return None
    said = plain(clause.text)
    least = _SHORTEST_LEVEL if words.spaced else _SHORTEST_DENSE
    levels = [
        (len(found.group()), float(value))
        for pattern, value in words.readings.get("level", ())
        for found in anywhere(pattern, words.spaced).finditer(said)
        if len(found.group()) >= least
    ]
    if not levels:
        return None
    _, level = max(levels, key=lambda each: each[0])
    return Amount(level, Unit.PERCENT, level=True)


def _level_with_its_word(clause: ClauseReading, words: Lexicon) -> Amount | None:
    """A level of which the model marked all but the word before it ("à | fond")."""
    for span in spans_of(clause, "value"):
        before = clause.text[: max(0, span.start - clause.start)].split()[-1:]
        if before and words.which("level", plain(f"{before[0]} {span.text}")) is not None:
            return amount(f"{before[0]} {span.text}", words)
    return None


def is_step(clause: ClauseReading, words: Lexicon) -> bool:
    """Whether the amount is a change ("by 20%", "20% brighter") and not a goal ("to 20%", "up
    full")."""
    said = said_amount(clause, words)
    to_an_end = said is not None and said.level and said.value == _ENDS.get(direction(clause))
    return not to_an_end and not has_goal(clause, words)


_ENDS: Mapping[int, float] = {-1: 1.0, 1: 100.0}
"""The level that a direction ends at: "up full" is no step."""


def has_goal(clause: ClauseReading, words: Lexicon) -> bool:
    """Whether the amount stands after "to" or the like, or has such an ending ("50%-ra")."""
    spans = spans_of(clause, "value")
    if not spans:
        return False
    before = plain(clause.text[: max(0, spans[0].start - clause.start)]).split()[-1:]
    first = plain(spans[0].text).split()[:1]
    return ends_in_goal(clause, words) or any(words.fits("goal", w) for w in (*before, *first))


def ends_in_goal(clause: ClauseReading, words: Lexicon) -> bool:
    """Whether the amount has an ending that means "to" ("50%-ra")."""
    spans = spans_of(clause, "value")
    if not spans:
        return False
    start, end = spans[0].start - clause.start, spans[0].end - clause.start
    rest = clause.text[max(0, end) :]
    glued = rest.split()[0] if rest and not rest[0].isspace() else ""
    said = plain(f"{clause.text[max(0, start) : max(0, end)]}{glued}".replace("%", "% ")).split()
    return len(said) > 1 and words.fits("goal", said[-1].strip("-"))


def direction(clause: ClauseReading) -> int:
    """1 for more, -1 for less, 0 if the clause does not say."""
    return {"up": 1, "down": -1}.get(clause.attributes["direction"].label, 0)


def step(clause: ClauseReading, default: float, words: Lexicon, sign: int = 0) -> tuple[float, Any]:
    """Signed change, and how the frame says it: a number where one was said, else "up"/"down".
    `sign` where the words tell it and the clause's direction does not."""
    sign = sign or direction(clause)
    found = said_amount(clause, words)
    if (count := notches(clause, words)) is not None:
        return sign * count * default / 2, "up" if sign > 0 else "down"
    if found is not None and not found.level:
        return sign * found.value, int(sign * found.value)
    said = value_said(clause)
    large, small = words.has("large", said), words.has("small", said)
    size = default / 2 if small else default * 2 if large else default
    return sign * size, "up" if sign > 0 else "down"


def notches(clause: ClauseReading, words: Lexicon) -> float | None:
    """How many notches something is to go up or down ("two steps", "eine Stufe runter")."""
    spans = spans_of(clause, "value")
    if not spans:
        return None
    after = clause.text[spans[-1].end - clause.start :]
    said = value_said(clause)
    if not words.has("notches", said) and words.starts("notches", after.lstrip()) is None:
        return None
    found = said_amount(clause, words)
    if found is None:
        return 1.0
    return None if found.level or found.unit is not Unit.NONE else found.value


def value_said(clause: ClauseReading) -> str:
    """The words of the value, as plain text."""
    return plain(value_text(clause))


def factor(clause: ClauseReading, words: Lexicon) -> float | None:
    """What a level is to be multiplied by ("double the brightness", "halve the volume")."""
    found = words.find("factor", plain(clause.text))
    return None if found is None else float(found)


def percent(value: float, what: str) -> int:
    """A whole percentage. Raises `Impossible` outside 0 to 100."""
    if not 0 <= value <= 100:
        text = f"{what} goes from 0 to 100 percent."
        raise Impossible(phrase(text, "percent_only"))
    return round(value)


def plain_number(value: float) -> int | float:
    """Whole numbers as int, as people write them."""
    return int(value) if value == int(value) else value


def value_text(clause: ClauseReading) -> str:
    """The words of the value as they were said."""
    return " ".join(span.text for span in spans_of(clause, "value"))
