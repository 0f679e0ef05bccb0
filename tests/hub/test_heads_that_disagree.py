"""What the model marks and what it takes the sentence for may disagree: the home decides, or a
question stays one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from devices.homefile import load_home
from edge.tasks.understand import UnderstandingModel
from edge.tasks.understanding_schema import ClauseReading, Reading, Scored, Span
from hub.ground.context import Context
from hub.ground.sentence import Thresholds, ground
from hub.values import Plan, Status

HOME = load_home(
    {
        "areas": [{"name": "Hallway"}],
        "entities": [
            {"name": "Dyson Pure Fan", "domain": "fan", "area": "Hallway", "state": "on",
             "attributes": {"percentage": 50, "preset_modes": ["sleep", "auto"],
                            "supported_features": 9}},
            {"name": "Hallway Light", "domain": "light", "area": "Hallway", "state": "off"},
            {"name": "Hallway Door", "domain": "lock", "area": "Hallway", "state": "unlocked"},
            {"name": "Thermostat for the Towel Rail", "domain": "climate", "area": "Hallway",
             "state": "heat", "attributes": {"temperature": 18, "hvac_modes": ["off", "heat"]}},
        ],
    }
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "value", "intent"),
    [
        ("slow down the dyson pure fan", "dyson pure", "HassFanSetSpeed"),
        ("set the dyson pure fan to sleep", "sleep", "HassSetValue"),
    ],
)
def test_a_part_of_the_name_is_no_value(
    model: UnderstandingModel, text: str, value: str, intent: str
) -> None:
    reading = model.read_sync(text)
    fan = Scored("fan", 1.0)
    clause = replace(
        reading.clauses[0],
        intents=(Scored("HassFanSetSpeed", 0.99), *reading.clauses[0].intents[1:]),
        attributes={**reading.clauses[0].attributes, "domain": fan},
        spans=(_span(text, "device", "fan"), _span(text, "value", value)),
    )
    assert [frame.intent for frame in _grounded(reading, clause).frames] == [intent]


@pytest.mark.parametrize(("sure", "acts"), [(0.95, False), (0.6, True)])
def test_a_wish_that_is_surely_a_question_asks(
    model: UnderstandingModel, sure: float, acts: bool
) -> None:
    reading = model.read_sync("turn on the hallway light")
    clause = replace(
        reading.clauses[0],
        intents=(Scored("HassTurnOn", 0.52), Scored("HassGetState", 0.28)),
        attributes={**reading.clauses[0].attributes, "question": Scored("yesno", sure)},
    )
    assert bool(_grounded(reading, clause).actions) is acts


def test_what_is_closed_is_never_unlocked(model: UnderstandingModel) -> None:
    reading = model.read_sync("shut the hallway door")
    clause = replace(
        reading.clauses[0],
        intents=(Scored("HassTurnOff", 0.99),),
        attributes={**reading.clauses[0].attributes, "domain": Scored("lock", 1.0)},
    )
    assert [a.call.service for a in _grounded(reading, clause).actions] == ["lock.lock"]


def test_a_name_that_is_cut_in_two_is_one(model: UnderstandingModel) -> None:
    text = "set the thermostat for the towel rail to 20 degrees"
    whole = model.read_sync(text).clauses[0]
    cut = text.index("for")
    first = replace(
        whole,
        end=cut - 1,
        text=text[: cut - 1],
        intents=(Scored("HassClimateSetTemperature", 0.9),),
        spans=(_span(text, "device", "thermostat"),),
    )
    second = replace(
        whole,
        start=cut,
        text=text[cut:],
        intents=(Scored("HassTurnOn", 0.9),),
        spans=(_span(text, "name", "towel rail"), _span(text, "value", "20 degrees")),
    )
    actions = _grounded(model.read_sync(text), first, second).actions
    assert [(a.call.service, a.call.data) for a in actions] == [
        ("climate.set_temperature", {"temperature": 20})
    ]


def _span(text: str, slot: str, said: str) -> Span:
    start = text.index(said)
    return Span(start, start + len(said), slot, said, 1.0)


def _grounded(reading: Reading, *clauses: ClauseReading) -> Plan:
    context = Context(datetime(2026, 11, 25, 8, tzinfo=UTC), language="en")
    heard = replace(reading, clauses=clauses, for_us=1.0)
    return ground(heard, HOME, context, Thresholds())


async def test_an_alarm_that_is_a_sensor_is_no_alarm_panel(model: UnderstandingModel) -> None:
    home = load_home(
        {
            "entities": [
                {"name": "House Alarm", "domain": "alarm_control_panel", "state": "disarmed"},
                {"name": "Landing CO", "domain": "binary_sensor", "state": "off",
                 "attributes": {"device_class": "carbon_monoxide"}},
            ],
        }
    )  # fmt: skip
    reading = await model.read("is the carbon monoxide alarm ok")
    told = {"domain": "binary_sensor", "device_class": "carbon_monoxide"}
    attributes = {key: Scored(label, 1.0) for key, label in told.items()}
    first = reading.clauses[0]
    clause = replace(first, spans=(), attributes={**first.attributes, **attributes})
    context = Context(datetime(2026, 11, 24, tzinfo=UTC))
    plan = ground(replace(reading, clauses=(clause,)), home, context, Thresholds())
    assert plan.answers[0].text == "No, Landing CO is clear."


CALENDAR = load_home(
    {
        "entities": [
            {"name": "Personal", "domain": "calendar", "attributes": {"events": [
                {"summary": "Flight to Denver", "start": "2026-11-25T06:45:00",
                 "end": "2026-11-25T09:00:00"}]}},
        ],
    }
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "answered"), [("when is my flight", True), ("when is my graduation", False)]
)
def test_what_stands_in_the_calendar_is_told_whoever_it_may_be_asked_of(
    model: UnderstandingModel, text: str, answered: bool
) -> None:
    reading = replace(model.read_sync(text), for_us=0.01)
    context = Context(datetime(2026, 11, 24, tzinfo=UTC))
    plan = ground(reading, CALENDAR, context, Thresholds())
    assert (plan.status is Status.ANSWERED) == answered
