import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.nlu.data.compose import chain, chainable, shared_verb, timed
from models.nlu.data.dataset import Mixture, training_set, until
from models.nlu.data.examples import Example
from models.nlu.data.noise import noisy
from models.nlu.data.sampler import draw, parse_template
from models.nlu.data.sources import HomeAssistantTemplates, OwnGrammar

GRAMMAR = OwnGrammar("en")
TEMPLATES = HomeAssistantTemplates("en")


def valid(example: Example) -> bool:
    starts = [clause.start for clause in example.clauses]
    begun = all(
        word.begins or example.words[i - 1].slot == word.slot
        for i, word in enumerate(example.words)
        if word.slot and i
    )
    return (
        bool(example.words)
        and begun
        and starts == sorted(set(starts))
        and all(0 <= start < len(example.words) for start in starts)
    )


@pytest.mark.parametrize("block", GRAMMAR.blocks, ids=lambda b: b["intent"])
def test_every_sentence_of_our_grammar_can_be_drawn(block: dict[str, object]) -> None:
    rng = random.Random(1)
    for sentence in block["sentences"]:  # type: ignore[attr-defined]
        assert valid(GRAMMAR.sample_block({**block, "sentences": [sentence]}, rng))


def test_all_chatter_can_be_drawn() -> None:
    for sentence in GRAMMAR.chatter:
        draw(parse_template(sentence), GRAMMAR.grammar, random.Random(1))


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**32))
def test_whatever_is_composed_and_disturbed_stays_well_formed(seed: int) -> None:
    rng = random.Random(seed)
    parts = [until(lambda: GRAMMAR.sample(rng), chainable) for _ in range(3)]
    found = [TEMPLATES.sample(rng), chain(parts, rng), shared_verb(GRAMMAR, rng)]
    later = timed(found[0], rng)
    for example in [*found, *([later] if later else [])]:
        assert valid(example)
        assert valid(noisy(example, rng))


def test_the_same_seed_gives_the_same_set(data: Path) -> None:
    mixture = Mixture(60, 60, 20, 20, 20, 20, 1)
    first, second = training_set(data, mixture, 5), training_set(data, mixture, 5)
    assert [e.text for e in first] == [e.text for e in second]
    assert training_set(data, mixture, 6)[0].text != first[0].text
