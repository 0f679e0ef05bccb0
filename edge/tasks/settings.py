"""What all runtimes check of an artefact before they use it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from edge.artefact import Artefact
from edge.errors import ArtefactError

if TYPE_CHECKING:
    from tokenizers import Tokenizer


def require_task(artefact: Artefact, task: str) -> None:
    """Raises `ArtefactError` for an artefact of another task."""
    if artefact.manifest.task != task:
        raise ArtefactError(
            artefact.folder, f"is for the task {artefact.manifest.task!r}, not {task!r}"
        )


def read_settings(artefact: Artefact, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """`task_settings` over `defaults`, of the same types and no others.

    A default of None stands for an optional integer. Raises `ArtefactError`.
    """
    said = artefact.manifest.task_settings
    if unknown := sorted(set(said) - set(defaults)):
        raise ArtefactError(artefact.folder, f"task_settings: unknown key {unknown[0]!r}")
    for key, value in said.items():
        kind = type(defaults[key]) if defaults[key] is not None else int
        allowed: tuple[type, ...] = (int, float) if kind is float else (kind,)
        if not isinstance(value, allowed) or (isinstance(value, bool) and kind is not bool):
            raise ArtefactError(
                artefact.folder, f"task_settings: {key} must be {kind.__name__}, is {value!r}"
            )
    return {**defaults, **said}


def open_tokenizer(artefact: Artefact) -> Tokenizer:
    """The artefact's `tokenizer.json`. Raises `ArtefactError`."""
    from tokenizers import Tokenizer  # noqa: PLC0415  (generators bring their own)

    path = artefact.file(artefact.manifest.tokenizer or "tokenizer.json")
    try:
        return Tokenizer.from_file(str(path))
    except Exception as error:  # tokenizers raises plain Exception
        raise ArtefactError(path, f"not a tokenizer: {error}") from error
