"""What the hub writes to its log says neither what was said nor any PIN, also when things go wrong."""

from pathlib import Path
from typing import Any

import pytest

from hub import commands
from hub.config import Settings
from hub.pin import hash_pin
from tests.hubs import client, hub, settings_for, simulated_home

PIN = "739154"
WRONG_PIN = "846203"
SENTENCES = (
    "turn on the kitchen light",
    "unlock the front door",
    "remind me of grandmother's pearls",
)


def broken(*arguments: Any) -> Any:
    raise KeyError(SENTENCES[2])


async def test_no_sentence_and_no_pin_is_in_the_log(
    broker: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    raw = settings_for(broker, tmp_path).model_dump()
    raw["policy"]["pin"] = hash_pin(PIN)
    settings = Settings.model_validate(raw)
    async with simulated_home(broker), hub(settings), client(broker, "hearthd/reply/#") as someone:
        assert (await someone.say("kitchen", text=SENTENCES[0]))["status"] == "done"
        wrong = await someone.say("kitchen", text=SENTENCES[1], pin=WRONG_PIN)
        assert wrong["status"] in ("refused", "confirm"), wrong
        assert (await someone.say("kitchen", text=f"{SENTENCES[1]}, my pin is {PIN}"))["text"]
        with monkeypatch.context() as patched:
            patched.setattr(commands, "prepare", broken)
            assert (await someone.say("kitchen", text=SENTENCES[2]))["status"] == "failed"
    logged = "".join(capfd.readouterr())
    assert "internal_error" in logged  # something was written
    for secret in (PIN, WRONG_PIN, "pearls", "front door", "kitchen light"):
        assert secret not in logged, secret
