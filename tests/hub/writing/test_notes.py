"""Notes in the journal's file: kept, changed, found, deleted, forgotten."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from hub.journal import Journal
from hub.journal_forget import Forget
from hub.writing.facts import Fact, Kind
from hub.writing.notes import Note, delete_note, keep_note, noted, notes_in, which
from hub.writing.remembered import absence
from hub.writing.wish import Form, Length, Tone, Wish
from tests.hub.writing.scene import NOW, lived

NOTE = Note(
    0, "2026-11-24T20:00:00+00:00", "kitchen", "Anna", "Hello.",
    Wish(Form.MAIL, "the landlord", "the boiler", tone=Tone.FORMAL, length=Length.LONG),
    (Fact(Kind.HAPPENED, "Boiler", "At 08:12, the Boiler became wet", "history", "wet", NOW, 3),), "template",
)  # fmt: skip


async def test_a_note_comes_back_as_it_was_kept(tmp_path: Path) -> None:
    async with Journal(tmp_path / "journal.db") as journal:
        key = await journal.write(lambda database: keep_note(database, NOTE))
        assert await journal.write(notes_in) == [replace(NOTE, id=key)]


async def test_a_changed_note_keeps_its_number(tmp_path: Path) -> None:
    async with Journal(tmp_path / "journal.db") as journal:
        key = await journal.write(lambda database: keep_note(database, NOTE))
        again = replace(NOTE, id=key, text="Hi.")
        assert await journal.write(lambda database: keep_note(database, again)) == key
        assert [note.text for note in await journal.write(notes_in)] == ["Hi."]


async def test_a_number_is_never_used_again(tmp_path: Path) -> None:
    async with Journal(tmp_path / "journal.db") as journal:
        first = await journal.write(lambda database: keep_note(database, NOTE))
        assert await journal.write(lambda database: delete_note(database, first))
        assert not await journal.write(lambda database: delete_note(database, first))
        assert await journal.write(lambda database: keep_note(database, NOTE)) == first + 1


@pytest.mark.parametrize(
    ("wish", "left"),
    [
        (Forget(), 0), (Forget(site="kitchen"), 1), (Forget(user="Anna"), 1),
        (Forget(site="hall", user="Anna"), 2), (Forget(before=datetime(2030, 1, 1, tzinfo=UTC)), 2),
    ],
)  # fmt: skip
async def test_who_is_forgotten_leaves_no_notes_but_age_deletes_none(
    tmp_path: Path, wish: Forget, left: int
) -> None:
    async with Journal(tmp_path / "journal.db") as journal:
        for note in (NOTE, replace(NOTE, site="hall", user=None)):
            await journal.write(partial(keep_note, note=note))
        await journal.forget(wish)
        assert len(await journal.write(notes_in)) == left


def test_a_note_is_found_by_who_it_is_for_and_what_about() -> None:
    notes = [
        replace(NOTE, id=2, site="hall", wish=Wish(Form.NOTE, "the cleaner")),
        replace(NOTE, id=1),
    ]
    assert which(notes, "the landlord", "hall") == notes[1]
    assert which(notes, None, "kitchen") == notes[1]
    assert which(notes, None, "attic") == notes[0]
    assert which(notes, "the pope", "hall") is None
    assert noted(notes[1], NOW) == "1: mail for the landlord about the boiler, 24 November 20:00"


def test_away_is_from_leaving_to_coming_home() -> None:
    rows = [
        lived(9, "person.tom", "not_home"), lived(8, "person.anna", "home"),
        lived(5, "person.tom", "Work"), lived(3, "person.tom", "home"),
    ]  # fmt: skip
    assert absence(rows, NOW) == (rows[0].at, rows[3].at)
    assert absence(rows[:3], NOW) == (rows[0].at, NOW)
    assert absence([rows[1]], NOW) is None
