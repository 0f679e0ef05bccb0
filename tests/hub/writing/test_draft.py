"""Over fifty requests over the demo home: nothing is said that no fact says."""

import re

import pytest

from hub.writing.facts import Kind
from hub.writing.template import body
from hub.writing.wish import Length
from tests.hub.writing.scene import HOME, NOW, PAST, REQUESTS, faults_of, wished, written


def test_there_are_more_than_fifty_requests() -> None:
    assert len(set(REQUESTS)) > 50


@pytest.mark.parametrize("sentence", REQUESTS)
async def test_a_draft_says_nothing_that_no_fact_says(sentence: str) -> None:
    made = await written(sentence)
    assert made.text
    assert faults_of(sentence, made) == []


@pytest.mark.parametrize("sentence", REQUESTS)
async def test_every_number_stands_in_the_house_or_its_history(sentence: str) -> None:
    """Looked up in the home itself, past the facts: they could be wrong together."""
    known = " ".join(
        str(HOME.states[e].state) + str(dict(HOME.states[e].attributes)) for e in HOME.states
    )
    known += " ".join(f"{r.at:%H:%M} {r.value}" for r in PAST.rows) + sentence + str(PAST.support)
    known += f"{PAST.start:%H:%M} {PAST.failed[0][0]:%H:%M}"
    numbers = re.findall(r"\d+(?:[.:]\d+)?", (await written(sentence)).text)
    rounded = {"5.2": "5.25"}  # what is measured is told to one decimal
    assert [n for n in numbers if rounded.get(n, n) not in known] == []


@pytest.mark.parametrize("sentence", REQUESTS)
async def test_every_state_is_the_homes(sentence: str) -> None:
    from hub.writing.facts import state_word

    for fact in (await written(sentence)).facts:
        if fact.kind is Kind.STATE:
            entity = HOME.entities[fact.source]
            assert fact.state == state_word(entity, HOME.state(entity.id))
            assert fact.text.endswith(str(fact.state)) and entity.name in fact.text


@pytest.mark.parametrize(
    "sentence", [s for s in REQUESTS if "unicorn" not in s and "yesterday" not in s]
)
async def test_there_is_something_to_say(sentence: str) -> None:
    made = await written(sentence)
    assert made.facts and "Nothing of note" not in made.text


async def test_a_topic_that_the_house_does_not_know_gets_no_facts() -> None:
    made = await written("write a note about the unicorn")
    assert made.facts == () and "Nothing of note is written down" in made.text


async def test_words_to_pass_on_are_passed_on_as_they_are() -> None:
    made = await written("write a note for the cleaner: the alarm code is new, unlock nothing")
    assert "The alarm code is new, unlock nothing." in made.text
    assert [fact.kind for fact in made.facts] == [Kind.SAID]


async def test_a_shorter_draft_is_shorter_and_keeps_what_matters_most() -> None:
    from dataclasses import replace

    from hub.writing.draft import draft
    from hub.writing.gather import gather

    wish = wished("write a note about the windows and the lights in the bathroom")
    wish = replace(wish, topic="the whole house")
    facts = gather(wish, HOME, NOW, PAST)
    texts = {}
    for length in Length:
        made = await draft(replace(wish, length=length), facts, HOME, NOW)
        texts[length] = made.text
    assert len(texts[Length.SHORT]) < len(texts[Length.MEDIUM]) < len(texts[Length.LONG])
    assert all("Bathroom Window" in text for text in texts.values())


async def test_a_formal_mail_has_a_greeting_and_a_closing() -> None:
    made = await written("write a formal email to the landlord about the heating")
    assert made.text.startswith("Dear landlord,\n\n") and made.text.endswith("Yours sincerely")


async def test_a_failed_command_is_told_in_the_summary() -> None:
    made = await written("summarise what happened today")
    assert "At 19:00, the Porch Light did not obey “turn on”." in made.text
    assert "At 17:00, the Kettle was turned on (by an automation)." in made.text


async def test_a_device_that_is_being_helped_is_told_of() -> None:
    made = await written("write a note about the washing machine")
    assert "A problem with the Washing Machine is being looked into: It shows E18." in made.text


async def test_what_is_alike_shares_a_sentence() -> None:
    made = await written("write a long note about the locks")
    assert "The Front Door and the Back Door are locked." in body(made.facts)
