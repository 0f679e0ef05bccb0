"""Several wishes that share something: a verb, a room, an amount, or what was named before.

`languages/together/<language>.yaml` lists `things` (a kind's template with its place or name),
`nouns` (what a kind is called), perhaps `lists`, and `forms`. A form is what is said, cut by " / "
where the next wish begins, and the intent of each wish. `<T>` stands for a thing and `<K>` for a
noun of one of the form's kinds, `<T:cover>` and `<K:cover>` for one of that kind.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

import yaml

from edge.tasks.understanding_schema import NONE
from models.nlu.data.examples import Clause, Example, Word, joined, words_from
from models.nlu.data.noise import following
from models.nlu.data.own import OwnGrammar
from models.nlu.data.readings import DOMAIN_OF_INTENT
from models.nlu.data.sampler import Grammar, ListValue, draw, parse_template
from models.nlu.data.wordlists import scope_of

_PLACE = re.compile(r"<([TK])(?::(\w+))?>")
_UNTOLD = frozenset({"device_class"})
_ANY = ("light", "light", "fan", "switch", "media_player")
"""What is switched on and off, lights most often."""


@cache
def forms(language: str) -> Mapping[str, Any] | None:
    """The grammar of a language, if it has one."""
    file = resources.files("models.nlu.data").joinpath(f"languages/together/{language}.yaml")
    if not file.is_file():
        return None
    contents: Mapping[str, Any] = yaml.safe_load(file.read_text("utf-8"))
    return contents


def together(grammar: OwnGrammar, rng: random.Random) -> Example:
    """One sentence of several wishes, in a language that has such a grammar."""
    listed = forms(grammar.language)
    if listed is None:
        raise ValueError(f"{grammar.language}: no grammar of wishes that share something")
    return of_form(rng.choice(listed["forms"]), listed, grammar, rng)


def of_form(
    form: Mapping[str, Any], listed: Mapping[str, Any], grammar: OwnGrammar, rng: random.Random
) -> Example:
    """One sentence of a form. Raises ValueError where its parts and its wishes do not match."""
    said = [part.strip() for part in form["say"].split(" / ")]
    intents = form["wishes"].split()
    if len(said) != len(intents):
        raise ValueError(f"{grammar.language}: as many wishes as parts are needed: {form['say']!r}")
    spoken: list[Word] = []
    clauses: list[Clause] = []
    for part, wish in zip(said, intents, strict=True):
        words, clause = one_wish(part, wish, form.get("kinds", _ANY), listed, grammar, rng)
        clauses.append(Clause(len(spoken), clause.intent, clause.attributes, clause.unknown))
        spoken.extend(following(words, grammar.language) if spoken else words)
    return Example(tuple(spoken), tuple(clauses), "together", language=grammar.language)


def grammar_of(grammar: OwnGrammar, listed: Mapping[str, Any]) -> Grammar:
    """The language's grammar, and the lists and rules that only these forms use."""
    own = {k: [ListValue(v) for v in values] for k, values in listed.get("lists", {}).items()}
    rules = {name: parse_template(body) for name, body in listed.get("rules", {}).items()}
    return Grammar(
        {**grammar.grammar.rules, **rules},
        {**grammar.grammar.lists, **own},
        grammar.grammar.slot_names,
    )


def filled(
    part: str, kinds: Sequence[str], listed: Mapping[str, Any], rng: random.Random
) -> tuple[str, str]:
    """A template with its things and nouns drawn, and the kind of the last one ("" without)."""
    chosen = ""

    def place(found: re.Match[str]) -> str:
        nonlocal chosen
        chosen = found[2] or rng.choice(kinds)
        template: str = listed["things" if found[1] == "T" else "nouns"][chosen]
        return template

    return _PLACE.sub(place, part), chosen


def one_wish(
    part: str,
    wish: str,
    kinds: Sequence[str],
    listed: Mapping[str, Any],
    grammar: OwnGrammar,
    rng: random.Random,
) -> tuple[tuple[Word, ...], Clause]:
    """The words of one wish, and what it means; `wish` is "intent[:domain[.device class]][+question
    or -way]"."""
    intent, _, further = wish.partition("+")
    intent, _, domain = intent.partition(":")
    domain, _, device_class = domain.partition(".")
    template, chosen = filled(part, kinds, listed, rng)
    chosen = chosen or domain
    drawn = draw(parse_template(template), grammar_of(grammar, listed), rng)
    words = words_from(drawn.pieces, grammar.language)
    attributes = {"domain": domain or chosen or DOMAIN_OF_INTENT.get(intent, NONE)}
    attributes["device_class"] = device_class or NONE
    attributes["scope"] = scope_of(joined(words), grammar.language)
    if further:
        attributes["direction" if further in ("up", "down") else "question"] = further
    told = {key: value for key, value in attributes.items() if value != NONE}
    return words, Clause(0, intent, told, _UNTOLD if chosen == "cover" else frozenset())
