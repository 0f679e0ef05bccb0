"""Longer sentences out of shorter ones: several wishes, and wishes with a time in them."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from models.nlu.data.deferred import delays
from models.nlu.data.examples import Clause, Example, Word, words_from
from models.nlu.data.lexicon import lexicon
from models.nlu.data.noise import following, phrase
from models.nlu.data.own import OwnGrammar
from models.nlu.data.sampler import draw, parse_template
from models.nlu.data.wordlists import own_words

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
    """Several one-clause sentences of one language as one."""
    language = parts[0].language
    spoken: list[Word] = []
    clauses: list[Clause] = []
    for number, part in enumerate(parts):
        words = part.words
        if number:
            _extend(spoken, phrase("connectors", language, rng), language)
            words = following(words, language)
        clauses.append(replace(part.clauses[0], start=len(spoken)))
        spoken.extend(words)
    return Example(tuple(spoken), tuple(clauses), "chained", language=language)


def _extend(spoken: list[Word], connector: tuple[Word, ...], language: str) -> None:
    """Put a connector after what was said; its leading comma belongs to the word before."""
    if connector and connector[0].text in (",", ".", "،"):
        spoken[-1] = replace(spoken[-1], text=spoken[-1].text + connector[0].text)
        connector = connector[1:]
    spoken.extend(following(connector, language))


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
    clause, language = example.clauses[0], example.language
    if clause.intent not in _TIMED or any(w.slot in ("time", "delay") for w in example.words):
        return None
    kind, slot = rng.choice(_TIME_KINDS)
    listed = own_words(language).get(kind)
    if not listed:
        return None
    text = rng.choice(listed)
    spaced = lexicon(language).spaced
    front = rng.random() < (0.5 if slot in ("delay", "condition", "time") else 0.15)
    if slot == "delay" and (known := delays(language)) and rng.random() < _OF_TEMPLATES:
        delay = known.sample(rng)
        text, front = delay.said, delay.before
    said = words_from([(text, slot)], language)
    if front or not spaced:
        comma = ("," if spaced else "，") if rng.random() < 0.3 else ""
        said = (*said[:-1], replace(said[-1], text=said[-1].text + comma))
        spoken = (*said, *following(example.words, language))
    else:
        spoken = (*example.words, *said)
    return replace(example, words=spoken, source="timed")


_OF_TEMPLATES = 0.5
"""So many of the delays are said as templates say them, the rest as people do."""


def second_thing(example: Example, rng: random.Random) -> Example | None:
    """The wish said of two rooms or two devices: "in the kitchen and the hall"."""
    language = example.language
    lists = own_words(language)
    for slot in rng.sample(("area", "name"), 2):
        places = [i for i, word in enumerate(example.words) if word.slot == slot]
        if not places or places != list(range(places[0], places[-1] + 1)):
            continue
        more = _another(slot, example.clauses[0].attributes.get("domain", ""), lists, rng)
        joint = sorted(lexicon(language).between, key=len)[-1]
        if more is None:
            continue
        last = example.words[places[-1]]
        if not last.text[-1].isalnum():
            continue
        extra = (*words_from([(joint, None)], language), *words_from([(more, slot)], language))
        if not lexicon(language).spaced:
            extra = tuple(replace(word, glued=True) for word in extra)
        end = places[-1] + 1
        spoken = (*example.words[:end], *extra, *example.words[end:])
        return replace(example, words=spoken, source="two things")
    return None


def _another(
    slot: str, domain: str, lists: Mapping[str, Sequence[str]], rng: random.Random
) -> str | None:
    if slot == "area":
        return rng.choice(lists["room"])
    named = {"light": "light_name", "switch": "switch_name", "cover": "cover_name"}.get(domain)
    return rng.choice(lists[named]) if named and named in lists else None


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


def elided(grammar: OwnGrammar, rng: random.Random) -> Example:
    """One verb, several things with a value each: "bedroom to 19 and office to 21"."""
    form = rng.choice(grammar.ellipses)
    keys = ("domain", "device_class", "question")
    clause = Clause(0, form["intent"], {k: form[k] for k in keys if k in form})
    parts: list[Example] = []
    for number in range(rng.choice((2, 2, 2, 3))):
        drawn = draw(parse_template(form["rest" if number else "first"]), grammar.grammar, rng)
        spoken = words_from(drawn.pieces, grammar.language)
        parts.append(Example(spoken, (clause,), "elided", language=grammar.language))
    made = chain_with(parts, lambda last: _joiner(grammar, last, rng))
    return replace(made, language=grammar.language)


def _joiner(grammar: OwnGrammar, last: bool, rng: random.Random) -> str:
    comma = rng.random() < (0.33 if last else 0.5)
    return "," if comma else str(rng.choice(grammar.joiners))


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
