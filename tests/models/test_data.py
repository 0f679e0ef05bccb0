import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.tasks.understanding_schema import LANGUAGES
from models.nlu.data.compose import chain, chainable, elided, second_thing, shared_verb, timed
from models.nlu.data.dataset import Mixture, salad, training_set, until
from models.nlu.data.examples import Example, words_from
from models.nlu.data.homophones import homophones
from models.nlu.data.noise import noisy
from models.nlu.data.own import OwnGrammar
from models.nlu.data.sampler import draw, parse_template
from models.nlu.data.several import several, wishes_of
from models.nlu.data.templates import HomeAssistantTemplates
from models.nlu.data.together import forms, together

GRAMMARS = {language: OwnGrammar(language) for language in LANGUAGES}


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


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_of_our_grammars_can_be_drawn(language: str) -> None:
    grammar, rng = GRAMMARS[language], random.Random(1)
    for block in grammar.blocks:
        for sentence in block["sentences"]:
            example = grammar.sample_block({**block, "sentences": [sentence]}, rng)
            assert valid(example), sentence
            assert example.text, sentence
    for sentence in (*grammar.chatter, *grammar.unheard):
        draw(parse_template(sentence), grammar.grammar, rng)


@pytest.mark.parametrize("language", LANGUAGES)
def test_some_templates_of_other_talk_are_kept_from_training(language: str) -> None:
    grammar = GRAMMARS[language]
    assert 3 <= len(grammar.unheard) < len(grammar.chatter) / 5
    assert not set(grammar.unheard) & set(grammar.chatter)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(LANGUAGES))
def test_whatever_is_composed_and_disturbed_stays_well_formed(seed: int, language: str) -> None:
    rng = random.Random(seed)
    grammar = GRAMMARS[language]
    parts = [until(lambda: grammar.sample(rng), chainable) for _ in range(3)]
    found = [chain(parts, rng), salad(parts, rng)]
    found += [e for e in (timed(parts[0], rng), second_thing(parts[1], rng)) if e]
    if language == "en":
        found += [shared_verb(grammar, rng), elided(grammar, rng)]
    for example in found:
        assert valid(example)
        assert valid(noisy(example, rng))


@pytest.mark.parametrize("language", ["en", "de", "pl", "zh-CN"])
def test_home_assistants_templates_give_well_formed_sentences(language: str) -> None:
    templates, rng = HomeAssistantTemplates(language), random.Random(1)
    assert all(valid(noisy(templates.sample(rng), rng)) for _ in range(300))


def test_an_amount_swallows_its_unit_even_of_two_words() -> None:
    spoken = words_from([("luz al ", None), ("50", "value"), (" por ciento", None)], "es")
    assert [w.text for w in spoken if w.slot == "value"] == ["50", "por", "ciento"]
    assert [w.begins for w in spoken if w.slot == "value"] == [True, False, False]


def test_a_word_that_is_also_a_unit_of_heat_ends_a_length_of_time() -> None:
    spoken = words_from([("přidej ", None), ("hodinu", "duration"), (" k časovači", None)], "cs")
    assert [w.text for w in spoken if w.slot == "duration"] == ["hodinu"]


@pytest.mark.parametrize(("language", "stop"), [("ru", "останови"), ("da", "stop")])
def test_a_word_that_templates_have_for_two_wishes_is_one_wish(language: str, stop: str) -> None:
    templates, rng = HomeAssistantTemplates(language), random.Random(1)
    drawn = [templates.sample(rng) for _ in range(2000)]
    stopping = {e.clauses[0].intent for e in drawn if e.text.startswith(stop)}
    assert "HassCancelTimer" in stopping
    assert "HassPauseTimer" not in stopping


def test_chinese_is_cut_into_characters_and_joined_without_spaces() -> None:
    spoken = words_from([("打开", None), ("厨房", "area"), ("的灯", None)], "zh-CN")
    assert [w.text for w in spoken] == list("打开厨房的灯")
    example = Example(spoken, (), "test", language="zh-CN")
    assert example.text == "打开厨房的灯"


def test_the_same_seed_gives_the_same_set(data: Path) -> None:
    mixture = Mixture(60, 60, 20, 20, 10, 10, 20, 20, 10, 1)
    first, second = (training_set("en", mixture, data, 5) for _ in range(2))
    assert [e.text for e in first] == [e.text for e in second]
    assert training_set("en", mixture, data, 6)[0].text != first[0].text


@pytest.mark.parametrize("language", [one for one in LANGUAGES if forms(one)])
def test_wishes_that_share_something_begin_where_the_form_says(language: str) -> None:
    rng = random.Random(1)
    for _ in range(400):
        example = together(GRAMMARS[language], rng)
        assert valid(example), example.text
        assert example.clauses[0].start == 0
        assert "<" not in example.text and "/" not in example.text


@pytest.mark.parametrize("language", [one for one in LANGUAGES if wishes_of(one)])
def test_wishes_put_together_begin_where_each_begins(language: str) -> None:
    rng = random.Random(1)
    made = [several(GRAMMARS[language], rng) for _ in range(600)]
    for example in made:
        assert valid(example), example.text
        assert example.clauses[0].start == 0
        assert not set("<>[]{}|/") & set(example.text), example.text
    assert {len(example.clauses) for example in made} == {1, 2, 3, 4}


@pytest.mark.parametrize("language", [one for one in LANGUAGES if wishes_of(one)])
def test_what_is_waited_for_is_a_condition_and_nothing_else(language: str) -> None:
    rng = random.Random(1)
    made = [several(GRAMMARS[language], rng) for _ in range(600)]
    waiting = [e for e in made if any(word.slot == "condition" for word in e.words)]
    assert len(waiting) > 50
    for example in waiting:
        slots = [word.slot for word in example.words]
        first = slots.index("condition")
        run = slots[first : first + slots.count("condition")]
        assert set(run) == {"condition"}, example.text


def test_chinese_is_heard_as_other_characters_of_the_same_sound() -> None:
    alike = homophones("zh-CN")
    assert "第" in alike["地"]
    assert all(one not in others for one, others in alike.items())
