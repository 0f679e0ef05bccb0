"""What people say to their homes: at least so many of each half must come out right."""

import pytest

from edge.tasks.understand import UnderstandingModel
from hub.rehearse import Stage
from tests.hub.household import Household, households, judge

LEAST = {
    "commands": 0.91,
    "commands with a time": 0.84,
    "questions": 0.88,
    "several wishes": 0.88,
    "commands, blind": 0.83,
    "questions, blind": 0.86,
}


@pytest.mark.parametrize("held_out", [False, True], ids=["development", "held_out"])
@pytest.mark.parametrize("kind", list(LEAST))
async def test_most_of_what_people_say_comes_out_right(
    model: UnderstandingModel, kind: str, held_out: bool
) -> None:
    stage = Stage(model)
    cases = [c for c in households() if c.kind == kind and c.held_out == held_out]
    wrong = [c for n, c in enumerate(cases) if await _wrong(stage, c, f"{kind}{n}")]
    said = [] if held_out else [case.name for case in wrong]
    assert 1 - len(wrong) / len(cases) >= LEAST[kind], said


async def _wrong(stage: Stage, case: Household, session: str) -> bool:
    return await judge(stage, case, session) is not None
