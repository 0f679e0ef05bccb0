"""Automations in a whole hub: they fire on what devices say, pass the gate, and happen once."""

import asyncio
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from hub.automations.file import set_enabled
from hub.config import Settings
from hub.journal import Journal, read_only
from tests.hubs import Client, client, hub, settings_for, simulated_home

FILE = """\
- id: porch
  alias: Porch with the hallway
  triggers: {trigger: state, entity_id: light.hallway_light, to: off}
  actions:
    - {action: light.turn_on, target: {entity_id: light.porch}}
    - {action: hearthd.say, data: {message: Good night.}}
- id: front
  alias: Front door with the lamp
  triggers: {trigger: state, entity_id: light.floor_lamp, to: off}
  actions: {action: lock.unlock, target: {entity_id: lock.front_door}}
- id: echo
  alias: After anything was done
  triggers: {trigger: event, event_type: done}
  conditions: {condition: state, entity_id: light.desk_lamp, state: on}
  actions: {action: light.turn_on, target: {entity_id: light.office_ceiling}}
"""


def house(port: int, folder: Path, text: str = FILE) -> Settings:
    settings = settings_for(port, folder)
    settings.storage.directory.mkdir(parents=True, exist_ok=True)
    (settings.storage.directory / "automations.yaml").write_text(text, "utf-8")
    return settings


async def result(person: Client, automation_id: str) -> dict[str, Any]:
    return await person.hear(f"hearthd/reply/automation:{automation_id}")


async def test_a_state_sets_off_an_action_that_the_journal_shows(
    broker: int, tmp_path: Path
) -> None:
    settings = house(broker, tmp_path)
    async with simulated_home(broker), hub(settings):
        async with client(broker, "hearthd/reply/#", "hearthd/event/#") as person:
            await person.say("kitchen", service="light.turn_off", entity_id="light.hallway_light")
            done = await result(person, "porch")
            said = await person.hear("hearthd/event/broadcast")
    assert done["status"] == "done"
    assert [a["entity_id"] for a in done["actions"]] == ["light.porch"]
    assert said["content"]["message"] == "Good night."
    database = read_only(settings.storage.directory / "journal.db")
    (stage,) = database.query(
        "select content from stages where stage = 'triggered' and trace = ?", (done["trace"],)
    )
    assert json.loads(stage["content"])["because"] == "light.hallway_light is off"


async def test_a_dangerous_action_is_refused_where_nobody_can_say_yes(
    broker: int, tmp_path: Path
) -> None:
    async with simulated_home(broker), hub(house(broker, tmp_path)):
        async with client(broker, "hearthd/reply/#", "home/lock/front_door/set") as person:
            await person.say("kitchen", service="light.turn_off", entity_id="light.floor_lamp")
            refused = await result(person, "front")
            heard = [m.topic for m in person.heard]
    assert refused["status"] == "refused"
    assert "automation:front" in refused["text"]
    assert "home/lock/front_door/set" not in heard


async def test_nobody_on_mqtt_can_say_he_is_an_automation(broker: int, tmp_path: Path) -> None:
    async with simulated_home(broker), hub(house(broker, tmp_path)):
        async with client(broker, "hearthd/event/refused") as person:
            call = {"service": "lock.unlock", "entity_id": "lock.front_door"}
            person.session.publish("hearthd/command/automation:front", json.dumps(call).encode())
            said = await person.hear("hearthd/event/refused")
    assert "not a command topic" in said["content"]["reason"]


async def test_an_event_sets_off_an_automation_and_that_no_other(
    broker: int, tmp_path: Path
) -> None:
    async with simulated_home(broker), hub(house(broker, tmp_path)):
        async with client(broker, "hearthd/reply/#", "hearthd/event/automation") as person:
            await person.say("kitchen", service="light.turn_on", entity_id="light.desk_lamp")
            await result(person, "echo")
            await person.say("kitchen", service="light.turn_off", entity_id="light.desk_lamp")
            ran = [m for m in person.heard if m.topic == "hearthd/event/automation"]
    assert len(ran) == 1


async def test_the_file_is_taken_in_when_it_is_edited_and_kept_when_it_is_wrong(
    broker: int, tmp_path: Path
) -> None:
    settings = house(broker, tmp_path, FILE.replace("light.hallway_light", "light.nothing"))
    path = settings.storage.directory / "automations.yaml"
    async with simulated_home(broker), hub(settings):
        async with client(broker, "hearthd/reply/#", "hearthd/event/automation") as person:
            path.write_text(FILE + "- id: Broken", "utf-8")
            wrong = await person.hear("hearthd/event/automation")
            assert "1 id" not in wrong["content"]["mistakes"][0]
            path.write_text(FILE, "utf-8")
            set_enabled(path, "front", False)
            while True:  # until the hub has seen the file
                await person.say("a", service="light.turn_on", entity_id="light.hallway_light")
                await person.say("a", service="light.turn_off", entity_id="light.hallway_light")
                try:
                    async with asyncio.timeout(1):
                        done = await result(person, "porch")
                    break
                except TimeoutError:
                    continue
    assert done["status"] == "done"


async def test_a_time_that_came_while_the_hub_was_down_for_a_moment_happens_once(
    broker: int, tmp_path: Path
) -> None:
    """Each start finds a journal that does not know yet that the time was dealt with, as after a
    crash; the request that the first start wrote down is what keeps the others from it."""
    now = datetime.now().astimezone()
    text = (
        "- id: once\n  alias: Once\n"
        f"  triggers: {{trigger: time, at: '{now - timedelta(minutes=1):%H:%M:%S}'}}\n"
        "  actions: {action: light.turn_on, target: {entity_id: light.porch}}\n"
    )
    settings = house(broker, tmp_path, text)
    through = (now - timedelta(minutes=2)).isoformat()
    async with simulated_home(broker), client(broker, "hearthd/reply/#") as person:
        for start in range(3):
            async with Journal(settings.storage.directory / "journal.db") as journal:
                await journal.keep("automations", {"through": through, "waiting": []})
            async with hub(settings):
                if start == 0:
                    assert (await result(person, "once"))["status"] == "done"
                await person.say("kitchen", text="is the front door locked")
    database = read_only(settings.storage.directory / "journal.db")
    rows = list(database.query("select count(*) as n from steps where entity_id = 'light.porch'"))
    assert rows == [{"n": 1}]
