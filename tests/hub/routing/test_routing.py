"""Which skill takes a sentence: commands stay with the house, the rest goes by the router."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from devices.homefile import load_home
from edge.tasks.understand import load_understanding
from hub.bench.routing import missed, read
from hub.cases import Case
from hub.knowledge import Knowledge
from hub.library import Library
from hub.rehearse import Stage
from hub.routing.router import SURE, Router, Skill
from hub.routing.sentences import examples

HERE = Path(__file__).parent
CONFIGS = HERE.parents[2] / "configs"
NOTE = (
    "# Oat stove\n\nClean the grate of the stove every two weeks. Error F3: the flue is blocked.\n"
)


@pytest.fixture(scope="module")
def router() -> Router:
    return Router()


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    folder = tmp_path_factory.mktemp("kb")
    (folder / "stove.md").write_text(NOTE)
    knowledge = Knowledge(folder / "kb")
    knowledge.add(folder / "stove.md", datetime.now(UTC))
    return Stage(
        load_understanding(),
        load_home(CONFIGS / "homes" / "demo.yaml"),
        library=Library(knowledge),
    )


async def said(stage: Stage, text: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The result and the plan's explanation."""
    result, travelled, _ = await stage._journey(Case(text=text))
    return result, dict(travelled.outcome.plan.explanation)


def test_nine_of_ten_sentences_that_it_was_not_fitted_to_go_where_they_belong(
    router: Router,
) -> None:
    known = read(HERE / "sentences.tsv")
    wrong = [(each.example.text, each.sent_to) for each in missed(known, router)]
    assert len(wrong) <= 0.1 * len(known), wrong


def test_few_are_sent_to_a_wrong_skill_with_certainty(router: Router) -> None:
    known = read(HERE / "sentences.tsv")
    sure = [each.example.text for each in missed(known, router) if each.probability >= SURE]
    assert len(sure) <= 0.04 * len(known), sure


def test_no_sentence_of_the_test_was_fitted_to() -> None:
    fitted = {each.text.lower() for each in examples(seed=7)}
    assert not fitted & {each.text.lower() for each in read(HERE / "sentences.tsv")}


async def test_a_question_about_a_device_is_not_answered_with_its_state(stage: Stage) -> None:
    result, why = await said(stage, "how often should the grate of the stove be cleaned")
    assert "every two weeks" in result["reply"]
    result, why = await said(stage, "how often does the coffee machine need descaling")
    assert result["reply"].startswith("The documents do not say.")
    assert why["routed"]["skill"] == Skill.ANSWER


async def test_a_command_never_asks_the_router(stage: Stage) -> None:
    result, why = await said(stage, "turn on the coffee machine")
    assert result["status"] == "done"
    assert "routed" not in why


async def test_what_is_for_a_skill_that_cannot_read_it_is_told_how_to_say_it(stage: Stage) -> None:
    result, _ = await said(stage, "could you think up a letter for our landlord")
    assert "write a note for" in result["reply"]
    assert (result["status"], result["actions"]) == ("refused", [])


async def test_what_is_for_nobody_is_not_looked_up(stage: Stage) -> None:
    result, _ = await said(stage, "what is the capital of Australia?")
    assert result["status"] == "not_understood"
