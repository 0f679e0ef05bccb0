"""The checker itself: drafts with one thing altered must not pass, true sentences must."""

import re

import pytest

from hub.writing.check import Ground, faults, faults_in, sentences
from hub.writing.draft import Draft, names_of
from hub.writing.facts import STATE_WORDS, Fact, Kind
from tests.hub.writing.scene import HOME, REQUESTS, ground, written

FACTS = (
    Fact(Kind.STATE, "Front Door", "The Front Door is locked", "lock.front_door", "locked"),
    Fact(Kind.STATE, "Bathroom Window", "The Bathroom Window is open", "b.w", "open"),
    Fact(Kind.STATE, "Floor Lamp", "The Floor Lamp is on", "light.floor_lamp", "on"),
    Fact(Kind.STATE, "Bedroom Radiator", "The Bedroom Radiator is heating", "climate.b", "heating"),
    Fact(Kind.MEASURED, "Bedroom Radiator", "The Bedroom Radiator measures 18.5 °C", "climate.b"),
    Fact(Kind.MEASURED, "Bedroom Radiator", "The Bedroom Radiator is set to 21 °C", "climate.b"),
    Fact(Kind.HAPPENED, "Front Door", "At 08:12, the Front Door was unlocked", "history"),
    Fact(Kind.HAPPENED, "Garage Door", "At 09:30, the Garage Door was opened", "history"),
    Fact(Kind.WEATHER, "weather", "The weather is cloudy", "weather.home"),
)
GROUND = Ground(FACTS, names_of(HOME), "the landlord")


@pytest.mark.parametrize(
    "sentence",
    [
        "The Front Door is locked.", "The front door is locked and the bathroom window is open.",
        "The Front Door was unlocked at 08:12.", "Please note that the Bathroom Window is still open.",
        "The Bedroom Radiator is heating, measures 18.5 °C and is set to 21 °C.",
        "At 08:12, the Front Door was unlocked, and at 09:30 the Garage Door was opened.",
        "It is cloudy.", "The Bedroom Radiator measures 18.5 degrees.",
    ],
)  # fmt: skip
def test_what_the_facts_say_passes(sentence: str) -> None:
    assert faults(sentence, GROUND) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "The Front Door is unlocked.",  # another state
        "The Front Door is not locked.",  # denied
        "The Front Door isn't locked.",
        "The Front Door was locked.",  # another tense
        "The Front Door is open.",  # the state of another
        "The bathroom window is locked and the front door is open.",  # swapped
        "The Back Door is locked.",  # a device that no fact is about
        "The Front Door was unlocked at 09:30.",  # the time of another
        "At 09:30, the Front Door was unlocked, and at 08:12 the Garage Door was opened.",
        "The Bedroom Radiator measures 21 °C.",  # the goal for the measurement
        "The Bedroom Radiator is set to 18.5 °C.",
        "The Bedroom Radiator measures 18.5 %.",  # another unit
        "The Bedroom Radiator measures nineteen °C.",  # a number in words
        "The Bedroom Radiator and the Floor Lamp are heating.",  # one too many
        "The Front Door, the Floor Lamp and the Bathroom Window are locked.",
        "All doors are locked.",  # nobody counted
        "Everything is fine.",
        "It is sunny.",
        "The door is locked.",  # which?
        "I have locked the Front Door.",  # a deed that nobody did
        "I have unlocked the Front Door.",  # not even if it was
        "I will lock the Front Door.",  # a promise
        "Julia is at home.",  # a person that nobody mentioned
        "The plumber has been called.",
        "The Front Door is locked since Monday.",
        "The Floor Lamp is off.",
        "The Floor Lamp was turned on.",
        "The Floor Lamp is on at 100%.",
    ],
)  # fmt: skip
def test_what_they_do_not_say_does_not(sentence: str) -> None:
    assert faults(sentence, GROUND) != []


def test_words_that_are_passed_on_pass_and_nothing_beside_them() -> None:
    said = Fact(Kind.SAID, "", "The code is 1234, call Julia", "request")
    held = Ground((said,), frozenset())
    assert faults("The code is 1234, call Julia.", held) == []
    assert faults("The code is 1235, call Julia.", held) != []


def test_sentences_end_at_full_stops_and_lines_and_not_in_numbers() -> None:
    assert sentences("It is 20.5 °C. The end.\n- one\n- two") == [
        "It is 20.5 °C.",
        "The end.",
        "one",
        "two",
    ]


async def drafts() -> list[tuple[str, Draft]]:
    return [(sentence, await written(sentence)) for sentence in REQUESTS]


def altered_numbers(text: str) -> list[str]:
    places = list(re.finditer(r"(?<![\w:])\d+(?![\w:])", text))
    return [f"{text[: m.start()]}{int(m[0]) + 3}{text[m.end() :]}" for m in places]


def altered_times(text: str) -> list[str]:
    places = list(re.finditer(r"\b(\d\d):(\d\d)\b", text))
    return [f"{text[: m.start()]}{m[1]}:{(int(m[2]) + 7) % 60:02}{text[m.end() :]}" for m in places]


def altered_states(text: str) -> list[str]:
    found = []
    for match in re.finditer(
        r"\b(?:is|are|was|were) (locked|unlocked|open|closed|on|off|heating|disarmed|docked)\b",
        text,
    ):
        other = "unlocked" if match[1] != "unlocked" else "jammed"
        found.append(text[: match.start(1)] + other + text[match.end(1) :])
    return found


def altered_names(text: str) -> list[str]:
    found = []
    for match in re.finditer(
        r"the (Front Door|Bathroom Window|Kettle|Floor Lamp|Boiler|Bedroom Radiator)\b", text, re.I
    ):
        found.append(f"{text[: match.start(1)]}Wine Cellar Hatch{text[match.end(1) :]}")
    return found


@pytest.mark.parametrize("alter", [altered_numbers, altered_times, altered_states, altered_names])
async def test_a_draft_with_one_thing_altered_is_caught(alter: object) -> None:
    assert callable(alter)
    tried = 0
    for sentence, made in await drafts():
        for text in alter(made.text):
            tried += 1
            assert faults_in(text, ground(sentence, made)) != [], text
    assert tried >= 15


async def test_swapping_the_states_of_two_sentences_is_caught() -> None:
    tried = 0
    for sentence, made in await drafts():
        states = sorted({f.state for f in made.facts if f.state and f.state in STATE_WORDS})
        for one in states:
            for other in states:
                if one != other and f" {one}." in made.text and f" {other}." in made.text:
                    text = made.text.replace(f" {one}.", " \x01.").replace(f" {other}.", f" {one}.")
                    tried += 1
                    assert faults_in(text.replace("\x01", other), ground(sentence, made)) != []
    assert tried >= 15
