"""Sentences that the householder teaches: read exactly, before the model, through the same gate."""

import json
from pathlib import Path
from typing import Any

import pytest

from devices.homefile import load_home
from edge.tasks.understand import UnderstandingModel
from hub.config import ConfigurationError
from hub.rehearse import Stage
from hub.sentence_file import load_sentences
from hub.taught import taught_in
from tests.conftest import HOMES

SHIPPED = HOMES.parent / "sentences"


def folder(tmp_path: Path, text: str) -> Path:
    (tmp_path / "mine.yaml").write_text(text, "utf-8")
    return tmp_path


async def rehearse(
    model: UnderstandingModel, taught: Path, text: str, **case: Any
) -> dict[str, Any]:
    stage = Stage(model, load_home(HOMES / "demo.yaml"), taught_in(taught))
    return await stage.run_line(json.dumps({"text": text, **case}))


async def test_one_line_teaches_a_phrase(model: UnderstandingModel, tmp_path: Path) -> None:
    taught = folder(tmp_path, 'language: en\nsentences:\n  "lumos": turn on the desk lamp\n')
    result = await rehearse(model, taught, "Lumos!")
    assert [a["entity_id"] for a in result["actions"]] == ["light.desk_lamp"]
    assert result["engine"].endswith("mine.yaml:3")


async def test_a_phrase_may_name_things_of_the_home(model: UnderstandingModel) -> None:
    result = await rehearse(model, SHIPPED, "party in the living room")
    assert result["status"] == "done", result
    assert {a["data"].get("color_name") for a in result["actions"]} == {"purple"}


async def test_home_assistants_form_needs_no_model(model: UnderstandingModel) -> None:
    result = await rehearse(model, SHIPPED, "let there be light in the garage")
    assert result["frames"][0]["intent"] == "HassTurnOn"
    assert [a["entity_id"] for a in result["actions"]] == ["light.garage_light"]


async def test_numbers_reach_their_slots(model: UnderstandingModel, tmp_path: Path) -> None:
    text = """
language: en
intents:
  HassLightSet:
    data:
      - sentences: ["glow {name} {percent:brightness}"]
lists:
  percent: {range: {from: 0, to: 100}}
"""
    result = await rehearse(model, folder(tmp_path, text), "glow desk lamp 40")
    assert result["actions"][0]["data"] == {"brightness_pct": 40}


async def test_other_sentences_go_to_the_model(model: UnderstandingModel) -> None:
    result = await rehearse(model, SHIPPED, "turn on the desk lamp")
    assert result["engine"] == model.engine


async def test_a_taught_phrase_passes_the_same_gate(
    model: UnderstandingModel, tmp_path: Path
) -> None:
    taught = folder(tmp_path, 'language: en\nsentences:\n  "sesame": unlock the front door\n')
    result = await rehearse(model, taught, "sesame")
    assert result["status"] == "confirm"
    assert not result["actions"]


async def test_a_phrase_of_another_language_is_not_heard_when_one_is_given(
    model: UnderstandingModel, tmp_path: Path
) -> None:
    taught = folder(tmp_path, 'language: de\nsentences:\n  "lumos": turn on the desk lamp\n')
    assert not (await rehearse(model, taught, "lumos", language="en"))["actions"]


def test_all_mistakes_are_told_at_once_with_their_lines(tmp_path: Path) -> None:
    text = """language: English
sentences:
  "good (night": turn off the lights
  "hello {aera}": turn on the lights in {area}
  "twice": turn on the lights
  "twice": turn off the lights
  "empty":
intents:
  HassTurnOnn: {}
  HassTurnOn:
    data:
      - sentences: ["glow"]
        slots: {brightnes: 3}
lits: {}
"""
    with pytest.raises(ConfigurationError) as caught:
        load_sentences(folder(tmp_path, text))
    said = str(caught.value).replace(f"{tmp_path}/", "").splitlines()
    assert {line.split(" ")[0] for line in said} == {
        f"mine.yaml:{number}:" for number in (1, 3, 4, 6, 7, 9, 13, 14)
    }
    assert "Did you mean area?" in str(caught.value)
    assert "Did you mean HassTurnOn?" in str(caught.value)
    assert "Did you mean lists?" in str(caught.value)


@pytest.mark.parametrize(
    "text",
    ["", "- a\n- b\n", "language: en\nsentences: [a]\n", "a: b: c\n", "\x00", "a: &x 1\nb: *x"],
)
def test_a_broken_file_is_told_by_its_name(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"mine\.yaml"):
        load_sentences(folder(tmp_path, text))


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no such folder"):
        load_sentences(tmp_path / "none")
