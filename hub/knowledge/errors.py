"""What can go wrong with documents.

KnowledgeError
├── DocumentError   a file that cannot be read: which, why, what to do
└── StoreError      the store itself
"""

from __future__ import annotations

from pathlib import Path


class KnowledgeError(Exception):
    """Anything about the knowledge base. The message is for the person."""


class DocumentError(KnowledgeError):
    """A file that cannot be taken in."""

    def __init__(self, path: Path | str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class StoreError(KnowledgeError):
    """The store cannot be opened or written."""
