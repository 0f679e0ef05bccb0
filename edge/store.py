"""Artefacts that a user installed: one folder each, swapped in whole or not at all.

`root/name/` is the artefact, `root/.kept-name/` the version before it. A new version is copied
beside them, verified there, and takes its place by two renames. It is on trial until it has served
(`prove`); if it fails before that, `roll_back` puts the kept one back. A run that was killed
between any two steps is mended by the next one, and by the hub when it starts.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from edge.alone import alone
from edge.artefact import Artefact, load_artefact, read_manifest, shipped, version_key
from edge.errors import ArtefactError
from edge.record import Record, read_record, recorded, sync_folder, write_record
from edge.signature import SIGNATURE
from edge.trust import Standing, refuse_strangers, standing

SERVED = ("understand", "translate")
"""Tasks whose new versions prove themselves in the hub; others have by their self-test."""

_INCOMING = ".incoming-"
_OLD = ".old-"
_KEPT = ".kept-"
_REFUSED = ".refused-"


@dataclass(frozen=True, slots=True)
class Admission:
    """Who may install what: the keys that are trusted, and which rules the owner waives.

    `downgrade`: also a version below the lowest. `untrusted`: also what a stranger signed, or
    nobody, in place of what a trusted key did."""

    trusted_keys: Collection[str] = ()
    downgrade: bool = False
    untrusted: bool = False


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


def kept(root: Path, name: str) -> Path | None:
    """Folder of the version before the installed one, if there is one."""
    place = root / f"{_KEPT}{name}"
    return place if place.exists() else None


Mark = tuple[int, int, int] | tuple[()]
"""Of what lies under a name at a moment; empty for nothing."""


def mark(root: Path, name: str) -> Mark:
    """Another one after every installation, roll back and removal of `name`."""
    try:
        found = (root / name / "manifest.json").stat()
    except OSError:
        return ()
    return found.st_ino, found.st_mtime_ns, found.st_size


# --- a new version -------------------------------------------------------------------------------


def install(source: Path, root: Path, admission: Admission | None = None) -> Artefact:
    """Copy the artefact in `source` to `root`, verified before and after, and put it on trial.

    Raises `ArtefactError` if it is not in order, older than what has served under its name, signed
    by a stranger, or less trusted than what it would replace.
    """
    admission = admission or Admission()
    incoming = load_artefact(source)
    name = incoming.manifest.name
    with _alone(root):
        record = read_record(root, name)
        _admit(incoming, root, record, admission)
        staged = Path(tempfile.mkdtemp(prefix=_INCOMING, dir=root))
        try:
            signature = [SIGNATURE] if incoming.signed_by else []
            for file in ("manifest.json", *signature, *incoming.manifest.files):
                shutil.copyfile(source / file, staged / file)
            copied = load_artefact(staged)  # what was copied, not what was read before
            if (copied.manifest, copied.signed_by) != (incoming.manifest, incoming.signed_by):
                raise ArtefactError(source, "was changed while it was copied; try again")
            staged.chmod(0o755)
            _to_disk(staged)
            version = copied.manifest.version
            floor = version if admission.downgrade else record.floor
            changes = {"trial": version, "attempts": 0, "floor": floor}
            write_record(root, name, record.model_copy(update=changes))
            _swap(staged, root, name, record.trial)
        finally:
            shutil.rmtree(staged, ignore_errors=True)
    return load_artefact(root / name)


def _admit(incoming: Artefact, root: Path, record: Record, admission: Admission) -> None:
    manifest, place = incoming.manifest, root / incoming.manifest.name
    if not admission.untrusted:
        refuse_strangers(incoming, admission.trusted_keys)
        vouched = record.signed or _signed(place, admission.trusted_keys)
        if vouched and not standing(incoming, admission.trusted_keys).trusted:
            raise ArtefactError(
                incoming.folder,
                f"is not signed, and the {manifest.name} that it would replace was: "
                "see `hearthd models sign`, or add it with --untrusted",
            )
    versions = [record.floor] if record.floor else []
    with suppress(ArtefactError):  # what is there and broken has no say
        versions.append(read_manifest(place / "manifest.json").version)
    have = max(versions, key=version_key, default=None)
    if have and version_key(manifest.version) < version_key(have) and not admission.downgrade:
        raise ArtefactError(
            incoming.folder,
            f"is {manifest.name} {manifest.version}, older than the installed {have}; "
            "--downgrade takes it all the same",
        )


def _signed(place: Path, trusted_keys: Collection[str]) -> bool:
    try:
        return standing(load_artefact(place), trusted_keys) is Standing.SIGNED
    except ArtefactError:
        return False


def _swap(staged: Path, root: Path, name: str, trial: str | None) -> None:
    """What has served is kept; a version still on trial does not push it out."""
    place, refused = root / name, root / f"{_REFUSED}{name}"
    unproven = trial is not None and kept(root, name) is not None
    if place.exists():
        place.rename(refused if unproven else root / f"{_OLD}{name}")
    staged.rename(place)
    sync_folder(root)
    _keep_old(root, name)
    shutil.rmtree(refused, ignore_errors=True)


def _keep_old(root: Path, name: str) -> None:
    old, before = root / f"{_OLD}{name}", root / f"{_KEPT}{name}"
    if old.exists():
        shutil.rmtree(before, ignore_errors=True)
        old.rename(before)
        sync_folder(root)


# --- the trial -----------------------------------------------------------------------------------


def begin_attempt(root: Path, name: str) -> int:
    """Write down that the version on trial is about to be opened, in case that ends this process.
    Returns how often that was done before; 0 for one that has proven itself."""
    with _alone(root):
        record = read_record(root, name)
        if record.trial is None:
            return 0
        write_record(root, name, record.model_copy(update={"attempts": record.attempts + 1}))
        return record.attempts


def end_attempt(root: Path, name: str) -> None:
    """It was opened: this process lives."""
    with _alone(root):
        record = read_record(root, name)
        write_record(root, name, record.model_copy(update={"attempts": 0}))


def on_trial(root: Path, name: str) -> bool:
    """Whether the installed version has still to prove itself. Raises `ArtefactError`."""
    return read_record(root, name).trial is not None


def prove(root: Path, name: str, trusted_keys: Collection[str] = ()) -> None:
    """The installed version has served: from now on no lower one may be installed."""
    with _alone(root):
        record = read_record(root, name)
        if record.trial is None:
            return
        artefact = load_artefact(root / name)
        lowest = [v for v in (record.floor, artefact.manifest.version) if v is not None]
        signed = standing(artefact, trusted_keys) is Standing.SIGNED
        write_record(root, name, Record(floor=max(lowest, key=version_key), signed=signed))


def roll_back(root: Path, name: str) -> Path | None:
    """Put the kept version in the place of the installed one, which is deleted.

    Returns the folder that is installed now, None if there was nothing to go back to. What was gone
    back from may be tried again, and so may whatever is not lower than what had proven itself.
    """
    place, refused = root / name, root / f"{_REFUSED}{name}"
    with _alone(root):
        if place.exists():
            place.rename(refused)
        _restore_kept(root, name)
        record = read_record(root, name)
        write_record(root, name, record.model_copy(update={"trial": None, "attempts": 0}))
        shutil.rmtree(refused, ignore_errors=True)
    return place if place.exists() else None


def _restore_kept(root: Path, name: str) -> None:
    before = kept(root, name)
    if before is not None:
        before.rename(root / name)
    sync_folder(root)


def remove(root: Path, name: str) -> None:
    """Remove a user's artefact and the version before it; its lowest version stays remembered.

    Raises `ArtefactError` for what is not theirs to remove."""
    place = root / name
    if place.parent != root or place not in [path.parent for path in _manifests(root)]:
        came = name in [path.name for path in installed(root)]
        raise ArtefactError(name, "came with hearthd" if came else "is not installed")
    with _alone(root):
        before = kept(root, name)
        if before is not None:  # first, or it would come back as the version of a broken update
            shutil.rmtree(before)
        aside = root / f"{_INCOMING}{name}"
        place.rename(aside)  # gone at once, whatever happens while its files are deleted
        shutil.rmtree(aside)


# --- one at a time, and mended -------------------------------------------------------------------


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """One process at a time changes `root`, and finds it mended."""
    with alone(root):
        _mend(root)
        yield


def mend(root: Path) -> None:
    """Finish, or undo, what a killed `install`, `roll_back` or `remove` began."""
    if root.is_dir():
        with _alone(root):
            pass


def _mend(root: Path) -> None:
    for aside in root.glob(f"{_OLD}*"):
        name = aside.name.removeprefix(_OLD)
        if (root / name).exists():
            _keep_old(root, name)
        else:
            aside.rename(root / name)
    for refused in root.glob(f"{_REFUSED}*"):
        name = refused.name.removeprefix(_REFUSED)
        if not (root / name).exists():
            _restore_kept(root, name)
        shutil.rmtree(refused)
    for staged in root.glob(f"{_INCOMING}*"):
        shutil.rmtree(staged)
    for name in recorded(root):
        _forget_trial_that_never_began(root, name)


def _forget_trial_that_never_began(root: Path, name: str) -> None:
    with suppress(ArtefactError):  # of the record: told when somebody needs it
        record = read_record(root, name)
        have = ""
        with suppress(ArtefactError):
            have = read_manifest(root / name / "manifest.json").version
        if record.trial not in (None, have):
            write_record(root, name, record.model_copy(update={"trial": None, "attempts": 0}))


def _to_disk(folder: Path) -> None:
    for path in (*folder.iterdir(), folder):
        sync_folder(path)


def _manifests(root: Path) -> list[Path]:
    return sorted(p for p in root.glob("*/manifest.json") if not p.parent.name.startswith("."))
