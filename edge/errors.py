"""What can go wrong at run time.

EdgeError
├── ArtefactError    an artefact is missing, broken, not what it says it is, or not ours
└── ModelFailed      a verified model could not be run
"""

from __future__ import annotations

from pathlib import Path


class EdgeError(Exception):
    """Any fault of the inference runtime."""


class ArtefactError(EdgeError):
    """An artefact must not be used. Carries where and why."""

    def __init__(self, where: Path | str, reason: str) -> None:
        self.where = str(where)
        self.reason = reason
        super().__init__(f"{self.where}: {reason}")


class ModelFailed(EdgeError):
    """A model that was verified gave no answer."""
