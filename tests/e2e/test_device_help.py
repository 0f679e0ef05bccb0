"""Device help in a whole hub: the event for the support, and the transcript that is kept."""

import json
from datetime import datetime
from pathlib import Path

from typer.testing import CliRunner

from hub.cli.main import app
from hub.knowledge import Knowledge
from tests.hub.knowledge.conftest import MANUALS
from tests.hubs import client, hub, settings_for, simulated_home

HOME = Path(__file__).parents[1] / "hub" / "support" / "home.yaml"


async def test_what_was_tried_is_told_to_the_support_and_can_be_exported(
    broker: int, tmp_path: Path
) -> None:
    settings = settings_for(broker, tmp_path, HOME)
    knowledge = Knowledge(settings.storage.directory)
    knowledge.add(MANUALS / "washing-machine.md", datetime.now().astimezone())
    knowledge.close()
    async with simulated_home(broker, HOME), hub(settings):
        async with client(broker, "hearthd/reply/#", "hearthd/event/support") as person:
            first = await person.say("laundry", text="the washing machine shows E18")
            assert "Step 1 of 6" in first["text"]
            await person.say("laundry", text="didn't help")
            await person.say("laundry", text="I am fed up, send someone")
            told = (await person.hear("hearthd/event/support"))["content"]
    assert (told["site"], told["device"]) == ("laundry", "Washing Machine")
    assert "Water does not drain" in told["problem"]
    assert any("Open the flap" in step for step in told["tried"])
    assert (told["sentiment"], told["intent"]) == ("angry", "person")
    exported = CliRunner().invoke(
        app, ["support", "export", "--json"],
        env={"HEARTHD_STORAGE__DIRECTORY": str(settings.storage.directory)},
    )  # fmt: skip
    kept = json.loads(exported.stdout)
    assert kept["end"] == "escalated"
    assert kept["transcript"] == told["transcript"]
    assert kept["transcript"][0]["said"] == "the washing machine shows E18"
