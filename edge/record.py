"""What is remembered of an artefact's name, whatever is installed under it at the moment.

`root/.record-NAME.json`: the lowest version that may be installed, whether a trusted key stood
behind it, and which version has still to prove itself. Written whole or not at all.
"""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from edge.errors import ArtefactError

_PREFIX = ".record-"


class Record(BaseModel):
    """`floor` is the highest version that has proven itself, `signed` whether a trusted key signed
    it; `trial` is a version that was installed and has not, `attempts` how often it was opened."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    floor: str | None = None
    signed: bool = False
    trial: str | None = None
    attempts: int = 0


def read_record(root: Path, name: str) -> Record:
    """Empty where nothing is remembered. Raises `ArtefactError` for a damaged one."""
    path = root / f"{_PREFIX}{name}.json"
    try:
        return Record.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return Record()
    except (OSError, ValidationError) as error:
        raise ArtefactError(
            path, "cannot be read; delete it, and any version may be installed again"
        ) from error


def write_record(root: Path, name: str, record: Record) -> None:
    """Replace what is remembered, on disk before this returns."""
    path = root / f"{_PREFIX}{name}.json"
    unfinished = path.with_suffix(".new")
    with unfinished.open("w", encoding="utf-8") as stream:
        stream.write(record.model_dump_json())
        stream.flush()
        os.fsync(stream.fileno())
    unfinished.replace(path)
    sync_folder(root)


def recorded(root: Path) -> list[str]:
    """Names of which something is remembered."""
    return sorted(
        path.name.removeprefix(_PREFIX).removesuffix(".json")
        for path in root.glob(f"{_PREFIX}*.json")
    )


def sync_folder(folder: Path) -> None:
    """A rename is on disk only when its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
