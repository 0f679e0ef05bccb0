"""`hearthd kb` and `hearthd ask`: the contract that programs rely on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hub.cli.main import app

NOTE = "# Boiler\n\n## Settings\n\nThe boiler is set to 58 °C.\n"


def run(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == code, result.output
    return result.stdout


@pytest.fixture
def kb(tmp_path: Path) -> list[str]:
    note = tmp_path / "boiler.md"
    note.write_text(NOTE)
    at = ["--data-dir", str(tmp_path / "kb")]
    run("kb", "add", str(note), *at)
    return at


def test_an_answer_as_json_has_its_source(kb: list[str]) -> None:
    found = json.loads(run("ask", "what temperature is the boiler set to?", "--json", *kb))
    assert found["status"] == "answered"
    assert "58 °C" in found["answer"]
    (source,) = found["sources"]
    assert Path(source["file"]).name == "boiler.md"
    assert (source["heading"], source["place"]) == ("Boiler > Settings", "line 5")
    assert source["text"] == "The boiler is set to 58 °C."
    assert 0.5 <= found["confidence"] <= 1


def test_what_is_not_known_is_no_failure_of_the_command(kb: list[str]) -> None:
    found = json.loads(run("ask", "who painted the boiler?", "--json", *kb))
    assert (found["status"], found["sources"]) == ("not_known", [])
    assert found["nearest"]["heading"] == "Boiler > Settings"


def test_documents_are_listed_searched_and_removed(kb: list[str]) -> None:
    (row,) = json.loads(run("kb", "list", "--json", *kb))
    assert (row["title"], row["passages"]) == ("Boiler", 1)
    assert json.loads(run("kb", "search", "temperature", "--json", *kb))[0]["file"] == row["file"]
    run("kb", "remove", "boiler.md", *kb)
    assert json.loads(run("kb", "list", "--json", *kb)) == []
    run("kb", "remove", "boiler.md", *kb, code=1)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.docx").write_bytes(b"PK")
    run("kb", "add", str(tmp_path / "x.docx"), "--data-dir", str(tmp_path), code=1)
    run("kb", "add", str(tmp_path / "nowhere"), "--data-dir", str(tmp_path), code=1)
