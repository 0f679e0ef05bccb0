"""A new version keeps the one before it, proves itself, or gives way; killed at any step, it is
mended."""

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edge.alone import alone
from edge.artefact import load_artefact, shipped
from edge.errors import ArtefactError, EdgeError
from edge.record import read_record
from edge.serving import ATTEMPTS, close, open_best, translation_opener
from edge.signature import new_key, sign
from edge.store import (
    Admission,
    begin_attempt,
    install,
    installed,
    kept,
    mend,
    on_trial,
    prove,
    roll_back,
)
from tests.artefacts import handmade, spoil

STEPS = ("open", "os.rename", "os.remove", "os.rmdir", "os.mkdir", "shutil.rmtree")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "models"


def version(folder: Path | None) -> str | None:
    return load_artefact(folder).manifest.version if folder and folder.exists() else None


def made(tmp_path: Path, number: str) -> Path:
    return handmade(tmp_path / f"made-{number}", number.encode(), version=number)


def proven(tmp_path: Path, root: Path, *numbers: str) -> None:
    for number in numbers:
        install(made(tmp_path, number), root)
        prove(root, "handmade")


def killed_at(step: int, root: Path, work: Callable[[], object]) -> bool:
    """Do the work in a child that is killed before its `step`-th change to `root`; False if it came
    to its end."""

    def die(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal step
        if event not in STEPS or not str(arguments[0]).startswith(str(root)):
            return
        if event == "open" and arguments[1] == "r":
            return
        step -= 1
        if step == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if child == 0:
        sys.addaudithook(die)
        work()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def test_the_version_before_is_kept_and_comes_back(tmp_path: Path, root: Path) -> None:
    proven(tmp_path, root, "1.0.0")
    install(made(tmp_path, "2.0.0"), root)
    assert (version(root / "handmade"), version(kept(root, "handmade"))) == ("2.0.0", "1.0.0")
    assert [p.name for p in installed(root) if p.parent == root] == ["handmade"]
    assert version(roll_back(root, "handmade")) == "1.0.0"
    assert kept(root, "handmade") is None
    assert not on_trial(root, "handmade")


def test_a_version_that_never_served_does_not_push_out_the_one_that_did(
    tmp_path: Path, root: Path
) -> None:
    proven(tmp_path, root, "1.0.0")
    install(made(tmp_path, "2.0.0"), root)
    install(made(tmp_path, "3.0.0"), root)
    assert (version(root / "handmade"), version(kept(root, "handmade"))) == ("3.0.0", "1.0.0")


def test_only_what_has_served_raises_the_lowest_version(tmp_path: Path, root: Path) -> None:
    proven(tmp_path, root, "1.0.0")
    install(made(tmp_path, "2.0.0"), root)
    roll_back(root, "handmade")
    install(made(tmp_path, "1.5.0"), root)  # the maker's answer to a bad 2.0.0
    prove(root, "handmade")
    with pytest.raises(ArtefactError, match=r"older than the installed 1\.5\.0"):
        install(made(tmp_path, "1.0.1"), root)


def test_an_installation_that_is_killed_at_any_step_is_mended(tmp_path: Path, root: Path) -> None:
    new = made(tmp_path, "3.0.0")
    seen: list[tuple[str | None, str | None]] = []
    for step in range(1, 200):
        shutil.rmtree(root, ignore_errors=True)
        proven(tmp_path, root, "1.0.0", "2.0.0")
        if not killed_at(step, root, lambda: install(new, root)):
            break
        mend(root)
        have = (version(root / "handmade"), version(kept(root, "handmade")))
        assert have in [("2.0.0", "1.0.0"), ("3.0.0", "2.0.0")], (step, have)
        assert on_trial(root, "handmade") is (version(root / "handmade") == "3.0.0"), step
        left = {p.name for p in root.iterdir()} - {
            "handmade", ".kept-handmade", ".lock", ".record-handmade.json", ".record-handmade.new",
        }  # fmt: skip
        assert not left, (step, left)
        assert version(install(new, root).folder) == "3.0.0"
        seen.append(have)
    assert step > 8, "the steps were not seen"
    assert {first for first, _ in seen} == {"2.0.0", "3.0.0"}


def test_a_roll_back_that_is_killed_at_any_step_is_mended(tmp_path: Path, root: Path) -> None:
    seen = set()
    for step in range(1, 200):
        shutil.rmtree(root, ignore_errors=True)
        proven(tmp_path, root, "1.0.0")
        install(made(tmp_path, "2.0.0"), root)
        if not killed_at(step, root, lambda: roll_back(root, "handmade")):
            break
        mend(root)
        assert version(root / "handmade") in ("1.0.0", "2.0.0"), step
        assert on_trial(root, "handmade") is (version(root / "handmade") == "2.0.0"), step
        seen.add(version(root / "handmade"))
    assert seen == {"1.0.0", "2.0.0"}


def test_a_damaged_record_is_told_and_what_is_installed_still_opens(
    tmp_path: Path, root: Path
) -> None:
    proven(tmp_path, root, "1.0.0")
    (root / ".record-handmade.json").write_text("{")
    told: list[EdgeError] = []
    served = open_best(root, "handmade", lambda artefact: artefact.manifest.version, told.append)
    assert (served.model, served.trial) == ("1.0.0", False)
    assert "delete it" in str(told[0])
    with pytest.raises(ArtefactError, match="delete it"):
        install(made(tmp_path, "2.0.0"), root)


def test_a_version_that_ends_the_process_as_it_is_opened_is_given_up(
    tmp_path: Path, root: Path
) -> None:
    proven(tmp_path, root, "1.0.0")
    install(made(tmp_path, "2.0.0"), root)
    for _ in range(ATTEMPTS):  # killed between this and the next line that would be written
        begin_attempt(root, "handmade")
    told: list[EdgeError] = []
    served = open_best(root, "handmade", lambda artefact: artefact.manifest.version, told.append)
    assert served.model == "1.0.0"
    assert f"ended this process {ATTEMPTS} times" in str(told[0])


def test_a_store_that_somebody_else_goes_on_holding_is_told_and_what_is_there_still_opens(
    tmp_path: Path, root: Path
) -> None:
    proven(tmp_path, root, "1.0.0")
    told: list[EdgeError] = []
    with alone(root):  # as `models add` that was stopped (Ctrl-Z) in the middle
        served = open_best(
            root, "handmade", lambda artefact: artefact.manifest.version, told.append
        )
        with pytest.raises(ArtefactError, match="in use by another process"):
            install(made(tmp_path, "2.0.0"), root)
    assert served.model == "1.0.0"
    assert "in use by another process" in str(told[0])


# --- a real model --------------------------------------------------------------------------------


def translator(tmp_path: Path, number: str, key: Path | None = None, wrong: bool = False) -> Path:
    folder = Path(shutil.copytree(shipped("translate"), tmp_path / f"translate-{number}"))
    tests = json.loads((folder / "manifest.json").read_text("utf-8"))["self_tests"]
    if wrong:
        tests[0]["output"]["text"] = "something else"
    spoil(folder, version=number, self_tests=tests)
    if key is not None:
        sign(folder / "manifest.json", key)
    return folder


@pytest.mark.parametrize("is_signed", [True, False])
def test_an_update_that_fails_its_self_test_gives_way_to_the_last_good_one(
    tmp_path: Path, root: Path, is_signed: bool
) -> None:
    key = tmp_path / "key.pem"
    keys = [new_key(key)]
    signing = key if is_signed else None
    install(translator(tmp_path, "1.1.0", signing), root, Admission(keys))
    prove(root, "translate", keys)
    install(translator(tmp_path, "1.2.0", signing, wrong=True), root, Admission(keys))
    told: list[EdgeError] = []
    served = open_best(root, "translate", translation_opener(keys), told.append)
    try:
        assert version(root / "translate") == "1.1.0"
        assert ("confined" in served.model.engine) is not is_signed
        assert "1.1.0" in served.model.engine
        assert served.model.translate_sync("close the window", "de").whole
        assert len(told) == 1 and "self-test failed" in str(told[0])
    finally:
        close(served.model)
    assert read_record(root, "translate").floor == "1.1.0"


def test_an_update_that_expired_since_gives_way_to_what_came_with_hearthd(
    tmp_path: Path, root: Path
) -> None:
    install(translator(tmp_path, "1.1.0"), root)
    spoil(root / "translate", expires="2026-01-01T00:00:00Z")
    told: list[EdgeError] = []
    served = open_best(root, "translate", translation_opener([]), told.append)
    assert served.folder == shipped("translate")
    assert "expired" in str(told[0])
