"""A mosquitto with logins and the generated access list, and clients that log in to it."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from hub.access_list import access_list
from hub.broker import free_port, mosquitto_path, wait_for_port
from hub.config import Broker, Settings
from hub.mqtt import Session
from tests.hubs import Client

HOUSE: dict[str, Any] = {
    "sites": {"kitchen": "Kitchen", "hall": "Hall"},
    "vendors": {
        "zigbee": {"topics": ["zigbee2mqtt/#"]},
        "acme": {"topics": ["acme/#"], "discovery": ["homeassistant/+/acme/+/config"]},
    },
}


def _write_passwords(path: Path) -> None:
    for name in ("hearthd", "kitchen", "hall", "zigbee", "acme", "stranger"):
        create = [] if path.exists() else ["-c"]
        command = ["mosquitto_passwd", *create, "-b", str(path), name, name]
        subprocess.run(command, check=True, capture_output=True)


@asynccontextmanager
async def guarded_broker(folder: Path) -> AsyncIterator[int]:
    """A mosquitto that knows only the logins of `HOUSE` (the password is the login)."""
    if mosquitto_path() is None:
        pytest.skip("no mosquitto")
    port = free_port(0)
    acl, passwords = folder / "hearthd.acl", folder / "passwords"
    acl.write_text(access_list(Settings.model_validate(HOUSE)), "utf-8")
    acl.chmod(0o600)
    await asyncio.to_thread(_write_passwords, passwords)
    config = folder / "guarded.conf"
    config.write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous false\npassword_file {passwords}\n"
        f"acl_file {acl}\nlog_dest none\nuser root\n", "utf-8"
    )  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        str(mosquitto_path()),
        "-c",
        str(config),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        await wait_for_port(port, process)
        yield port
    finally:
        process.terminate()
        await process.wait()


@asynccontextmanager
async def login(port: int, name: str, *topics: str) -> AsyncIterator[Client]:
    settings = Broker(
        port=port, client_id=f"{name}-{uuid4().hex[:8]}", username=name, password=name
    )
    session = Session(settings, f"test/{name}", "")
    async with asyncio.TaskGroup() as group:
        running = group.create_task(session.run())
        await session.wait_connected(10)
        found = Client(session)
        session.subscribe(topics)
        await session.subscriptions_confirmed()
        following = group.create_task(found.follow())
        try:
            yield found
        finally:
            following.cancel()
            running.cancel()
