"""What can go wrong on the way from a checkpoint to an artefact.

ExportFailed
├── CheckpointError     the checkpoint is missing, broken, hostile, or not of a known kind
└── LostTooMuch         the exported model differs by more than the recipe allows
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from edge.errors import EdgeError
from edge.manifest import Check


class ExportFailed(EdgeError):
    """Any fault of the export."""


class CheckpointError(ExportFailed):
    """Carries where and why."""

    def __init__(self, where: Path | str, reason: str) -> None:
        self.where = str(where)
        self.reason = reason
        super().__init__(f"{self.where}: {reason}")


class LostTooMuch(ExportFailed):
    """Carries the checks that failed."""

    def __init__(self, checks: Sequence[Check]) -> None:
        self.checks = tuple(checks)
        said = "; ".join(f"{c.name} is {c.value:.4g}, must be {c.kind} {c.limit:g}" for c in checks)
        super().__init__(
            f"the exported model is not the checkpoint's equal: {said}. Export for another target, "
            "or relax `limits` in a recipe of your own"
        )
