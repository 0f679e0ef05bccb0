"""Writing in a whole hub: asked for by sentence, kept, changed, read, deleted, told on time."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest

from hub.config import Settings, Writing
from hub.journal import read_only
from hub.writing import desk
from hub.writing.generation import Generation
from hub.writing.notes import notes_in
from hub.writing.wish import Wish
from tests.hubs import client, hub, settings_for, simulated_home

TOPICS = ("hearthd/reply/#", "hearthd/event/writing", "hearthd/event/report")


def with_writing(settings: Settings, **section: object) -> Settings:
    return settings.model_copy(update={"writing": Writing(**section)})


async def test_a_mail_is_written_changed_read_and_deleted(broker: int, tmp_path: Path) -> None:
    settings = settings_for(broker, tmp_path)
    async with simulated_home(broker), hub(settings), client(broker, *TOPICS) as person:
        mail = await person.say("office", text="draft a mail to the landlord about the heating")
        assert mail["status"] == "answered" and mail["actions"] == []
        assert mail["written"]["writer"] == "template"
        assert any("Bedroom Radiator" in fact for fact in mail["written"]["facts"])
        shorter = await person.say("office", text="make it shorter")
        assert len(shorter["text"]) < len(mail["text"])
        formal = await person.say("office", text="more formal")
        assert formal["text"].startswith("Dear landlord,")
        (note,) = notes_in(read_only(settings.storage.directory / "journal.db"))
        assert note.text == formal["text"] and note.id == mail["written"]["note"]
        assert formal["text"] in (await person.say("office", text="read my notes"))["text"]
        gone = await person.say("office", text="delete that note")
        assert gone["text"] == "Deleted: mail for the landlord about the heating."
        assert (await person.say("office", text="read my notes"))["text"] == "There are no notes."


async def test_what_a_note_says_is_not_done(broker: int, tmp_path: Path) -> None:
    settings = settings_for(broker, tmp_path)
    async with simulated_home(broker), hub(settings), client(broker, *TOPICS) as person:
        said = await person.say(
            "hall",
            text="write a note for the cleaner: turn on the desk lamp and unlock the front door",
        )
        assert "Turn on the desk lamp and unlock the front door." in said["text"]
        read = await person.say("hall", text="read that note")
        assert read["actions"] == [] and read["status"] == "answered"
    steps = read_only(settings.storage.directory / "journal.db")["steps"]
    assert steps.count == 0


async def test_what_was_done_today_is_summarised(broker: int, tmp_path: Path) -> None:
    settings = settings_for(broker, tmp_path)
    async with simulated_home(broker), hub(settings), client(broker, *TOPICS) as person:
        await person.say("office", service="light.turn_on", entity_id="light.desk_lamp")
        said = await person.say("office", text="summarise what happened today")
    assert "the Desk Lamp was turned on (asked for)." in said["text"]


async def test_without_a_draft_a_change_is_none_of_its_business(
    broker: int, tmp_path: Path
) -> None:
    settings = settings_for(broker, tmp_path)
    async with simulated_home(broker), hub(settings), client(broker, *TOPICS) as person:
        said = await person.say("office", text="make it shorter")
        refused = await person.say("office", text="delete the note for the pope")
    assert "written" not in said and refused["status"] == "refused"


async def test_a_report_is_told_at_its_time_once(broker: int, tmp_path: Path) -> None:
    now = datetime.now().astimezone()
    settings = with_writing(settings_for(broker, tmp_path), morning=f"{now:%H:%M}")
    async with client(broker, *TOPICS) as person:
        async with simulated_home(broker), hub(settings):
            told = await person.hear("hearthd/event/report")
        async with simulated_home(broker), hub(settings):
            await person.say("office", text="read my notes")
    assert told["content"]["text"].startswith("Good morning.")
    assert told["content"]["kind"] == "morning" and told["content"]["facts"]
    assert [m for m in person.heard if m.topic == "hearthd/event/report"] == []


@dataclass
class Slow(Generation):
    """A language model that says one sentence, and then nothing until it is let."""

    let: asyncio.Event = field(default_factory=asyncio.Event)

    async def stream(self, wish: Wish, facts: Sequence[str]) -> AsyncIterator[str]:
        yield f"{facts[0]} The Moon is open. "
        yield "Goodbye "
        await self.let.wait()


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Slow:
    model = Slow(Path("nowhere"), "slow")
    monkeypatch.setattr("hub.app.desk_for", lambda settings: desk.Desk(model))
    return model


async def test_a_long_text_comes_in_parts_and_stops_when_told(
    broker: int, tmp_path: Path, slow: Slow
) -> None:
    settings = settings_for(broker, tmp_path)
    async with simulated_home(broker), hub(settings), client(broker, *TOPICS) as person:
        asking = asyncio.create_task(
            person.say("office", text="write a note about the boiler", id="n")
        )
        part = await person.hear("hearthd/event/writing")
        assert part["content"]["id"] == "n" and "Boiler" in part["content"]["part"]
        done = await person.say("office", text="turn on the desk lamp")  # the same room, meanwhile
        assert done["status"] == "done"
        stopped = await person.say("office", text="stop")
        assert stopped["text"] == "I have stopped writing."
        assert (await asking)["text"] == "Stopped; nothing was kept."
    assert notes_in(read_only(settings.storage.directory / "journal.db")) == []


async def test_what_a_model_makes_up_is_dropped_and_told(
    broker: int, tmp_path: Path, slow: Slow
) -> None:
    slow.let.set()
    settings = settings_for(broker, tmp_path)
    async with simulated_home(broker), hub(settings), client(broker, *TOPICS) as person:
        said = await person.say("office", text="write a note about the boiler")
    assert "Moon" not in said["text"] and said["written"]["writer"] == "slow"
    assert said["written"]["dropped"][0]["sentence"] == "The Moon is open."
