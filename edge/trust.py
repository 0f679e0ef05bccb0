"""Whom an artefact comes from, and what follows from that.

An artefact that came with hearthd is trusted by its place: whoever can write there can change the
hub itself. One that a trusted key signed is run in this process as well. Everything else is tried
and served in a process of its own, with limits (`edge.isolate`, `edge.confined`).
"""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from pathlib import Path

from edge.artefact import Artefact, shipped
from edge.errors import ArtefactError


class Standing(StrEnum):
    """What an artefact is trusted for."""

    SHIPPED = "came with hearthd"
    SIGNED = "signed by a trusted key"
    UNTRUSTED = "not signed by a trusted key"

    @property
    def trusted(self) -> bool:
        """Whether it may run in this process."""
        return self is not Standing.UNTRUSTED


def came_with_hearthd(folder: Path) -> bool:
    """Whether a folder is part of the package."""
    return folder.resolve().is_relative_to(shipped("any").parent.resolve())


def standing(artefact: Artefact, trusted_keys: Collection[str]) -> Standing:
    """What a verified artefact is trusted for."""
    if came_with_hearthd(artefact.folder):
        return Standing.SHIPPED
    if artefact.signed_by is not None and artefact.signed_by in trusted_keys:
        return Standing.SIGNED
    return Standing.UNTRUSTED


def refuse_strangers(artefact: Artefact, trusted_keys: Collection[str]) -> None:
    """Raises `ArtefactError` for an artefact whose signer is not trusted."""
    key = artefact.signed_by
    if key is not None and key not in trusted_keys:
        raise ArtefactError(
            artefact.folder,
            f"is signed by {key}, which is not in models.trusted_keys: see `hearthd models trust`, "
            "or add it with --untrusted",
        )
