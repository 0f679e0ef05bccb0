"""How far a cover goes, in the unit of what is set, and warmer of what is only a lamp."""

from __future__ import annotations

from dataclasses import replace

import pytest

from devices.homefile import load_home
from edge.tasks.understanding_schema import ATTRIBUTES, NONE, ClauseReading, Scored, Span
from hub.ground.climate import temperature
from hub.ground.levels import position, set_value
from hub.ground.warmth import of_light
from hub.languages import lexicon

HOME = load_home(
    {
        "entities": [
            {"id": "cover.blind", "name": "Blind", "attributes": {"current_position": 40}},
            {
                "id": "input_number.xbox",
                "name": "Xbox Time",
                "attributes": {"unit_of_measurement": "min", "min": 0, "max": 240},
            },
        ]
    }
)


def _clause(intent: str, text: str, value: str | None) -> ClauseReading:
    at = text.index(value) if value else 0
    spans = (Span(at, at + len(value), "value", value, 1.0),) if value else ()
    attributes = {key: Scored(NONE, 1.0) for key in ATTRIBUTES}
    return ClauseReading(0, len(text), text, (Scored(intent, 1.0),), attributes, spans)


@pytest.mark.parametrize(
    ("language", "text", "value", "goal"),
    [
        ("en", "pull the blind all the way down", "all the way down", 0),
        ("en", "close the blind three quarters", "three quarters", 25),
        ("fr", "ferme le store aux trois quarts", "trois quarts", 25),
        ("de", "Mach den Rollladen zu einem Drittel auf", "einem Drittel", 33),
        ("ru", "подними штору до конца", "до конца", 100),
        ("ru", "опусти штору до конца", "до конца", 0),
        ("zh-CN", "窗帘拉开一半", None, 50),
    ],
)
def test_a_level_says_how_far_a_cover_is_open(
    language: str, text: str, value: str | None, goal: int
) -> None:
    _, call = position(_clause("HassSetPosition", text, value), HOME, lexicon(language))
    assert call is not None
    assert call(HOME.entities["cover.blind"]) == ("set_cover_position", {"position": goal})


@pytest.mark.parametrize(
    ("language", "text", "value", "goal"),
    [
        ("en", "another 20 percent down with the blind", "another 20 percent", 20),
        ("it", "Giù la tapparella di un altro venti per cento", "un altro venti per cento", 20),
        ("nl", "laat het rolluik nog twintig procent zakken", "nog twintig procent", 20),
    ],
)
def test_so_much_more_is_counted_from_where_the_cover_is(
    language: str, text: str, value: str, goal: int
) -> None:
    clause = _clause("HassSetPosition", text, value)
    down = {**clause.attributes, "direction": Scored("down", 1.0)}
    _, call = position(replace(clause, attributes=down), HOME, lexicon(language))
    assert call is not None
    assert call(HOME.entities["cover.blind"]) == ("set_cover_position", {"position": goal})


def test_a_length_is_set_in_the_unit_of_the_thing() -> None:
    clause = _clause("HassSetValue", "give the kids two hours of xbox", "two hours")
    _, call = set_value(clause, HOME, lexicon("en"))
    assert call is not None
    assert call(HOME.entities["input_number.xbox"]) == ("set_value", {"value": 120})


def test_warmer_of_a_lamp_is_the_colour_of_its_light() -> None:
    clause = _clause("HassClimateSetTemperature", "make the panels a bit warmer", "a bit")
    light = of_light(clause, lexicon("en"))
    assert light is not None
    assert (light.intent, [s.text for s in light.spans]) == ("HassLightSet", ["warmer"])


@pytest.mark.parametrize(
    ("language", "text", "towards"),
    [
        ("en", "make the bathroom warm", "up"),
        ("de", "Mach das Bad warm", "up"),
        ("de", "Mach das Bad kalt", "down"),
    ],
)
def test_warm_is_up_where_the_model_is_not_sure_which_way(
    language: str, text: str, towards: str
) -> None:
    clause = _clause("HassClimateSetTemperature", text, None)
    unsure = {**clause.attributes, "direction": Scored("down", 0.45)}
    slots, _ = temperature(replace(clause, attributes=unsure), HOME, lexicon(language))
    assert slots == {"temperature_step": towards}


def test_too_warm_is_down_where_the_model_is_sure() -> None:
    clause = _clause("HassClimateSetTemperature", "it's too warm in the bathroom", None)
    sure = {**clause.attributes, "direction": Scored("down", 0.99)}
    slots, _ = temperature(replace(clause, attributes=sure), HOME, lexicon("en"))
    assert slots == {"temperature_step": "down"}
