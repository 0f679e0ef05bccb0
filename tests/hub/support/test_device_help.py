"""A complaint finds the manual of its device, and somebody is led through the remedy."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from devices.home import EntityState, Home
from devices.homefile import load_home
from edge.tasks.understand import load_understanding
from hub.knowledge import Knowledge
from hub.library import Library
from hub.rehearse import Rehearsal, Stage, SyncReader
from hub.road import Travelled, travel
from hub.support import Support
from hub.support.remedy import Step
from hub.support.visit import End, Visit, turn
from hub.support.words import Said, SupportWords, support_words
from hub.values import Request
from hub.world import World
from tests.hub.knowledge.conftest import MANUALS, NOW

HERE = Path(__file__).parent
PROBLEMS = yaml.safe_load((HERE / "problems.yaml").read_text("utf-8"))["problems"]


def english() -> SupportWords:
    words = support_words("en")
    assert words is not None
    return words


WORDS = english()


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    knowledge = Knowledge(tmp_path_factory.mktemp("manuals"))
    for name in (
        "washing-machine",
        "coffee-machine",
        "heat-pump",
        "dishwasher",
        "smart-lock",
        "robot-vacuum",
    ):
        knowledge.add(MANUALS / f"{name}.md", NOW)
    yield Library(knowledge)
    knowledge.close()


@pytest.fixture(scope="module")
def model() -> Any:
    return load_understanding()


def check(script: dict[str, Any], travelled: Travelled) -> None:
    for words in script.get("hears", []):
        assert words in travelled.text, (script["say"], travelled.text)
    told = travelled.outcome.plan.explanation.get("helped")
    assert (told["end"] if told else None) == script.get("end"), travelled.text
    for tried in script.get("tried", []):
        assert told is not None
        assert any(tried in step for step in told["tried"])
    assert travelled.outcome.steps == ()


def washed(setup: dict[str, str]) -> Home:
    home = load_home(HERE / "home.yaml")
    states = dict(home.states)
    for key, state in setup.items():
        states[key] = EntityState(state, available=state != "unavailable")
    return replace(home, states=states)


def conversation(model: Any, library: Library, home: Home) -> World:
    rehearsal = Rehearsal(home)
    rehearsal.world = World(
        SyncReader(model), rehearsal, rehearsal, rehearsal, rehearsal,
        library=library, support=Support(library),
    )  # fmt: skip
    return rehearsal.world


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem["say"])
async def test_a_scripted_problem_is_solved_or_rightly_escalated(
    model: Any, library: Library, problem: dict[str, Any]
) -> None:
    world = conversation(model, library, washed(problem.get("setup", {})))
    for number, script in enumerate((problem, *problem.get("then", []))):
        request = Request(str(number), str(number), script["say"], "laundry", "laundry", NOW)
        check(script, await travel(request, world))


async def test_a_command_to_the_device_is_no_complaint(model: Any, library: Library) -> None:
    stage = Stage(model, load_home(HERE / "home.yaml"), library=library)
    result = await stage.run_line(json.dumps({"text": "turn on the kitchen light"}))
    assert (result["status"], len(result["actions"])) == ("done", 1)


async def test_a_command_in_the_middle_is_carried_out_and_the_place_is_kept(
    model: Any, library: Library
) -> None:
    stage = Stage(model, load_home(HERE / "home.yaml"), library=library)

    async def say(text: str) -> dict[str, Any]:
        return await stage.run_line(json.dumps({"text": text, "session": "s"}))

    await say("the dishwasher shows E22")
    assert (await say("turn on the kitchen light"))["status"] == "done"
    assert "Step 2 of 4" in (await say("done"))["reply"]


VISIT = Visit("Kettle", "cold", "Guide", (Step("a", 0), Step("b", 0), Step("c", 1)), "en")


def test_what_did_not_help_goes_on_with_the_next_remedy() -> None:
    assert turn(VISIT, Said.FAILED, WORDS).visit.at == 2
    assert turn(VISIT, Said.DONE, WORDS).visit.at == 1


def test_after_the_last_remedy_somebody_is_asked_with_what_was_tried() -> None:
    second = turn(VISIT, Said.FAILED, WORDS).visit
    last = turn(second, Said.FAILED, WORDS)
    assert (last.end, last.visit.tried) == (End.ESCALATED, ("a", "c"))


def test_the_place_survives_a_restart(tmp_path: Path) -> None:
    kept: list[Any] = []
    support = Support(Library(Knowledge(tmp_path)), kept.append)
    support._visits["hall"] = VISIT
    support._keep({"hall": json.loads(json.dumps(asdict(VISIT)))})
    again = Support(Library(Knowledge(tmp_path)), kept=kept[-1])
    assert again._visits["hall"] == VISIT


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Done.", Said.DONE), ("ok, I'm done", Said.DONE), ("that didn't help", Said.FAILED),
        ("still the same", Said.FAILED), ("it works now!", Said.SOLVED), ("go back", Said.BACK),
        ("what was that?", Said.REPEAT), ("next step", Said.NEXT), ("never mind", Said.STOP),
        ("turn on the light", None), ("is the door open", None),
        ("I am fed up, send someone", Said.MORE), ("I want to talk to a human", Said.MORE),
        ("could you call a plumber please", Said.MORE), ("call the lift to someone", None),
    ],
)  # fmt: skip
def test_answers_are_told_from_other_sentences(text: str, said: Said | None) -> None:
    assert WORDS.answer(text) is said


def test_german_answers_are_known_too() -> None:
    words = support_words("de")
    assert words is not None
    assert words.answer("hat nicht geholfen") is Said.FAILED
    assert words.answer("Fertig!") is Said.DONE
    assert words.answer("Es reicht, ich will einen Techniker") is Said.MORE
    assert words.answer("Können Sie jemanden schicken?") is Said.MORE
    assert words.answer("mach das Licht aus, bitte") is None
