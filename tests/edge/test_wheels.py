"""Everything that the edge needs has a wheel for a Pi."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_the_edge_resolves_for_aarch64(tmp_path: Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = project["dependencies"] + [
        requirement for extra in ("generate", "speak") for requirement in project["optional-dependencies"][extra]
    ]  # fmt: skip
    report = tmp_path / "report.json"
    result = subprocess.run(
        [
            sys.executable, "-m", "pip", "install", "--dry-run", "--quiet", "--ignore-installed",
            "--disable-pip-version-check", "--only-binary", ":all:", "--platform",
            "manylinux_2_28_aarch64", "--platform", "manylinux_2_17_aarch64",
            "--platform", "manylinux2014_aarch64", "--python-version", "3.11", "--target",
            str(tmp_path / "target"), "--report", str(report), "--constraint",
            str(ROOT / "constraints.txt"), *wanted,
        ],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if "Temporary failure in name resolution" in result.stderr:
        pytest.skip("no package registry is reachable")
    assert result.returncode == 0, result.stderr[-600:]
    wheels = [i["download_info"]["url"] for i in json.loads(report.read_text())["install"]]
    names = {wheel.rpartition("/")[2].partition("-")[0].lower() for wheel in wheels}
    assert {"onnxruntime", "onnxruntime_genai", "tokenizers", "numpy"} <= names
    assert not any("x86_64" in wheel or wheel.endswith(".tar.gz") for wheel in wheels)
