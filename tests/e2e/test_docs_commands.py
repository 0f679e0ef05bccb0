"""Every command in README and docs/mqtt.md runs against a demo, as a person would type it."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.broker import mosquitto_path

ROOT = Path(__file__).parents[2]
PAGES = (
    "README.md",
    "docs/mqtt.md",
    "docs/understanding.md",
    "docs/automations.md",
    "docs/writing.md",
)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    if mosquitto_path() is None or shutil.which("mosquitto_pub") is None:
        pytest.skip("no mosquitto clients")
    folder = tmp_path_factory.mktemp("state")
    environment = {**os.environ, "XDG_STATE_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    environment.pop("HEARTHD_CONFIG", None)
    started = run(["hearthd", "demo", "--detach"], environment)
    assert started.returncode == 0, started.stdout + started.stderr
    config = (folder / "hearthd" / "demo" / "hearthd.toml").read_text("utf-8")
    found = re.search(r"port = (\d+)", config)
    assert found is not None
    yield {**environment, "DEMO_PORT": found.group(1)}
    assert run(["hearthd", "demo", "--stop"], environment).returncode == 0


def run(command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )


def commands() -> list[str]:
    found = []
    for page in PAGES:
        blocks = re.findall(r"```console\n(.*?)```", (ROOT / page).read_text("utf-8"), re.S)
        found += [line for block in blocks for line in block.splitlines() if line.strip()]
    return found


@pytest.mark.parametrize("line", commands())
def test_a_documented_command_works(demo: dict[str, str], line: str) -> None:
    words = shlex.split(line)
    if words[0].startswith("mosquitto_"):
        words[1:1] = ["-p", demo["DEMO_PORT"]]
    result = run(words, demo)
    assert result.returncode == 0, result.stdout + result.stderr


def test_demo_then_say_then_the_answer(demo: dict[str, str]) -> None:
    said = run(["hearthd", "say", "--json", "turn off the kitchen lights"], demo)
    assert json.loads(said.stdout)["status"] == "done"


def test_the_last_request_can_be_traced(demo: dict[str, str]) -> None:
    run(["hearthd", "say", "turn on the pendant"], demo)
    found = json.loads(run(["hearthd", "trace", "last", "--json"], demo).stdout)
    assert [stage["stage"] for stage in found["stages"]] == ["understood", "planned"]
    assert found["reply"]["status"] == "done"


def test_doctor_finds_a_healthy_house(demo: dict[str, str]) -> None:
    result = run(["hearthd", "doctor"], demo)
    assert result.returncode == 0, result.stdout
    assert "broker" in result.stdout and "verified" in result.stdout


def test_devices_are_listed(demo: dict[str, str]) -> None:
    rows = json.loads(run(["hearthd", "devices", "list", "--json"], demo).stdout)
    assert {row["entity_id"] for row in rows} >= {"light.floor_lamp", "lock.front_door"}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["say", "who won the world cup"], 1),
        (["frobnicate"], 2),
        (["check", "--config", "none.toml"], 3),
        (["rehearse", "--home", "none.yaml", "on"], 3),
    ],
)
def test_exit_codes(demo: dict[str, str], words: list[str], code: int) -> None:
    assert run(["hearthd", *words], demo).returncode == code


def test_no_broker_is_exit_code_4_and_says_what_to_do(demo: dict[str, str], tmp_path: Path) -> None:
    config = tmp_path / "c.toml"
    config.write_text("[broker]\nport = 1\n", "utf-8")
    result = run(["hearthd", "say", "hi", "--config", str(config)], demo)
    assert result.returncode == 4
    assert "hearthd doctor" in result.stderr
    assert "Traceback" not in result.stderr
