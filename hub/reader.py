"""The understanding model of a running hub, which changes back by itself.

A version that is new has served once it has read a sentence. If it fails before that, or any
version fails `FAILURES` times in a row, the one before it takes over and reads the sentence.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

from edge.artefact import load_artefact
from edge.errors import ArtefactError, EdgeError
from edge.serving import Open, Served, Tell, Understanding, close, open_best
from edge.store import prove, roll_back
from edge.tasks.understanding_schema import Reading
from edge.trust import came_with_hearthd
from hub.fault_log import report_model

UNDERSTAND = "understand"
FAILURES = 3
"""In a row, then a version that had served is given up until the next start."""


@dataclass(slots=True)
class InstalledReader:
    """Reads with the best version of `understand` in `root`. `changed` hears of a new model."""

    root: Path
    trusted_keys: Collection[str]
    open_one: Open[Understanding]
    tell: Tell
    served: Served[Understanding]
    changed: Callable[[Understanding], None] | None = None
    _failures: int = 0
    _given_up: list[Path] = field(default_factory=list)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

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
            self.served = await asyncio.to_thread(self._next, failed)
        except EdgeError:  # there is no other: let this one go on trying
            return False
        self._failures = 0
        if self.changed is not None:
            self.changed(self.model)
        return True

    def close(self) -> None:
        """End the model's process, if it has one."""
        close(self.model)

    def _next(self, failed: Served[Understanding]) -> Served[Understanding]:
        if failed.trial:
            roll_back(self.root, UNDERSTAND)
        else:
            self._given_up.append(failed.folder)
        served = open_best(self.root, UNDERSTAND, self.open_one, self.tell, self._given_up)
        close(failed.model)
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
    else:
        served = open_best(root, UNDERSTAND, open_one, report_model)
    return InstalledReader(root, trusted_keys, open_one, report_model, served)
