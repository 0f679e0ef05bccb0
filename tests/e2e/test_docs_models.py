"""Every command in docs/models.md runs, in order, as a person would type it, in a house of its own."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def commands() -> list[str]:
    page = (ROOT / "docs" / "models.md").read_text("utf-8")
    blocks = re.findall(r"```console\n(.*?)```", page, re.S)
    return [line.strip() for block in blocks for line in block.splitlines() if line.strip()]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("models")
    return {
        **os.environ,
        "HEARTHD_MODELS": str(folder),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "OMP_NUM_THREADS": "1",
    }


def test_the_page_does_what_it_says(environment: dict[str, str]) -> None:
    assert len(commands()) >= 10
    for line in commands():
        result = subprocess.run(
            shlex.split(line), env=environment, cwd=ROOT, capture_output=True, text=True,
            timeout=300, check=False,
        )  # fmt: skip
        assert result.returncode == 0, f"{line}\n{result.stdout}\n{result.stderr}"


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("hearthd models show nothing", 5, "hearthd models list"),
        ("hearthd models remove understand", 5, "came with hearthd"),
        ("hearthd models add nowhere", 1, "--task"),
        ("hearthd models add nowhere --task embed", 5, "no such file or folder"),
        ("hearthd models add configs --task embed", 5, "config.json"),
        ("hearthd models add README.md --task generate", 5, "not GGUF"),
        ("hearthd models add pypi:../x --task embed", 5, "write pypi:PACKAGE"),
        ("hearthd export configs --task fly --out build/x", 5, "known are"),
        ("hearthd train classify README.md", 1, "not .jsonl"),
    ],
)
def test_a_mistake_is_told_with_what_to_do(
    environment: dict[str, str], line: str, code: int, said: str
) -> None:
    result = subprocess.run(
        shlex.split(line), env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == code, result.stderr
    assert said in result.stderr
    assert "Traceback" not in result.stderr
