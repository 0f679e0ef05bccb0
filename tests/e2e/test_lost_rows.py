"""A disk that lost what it said was safe: rows of the journal are gone, the hub starts again."""

import sqlite3
from pathlib import Path

from hub.journal import read_only
from hub.journal_fates import RECORDS, SIZE
from tests.hubs import client, hub, settings_for, simulated_home

WISH = {"id": "once", "service": "light.turn_on", "entity_id": "light.floor_lamp"}
TOPICS = ("hearthd/reply/#", "home/+/+/set")


def forget(folder: Path, *statements: str) -> None:
    with sqlite3.connect(folder / "hub" / "journal.db") as database:
        for statement in statements:
            database.execute(statement)


async def test_a_command_whose_row_is_gone_is_not_done_again(broker: int, tmp_path: Path) -> None:
    settings = settings_for(broker, tmp_path)
    async with simulated_home(broker), client(broker, *TOPICS) as person:
        async with hub(settings):
            assert (await person.say("hall", **WISH))["status"] == "done"
        forget(tmp_path, "delete from requests", "delete from steps")
        person.heard.clear()
        async with hub(settings):
            again = await person.say("hall", **WISH)
            assert (again["status"], "outcome unknown" in again["text"]) == ("failed", True)
            assert (await person.say("hall", **WISH))["text"] == again["text"]
            assert not [m for m in person.heard if m.topic.endswith("/set")]


async def test_a_command_whose_steps_are_gone_is_not_done_again_either(
    broker: int, tmp_path: Path
) -> None:
    settings = settings_for(broker, tmp_path)
    async with simulated_home(broker), client(broker, *TOPICS) as person:
        async with hub(settings):
            await person.say("hall", **WISH)
        unanswered = "update requests set reply = null, delivered = 0"
        forget(tmp_path, unanswered, "delete from steps")
        (tmp_path / "hub" / "journal.fates").write_bytes(b"torn")
        person.heard.clear()
        async with hub(settings):
            await person.say("hall", text="what time is it")  # the past comes first
            (row,) = read_only(tmp_path / "hub" / "journal.db").query(
                "select reply from requests where id = 'once'"
            )
            assert "outcome unknown" in row["reply"]
            assert not [m for m in person.heard if m.topic.endswith("/set")]
        assert (tmp_path / "hub" / "journal.fates").stat().st_size == RECORDS * SIZE
