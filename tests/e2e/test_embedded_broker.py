"""The demo's other broker, where no mosquitto is installed: it speaks MQTT 3.1.1 only."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub import broker
from hub.broker import demo_broker, free_port
from hub.cli.conversation import ask_hub
from tests.hubs import client, hub, settings_for, simulated_home


@pytest.fixture(autouse=True)
def _left_behind() -> Iterator[None]:
    """That broker's library leaves writers and sockets open in cycles; no later test is to blame."""
    yield
    gc.collect()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_the_home_obeys_on_the_embedded_broker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker, "mosquitto_path", lambda: None)
    port = free_port(0)
    async with demo_broker(port, tmp_path) as kind, simulated_home(port):
        assert kind.startswith("amqtt")
        topics = ("hearthd/reply/x", "home/light/desk_lamp/set")
        settings = settings_for(port, tmp_path)
        async with hub(settings), client(port, *topics) as someone:
            reply = await someone.say("x", text="turn on the desk lamp")
            assert reply["status"] == "done"
            assert not someone.session.speaks_5
            told = settings.broker.model_copy(update={"protocol": "3.1.1"})  # as the demo tells it
            own = settings.model_copy(update={"broker": told})
            asked = await ask_hub(own, "x", {"id": "asked", "text": "what time is it"})
            assert asked["status"] == "answered"
