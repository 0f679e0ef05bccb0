"""The model that serves: the installed version, or the last good one where that does not work."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from edge.artefact import Artefact, load_artefact, shipped
from edge.errors import ArtefactError, EdgeError
from edge.isolate import Limits
from edge.sessions import SessionOptions, SessionPool
from edge.store import begin_attempt, end_attempt, kept, mend, on_trial, roll_back
from edge.tasks.confined import ConfinedTranslator, ConfinedUnderstanding
from edge.tasks.translate import Translator
from edge.tasks.understand import UnderstandingModel
from edge.trust import came_with_hearthd, standing

ATTEMPTS = 2
"""How often opening a new version may end this process before it is given up."""

Model = TypeVar("Model")
Open = Callable[[Artefact], Model]
Tell = Callable[[EdgeError], None]
Understanding = UnderstandingModel | ConfinedUnderstanding


@dataclass(frozen=True, slots=True)
class Served(Generic[Model]):
    """An open model and where it lies. `trial`: it was installed and has not served yet."""

    model: Model
    folder: Path
    trial: bool = False


def open_best(
    root: Path, name: str, open_one: Open[Model], tell: Tell, given_up: Collection[Path] = ()
) -> Served[Model]:
    """Open the installed version of `name`; a new one that cannot be opened is rolled back, and the
    one before it opened, or the one that hearthd ships. `tell` hears of everything that failed;
    folders that were `given_up` are not tried.

    Raises `EdgeError` if nothing can be opened.
    """
    failures: list[EdgeError] = []

    def failed(error: EdgeError) -> None:
        failures.append(error)
        tell(error)

    try:
        if not came_with_hearthd(root):
            mend(root)
        while on_trial(root, name):  # each that fails is gone afterwards
            try:
                return Served(_open_trial(root, name, open_one), root / name, trial=True)
            except EdgeError as error:
                failed(error)
                roll_back(root, name)
    except OSError as error:
        failed(ArtefactError(root, f"cannot be written, so updates rest: {error.strerror}"))
    except ArtefactError as error:  # a damaged record: what is installed may still be in order
        failed(error)
    for folder in (root / name, kept(root, name), _shipped(name)):
        if folder is None or folder in given_up or not folder.exists():
            continue
        try:
            return Served(open_one(load_artefact(folder)), folder)
        except EdgeError as error:
            failed(error)
    raise failures[0] if failures else ArtefactError(name, "is not installed")


def understanding_opener(
    trusted_keys: Collection[str],
    pool: SessionPool | None = None,
    options: SessionOptions | None = None,
    limits: Limits | None = None,
) -> Open[Understanding]:
    """Opens understanding artefacts: in this process where they are trusted, else in a child. Each
    reads its golden sentences first, all the way, so that what fails, fails before it serves."""

    def open_one(artefact: Artefact) -> Understanding:
        model: Understanding
        if standing(artefact, trusted_keys).trusted:
            model = UnderstandingModel(artefact, pool, options)
        else:
            model = ConfinedUnderstanding(artefact, pool, limits)
        try:
            for golden in artefact.manifest.golden:
                model.read_sync(golden.text)
        except EdgeError:
            close(model)
            raise
        return model

    return open_one


def translation_opener(trusted_keys: Collection[str]) -> Open[Translator | ConfinedTranslator]:
    """Opens translation artefacts: in this process where they are trusted, else in a child."""

    def open_one(artefact: Artefact) -> Translator | ConfinedTranslator:
        if standing(artefact, trusted_keys).trusted:
            return Translator(artefact)
        return ConfinedTranslator(artefact)

    return open_one


def close(model: object) -> None:
    """End the process of a confined model; of others nothing needs to end."""
    if isinstance(model, ConfinedUnderstanding | ConfinedTranslator):
        model.close()


def _open_trial(root: Path, name: str, open_one: Open[Model]) -> Model:
    if begin_attempt(root, name) >= ATTEMPTS:
        raise ArtefactError(root / name, f"ended this process {ATTEMPTS} times as it was opened")
    model = open_one(load_artefact(root / name))
    end_attempt(root, name)
    return model


def _shipped(name: str) -> Path | None:
    with suppress(ArtefactError):
        return shipped(name)
    return None
