"""Sentences drawn from our own grammars: what people say and no template has."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from zlib import crc32

from edge.tasks.understanding_schema import INTENTS, NONE
from models.nlu.data.examples import Clause, Example, joined, words_from
from models.nlu.data.lexicon import lexicon
from models.nlu.data.readings import DOMAIN_OF_INTENT
from models.nlu.data.sampler import Grammar, ListValue, draw, parse_template
from models.nlu.data.wordlists import language_file, scope_of, words

_KEPT_BACK = 12


def kept_back(sentence: str) -> bool:
    """Whether a template of other talk, one in twelve, is kept from training: the refusal is chosen
    on it. Decided by its own words, so that other templates may come and go."""
    return crc32(sentence.encode()) % _KEPT_BACK == 0


class OwnGrammar:
    """Samples our own sentences in one language: large blocks oftener, though less than their size
    says, and a block with a `weight` that many times as often."""

    def __init__(self, language: str) -> None:
        data = language_file(language)
        self.language = language
        lists = {k: [ListValue(v) for v in vs] for k, vs in words(language).items()}
        extra = data.get("lists_extra", {})
        lists |= {k: [ListValue(str(v)) for v in vs] for k, vs in extra.items()}
        if language == "en":
            lists["COVER"] = lists["cover_class_plural"] + [
                ListValue(s.said.removesuffix("s")) for s in lists["cover_class_plural"]
            ]
        rules = {name: parse_template(body) for name, body in data.get("rules", {}).items()}
        self.grammar = Grammar(rules, lists, {})
        self.blocks = data["blocks"]
        chatter = data["chatter"]
        self.chatter = [sentence for sentence in chatter if not kept_back(sentence)]
        self.unheard = [sentence for sentence in chatter if kept_back(sentence)]
        self.ellipses = data.get("ellipses", [])
        self.joiners = data.get("joiners", ["and"])
        self.weights = [
            len(block["sentences"]) ** 0.6 * block.get("weight", 1) for block in self.blocks
        ]
        for block in self.blocks:
            if block["intent"] not in INTENTS:
                raise ValueError(f"{language}: unknown intent {block['intent']!r}")

    def sample(self, rng: random.Random) -> Example:
        """One sentence that is for us."""
        block = rng.choices(self.blocks, self.weights)[0]
        return self.sample_block(block, rng)

    def sample_block(self, block: Mapping[str, Any], rng: random.Random) -> Example:
        """One sentence of a given block."""
        drawn = draw(parse_template(rng.choice(block["sentences"])), self.grammar, rng)
        spoken = words_from(drawn.pieces, self.language)
        keys = ("domain", "device_class", "direction", "question", "scope")
        attributes = {k: block[k] for k in keys if k in block}
        text = joined(spoken)
        if block.get("cover_class") and self.language == "en":
            said = " ".join(w.text for w in spoken if w.slot == "device")
            attributes["device_class"] = cover_class(said)
        attributes.setdefault("scope", scope_of(text, self.language))
        attributes.setdefault("domain", DOMAIN_OF_INTENT.get(block["intent"], NONE))
        attributes = {k: v for k, v in attributes.items() if v != NONE}
        example = Example(
            spoken, (Clause(0, block["intent"], attributes),), "own", language=self.language
        )
        return shopping(example) if block["intent"] in _SHOPPING_INTENT else example

    def sample_chatter(self, rng: random.Random) -> Example:
        """One sentence that is not for us."""
        return self._talk(self.chatter, rng)

    def sample_unheard(self, rng: random.Random) -> Example:
        """One sentence that is not for us, of a template that no training draws from."""
        return self._talk(self.unheard, rng)

    def _talk(self, sentences: Sequence[str], rng: random.Random) -> Example:
        drawn = draw(parse_template(rng.choice(sentences)), self.grammar, rng)
        pieces = [(text, None) for text, _ in drawn.pieces]
        spoken = words_from(list(pieces), self.language)
        return Example(spoken, (), "chatter", language=self.language)


_SHOPPING_INTENT = {
    "HassListAddItem": "HassShoppingListAddItem",
    "HassListCompleteItem": "HassShoppingListCompleteItem",
    "HassListRemoveItem": "HassShoppingListCompleteItem",
}


def shopping(example: Example) -> Example:
    """The shopping list has intents of its own, and is not tagged as a list."""
    named = joined([word for word in example.words if word.slot == "list"])
    if not lexicon(example.language).shopping.search(named):
        return example
    clause = replace(example.clauses[0], intent=_SHOPPING_INTENT[example.clauses[0].intent])
    words = tuple(
        replace(word, slot=None, begins=False) if word.slot == "list" else word
        for word in example.words
    )
    return replace(example, words=words, clauses=(clause,))


_COVER_CLASSES = {
    "blind": "blind", "roller blind": "blind", "curtain": "curtain", "drape": "curtain",
    "shade": "shade", "shutter": "shutter", "roller shutter": "shutter", "window": "window",
    "awning": "awning", "gate": "gate", "garage door": "garage", "door": "door",
}  # fmt: skip


def cover_class(said: str) -> str:
    """Device class of a cover from the word that names it."""
    return _COVER_CLASSES.get(said.split(" and ", maxsplit=1)[0].removesuffix("s"), NONE)
