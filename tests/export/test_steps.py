"""Steps run once, and again when what makes them is another."""

from pathlib import Path

import pytest

from export import steps
from export.recipe import TARGETS, Recipe, Wanted
from export.steps import Did, Job, Step, run_steps


@pytest.fixture
def job(tmp_path: Path) -> Job:
    checkpoint = tmp_path / "checkpoint"
    checkpoint.mkdir()
    wanted = Wanted("checkpoint", "vad", "cpu", tmp_path / "out")
    return Job(wanted, Recipe("vad", "small"), TARGETS["cpu"], checkpoint, tmp_path / "work")


def test_a_finished_step_is_not_run_again_by_the_same_code_but_by_another(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[str] = []

    def load(_: Job) -> Did:
        ran.append("load")
        return {"values": 3}

    first = run_steps([Step("load", load)], job)
    assert run_steps([Step("load", load)], job) == first
    assert ran == ["load"]
    monkeypatch.setattr(steps, "exporter", lambda: "another version of the exporter")
    run_steps([Step("load", load)], job)
    assert ran == ["load", "load"]
