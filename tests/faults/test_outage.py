"""The broker goes away and comes back."""

import asyncio
import json
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from hub.broker import demo_broker, free_port, mosquitto_path
from hub.journal import read_only
from tests.hubs import client, hub, settings_for, simulated_home

LAMP = "home/light/dining_pendant/set"


async def test_a_reply_that_fell_into_an_outage_arrives_when_the_broker_is_back(
    tmp_path: Path,
) -> None:
    if mosquitto_path() is None:
        pytest.skip("no mosquitto")
    port, folder = free_port(0), tmp_path / "broker"
    settings = settings_for(port, tmp_path)
    async with AsyncExitStack() as stack:
        broker = AsyncExitStack()
        await broker.enter_async_context(demo_broker(port, folder))
        deaf = {"light.dining_pendant": {"drop": 1.0}}
        await stack.enter_async_context(simulated_home(port, misbehave=deaf))
        someone = await stack.enter_async_context(client(port, "hearthd/reply/x", LAMP))
        await stack.enter_async_context(hub(settings))
        command = {"id": "outage", "text": "turn on the pendant"}
        someone.session.publish("hearthd/command/x", json.dumps(command).encode())
        await someone.hear(LAMP)
        await broker.aclose()
        await answered(settings.storage.directory / "journal.db")
        await stack.enter_async_context(demo_broker(port, folder))
        reply = await someone.hear("hearthd/reply/x", id="outage")
    assert reply["status"] == "failed" and "did not answer" in reply["text"]


async def answered(journal: Path) -> None:
    """Return when the reply stands in the journal."""
    database = read_only(journal)
    async with asyncio.timeout(15):
        while not list(database.query("select 1 from requests where reply is not null")):
            await asyncio.sleep(0.1)
    database.close()
