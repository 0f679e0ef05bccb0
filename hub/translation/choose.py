"""Which installed artefact translates between two languages."""

from __future__ import annotations

from pathlib import Path

from edge.artefact import read_manifest, shipped
from edge.errors import ArtefactError
from edge.store import installed

SHIPPED = "translate"


def pairs_of(folder: Path) -> list[tuple[str, str]]:
    """The pairs of languages that an artefact says it translates; none for other tasks. A model
    that names no pairs has two languages, from the first to the second."""
    try:
        manifest = read_manifest(folder / "manifest.json")
    except ArtefactError:
        return []
    if manifest.task != "translate":
        return []
    said = manifest.task_settings.get("pairs")
    if said:
        return [(str(pair[0]), str(pair[1])) for pair in said]
    languages = manifest.languages
    return [(languages[0], languages[1])] if len(languages) == 2 else []


def artefacts_by_pair(root: Path) -> dict[tuple[str, str], Path]:
    """The artefact of each pair. What the user installed goes before what came with hearthd."""
    found: dict[tuple[str, str], Path] = {}
    for folder in sorted(installed(root), key=lambda f: (f == shipped(SHIPPED), f.name)):
        for pair in pairs_of(folder):
            found.setdefault(pair, folder)
    return found
