"""The understanding model of a running hub, which changes back by itself.

A version that is new has served once it has read a sentence. If it fails before that, or any
version fails `FAILURES` times in a row, the one before it takes over and reads the sentence. A
version that is installed, rolled back or removed meanwhile is noticed: the model that serves goes
on until the other one is open and has read its own examples.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

from edge.artefact import load_artefact
from edge.errors import ArtefactError, EdgeError
from edge.serving import Open, Served, Tell, Understanding, close, open_best
from edge.store import Mark, mark, prove, roll_back
from edge.tasks.understanding_schema import Reading
from edge.trust import came_with_hearthd
from hub.fault_log import report_model

UNDERSTAND = "understand"
FAILURES = 3
"""In a row, then a version that had served is given up until the next start."""
LOOK_SECONDS = 2.0
"""Between two looks for what was installed."""


@dataclass(slots=True)
class InstalledReader:
    """Reads with the best version of `understand` in `root`. `changed` hears of a model that takes
    over, `tell` of one that could not. `seen` is what was installed when the model was opened; None
    for a model that the configuration names, which nothing replaces."""

    root: Path
    trusted_keys: Collection[str]
    open_one: Open[Understanding]
    tell: Tell
    served: Served[Understanding]
    seen: Mark | None = None
    changed: Callable[[Understanding], None] | None = None
    _failures: int = 0
    _given_up: list[Path] = field(default_factory=list)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _unclaimed: Understanding | None = None
    _closed: bool = False

    @property
    def model(self) -> Understanding:
        """The one that serves."""
        return self.served.model

    @property
    def engine(self) -> str:
        """What reads."""
        return self.model.engine

    async def read(self, text: str) -> Reading:
        """Never blocks the loop. Raises `EdgeError` when the model that serves fails."""
        asked = self.served
        try:
            reading = await asked.model.read(text)
        except EdgeError as error:
            async with self._turn:
                if self.served is asked and not await self._gave_way(error):
                    raise
            return await self.model.read(text)
        self._failures = 0
        if asked.trial and asked is self.served:
            self.served = Served(asked.model, asked.folder)
            await asyncio.to_thread(self._prove)
        return reading

    async def _gave_way(self, error: EdgeError) -> bool:
        """Whether another model serves now."""
        self._failures += 1
        failed = self.served
        if came_with_hearthd(failed.folder) or not (failed.trial or self._failures >= FAILURES):
            return False
        self.tell(error)
        try:
            served = await asyncio.to_thread(self._next, failed)
        except EdgeError:  # there is no other: let this one go on trying
            return False
        self._take_over(served)
        await asyncio.to_thread(close, failed.model)
        return True

    async def keep_current(self) -> None:
        """Take up what is installed from now on, until cancelled."""
        while self.seen is not None:
            await asyncio.sleep(LOOK_SECONDS)
            if await asyncio.to_thread(mark, self.root, UNDERSTAND) != self.seen:
                await self.take_up()

    async def take_up(self) -> None:
        """Open what is installed now; nothing changes where it does not work."""
        async with self._turn:
            before = self.served
            try:
                served, self.seen = await asyncio.to_thread(self._newest)
            except EdgeError:  # told; what serves, serves on
                self.seen = await asyncio.to_thread(mark, self.root, UNDERSTAND)
                return
            if _same(served.model, before.model):
                self.served = Served(before.model, served.folder, served.trial)
                self._unclaimed = None
                await asyncio.to_thread(close, served.model)
            else:
                self._take_over(served)
                await asyncio.to_thread(close, before.model)

    def _take_over(self, served: Served[Understanding]) -> None:
        self.served = served
        self._unclaimed = None
        self._failures = 0
        if self.changed is not None:
            self.changed(self.model)

    def close(self) -> None:
        """End the model's process, if it has one; also of one that is just being opened."""
        self._closed = True
        for model in (self.model, self._unclaimed):
            close(model)

    def _next(self, failed: Served[Understanding]) -> Served[Understanding]:
        if failed.trial:
            roll_back(self.root, UNDERSTAND)
        else:
            self._given_up.append(failed.folder)
        return self._open()

    def _newest(self) -> tuple[Served[Understanding], Mark]:
        """And what it was opened from, as it was before: what changes meanwhile is seen next."""
        self._given_up.clear()  # another version lies there
        seen = mark(self.root, UNDERSTAND)
        return self._open(), seen

    def _open(self) -> Served[Understanding]:
        """The best there is. Whoever waits for it may be gone when it is open: then `close` ends
        it, or, if that has been called already, this does."""
        served = open_best(self.root, UNDERSTAND, self.open_one, self.tell, self._given_up)
        self._unclaimed = served.model
        if self._closed:
            close(served.model)
        return served

    def _prove(self) -> None:
        try:
            prove(self.root, UNDERSTAND, self.trusted_keys)
        except (OSError, ArtefactError) as error:
            self.tell(ArtefactError(self.root, f"cannot note that the new version serves: {error}"))


def open_reader(
    root: Path,
    trusted_keys: Collection[str],
    open_one: Open[Understanding],
    named: Path | None = None,
) -> InstalledReader:
    """The reader of a hub: of the artefact that the configuration `named`, else of the best that is
    installed. Raises `EdgeError`."""
    if named is not None:
        served = Served(open_one(load_artefact(named)), named)
        return InstalledReader(root, trusted_keys, open_one, report_model, served)
    seen = mark(root, UNDERSTAND)
    served = open_best(root, UNDERSTAND, open_one, report_model)
    return InstalledReader(root, trusted_keys, open_one, report_model, served, seen)


def _same(one: Understanding, other: Understanding) -> bool:
    """Whether it makes no difference which of them reads."""
    return (one.engine, one.manifest) == (other.engine, other.manifest)
