"""What people have wait for something to happen, in a whole hub: it happens then, and once."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hub.act import stores_as_json
from hub.ground.context import ScheduleView
from hub.journal import Journal
from hub.stores import Scheduled, Stores
from tests.hubs import Client, client, hub, settings_for, simulated_home

PORCH = "home/light/porch/set"
DOOR = "home/lock/front_door/set"
WISH = "turn on the porch light when the hallway light turns off"
UNLOCK = "unlock the front door when the hallway light turns off"


async def hallway_dark(person: Client) -> None:
    """The event that is waited for."""
    await person.say("office", service="light.turn_off", entity_id="light.hallway_light")


async def acted(person: Client) -> dict[str, Any]:
    """What came of the wish when it came due: the reply at the place where it was said."""
    return await person.hear("hearthd/reply/kitchen")


def commands(person: Client, topic: str) -> int:
    return sum(message.topic == topic for message in person.heard)


async def test_a_wish_happens_when_its_event_does_and_not_before(
    broker: int, tmp_path: Path
) -> None:
    async with simulated_home(broker), hub(settings_for(broker, tmp_path)):
        async with client(broker, "hearthd/reply/#", "home/light/porch/#") as person:
            promised = await person.say("kitchen", text=WISH)
            assert promised["status"] == "done" and not promised["actions"]
            assert commands(person, PORCH) == 0
            await hallway_dark(person)
            done = await acted(person)
    assert [a["entity_id"] for a in done["actions"]] == ["light.porch"]
    assert commands(person, PORCH) == 1


async def test_a_wish_for_one_time_does_not_happen_again(broker: int, tmp_path: Path) -> None:
    async with simulated_home(broker), hub(settings_for(broker, tmp_path)):
        async with client(broker, "hearthd/reply/#") as person:
            await person.say("kitchen", text=WISH)
            await hallway_dark(person)
            await acted(person)
            asked = await person.say("kitchen", text="what is scheduled?")
    assert asked["text"] == "Nothing is scheduled."


async def test_a_wish_waits_through_a_restart_of_the_hub(broker: int, tmp_path: Path) -> None:
    settings = settings_for(broker, tmp_path)
    async with simulated_home(broker):
        async with client(broker, "hearthd/reply/#", "home/light/porch/#") as person:
            async with hub(settings):
                await person.say("kitchen", text=WISH)
            async with hub(settings):
                assert commands(person, PORCH) == 0
                await hallway_dark(person)
                done = await acted(person)
    assert [a["entity_id"] for a in done["actions"]] == ["light.porch"]


async def test_a_dangerous_wish_that_was_not_confirmed_never_happens(
    broker: int, tmp_path: Path
) -> None:
    async with simulated_home(broker), hub(settings_for(broker, tmp_path)):
        async with client(broker, "hearthd/reply/#", "home/lock/#") as person:
            asked = await person.say("kitchen", text=UNLOCK)
            assert asked["status"] == "confirm"
            await person.say("kitchen", text=WISH)
            await hallway_dark(person)
            done = await acted(person)
    assert [a["entity_id"] for a in done["actions"]] == ["light.porch"]
    assert commands(person, DOOR) == 0


async def test_a_dangerous_wish_that_was_confirmed_happens_when_it_comes_due(
    broker: int, tmp_path: Path
) -> None:
    async with simulated_home(broker), hub(settings_for(broker, tmp_path)):
        async with client(broker, "hearthd/reply/#", "home/lock/#") as person:
            await person.say("kitchen", text=UNLOCK)
            promised = await person.say("kitchen", text="yes")
            assert promised["status"] == "done" and commands(person, DOOR) == 0
            await hallway_dark(person)
            done = await acted(person)
    assert [a["entity_id"] for a in done["actions"]] == ["lock.front_door"]


async def test_words_that_have_become_dangerous_are_not_acted_on_when_they_come_due(
    broker: int, tmp_path: Path
) -> None:
    """The gate is asked again: what nobody consented to is not done because it had waited."""
    settings = settings_for(broker, tmp_path)
    settings.storage.directory.mkdir(parents=True, exist_ok=True)
    view = ScheduleView("late", "unlock the front door", datetime.now(UTC).astimezone(), None)
    waiting = Stores({}, {"late": Scheduled(view, "kitchen")})
    async with Journal(settings.storage.directory / "journal.db") as journal:
        await journal.keep("stores", stores_as_json(waiting))
    async with simulated_home(broker):
        async with client(broker, "hearthd/reply/#", "home/lock/#") as person:
            async with hub(settings):
                asked = await acted(person)
    assert asked["status"] in ("confirm", "refused")
    assert commands(person, DOOR) == 0


async def test_what_came_about_while_the_hub_was_away_happens_when_it_is_back(
    broker: int, tmp_path: Path
) -> None:
    settings = settings_for(broker, tmp_path)
    async with simulated_home(broker):
        async with client(broker, "hearthd/reply/#", "home/light/porch/#") as person:
            async with hub(settings):
                await person.say("kitchen", text=WISH)
            person.session.publish("home/light/hallway_light/set", b'{"state": "OFF"}')
            async with hub(settings):
                done = await acted(person)
    assert [a["entity_id"] for a in done["actions"]] == ["light.porch"]
