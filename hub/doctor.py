"""What may be wrong with an installation, and how to mend it."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from edge.artefact import load_artefact
from edge.errors import EdgeError
from edge.serving import close, understanding_opener
from edge.store import find
from hub.config import Settings, models_folder
from hub.mqtt import Session
from hub.mqtt_client import BrokerError
from hub.reader import UNDERSTAND

DISK_MEGABYTES = 200


@dataclass(frozen=True, slots=True)
class Finding:
    """One examination: `detail` says what was found and, if it is not ok, what to do."""

    what: str
    ok: bool
    detail: str


async def examine(settings: Settings) -> list[Finding]:
    """All examinations; none raises."""
    local: list[Callable[[Settings], Finding]] = [_clock, _directory, _disk, _journal, _model]
    findings = [await asyncio.to_thread(examination, settings) for examination in local]
    return [await _broker(settings), *findings]


async def _broker(settings: Settings) -> Finding:
    broker = settings.broker.model_copy(update={"client_id": f"hearthd-doctor-{os.getpid()}"})
    session = Session(broker, "hearthd/cli/doctor", "\x00")
    where = f"{broker.host}:{broker.port}"
    started = time.perf_counter()
    failure: str | None = None
    async with asyncio.TaskGroup() as group:
        task = group.create_task(session.run())
        try:
            await session.wait_connected(4)
        except BrokerError as error:
            failure = str(error)
        milliseconds = (time.perf_counter() - started) * 1000
        task.cancel()
    if failure is not None:
        reason = failure.removesuffix("; try `hearthd doctor`")
        return Finding("broker", False, f"{reason}; {_broker_hint(reason, settings)}")
    version = "5" if session.speaks_5 else "3.1.1"
    return Finding("broker", True, f"{where}, MQTT {version}, connected in {milliseconds:.0f} ms")


def _broker_hint(reason: str, settings: Settings) -> str:
    if "authorized" in reason or "user name" in reason:
        return "set broker.username, and broker.password or broker.password_file"
    if settings.broker.tls or "certificate" in reason:
        return "look at broker.tls: ca, certificate and key, and whether the name in host is right"
    return "is it running? `sudo systemctl start mosquitto`, or set broker.host and broker.port"


def _clock(settings: Settings) -> Finding:
    now = datetime.now(UTC)
    sane = now.year >= 2026
    detail = f"{datetime.now().astimezone():%Y-%m-%d %H:%M %Z}"
    return Finding("clock", sane, detail if sane else f"{detail}: set it, or enable NTP")


def _directory(settings: Settings) -> Finding:
    directory = settings.storage.directory
    nearest = directory
    while not nearest.exists():
        nearest = nearest.parent
    if os.access(nearest, os.W_OK):
        return Finding("storage", True, str(directory))
    return Finding("storage", False, f"{directory}: not writable by this user; chown it")


def _disk(settings: Settings) -> Finding:
    nearest = settings.storage.directory
    while not nearest.exists():
        nearest = nearest.parent
    free = shutil.disk_usage(nearest).free // 2**20
    enough = free >= DISK_MEGABYTES
    detail = f"{free} MB free"
    return Finding(
        "disk", enough, detail if enough else f"{detail}: make room for {DISK_MEGABYTES}"
    )


def _journal(settings: Settings) -> Finding:
    path: Path = settings.storage.directory / "journal.db"
    if not path.exists():
        return Finding("journal", True, "none yet")
    try:
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        result = connection.execute("pragma quick_check").fetchone()[0]
        connection.close()
    except sqlite3.DatabaseError as error:
        result = str(error)
    if result == "ok":
        return Finding("journal", True, str(path))
    return Finding("journal", False, f"{path}: {result}; the hub moves it aside at its next start")


def _model(settings: Settings) -> Finding:
    keys = settings.models.trusted_keys
    folder = settings.model.artefact or find(models_folder(), UNDERSTAND)
    try:
        model = understanding_opener(keys)(load_artefact(folder))
    except EdgeError as error:
        return Finding("model", False, f"{error}; reinstall hearthd, or see `hearthd models list`")
    close(model)
    return Finding("model", True, f"{model.engine}, verified")
