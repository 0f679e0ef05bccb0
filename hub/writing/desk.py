"""The writing skill in the hub: takes sentences that ask for a text, answers them beside the road.

A text is made outside of the session's turn, so that commands of the same room pass while it grows;
its sentences are published as they stand, on `hearthd/event/writing`. "Stop" ends it. Nothing here
acts on a device, whatever stands in notes, names or documents.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from devices.home import Home
from edge.errors import ArtefactError
from edge.store import find
from hub.config import Settings, models_folder
from hub.history import flush
from hub.hub import announce
from hub.messages import Reply, Written
from hub.values import Request, SkillCall, Status
from hub.writing.draft import Draft, draft
from hub.writing.facts import Fact
from hub.writing.gather import gather
from hub.writing.generation import Generation
from hub.writing.local_server import LocalServer
from hub.writing.notes import Note, delete_note, keep_note, noted, notes_in, which
from hub.writing.remembered import past_of
from hub.writing.wish import OnNotes, Revision, Verb, Wish, is_stop, wish_in

if TYPE_CHECKING:
    from hub.hub import Hub

OPEN = timedelta(minutes=10)
"""So long after it was written or read, "make it shorter" and "delete that note" mean a note."""
IN_THE_MAKING = 20
Later = Callable[[], Awaitable[Reply]]
"""A reply that takes its time: to be awaited outside of the session's turn."""


class NothingToChange(ValueError):
    """A wish about a note that is not there. The message is for the person."""


@dataclass(slots=True)
class Desk:
    """What is being written, and which note each session is talking about."""

    model: Generation | LocalServer | None = None
    why_no_model: str | None = None
    running: dict[str, set[asyncio.Task[Draft]]] = field(default_factory=dict)
    open: dict[str, tuple[int, datetime]] = field(default_factory=dict)
    turns: dict[str, asyncio.Lock] = field(default_factory=dict)


def desk_for(settings: Settings) -> Desk:
    """The desk that the configuration wants. A model that is not there is said in every text's
    reply; templates write."""
    wanted = settings.writing.model
    if wanted is None:
        return Desk()
    if settings.writing.server is not None:
        return Desk(LocalServer(settings.writing.server, wanted, settings.writing.seconds))
    try:
        folder = find(models_folder(), wanted)
    except ArtefactError as error:
        return Desk(why_no_model=str(error))
    return Desk(Generation(folder, wanted, settings.writing.megabytes, settings.writing.seconds))


def writing(hub: Hub, request: Request) -> Later | None:
    """What to do about a sentence, or a call by name, if it is one for the desk."""
    call = request.skill
    if call is not None:
        return _called(hub, request, call) if call.skill == "writing" else None
    if not request.text:
        return None
    if is_stop(request.text):
        return _stopping(hub, request) if hub.desk.running.get(request.session) else None
    wish = wish_in(request.text)
    about_that = isinstance(wish, Revision) or (
        isinstance(wish, OnNotes) and wish.verb is Verb.DELETE and wish.about is None
    )
    if wish is None or (
        about_that and _open_note(hub, request) is None and _busy(hub, request) == 0
    ):
        return None
    return _on(hub, request, wish)


def _busy(hub: Hub, request: Request) -> int:
    return len(hub.desk.running.get(request.session, ()))


def _open_note(hub: Hub, request: Request) -> int | None:
    key, at = hub.desk.open.get(request.session, (0, None))
    if at is None or not timedelta() <= hub.clock.now() - at <= OPEN:
        return None
    return key


def _called(hub: Hub, request: Request, call: SkillCall) -> Later:
    text, key = call.data.get("text"), call.data.get("id")
    if call.verb == "stop":
        return _stopping(hub, request)
    if call.verb == "delete" and isinstance(key, int):
        return _on(hub, request, OnNotes(Verb.DELETE, str(key)))
    if call.verb == "read":
        return _on(hub, request, OnNotes(Verb.READ_ALL))
    if call.verb == "write" and isinstance(text, str) and text.strip():
        wish = wish_in(text[:2000])
        if wish is not None:
            return _on(hub, request, wish)
        why = "Say what to write, for example “write a note for the cleaner: …”."
    else:
        why = "writing needs `write` with `data.text`, `delete` with `data.id`, `read` or `stop`."
    return lambda: _said(hub, request, Status.REFUSED, why)


def _stopping(hub: Hub, request: Request) -> Later:
    tasks = hub.desk.running.get(request.session, set())
    for task in tasks:
        task.cancel()
    said = "I have stopped writing." if tasks else "I am not writing anything."
    return lambda: _said(hub, request, Status.ANSWERED, said)


async def _said(
    hub: Hub, request: Request, status: Status, text: str, written: Written | None = None
) -> Reply:
    language = request.language or hub.world.language
    return Reply(
        id=request.id, status=status, text=text, language=language, trace=request.trace,
        written=written,
    )  # fmt: skip


