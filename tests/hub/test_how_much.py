"""Questions that ask how much, amounts that are bounds, places and reasons that are none."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from devices.homefile import load_home
from edge.tasks.understand import UnderstandingModel
from edge.tasks.understanding_schema import ATTRIBUTES, NONE, ClauseReading, Scored, Span
from hub.ground.aspects import aspect_of
from hub.ground.climate import temperature
from hub.ground.context import Context
from hub.ground.mended import mended
from hub.ground.places import place_of
from hub.languages import lexicon
from hub.rehearse import Stage
from tests.hub.household import NOW

HOME = load_home(
    {
        "areas": [{"id": "hall", "name": "Hall"}],
        "entities": [
            {"id": "light.chandelier", "name": "Chandelier", "state": "on",
             "attributes": {"brightness": 128}},
            {"id": "cover.blind", "name": "Blind", "state": "open",
             "attributes": {"current_position": 40}},
            {"id": "climate.hall", "name": "Hall Heating", "area": "hall", "state": "heat",
             "attributes": {"temperature": 18, "min_temp": 7, "max_temp": 30}},
        ],
    }
)  # fmt: skip


def _clause(text: str, spans: dict[str, str], direction: str = NONE) -> ClauseReading:
    attributes = {key: Scored(NONE, 1.0) for key in ATTRIBUTES}
    attributes["direction"] = Scored(direction, 1.0)
    marked = tuple(
        Span(at := text.index(said), at + len(said), slot, said, 1.0)
        for slot, said in spans.items()
    )
    intents = (Scored("HassClimateSetTemperature", 1.0),)
    return ClauseReading(0, len(text), text, intents, attributes, marked)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("what percentage is the chandelier at", "Chandelier: 50%."),
        ("what percentage is the blind at", "Blind: 40%."),
        ("what is the chandelier set to", "Chandelier: 50%."),
    ],
)
async def test_how_much_of_a_thing_is_told_in_per_cent(
    model: UnderstandingModel, said: str, told: str
) -> None:
    reply = await Stage(model, HOME).run_line(json.dumps({"text": said, "now": NOW}))
    assert reply["reply"] == told


@pytest.mark.parametrize(
    ("language", "text", "aspect"),
    [
        ("de", "Wie hell ist der Luster eingestellt", "brightness"),
        ("de", "Auf wie viel Grad ist die Heizung eingestellt", "target"),
        ("en", "what percentage is the humidity at", "humidity"),
        ("nl", "op hoeveel procent staat het rolgordijn", "level"),
    ],
)
def test_what_is_set_to_something_is_asked_for_what_the_words_say(
    language: str, text: str, aspect: str
) -> None:
    context = Context(datetime.now(UTC), None, language)
    assert aspect_of(_clause(text, {}), context) == aspect


@pytest.mark.parametrize(
    ("language", "text", "value"),
    [
        ("en", "the heating on twenty, not higher", "twenty"),
        ("de", "die Heizung auf 20, nicht höher", "20"),
        ("en", "warmer, 20 degrees", "20 degrees"),
    ],
)
def test_a_temperature_that_is_a_bound_or_too_much_to_add_is_the_goal(
    language: str, text: str, value: str
) -> None:
    slots, _ = temperature(_clause(text, {"value": value}, "up"), HOME, lexicon(language))
    assert slots == {"temperature": 20}


@pytest.mark.parametrize("text", ["2 degrees warmer", "2 degrees warmer, not more"])
def test_two_degrees_more_are_added(text: str) -> None:
    slots, _ = temperature(_clause(text, {"value": "2 degrees"}, "up"), HOME, lexicon("en"))
    assert slots == {"temperature_step": 2}


def test_a_place_that_is_the_speaker_is_no_unknown_room() -> None:
    place = place_of(_clause("Heizung bei mir auf 23", {"area": "mir"}), HOME, lexicon("de"))
    assert place.unknown is None
    assert not place.areas


def test_a_reason_is_no_time_to_wait_for() -> None:
    text = "weil die Kinder schlafen, Licht im Flur aus"
    clause = _clause(text, {"condition": "weil die Kinder schlafen", "area": "Flur"})
    assert [span.slot for span in mended(clause, lexicon("de")).spans] == ["area"]
