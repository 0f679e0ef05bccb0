"""`hearthd explain`: how the words were read, what could be meant, and what decided."""

from pathlib import Path
from typing import Any

import pytest

from devices.homefile import load_home
from edge.tasks.understand import UnderstandingModel
from hub.cases import Case
from hub.explain_tables import print_explanation, save_picture
from hub.rehearse import Stage
from hub.taught import taught_in
from tests.conftest import HOMES


async def explain(model: UnderstandingModel, text: str, **case: Any) -> dict[str, Any]:
    stage = Stage(model, load_home(HOMES / "demo.yaml"), taught_in(HOMES.parent / "sentences"))
    return await stage.explain(Case(text=text, **case))


async def test_the_winner_is_marked_and_the_next_best_is_told(model: UnderstandingModel) -> None:
    found = await explain(model, "turn off the floor lamp")
    first = found["wishes"][0]["candidates"][0]
    assert (first["entity_id"], first["meant"], first["exact"]) == ("light.floor_lamp", True, True)
    assert "Floor Lamp" in found["why"][0]
    assert all(t["tag"] != "O" for t in found["tokens"][-2:])


async def test_a_question_says_what_it_was_torn_between(model: UnderstandingModel) -> None:
    found = await explain(model, "turn on the bedside lamp")
    assert found["result"]["status"] == "clarify"
    assert "Left Bedside Lamp" in found["why"][-1] and "asks" in found["why"][-1]


async def test_what_is_not_for_us_says_so(model: UnderstandingModel) -> None:
    found = await explain(model, "tell me a joke")
    assert "not meant for a home" in found["why"][0]


async def test_a_taught_sentence_is_named(model: UnderstandingModel) -> None:
    found = await explain(model, "movie time")
    assert found["taught"]["where"].endswith("en.yaml:7")


async def test_it_prints_and_draws_the_same(
    model: UnderstandingModel, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = await explain(model, "turn off the floor lamp")
    print_explanation(found)
    save_picture(found, tmp_path / "picture.svg")
    assert "Floor Lamp" in capsys.readouterr().out
    assert "Lamp" in (tmp_path / "picture.svg").read_text("utf-8")
