"""A mistake of ours about one request neither ends the hub nor repeats what was said."""

import json
from pathlib import Path
from typing import Any

import pytest

from edge.tasks.understand import UnderstandingModel
from hub import commands, rehearse
from tests.hubs import client, hub, settings_for


def broken(*arguments: Any) -> Any:
    raise KeyError("what somebody said")


async def test_the_hub_answers_and_lives(
    broker: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    async with hub(settings_for(broker, tmp_path)), client(broker, "hearthd/reply/#") as someone:
        with monkeypatch.context() as patched:
            patched.setattr(commands, "prepare", broken)
            reply = await someone.say("hall", text="turn on the light")
        assert (reply["status"], "went wrong inside me" in reply["text"]) == ("failed", True)
        assert (await someone.say("hall", text="what time is it"))["status"] == "answered"
    logged = json.loads(capfd.readouterr().err.splitlines()[-1])
    assert (logged["event"], logged["type"]) == ("internal_error", "KeyError")
    assert "what somebody said" not in json.dumps(logged)


async def test_a_rehearsal_goes_on_with_the_next_case(
    model: UnderstandingModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = rehearse.Stage(model)
    with monkeypatch.context() as patched:
        patched.setattr(rehearse, "travel", broken)
        result = await stage.run_line('{"id": 1, "text": "turn on the light"}')
    assert (result["id"], result["status"], result["actions"]) == (1, "refused", [])
    assert (await stage.run_line('{"text": "what time is it"}'))["status"] == "answered"
