"""Running the hub: metrics, backup, forgetting, and the service file."""

import asyncio
import configparser
import json
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from hub.broker import free_port
from hub.config import ConfigurationError, Settings
from tests.hubs import client, hub, settings_for, simulated_home

ROOT = Path(__file__).parents[2]


def cli(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "HEARTHD_STORAGE__DIRECTORY": str(settings.storage.directory), "HOME": "/nonexistent",
    }  # fmt: skip
    command = [sys.executable, "-m", "hub.cli.main", *arguments]
    return subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )


async def test_a_running_hub_is_backed_up_and_made_to_forget(broker: int, tmp_path: Path) -> None:
    settings = settings_for(broker, tmp_path)
    copy = tmp_path / "copy.backup"
    async with simulated_home(broker), hub(settings), client(broker, "hearthd/reply/#") as someone:
        await someone.say("kitchen", text="turn on the kitchen light")
        await someone.say("hall", text="is the front door locked")
        saved = await asyncio.to_thread(cli, settings, "backup", str(copy))
        assert (saved.returncode, "2 requests" in saved.stdout) == (0, True), saved
        refused = await asyncio.to_thread(cli, settings, "restore", str(copy))
        assert (refused.returncode, "another hub" in refused.stderr) == (1, True), refused
        gone = await asyncio.to_thread(cli, settings, "forget", "--site", "hall")
        assert (gone.returncode, gone.stdout) == (0, "1 requests forgotten\n"), gone
    assert b"front door locked" not in (settings.storage.directory / "journal.db").read_bytes()
    back = await asyncio.to_thread(cli, settings, "restore", str(copy))
    assert back.returncode == 0, back
    rest = await asyncio.to_thread(cli, settings, "forget", "--everything")
    assert rest.stdout == "2 requests forgotten\n", rest


def test_what_to_forget_must_be_said(tmp_path: Path) -> None:
    settings = settings_for(1, tmp_path)
    assert cli(settings, "forget").returncode == 2
    assert cli(settings, "forget", "--older-than", "soon").returncode == 2
    assert "no journal" in cli(settings, "forget", "--everything").stderr


def _fetched(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        return str(answer.read().decode())


async def test_prometheus_reads_numbers_and_no_names(broker: int, tmp_path: Path) -> None:
    raw = settings_for(broker, tmp_path).model_dump()
    port = free_port(0)
    settings = Settings.model_validate({**raw, "metrics": {"port": port}})
    async with simulated_home(broker), hub(settings), client(broker, "hearthd/reply/#") as someone:
        assert (await someone.say("kitchen", text="turn on the kitchen light"))["status"] == "done"
        text = await asyncio.to_thread(_fetched, port)
        with pytest.raises(ExceptionGroup) as taken:
            async with hub(settings.model_copy(update={"storage": settings.storage.model_copy(
                update={"directory": tmp_path / "other"})})):  # fmt: skip
                pass
    assert taken.group_contains(ConfigurationError, match="cannot listen")
    assert 'hearthd_events_total{kind="done"} 1.0' in text
    assert "hearthd_connected 1.0" in text
    assert "hearthd_loop_stall_seconds " in text
    assert "itchen" not in text


def test_the_service_file_is_one_that_systemd_reads() -> None:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(ROOT / "configs" / "hearthd.service")
    service = dict(parser["Service"])
    assert (service["Type"], service["DynamicUser"], service["ProtectSystem"]) == (
        "notify", "yes", "strict",
    )  # fmt: skip
    assert int(service["WatchdogSec"]) > 10
    assert int(service["TimeoutStopSec"]) > 5


async def test_a_wish_to_forget_that_is_none_is_answered(broker: int, tmp_path: Path) -> None:
    settings = settings_for(broker, tmp_path)
    folder = settings.storage.directory
    async with hub(settings):
        (folder / "forget.json").write_text('{"before": 7}')
        async with asyncio.timeout(15):
            while not (folder / "forgotten.json").exists():
                await asyncio.sleep(0.1)
    assert "error" in json.loads((folder / "forgotten.json").read_text())
