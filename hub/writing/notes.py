"""Notes that were written, kept in the journal's file with the facts that went in.

Written through the journal's one writing connection; who only reads opens the file read-only.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from hub.writing.facts import Fact, fact_from_json
from hub.writing.wish import Wish, wish_from_json

NOTES = 1000
"""So many are kept; the oldest go for new ones."""


@dataclass(frozen=True, slots=True)
class Note:
    """One note. `id` is 0 until it is kept."""

    id: int
    created: str
    site: str
    user: str | None
    text: str
    wish: Wish
    facts: tuple[Fact, ...]
    writer: str

    @property
    def title(self) -> str:
        """What it is, in a few words."""
        parts = [str(self.wish.form)]
        if self.wish.audience:
            parts.append(f"for {self.wish.audience}")
        if self.wish.topic:
            parts.append(f"about {self.wish.topic}")
        return " ".join(parts)

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "id": self.id, "created": self.created, "title": self.title, "site": self.site,
            "text": self.text, "writer": self.writer, "facts": [fact.text for fact in self.facts],
        }  # fmt: skip


def keep_note(database: Database, note: Note) -> int:
    """Write a note down; returns its id. Must run inside the journal's transaction."""
    wish = json.dumps(note.wish.as_json(), ensure_ascii=False)
    facts = json.dumps([fact.as_json() for fact in note.facts], ensure_ascii=False)
    values = (note.created, note.site, note.user, note.text, wish, facts, note.writer)
    if note.id:
        database.execute(
            "update notes set created = ?, site = ?, user = ?, text = ?, wish = ?, facts = ?,"
            " writer = ? where id = ?", (*values, note.id),
        )  # fmt: skip
        return note.id
    cursor = database.execute(
        "insert into notes (created, site, user, text, wish, facts, writer)"
        " values (?, ?, ?, ?, ?, ?, ?)",
        values,
    )
    key = int(cursor.lastrowid or 0)
    database.execute("delete from notes where id <= ?", (key - NOTES,))
    return key


def notes_in(database: Database, limit: int = NOTES) -> list[Note]:
    """The notes, newest first."""
    rows = database.query("select * from notes order by id desc limit ?", (limit,))
    return [_note(row) for row in rows]


def delete_note(database: Database, key: int) -> bool:
    """Delete a note; False if there is none."""
    return bool(database.execute("delete from notes where id = ?", (key,)).rowcount)


def which(notes: Sequence[Note], about: str | None, site: str) -> Note | None:
    """The note that is meant: the last one about something, else the last one of this site, else
    the last one. Asked for by words that fit no note, None."""
    if about is not None:
        words = about.lower().strip(" .?!")
        return next((n for n in notes if words in n.title.lower() or str(n.id) == words), None)
    return next((n for n in notes if n.site == site), notes[0] if notes else None)


def _note(row: Mapping[str, Any]) -> Note:
    facts = tuple(fact_from_json(raw) for raw in json.loads(row["facts"]))
    wish = wish_from_json(json.loads(row["wish"]))
    return Note(
        row["id"], row["created"], row["site"], row["user"], row["text"], wish, facts, row["writer"]
    )


def noted(note: Note, now: datetime) -> str:
    """A line that tells of a note in a list."""
    at = datetime.fromisoformat(note.created).astimezone(now.tzinfo)
    return f"{note.id}: {note.title}, {at:%d %B %H:%M}"
