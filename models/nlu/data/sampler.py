"""Draw random sentences, with slot spans, from templates in hassil's syntax."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from hassil.expression import (
    Alternative,
    Expression,
    ListReference,
    Permutation,
    RuleReference,
    Sentence,
    TextChunk,
)
from hassil.expression import Sequence as ExpressionSequence
from hassil.parse_expression import parse_sentence
from unicode_rbnf import RbnfEngine

Piece = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class ListValue:
    """One value of a word list: what is said, and what it stands for (a device class, a state)."""

    said: str
    meaning: Any = None


@dataclass(slots=True)
class Grammar:
    """Rules and word lists that templates refer to. Lists hold values or sub-templates."""

    rules: Mapping[str, Sentence]
    lists: Mapping[str, Sequence[ListValue]]
    slot_names: Mapping[str, str]


@dataclass(slots=True)
class Sample:
    """What was drawn: pieces of text with slots, the meanings of the list values used, and the
    lists that they came from."""

    pieces: list[Piece]
    meanings: dict[str, Any]
    lists: set[str]


@cache
def parse_template(text: str) -> Sentence:
    """A template as an expression tree."""
    return parse_sentence(text)


@lru_cache(maxsize=32)
def number_words(language: str) -> RbnfEngine:
    """Spells numbers out ("twenty one")."""
    return RbnfEngine.for_language(language.partition("-")[0])


def draw(sentence: Sentence, grammar: Grammar, rng: random.Random) -> Sample:
    """One random sentence of a template."""
    sample = Sample([], {}, set())
    _walk(sentence.expression, grammar, rng, sample)
    return sample


def _walk(expression: Expression, grammar: Grammar, rng: random.Random, into: Sample) -> None:
    match expression:
        case TextChunk():
            into.pieces.append((expression.original_text, None))
        case Alternative():
            _walk(rng.choice(expression.items), grammar, rng, into)
        case Permutation():
            items = list(expression.items)
            rng.shuffle(items)
            for item in items:
                into.pieces.append((" ", None))
                _walk(item, grammar, rng, into)
        case ExpressionSequence():
            for item in expression.items:
                _walk(item, grammar, rng, into)
        case RuleReference():
            _walk(grammar.rules[expression.rule_name].expression, grammar, rng, into)
        case ListReference():
            _draw_list(expression, grammar, rng, into)
        case _:
            raise TypeError(f"unexpected {type(expression).__name__} in a template")


def _draw_list(ref: ListReference, grammar: Grammar, rng: random.Random, into: Sample) -> None:
    value = rng.choice(grammar.lists[ref.list_name])
    into.lists.add(ref.list_name)
    names = grammar.slot_names
    slot = names.get(ref.list_name) or names.get(ref.slot_name, ref.slot_name)
    said = value.said
    if any(mark in said for mark in "([{<|"):
        inner = draw(parse_template(said), grammar, rng)
        said = "".join(text for text, _ in inner.pieces)
    into.pieces.append((said, slot))
    if value.meaning is not None:
        into.meanings[ref.slot_name] = value.meaning
