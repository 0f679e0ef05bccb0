"""Sentences of several wishes put together from single ones, with whatever people say between them.

`languages/several/<language>.yaml` has what a wish is when it stands beside others: `acts` (with a
verb), `terse` (without), `it` (about what was named), `asks` (questions), `shared` (what stands
before and after several things that have one verb). `pairs` are whole forms as in together.py;
`events` is what a wish can wait for, `joiners` what is said between wishes and `last` before the
last of them. `things` and `nouns` are those of together.py unless the file has its own; `rules` and
`lists` are added to the language's own.

`languages/besides/<language>.yaml` has more of `acts` and `pairs`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from importlib import resources
from typing import Any

import yaml

from models.nlu.data.examples import Clause, Example, Word, words_from
from models.nlu.data.lexicon import lexicon
from models.nlu.data.noise import following
from models.nlu.data.own import OwnGrammar
from models.nlu.data.sampler import draw, parse_template
from models.nlu.data.together import filled, forms, grammar_of, of_form, one_wish
from models.nlu.data.wordlists import own_words

Part = tuple[tuple[Word, ...], Clause]
Listed = Mapping[str, Any]
Said = tuple[list[Part], tuple[Word, ...], tuple[Word, ...]]
"""The wishes, and what is said before the first and after the last of them."""
Join = Callable[[bool, Listed, random.Random], tuple[bool, str]]
Manner = Callable[[Listed, OwnGrammar, random.Random], Said]


@cache
def wishes_of(language: str) -> Listed | None:
    """The single wishes of a language, if they are written."""
    file = resources.files("models.nlu.data").joinpath(f"languages/several/{language}.yaml")
    if not file.is_file():
        return None
    contents: Listed = yaml.safe_load(file.read_text("utf-8"))
    return _with_what_is_besides({**(forms(language) or {}), **contents}, language)


def _with_what_is_besides(listed: Listed, language: str) -> Listed:
    """With the further wishes and forms of `besides`."""
    file = resources.files("models.nlu.data").joinpath(f"languages/besides/{language}.yaml")
    more: Listed = yaml.safe_load(file.read_text("utf-8"))
    united = {key: {**listed.get(key, {}), **more.get(key, {})} for key in ("lists", "rules")}
    appended = {key: [*listed[key], *more[key]] for key in ("acts", "pairs")}
    return {**listed, **more, **united, **appended}


def several(grammar: OwnGrammar, rng: random.Random) -> Example:
    """One sentence of one to four wishes, in a language that has such a grammar."""
    listed = wishes_of(grammar.language)
    if listed is None:
        raise ValueError(f"{grammar.language}: no single wishes to put together")
    if rng.random() < _ABOUT_IT:
        return replace(of_form(rng.choice(listed["pairs"]), listed, grammar, rng), source="several")
    manner = rng.choices(tuple(_MANNERS), tuple(_MANNERS.values()))[0]
    said = manner(listed, grammar, rng)
    joins = _JOINS_OF_THINGS if manner is _one_verb else _JOINS
    join = rng.choices(tuple(joins), tuple(joins.values()))[0]
    return _together(said, join, listed, grammar.language, rng)


_ABOUT_IT = 0.26
"""How often the second wish is about the same thing as the first, or another time of it."""


def _together(said: Said, join: Join, listed: Listed, language: str, rng: random.Random) -> Example:
    """The parts as one sentence; what stands before them belongs to the first."""
    parts, before, after = said
    spoken = list(before)
    clauses: list[Clause] = []
    for number, (words, clause) in enumerate(parts):
        if number:
            comma, between = join(number == len(parts) - 1, listed, rng)
            if comma:
                _comma(spoken, language)
            if between:
                joint = words_from([(between, None)], language)
                spoken.extend(following(joint, language))
        start = len(spoken) if number else 0
        spoken.extend(following(words, language) if spoken else words)
        clauses.append(replace(clause, start=start))
    spoken.extend(following(after, language))
    return Example(tuple(spoken), tuple(clauses), "several", language=language)


def _comma(spoken: list[Word], language: str) -> None:
    if spoken[-1].text[-1].isalnum():
        comma = "," if lexicon(language).spaced else "，"
        spoken[-1] = replace(spoken[-1], text=spoken[-1].text + comma)


# --- what is said between two wishes: whether a comma, and which words -----------------------


def _nothing(last: bool, listed: Listed, rng: random.Random) -> tuple[bool, str]:
    return False, ""


def _commas(last: bool, listed: Listed, rng: random.Random) -> tuple[bool, str]:
    return True, ""


def _joined(last: bool, listed: Listed, rng: random.Random) -> tuple[bool, str]:
    return rng.random() < 0.2, str(rng.choice(listed["joiners"]))


def _as_a_list(last: bool, listed: Listed, rng: random.Random) -> tuple[bool, str]:
    comma = rng.random() < 0.6
    return (comma and rng.random() < 0.3, str(rng.choice(listed["last"]))) if last else (comma, "")


def _with_and(last: bool, listed: Listed, rng: random.Random) -> tuple[bool, str]:
    return rng.random() < 0.1, str(rng.choice(listed["last"]))


_JOINS: Mapping[Join, float] = {_nothing: 0.3, _commas: 0.1, _joined: 0.35, _as_a_list: 0.25}
_JOINS_OF_THINGS: Mapping[Join, float] = {
    _nothing: 0.15, _commas: 0.1, _with_and: 0.35, _as_a_list: 0.4,
}  # fmt: skip


# --- which wishes are put together ------------------------------------------------------------


def _any_wishes(listed: Listed, grammar: OwnGrammar, rng: random.Random) -> Said:
    """Wishes of any kinds: all with a verb, all without one, or both."""
    style = rng.random()
    kinds = ("acts",) if style < 0.6 else ("terse",) if style < 0.92 else ("acts", "terse")
    count = rng.choice((2, 2, 2, 3, 3, 4))
    parts = [_part(rng.choice(kinds), listed, grammar, rng) for _ in range(count)]
    return parts, (), ()


def _one_verb(listed: Listed, grammar: OwnGrammar, rng: random.Random) -> Said:
    """One verb for two to four things."""
    form = rng.choice(listed["shared"])
    parts: list[Part] = []
    for _ in range(rng.choice((2, 2, 3, 3, 4))):
        kinds = form.get("kinds", _SWITCHED)
        parts.append(one_wish("<T>", form["wish"], kinds, listed, grammar, rng))
    before, after = (_words(form.get(k, ""), listed, grammar, rng) for k in ("before", "after"))
    if before:
        words, clause = parts[0]
        parts[0] = ((*before, *following(words, grammar.language)), clause)
    return parts, (), after


def _waiting(listed: Listed, grammar: OwnGrammar, rng: random.Random) -> Said:
    """Wishes that wait for something to happen, or for a time."""
    count = rng.choice((1, 1, 1, 2, 2, 3))
    kind = "it" if count == 1 and rng.random() < 0.25 else "acts"
    parts = [_part(kind, listed, grammar, rng) for _ in range(count)]
    event = kind == "it" or rng.random() < 0.7
    waits = _event(listed, grammar, rng) if event else _time(grammar.language, rng)
    if rng.random() < 0.55 or not lexicon(grammar.language).spaced:
        spoken = list(waits)
        if rng.random() < 0.35:
            _comma(spoken, grammar.language)
        return parts, tuple(spoken), ()
    return parts, (), waits


def _own_times(listed: Listed, grammar: OwnGrammar, rng: random.Random) -> Said:
    """Two wishes, one or both with a time of its own."""
    parts: list[Part] = []
    timed = rng.choice((0, 1, 2))
    front = rng.random() < 0.5 or not lexicon(grammar.language).spaced
    for number in range(2):
        words, clause = _part("acts", listed, grammar, rng)
        if timed in (number, 2):
            time = _time(grammar.language, rng)
            first, second = (time, words) if front else (words, time)
            words = (*first, *following(second, grammar.language))
        parts.append((words, clause))
    return parts, (), ()


def _asking(listed: Listed, grammar: OwnGrammar, rng: random.Random) -> Said:
    """A question beside one or two wishes, or two questions."""
    asked = _part("asks", listed, grammar, rng)
    kinds = rng.choice((("acts",), ("acts",), ("acts", "acts"), ("asks",)))
    others = [_part(kind, listed, grammar, rng) for kind in kinds]
    return ([asked, *others] if rng.random() < 0.4 else [*others, asked]), (), ()


_MANNERS: Mapping[Manner, float] = {
    _any_wishes: 0.4, _one_verb: 0.15, _waiting: 0.25, _own_times: 0.1, _asking: 0.1,
}  # fmt: skip
_SWITCHED = ["light", "light", "light", "fan", "switch", "media_player"]


# --- their words ------------------------------------------------------------------------------


def _part(kind: str, listed: Listed, grammar: OwnGrammar, rng: random.Random) -> Part:
    form = rng.choice(listed[kind])
    kinds = form.get("kinds", _SWITCHED)
    return one_wish(form["say"], form["wish"], kinds, listed, grammar, rng)


def _words(
    template: str, listed: Listed, grammar: OwnGrammar, rng: random.Random
) -> tuple[Word, ...]:
    if not template:
        return ()
    drawn = draw(parse_template(template), grammar_of(grammar, listed), rng)
    return words_from(drawn.pieces, grammar.language)


def _event(listed: Listed, grammar: OwnGrammar, rng: random.Random) -> tuple[Word, ...]:
    """What has to happen first; the things that it names are not those of the wish."""
    template, _ = filled(rng.choice(listed["events"]), _EVENT_KINDS, listed, rng)
    drawn = draw(parse_template(template), grammar_of(grammar, listed), rng)
    said = " ".join("".join(text for text, _ in drawn.pieces).split())
    return words_from([(said, "condition")], grammar.language)


_EVENT_KINDS = ["light", "light", "fan", "switch", "media_player"]


def _time(language: str, rng: random.Random) -> tuple[Word, ...]:
    known = own_words(language)
    kind, slot = rng.choice((("delay_phrase", "delay"), ("time_phrase", "time")))
    return words_from([(rng.choice(known[kind]), slot)], language)
