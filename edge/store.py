"""Artefacts that a user installed: one folder each, swapped in whole or not at all.

`root/name/` is the artefact. A new version is copied beside it, verified there, and takes its place
by two renames; what was there before goes only after that. A run that was killed between the two
is mended by the next one.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge.artefact import Artefact, load_artefact, read_manifest, shipped, version_key
from edge.errors import ArtefactError

_INCOMING = ".incoming-"
_OLD = ".old-"


def installed(root: Path) -> list[Path]:
    """Folders of all artefacts: the user's, then those that hearthd ships and the user has not
    replaced."""
    own = {path.parent.name: path.parent for path in _manifests(root)}
    came = {path.parent.name: path.parent for path in _manifests(shipped("understand").parent)}
    return [folder for _, folder in sorted((came | own).items())]


def find(root: Path, name: str) -> Path:
    """Folder of the artefact called `name`. Raises `ArtefactError`, naming the next command."""
    for folder in installed(root):
        if folder.name == name:
            return folder
    raise ArtefactError(name, "is not installed; `hearthd models list` shows what is")


def install(source: Path, root: Path, *, downgrade: bool = False) -> Artefact:
    """Copy the artefact in `source` to `root`, verified before and after.

    Raises `ArtefactError` if it is not in order, or older than the one that is installed.
    """
    incoming = load_artefact(source)
    name = incoming.manifest.name
    place = root / name
    with _alone(root):
        if place.exists() and not downgrade:
            have = read_manifest(place / "manifest.json").version
            if version_key(incoming.manifest.version) < version_key(have):
                raise ArtefactError(
                    source,
                    f"is {name} {incoming.manifest.version}, older than the installed {have}",
                )
        staged = Path(tempfile.mkdtemp(prefix=_INCOMING, dir=root))
        try:
            for file in ("manifest.json", *incoming.manifest.files):
                shutil.copyfile(source / file, staged / file)
            load_artefact(staged)  # what was copied, not what was read before
            staged.chmod(0o755)
            _swap(staged, place)
        finally:
            shutil.rmtree(staged, ignore_errors=True)
    return load_artefact(place)


def remove(root: Path, name: str) -> None:
    """Remove a user's artefact. Raises `ArtefactError` for what is not theirs to remove."""
    place = root / name
    if place.parent != root or place not in [path.parent for path in _manifests(root)]:
        came = name in [path.name for path in installed(root)]
        raise ArtefactError(name, "came with hearthd" if came else "is not installed")
    with _alone(root):
        aside = root / f"{_INCOMING}{name}"
        place.rename(aside)  # gone at once, whatever happens while its files are deleted
        shutil.rmtree(aside)


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """One process at a time changes `root`, and finds it mended."""
    root.mkdir(parents=True, exist_ok=True)
    with (root / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        mend(root)
        yield


def mend(root: Path) -> None:
    """Finish what a killed `install` began: put an old version back if nothing took its place."""
    for aside in root.glob(f"{_OLD}*"):
        place = root / aside.name.removeprefix(_OLD)
        if place.exists():
            shutil.rmtree(aside)
        else:
            aside.rename(place)
    for staged in root.glob(f"{_INCOMING}*"):
        shutil.rmtree(staged)


def _swap(staged: Path, place: Path) -> None:
    aside = place.parent / f"{_OLD}{place.name}"
    _to_disk(staged)
    if place.exists():
        place.rename(aside)
    staged.rename(place)
    shutil.rmtree(aside, ignore_errors=True)


def _to_disk(folder: Path) -> None:
    for path in (*folder.iterdir(), folder):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _manifests(root: Path) -> list[Path]:
    return sorted(p for p in root.glob("*/manifest.json") if not p.parent.name.startswith("."))
