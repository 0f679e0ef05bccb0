"""Habits in a whole hub: kept, mined, told, answered with a word, and carried out."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from hub.automations.file import read_automations
from hub.config import Settings
from hub.habits.found import Deed, Found, Kind
from hub.habits.offering import Shelf, State, Suggestion, restocked, shelf_as_json, shelf_from_json
from hub.journal import Journal, read_only
from hub.journal_history import Cause, Lived, add, between
from tests.hubs import client, hub, settings_for, simulated_home

DESK = Found(
    Kind.AFTER, (Deed("light.office_ceiling", "on"),), 20, 22, 0.9, after=Deed("light.desk_lamp", "on")
)  # fmt: skip
ENTRY = {
    "id": f"habit_{DESK.id}", "alias": "Office light with the desk lamp",
    "triggers": [{"trigger": "state", "entity_id": "light.desk_lamp", "to": "on"}],
    "actions": [{"action": "light.turn_on", "target": {"entity_id": "light.office_ceiling"}}],
}  # fmt: skip
ON = {"service": "light.turn_on", "entity_id": "light.office_ceiling"}


@pytest.fixture
def settings(broker: int, tmp_path: Path) -> Settings:
    """A house in whose time zone it is about noon."""
    hours = 12 - datetime.now(UTC).hour
    zone = f"Etc/GMT{-hours:+d}" if hours else "Etc/GMT"
    found = settings_for(broker, tmp_path)
    return found.model_copy(update={"house": found.house.model_copy(update={"time_zone": zone})})


async def stocked(settings: Settings) -> Path:
    """Put one suggestion into the journal, as mining would."""
    path = settings.storage.directory / "journal.db"
    one = Suggestion(DESK, "You do it. Shall I do that from now on?", ENTRY)
    async with Journal(path) as journal:
        await journal.keep(
            "suggestions", shelf_as_json(restocked(Shelf(), [one], datetime.now(UTC)))
        )
    return path


def state_of(path: Path) -> State:
    (row,) = read_only(path).query("select value from memory where key = 'suggestions'")
    return shelf_from_json(json.loads(row["value"])).suggestions[DESK.id].state


async def test_a_yes_makes_it_an_automation_that_runs(broker: int, settings: Settings) -> None:
    path = await stocked(settings)
    async with simulated_home(broker), hub(settings):
        async with client(broker, "hearthd/reply/#", "hearthd/event/suggestion") as person:
            await person.say("office", **ON)
            told = await person.hear("hearthd/event/suggestion")
            assert told["content"]["id"] == DESK.id
            agreed = await person.say("office", text="yes please")
            assert "From now on" in agreed["text"]
            (one,) = read_automations(settings.storage.directory / "automations.yaml")
            assert one.id == ENTRY["id"]
            assert (await person.say("office", text="yes please"))["status"] != "answered"
            while True:  # until the hub has read the file
                await person.say("office", service="light.turn_off", entity_id="light.desk_lamp")
                await person.say("office", service="light.turn_on", entity_id="light.desk_lamp")
                topic = f"hearthd/reply/automation:{one.id}"
                if any(message.topic == topic for message in person.heard):
                    break
    assert state_of(path) is State.ACCEPTED


async def test_a_no_declines_it(broker: int, settings: Settings) -> None:
    path = await stocked(settings)
    async with simulated_home(broker), hub(settings):
        async with client(broker, "hearthd/reply/#", "hearthd/event/suggestion") as person:
            await person.say("office", **ON)
            await person.hear("hearthd/event/suggestion")
            said = await person.say("office", text="no thanks")
    assert said["text"] == "All right, I will not suggest that again."
    assert state_of(path) is State.DECLINED
    assert not (settings.storage.directory / "automations.yaml").exists()


async def test_a_yes_from_another_room_is_no_answer(broker: int, settings: Settings) -> None:
    path = await stocked(settings)
    async with simulated_home(broker), hub(settings):
        async with client(broker, "hearthd/reply/#", "hearthd/event/suggestion") as person:
            await person.say("office", **ON)
            await person.hear("hearthd/event/suggestion")
            said = await person.say("kitchen", text="yes please")
    assert said["status"] == "refused"
    assert state_of(path) is State.OPEN


@pytest.mark.parametrize("asked", ["what do you suggest", "do you have any suggestions for me"])
async def test_who_asks_is_told_the_best_one_and_may_take_it(
    broker: int, settings: Settings, asked: str
) -> None:
    path = await stocked(settings)
    async with simulated_home(broker), hub(settings), client(broker, "hearthd/reply/#") as person:
        said = await person.say("office", text=asked)
        assert (said["status"], said["text"]) == (
            "answered", "You do it. Shall I do that from now on?"
        )  # fmt: skip
        assert "From now on" in (await person.say("office", text="yes please"))["text"]
    assert state_of(path) is State.ACCEPTED


async def test_who_has_heard_enough_is_left_alone(broker: int, settings: Settings) -> None:
    await stocked(settings)
    async with (
        simulated_home(broker), hub(settings),
        client(broker, "hearthd/reply/#", "hearthd/event/suggestion") as person,
    ):  # fmt: skip
        said = await person.say("office", text="no more suggestions please")
        assert said["text"].startswith("I will suggest nothing until")
        await person.say("office", **ON)
        await person.say("office", text="is the desk lamp on")
        assert not [m for m in person.heard if m.topic == "hearthd/event/suggestion"]


async def test_programs_name_the_skill(broker: int, settings: Settings) -> None:
    path = await stocked(settings)

    def skill(verb: str, **data: object) -> dict[str, object]:
        return {"skill": "suggestions", "verb": verb, "data": data}

    async with simulated_home(broker), hub(settings):
        async with client(broker, "hearthd/reply/#") as person:
            quiet = await person.say("app", **skill("silence", days=3))
            assert quiet["text"].startswith("I will suggest nothing until")
            assert (await person.say("app", **skill("silence", days=-3)))["status"] == "refused"
            assert (await person.say("app", **skill("accept", id="none")))["status"] == "refused"
            assert (await person.say("app", **skill("accept")))["status"] == "refused"
            late = await person.say("app", **skill("accept", id=DESK.id, at="07:10"))
            assert "edit it when it is accepted" in late["text"]
            assert (await person.say("app", **skill("decline", id=DESK.id)))["status"] == "answered"
            assert (await person.say("app", **skill("write", id="x")))["status"] == "refused"
    assert state_of(path) is State.DECLINED


async def test_the_history_says_what_was_when_and_who_did_it(
    broker: int, settings: Settings
) -> None:
    async with simulated_home(broker), hub(settings):
        async with client(broker, "hearthd/reply/#") as person:
            done = await person.say("office", **ON)
    database = read_only(settings.storage.directory / "journal.db")
    now = datetime.now(UTC)
    rows = between(
        database, now - timedelta(hours=1), now + timedelta(hours=1), ["light.office_ceiling"]
    )
    said = [(row.state, row.cause) for row in rows if row.state != "unavailable"]
    assert said == [("off", Cause.START), ("on", Cause.PERSON)]
    assert rows[-1].trace == done["trace"]


async def test_a_habit_of_the_journal_becomes_a_suggestion(broker: int, settings: Settings) -> None:
    """The owner asks for mining; what would open the garage is not among what is suggested."""
    random, rows = Random(1), []
    now = datetime.now(UTC)
    for day in range(50, 0, -1):
        morning = now - timedelta(days=day, hours=5)  # in that house it is about noon now
        for entity_id, state, back in (
            ("switch.coffee_machine", "on", "off"), ("cover.garage_door", "open", "closed"),
        ):  # fmt: skip
            at = morning + timedelta(minutes=random.gauss(0, 5))
            rows.append(Lived(at, entity_id, state, None, Cause.PERSON))
            later = at + timedelta(minutes=random.uniform(30, 400))
            rows.append(Lived(later, entity_id, back, None, Cause.DEVICE))
    rows.sort(key=lambda row: row.at)
    async with Journal(settings.storage.directory / "journal.db") as journal:
        await journal.write(lambda database: add(database, rows))
    async with simulated_home(broker), hub(settings):
        async with client(broker, "hearthd/reply/#") as person:
            await person.say("app", skill="suggestions", verb="mine")
    database = read_only(settings.storage.directory / "journal.db")
    (row,) = database.query("select value from memory where key = 'suggestions'")
    found = shelf_from_json(json.loads(row["value"])).suggestions.values()
    assert [one.automation["actions"][0]["target"]["entity_id"] for one in found] == [
        "switch.coffee_machine"
    ]