def _on(hub: Hub, request: Request, wish: Wish | OnNotes | Revision) -> Later:
    async def answer() -> Reply:
        turn = hub.desk.turns.setdefault(request.session, asyncio.Lock())
        async with turn:  # "make it shorter" means what is just being written
            try:
                if isinstance(wish, OnNotes):
                    return await _about_notes(hub, request, wish)
                return await _written(hub, request, wish)
            except NothingToChange as error:
                return await _said(hub, request, Status.REFUSED, str(error))

    if sum(len(tasks) for tasks in hub.desk.running.values()) >= IN_THE_MAKING:
        busy = "I am writing too much already; say it again in a moment."
        return lambda: _said(hub, request, Status.REFUSED, busy)
    return answer


async def _written(hub: Hub, request: Request, wish: Wish | Revision) -> Reply:
    earlier = None
    if isinstance(wish, Revision):
        earlier = await _meant(hub, request, None)
        wish = wish.of(earlier.wish)
    task = asyncio.create_task(
        drafted(hub, request, wish, earlier), name=f"writing {request.trace}"
    )
    tasks = hub.desk.running.setdefault(request.session, set())
    tasks.add(task)
    try:
        made = await task
    except asyncio.CancelledError:
        if task.cancelled() and not _being_cancelled():
            announce(hub, "writing", {"id": request.id, "site": request.site, "stopped": True})
            return await _said(hub, request, Status.ANSWERED, "Stopped; nothing was kept.")
        task.cancel()
        raise
    finally:
        tasks.discard(task)
        if not tasks:
            hub.desk.running.pop(request.session, None)
    note = Note(
        earlier.id if earlier else 0, hub.clock.now().isoformat(), request.site, request.user,
        made.text, wish, earlier.facts if earlier else made.facts, made.writer,
    )  # fmt: skip
    key = await kept(hub, request, note, made)
    content = {"id": request.id, "site": request.site, "part": made.text, "last": True, "note": key}
    announce(hub, "writing", content, request.trace)
    return await _said(hub, request, Status.ANSWERED, made.text, written_by(hub, made, key))


def _being_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def kept(hub: Hub, request: Request, note: Note, made: Draft) -> int:
    """Keep a note, and note in the journal what it was made of. Raises `JournalError`."""
    await hub.journal.note(request.trace, "written", made.as_json())
    key = await hub.journal.write(lambda database: keep_note(database, note))
    hub.desk.open[request.session] = (key, hub.clock.now())
    return key


def written_by(hub: Hub, made: Draft, key: int | None) -> Written:
    """How a text came about, for its reply."""
    dropped = [{"sentence": s, "why": why} for s, why in made.dropped]
    if hub.desk.why_no_model is not None:
        dropped.append({"sentence": "", "why": hub.desk.why_no_model})
    return Written(
        note=key, writer=made.writer, facts=[fact.text for fact in made.facts], dropped=dropped
    )


def _facts_for(
    wish: Wish, home: Home, now: datetime, journal: Path, user: str | None
) -> tuple[tuple[Fact, ...], datetime | None]:
    past = past_of(journal, wish, home, now, user)
    return gather(wish, home, now, past), past.start


async def drafted(hub: Hub, request: Request, wish: Wish, earlier: Note | None) -> Draft:
    """A draft of the facts as they are now; a revision is made of the facts that went in before."""
    home, now, start = hub.registry.home(), hub.clock.now(), None
    if earlier is not None:
        facts, now = earlier.facts, datetime.fromisoformat(earlier.created)
    else:
        flush(hub)
        await hub.journal.write(lambda database: None)  # what is lived so far is in the file now
        path = hub.settings.storage.directory / "journal.db"
        facts, start = await asyncio.to_thread(_facts_for, wish, home, now, path, request.user)
    part = 0

    async def tell(sentence: str) -> None:
        nonlocal part
        part += 1
        content = {
            "id": request.id, "site": request.site, "number": part, "part": sentence, "last": False,
        }  # fmt: skip
        announce(hub, "writing", content, request.trace)

    return await draft(wish, facts, home, now, start, hub.desk.model, tell)


async def _meant(hub: Hub, request: Request, about: str | None) -> Note:
    notes = await hub.journal.write(notes_in)
    key = _open_note(hub, request) if about is None else None
    found = next((note for note in notes if note.id == key), None) if key else None
    found = found or (None if key else which(notes, about, request.site))
    if found is None:
        raise NothingToChange("There is no such note." if notes else "There are no notes.")
    return found


async def _about_notes(hub: Hub, request: Request, wish: OnNotes) -> Reply:
    if wish.verb is Verb.READ_ALL:
        notes = await hub.journal.write(lambda database: notes_in(database, 10))
        lines = [f"{noted(note, hub.clock.now())}\n{note.text}" for note in notes]
        return await _said(
            hub, request, Status.ANSWERED, "\n\n".join(lines) or "There are no notes."
        )
    note = await _meant(hub, request, wish.about)
    if wish.verb is Verb.READ:
        hub.desk.open[request.session] = (note.id, hub.clock.now())
        return await _said(hub, request, Status.ANSWERED, note.text)
    await hub.journal.write(lambda database: delete_note(database, note.id))
    hub.desk.open.pop(request.session, None)
    return await _said(hub, request, Status.ANSWERED, f"Deleted: {note.title}.")
