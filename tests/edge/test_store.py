import multiprocessing
import shutil
from pathlib import Path

import pytest

from edge.artefact import load_artefact, shipped
from edge.errors import ArtefactError
from edge.store import Admission, find, install, installed, mend, remove
from tests.artefacts import spoil


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "models"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(shipped("understand"), tmp_path / "copy"))


def test_what_hearthd_ships_is_found_and_cannot_be_removed(root: Path) -> None:
    assert find(root, "understand") == shipped("understand")
    with pytest.raises(ArtefactError, match="came with hearthd"):
        remove(root, "understand")


def test_an_installed_artefact_comes_before_the_shipped_one(root: Path, copy: Path) -> None:
    assert install(copy, root).folder == root / "understand"
    assert find(root, "understand") == root / "understand"
    remove(root, "understand")
    assert find(root, "understand") == shipped("understand")


def test_an_older_version_needs_to_be_asked_for(root: Path, copy: Path) -> None:
    spoil(copy, version="2.0.0")
    install(copy, root)
    spoil(copy, version="1.9.9")
    with pytest.raises(ArtefactError, match=r"older than the installed 2\.0\.0"):
        install(copy, root)
    assert install(copy, root, Admission(downgrade=True)).manifest.version == "1.9.9"


def test_a_broken_artefact_leaves_the_installed_one_alone(root: Path, copy: Path) -> None:
    install(copy, root)
    (copy / "model.onnx").write_bytes(b"")
    with pytest.raises(ArtefactError):
        install(copy, root)
    assert load_artefact(find(root, "understand"))
    assert [p.name for p in root.iterdir() if not p.name.startswith((".lock", ".record"))] == [
        "understand"
    ]


@pytest.mark.parametrize("swapped", [False, True])
def test_an_installation_that_was_killed_is_mended(root: Path, copy: Path, swapped: bool) -> None:
    install(copy, root)
    shutil.copytree(root / "understand", root / ".incoming-x")
    (root / "understand").rename(root / ".old-understand")
    if swapped:
        (root / ".incoming-x").rename(root / "understand")
    mend(root)
    assert load_artefact(root / "understand")
    assert not list(root.glob(".old-*")) and not list(root.glob(".incoming-*"))


def test_two_processes_that_install_at_once_leave_one_whole_artefact(
    root: Path, copy: Path
) -> None:
    context = multiprocessing.get_context("spawn")
    both = [context.Process(target=install, args=(copy, root)) for _ in range(2)]
    for process in both:
        process.start()
    for process in both:
        process.join()
    assert [process.exitcode for process in both] == [0, 0]
    assert load_artefact(root / "understand")


def test_a_name_that_is_a_path_removes_nothing(root: Path, tmp_path: Path) -> None:
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "manifest.json").write_text("{}")
    with pytest.raises(ArtefactError):
        remove(root, "../precious")
    assert (tmp_path / "precious").exists()
    assert installed(root)
