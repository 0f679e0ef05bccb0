"""Longer sentences out of shorter ones: several wishes, and wishes with a time in them."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

from models.nlu.data.examples import Clause, Example, Word, words_from
from models.nlu.data.sampler import draw, parse_template
from models.nlu.data.sources import OwnGrammar, words

CONNECTORS = (
    "and", "and", "and", "and then", "then", ",", ", and", ", then", "and also", "also",
    ". also", "as well as", "plus", "and please", ".", "after that", ", also", "but",
)  # fmt: skip

_ALONE = frozenset(
    "HassNevermind HassConfirm HassFollowUp HassRespond HassUndo HassRepeat HassExplain "
    "HassBroadcast HassMediaSearchAndPlay none".split()
)
"""Intents that people do not chain, or whose free text would swallow the connector."""

_TIMED = frozenset(
    "HassTurnOn HassTurnOff HassLightSet HassClimateSetTemperature HassVacuumStart HassSetPosition "
    "HassVacuumCleanArea HassFanSetSpeed HassLawnMowerStartMowing HassAlarmArm HassMediaPause "
    "HassSetVolume HassClimateSetMode HassVacuumReturnToBase".split()
)
"""Intents that take a time."""


def chain(parts: Sequence[Example], rng: random.Random) -> Example:
    """Several one-clause sentences as one."""
    spoken: list[Word] = []
    clauses: list[Clause] = []
    for number, part in enumerate(parts):
        if number:
            connector = rng.choice(CONNECTORS).split()
            if connector[0] in (",", "."):
                spoken[-1] = replace(spoken[-1], text=spoken[-1].text + connector.pop(0))
            spoken.extend(Word(w) for w in connector)
        clauses.append(replace(part.clauses[0], start=len(spoken)))
        spoken.extend(part.words)
    return Example(tuple(spoken), tuple(clauses), "chained")


def chainable(example: Example) -> bool:
    """Whether people say this beside another wish."""
    return (
        len(example.clauses) == 1
        and example.tags_known
        and example.clauses[0].intent not in _ALONE
        and len(example.words) <= 12
    )


def timed(example: Example, rng: random.Random) -> Example | None:
    """The wish with a delay, a time, a length or a condition, before or after it."""
    clause = example.clauses[0]
    if clause.intent not in _TIMED or any(w.slot in ("time", "delay") for w in example.words):
        return None
    kind, slot = rng.choice(_TIME_KINDS)
    phrase = words_from([(rng.choice(words("en")[kind]), slot)])
    front = rng.random() < (0.45 if slot in ("delay", "condition", "time") else 0.1)
    if front:
        comma = rng.random() < 0.3
        phrase = (*phrase[:-1], replace(phrase[-1], text=phrase[-1].text + ("," if comma else "")))
        return Example((*phrase, *example.words), (clause,), "timed")
    return Example((*example.words, *phrase), (clause,), "timed")


_TIME_KINDS = (
    ("delay_phrase", "delay"), ("delay_phrase", "delay"), ("time_phrase", "time"),
    ("time_phrase", "time"), ("for_phrase", "duration"), ("until_phrase", "time"),
    ("condition_phrase", "condition"),
)  # fmt: skip


_VERBS: Sequence[tuple[str, str, dict[str, str], Sequence[str]]] = (
    ("(turn|switch) on", "HassTurnOn", {}, ("light", "fan", "switch", "media", "climate")),
    ("(turn|switch|shut) off", "HassTurnOff", {}, ("light", "fan", "switch", "media", "climate")),
    ("turn on", "HassTurnOn", {}, ("light",)),
    ("turn off", "HassTurnOff", {}, ("light",)),
    ("(open|raise)", "HassTurnOn", {}, ("cover",)),
    ("(close|shut|lower)", "HassTurnOff", {}, ("cover",)),
    ("lock", "HassTurnOn", {}, ("lock",)),
    ("unlock", "HassTurnOff", {}, ("lock",)),
    ("dim", "HassLightSet", {"direction": "down"}, ("light",)),
    ("brighten", "HassLightSet", {"direction": "up"}, ("light",)),
)

_TARGETS: dict[str, tuple[str, str]] = {
    "light": ("light", "<light_target>"),
    "fan": ("fan", "<fan_target>"),
    "switch": ("switch", "<switch_named>"),
    "media": ("media_player", "<media_target>"),
    "climate": ("climate", "<climate_target>"),
    "cover": ("cover", "<cover_target>"),
    "lock": ("lock", "[the|my] {lock_name:name}"),
}


def shared_verb(grammar: OwnGrammar, rng: random.Random) -> Example:
    """One verb for two or three things: "turn off the kitchen light and the bedroom fan"."""
    verb, intent, given, kinds = rng.choice(_VERBS)
    parts: list[Example] = []
    suffix = rng.random() < 0.2 and intent in ("HassTurnOn", "HassTurnOff") and "lock" not in kinds
    suffix = suffix and "cover" not in kinds
    for number in range(rng.choice((2, 2, 2, 3))):
        domain, target = _TARGETS[rng.choice(kinds)]
        lead = f"{verb} " if number == 0 and not suffix else ""
        drawn = draw(parse_template(lead + target), grammar.grammar, rng)
        clause = Clause(0, intent, {"domain": domain, **given})
        parts.append(Example(words_from(drawn.pieces), (clause,), "shared verb"))
    joined = chain_with(parts, lambda last: "and" if last else rng.choice((",", "and")))
    if suffix:
        end = Word("on" if intent == "HassTurnOn" else "off")
        joined = replace(joined, words=(*joined.words, end))
    return replace(joined, source="shared verb")


def chain_with(parts: Sequence[Example], connector: Callable[[bool], str]) -> Example:
    """Join parts with connectors chosen by whether the part that follows is the last."""
    spoken = list(parts[0].words)
    clauses = [parts[0].clauses[0]]
    for number, part in enumerate(parts[1:], start=2):
        word = connector(number == len(parts))
        if word == ",":
            spoken[-1] = replace(spoken[-1], text=spoken[-1].text + ",")
        else:
            spoken.append(Word(word))
        clauses.append(replace(part.clauses[0], start=len(spoken)))
        spoken.extend(part.words)
    return Example(tuple(spoken), tuple(clauses), "chained")
