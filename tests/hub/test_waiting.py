"""Wishes that hang on something: looked up now, waited for, or refused; never acted on too early."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from devices.homefile import load_home
from edge.tasks.understand import UnderstandingModel
from hub.automations.moments import sun_at
from hub.rehearse import SUPPOSED_PLACE, Stage

HOME: dict[str, Any] = {
    "floors": [{"name": "Downstairs"}, {"name": "Upstairs"}],
    "areas": [
        {"name": "Hallway", "floor": "Downstairs"},
        {"name": "Kitchen", "floor": "Downstairs"},
        {"name": "Living Room", "floor": "Downstairs"},
        {"name": "Bedroom", "floor": "Upstairs"},
        {"name": "Study", "floor": "Upstairs"},
    ],
    "entities": [
        {"name": "Front Door", "domain": "lock", "area": "Hallway", "state": "locked"},
        {"name": "Hallway Light", "domain": "light", "area": "Hallway", "state": "off"},
        {"name": "Kitchen Light", "domain": "light", "area": "Kitchen", "state": "off"},
        {"name": "Kitchen Window", "domain": "binary_sensor", "device_class": "window",
         "area": "Kitchen", "state": "off"},
        {"name": "Kitchen Temperature", "domain": "sensor", "device_class": "temperature",
         "area": "Kitchen", "state": "21.5", "attributes": {"unit_of_measurement": "°C"}},
        {"name": "Fan", "domain": "fan", "area": "Living Room", "state": "off"},
        {"name": "Garage Door", "domain": "cover", "device_class": "garage", "state": "closed"},
        {"name": "Living Room Blinds", "domain": "cover", "device_class": "blind",
         "area": "Living Room", "state": "open"},
        {"name": "Bedroom Blinds", "domain": "cover", "device_class": "blind",
         "area": "Bedroom", "state": "open"},
        {"name": "Study Window", "domain": "cover", "device_class": "window",
         "area": "Study", "state": "open"},
        {"name": "Anna", "domain": "person", "state": "not_home"},
    ],
}  # fmt: skip
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
UNLOCKED = {"lock.front_door": {"state": "unlocked"}}

Json = Mapping[str, Any]


class Talk:
    """One conversation in one rehearsed home, and what waits in it."""

    def __init__(self, model: UnderstandingModel) -> None:
        self._stage = Stage(model, load_home(HOME))

    async def say(self, text: str, **case: Any) -> Json:
        case = {"text": text, "session": "a", "now": NOON.isoformat(), **case}
        return await self._stage.run_line(json.dumps(case))

    async def waiting(self) -> str:
        """What the hub itself says that it will do."""
        return str((await self.say("what is scheduled?"))["reply"])


@pytest.fixture
def talk(model: UnderstandingModel) -> Talk:
    return Talk(model)


@pytest.mark.parametrize(
    ("text", "setup"),
    [
        ("if the front door is unlocked turn on the hallway light", UNLOCKED),
        ("turn on the hallway light unless the front door is locked", UNLOCKED),
        ("if it is above 20 degrees in the kitchen turn on the hallway light", {}),
        ("turn on the hallway light if anna is home", {"person.anna": {"state": "home"}}),
    ],
)
async def test_a_condition_that_holds_lets_the_wish_happen_now(
    talk: Talk, text: str, setup: Json
) -> None:
    done = await talk.say(text, setup=setup)
    assert done["status"] == "done"
    assert [a["entity_id"] for a in done["actions"]] == ["light.hallway_light"]


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("if the front door is unlocked turn on the hallway light", "Front Door is locked"),
        ("turn on the hallway light unless the front door is locked", "Front Door is locked"),
        ("if it is above 23 degrees in the kitchen turn on the hallway light", "21.5"),
        ("turn on the hallway light if anna is home", "Anna is away"),
    ],
)
async def test_a_condition_that_does_not_hold_is_told_and_nothing_happens(
    talk: Talk, text: str, because: str
) -> None:
    told = await talk.say(text)
    assert told["status"] == "answered"
    assert because in told["reply"] and "did nothing" in told["reply"]
    assert not told["actions"] and not told["changes"]
    assert "Nothing is scheduled" in await talk.waiting()


async def test_a_condition_that_no_device_tells_stops_the_wish(talk: Talk) -> None:
    unknown = {"lock.front_door": {"state": "unavailable"}}
    told = await talk.say("if the front door is unlocked turn on the fan", setup=unknown)
    assert told["status"] == "refused"
    assert not told["actions"]


@pytest.mark.parametrize(
    ("text", "awaits"),
    [
        ("when anna comes home turn on the hallway light", "when anna comes home"),
        ("turn on the kitchen light every time the kitchen window opens", "every time"),
    ],
)
async def test_an_event_is_waited_for(talk: Talk, text: str, awaits: str) -> None:
    promised = await talk.say(text)
    assert promised["status"] == "done"
    assert not promised["actions"] and not promised["changes"]
    assert awaits in await talk.waiting()


async def test_what_waits_for_an_event_can_be_cancelled(talk: Talk) -> None:
    await talk.say("when anna comes home turn on the hallway light")
    await talk.say("cancel everything that is scheduled")
    assert "Nothing is scheduled" in await talk.waiting()


@pytest.mark.parametrize(
    ("text", "event", "offset"),
    [
        ("close the living room blinds half an hour before sunset", "sunset", -30),
        ("open the garage door half an hour before sunset", "sunset", -30),
        ("turn on the hallway light 20 minutes after sunset", "sunset", 20),
        ("turn on the hallway light at sunset", "sunset", 0),
        ("turn off the kitchen light at sunrise", "sunrise", 0),
    ],
)
async def test_a_time_of_the_sun_is_waited_for_with_its_offset(
    talk: Talk, text: str, event: str, offset: int
) -> None:
    promised = await talk.say(text)
    if promised["status"] == "confirm":
        promised = await talk.say("yes")
    assert not promised["actions"] and not promised["changes"]
    day = NOON.date() + timedelta(days=event == "sunrise")
    at = sun_at(SUPPOSED_PLACE, day, event)
    assert at is not None
    due = at + timedelta(minutes=offset)
    assert f"{due:%A %H:%M}" in await talk.waiting()


@pytest.mark.parametrize(
    "text",
    [
        "turn on the fan when the cat is hungry",
        "turn on the fan when my dog barks",
        "turn on the hallway light a little before sunset",
    ],
)
async def test_what_cannot_be_waited_for_is_refused_as_a_whole(talk: Talk, text: str) -> None:
    refused = await talk.say(text)
    assert refused["status"] == "refused"
    assert not refused["actions"] and not refused["changes"]
    assert "Nothing is scheduled" in await talk.waiting()


@pytest.mark.parametrize(
    "text",
    [
        "unlock the front door when anna comes home",
        "open the garage door half an hour before sunset",
        "unlock the front door if the kitchen window is closed",
    ],
)
async def test_a_dangerous_wish_that_waits_needs_a_yes_and_without_it_nothing_waits(
    talk: Talk, text: str
) -> None:
    asked = await talk.say(text)
    assert asked["status"] == "confirm"
    assert not asked["actions"] and not asked["changes"]
    await talk.say("no")
    assert "Nothing is scheduled" in await talk.waiting()


OTHER_HOMES: dict[str, dict[str, Any]] = {
    language: {
        "entities": [
            {"name": lamp, "domain": "light", "state": "off"},
            {"name": door, "domain": "lock", "state": "locked"},
        ]
    }
    for language, lamp, door in (
        ("de", "Stehlampe", "Haustür"),
        ("fr", "Lampadaire", "Porte d'entrée"),
        ("es", "Lámpara de pie", "Puerta principal"),
        ("nl", "Staande lamp", "Voordeur"),
        ("pl", "Lampa stojąca", "Drzwi wejściowe"),
        ("zh-CN", "落地灯", "前门"),
    )
}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "schalte die Stehlampe eine halbe Stunde vor Sonnenuntergang ein"),
        ("fr", "allume le lampadaire une demi-heure avant le coucher du soleil"),
        ("es", "enciende la lámpara de pie media hora antes de la puesta de sol"),
        ("nl", "doe de staande lamp een half uur voor zonsondergang aan"),
        ("pl", "włącz lampę stojącą pół godziny przed zachodem słońca"),
        ("zh-CN", "日落前半小时打开落地灯"),
    ],
)
async def test_the_sun_is_waited_for_in_other_languages(
    model: UnderstandingModel, language: str, text: str
) -> None:
    stage = Stage(model, load_home(OTHER_HOMES[language]))
    case = {"text": text, "language": language, "now": NOON.isoformat()}
    promised = await stage.run_line(json.dumps(case))
    assert promised["status"] == "done" and "15:29" in promised["reply"]
    assert not promised["actions"] and not promised["changes"]


@pytest.mark.parametrize(
    ("language", "holds", "fails"),
    [
        ("de", "falls die Haustür abgeschlossen ist schalte die Stehlampe ein",
         "falls die Haustür aufgeschlossen ist schalte die Stehlampe ein"),
        ("fr", "si la porte d'entrée est verrouillée allume le lampadaire",
         "si la porte d'entrée est déverrouillée allume le lampadaire"),
    ],
)  # fmt: skip
async def test_a_condition_is_looked_up_in_other_languages(
    model: UnderstandingModel, language: str, holds: str, fails: str
) -> None:
    stage = Stage(model, load_home(OTHER_HOMES[language]))
    done = await stage.run_line(json.dumps({"text": holds, "language": language}))
    told = await stage.run_line(json.dumps({"text": fails, "language": language}))
    assert [a["service"] for a in done["actions"]] == ["light.turn_on"]
    assert told["status"] == "answered" and not told["actions"]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("da", "indstil lysstyrken i Hallway til 50%"),
        ("sv", "ställ in ljusstyrkan i Hallway till 50%"),
    ],
)
async def test_a_word_for_until_that_also_means_to_is_no_condition(
    talk: Talk, language: str, text: str
) -> None:
    done = await talk.say(text, language=language)
    assert done["status"] == "done", done
    assert done["frames"][0]["slots"]["brightness"] == 50


async def test_a_reminder_is_not_given_at_once(model: UnderstandingModel) -> None:
    told = await Talk(model).say("remind me in ten minutes to check the oven")
    assert told["reply"] == "I will, on Tuesday at 12:10."


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("what time does the sun set today", "The sun sets on Tuesday at 15:59."),
        ("when does the sun come up", "The sun rises on Wednesday at 07:34."),
    ],
)
async def test_the_sun_can_be_asked_about(model: UnderstandingModel, said: str, told: str) -> None:
    assert (await Talk(model).say(said))["reply"] == told


@pytest.mark.parametrize(
    ("text", "language", "status"),
    [
        ("tell me if the garage door is open", "en", "answered"),
        ("tell me if the garage door opens", "en", "done"),
        ("let me know if the garage door is open", "en", "done"),
        ("dis-moi si la porte du garage est ouverte", "fr", "answered"),
        ("préviens-moi si la porte du garage est ouverte", "fr", "done"),
    ],
)
async def test_tell_me_if_it_is_so_asks_and_if_it_comes_about_waits(
    talk: Talk, text: str, language: str, status: str
) -> None:
    assert (await talk.say(text, language=language))["status"] == status
