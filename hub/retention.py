"""Forgetting: what is older than the configuration allows, and what the owner asks to forget.

Only the hub writes the journal. `hearthd forget` therefore leaves its wish as a file in the storage
directory, where only the owner can write; the hub carries it out and leaves the number it deleted.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from hub.hub import Hub, announce
from hub.journal import JournalError, retention_limit
from hub.journal_forget import from_json

EVERY_SECONDS = 6 * 3600
LOOK_SECONDS = 1.0


def wish_path(directory: Path) -> Path:
    """Where a wish to forget is left."""
    return directory / "forget.json"


def result_path(directory: Path) -> Path:
    """Where the hub says what came of it."""
    return directory / "forgotten.json"


async def keep_forgetting(hub: Hub) -> None:
    """Until cancelled. A disk that fails is tried again later."""
    directory = hub.settings.storage.directory
    loop = asyncio.get_running_loop()
    due = loop.time()
    while True:
        if loop.time() >= due:
            due = loop.time() + EVERY_SECONDS
            await _forget_old(hub)
        if wish_path(directory).exists():
            await _forget_wished(hub, directory)
        await asyncio.sleep(LOOK_SECONDS)


async def _forget_old(hub: Hub) -> None:
    days = hub.settings.storage.retention_days
    try:
        await hub.journal.forget_before(retention_limit(hub.clock.now(), days))
        days = hub.settings.storage.history_days
        await hub.journal.forget_history(retention_limit(hub.clock.now(), days))
    except JournalError as error:
        announce(hub, "journal", {"failing": str(error)})


async def _forget_wished(hub: Hub, directory: Path) -> None:
    try:
        wish = from_json(json.loads(wish_path(directory).read_text("utf-8")))
        result: dict[str, object] = {"forgotten": await hub.journal.forget(wish)}
        if wish.of_everybody:
            await hub.journal.forget_history(wish.before)
        await hub.journal.tidy()
    except (JournalError, OSError, ValueError, KeyError, TypeError) as error:
        result = {"error": str(error)}
    try:
        part = result_path(directory).with_suffix(".part")
        part.write_text(json.dumps(result), encoding="utf-8")
        part.replace(result_path(directory))
        wish_path(directory).unlink(missing_ok=True)
    except OSError as error:
        announce(hub, "journal", {"failing": str(error)})
