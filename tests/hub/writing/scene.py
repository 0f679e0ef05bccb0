"""The demo home on an evening, with a day behind it: what the tests write about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from devices.homefile import load_home
from hub.journal_history import NUMBER, Cause, Lived
from hub.writing.check import Ground, faults_in
from hub.writing.draft import Draft, ModelWriter, draft, ground_for
from hub.writing.gather import gather
from hub.writing.happened import Past
from hub.writing.template import frame_for
from hub.writing.wish import Wish, wish_in
from tests.conftest import HOMES

NOW = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)
HOME = load_home(HOMES / "demo.yaml")
REQUESTS = (Path(__file__).parent / "requests.txt").read_text("utf-8").splitlines()


def lived(hours_ago: float, entity_id: str, state: str, cause: Cause = Cause.DEVICE) -> Lived:
    return Lived(NOW - timedelta(hours=hours_ago), entity_id, state, None, cause)


def measured(hours_ago: float, entity_id: str, value: float) -> Lived:
    return Lived(NOW - timedelta(hours=hours_ago), entity_id, NUMBER, value, Cause.DEVICE)


PAST = Past(
    NOW - timedelta(hours=13),
    NOW,
    [
        lived(12, "lock.front_door", "unlocked", Cause.PERSON),
        lived(11.5, "lock.front_door", "locked"),
        lived(11, "person.tom", "not_home"),
        lived(9.2, "binary_sensor.bathroom_window", "on"),
        lived(7, "cover.garage_door", "open", Cause.PERSON),
        lived(6.9, "cover.garage_door", "closed"),
        measured(6, "sensor.outdoor_temperature", 9.5),
        lived(3, "switch.kettle", "on", Cause.AUTOMATION),
        lived(2.9, "switch.kettle", "off"),
        measured(2, "sensor.outdoor_temperature", 5.25),
    ],
    [(NOW - timedelta(hours=1), "light.porch", "light.turn_on")],
    {
        "kitchen": {
            "name": "Washing Machine",
            "problem": "It shows E18",
            "tried": ["Clean the filter"],
        }
    },
)


def wished(sentence: str) -> Wish:
    found = wish_in(sentence)
    assert isinstance(found, Wish), sentence
    return found


async def written(sentence: str, model: ModelWriter | None = None) -> Draft:
    wish = wished(sentence)
    return await draft(wish, gather(wish, HOME, NOW, PAST), HOME, NOW, PAST.start, model)


def ground(sentence: str, made: Draft) -> Ground:
    wish = wished(sentence)
    return ground_for(wish, made.facts, HOME, frame_for(wish, NOW, PAST.start))


def faults_of(sentence: str, made: Draft) -> list[str]:
    return faults_in(made.text, ground(sentence, made))
