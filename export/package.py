"""Write an artefact: files, their digests, and the manifest that vouches for them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edge.artefact import Manifest


def package(folder: Path, files: Mapping[str, Path], manifest: Mapping[str, Any]) -> Manifest:
    """Copy `files` (name in the artefact to where it lies now) into `folder` and describe them.

    `manifest` is everything but `files`. Raises pydantic's ValidationError for a manifest that the
    runtime would refuse.
    """
    folder.mkdir(parents=True, exist_ok=True)
    entries: dict[str, dict[str, Any]] = {}
    for name, source in files.items():
        content = source.read_bytes()
        (folder / name).write_bytes(content)
        entries[name] = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    complete = Manifest.model_validate({**manifest, "files": entries})
    text = json.dumps(complete.model_dump(mode="json", exclude_none=True), indent=1)
    (folder / "manifest.json").write_text(text + "\n", encoding="utf-8")
    return complete
