"""The artefact: a folder with a model, its tokenizer and a manifest that vouches for them.

Nothing in the folder is parsed before its size and SHA-256 match the manifest, and the manifest
itself is small, strict JSON. An artefact cannot name files outside of its folder.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from edge.errors import ArtefactError
from edge.graph import check_graph
from edge.manifest import FileEntry, Manifest, manifest_schema
from edge.signature import signer

MANIFEST_LIMIT = 1 << 20
"""Bytes; a manifest is a few kilobytes."""

_SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


@dataclass(frozen=True, slots=True)
class Artefact:
    """A verified artefact. `signed_by` is the public key whose signature the manifest carries."""

    folder: Path
    manifest: Manifest
    signed_by: str | None = None

    def file(self, name: str) -> Path:
        """Path of a file that the manifest lists. Raises `ArtefactError` for any other."""
        if name not in self.manifest.files:
            raise ArtefactError(self.folder, f"the manifest lists no {name}")
        return self.folder / name

    def graph(self, name: str) -> Path:
        """Path of an ONNX graph whose operators and sizes are those we run, and whose weights are
        in files that the manifest lists. Raises `ArtefactError`."""
        path = self.file(name)
        check_graph(path, self.manifest.files)
        return path


def load_artefact(folder: Path, now: datetime | None = None) -> Artefact:
    """Read and verify an artefact folder.

    Raises `ArtefactError` for a missing or malformed manifest, unknown keys, unsafe names,
    symbolic links, a file whose size or digest differs, a signature that does not fit, and an
    expired artefact.
    """
    path = folder / "manifest.json"
    content = _manifest_bytes(path)
    signed_by = signer(path, content)
    manifest = _parsed(path, content)
    if manifest.expires and manifest.expires <= (now or datetime.now(UTC)):
        raise ArtefactError(folder, f"expired on {manifest.expires:%Y-%m-%d}")
    for name, entry in manifest.files.items():
        _verify_file(folder / name, entry)
    return Artefact(folder, manifest, signed_by)


def read_manifest(path: Path) -> Manifest:
    """The manifest alone, checked in form only. Raises `ArtefactError`."""
    return _parsed(path, _manifest_bytes(path))


def _manifest_bytes(path: Path) -> bytes:
    if not path.is_file():
        raise ArtefactError(path, "not found; `hearthd models list` shows what is installed")
    if path.stat().st_size > MANIFEST_LIMIT:
        raise ArtefactError(path, f"larger than {MANIFEST_LIMIT} bytes")
    return path.read_bytes()


def _parsed(path: Path, content: bytes) -> Manifest:
    try:
        raw = json.loads(content.decode("utf-8"), parse_constant=_refuse_constant)
        return Manifest.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ArtefactError(path, f"{where}: {first['msg']}") from error
    except (ValueError, RecursionError) as error:
        raise ArtefactError(path, f"not valid JSON: {error}") from error


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number")


def _verify_file(path: Path, entry: FileEntry) -> None:
    if path.is_symlink() or not path.is_file():
        raise ArtefactError(path, "not a regular file")
    size = path.stat().st_size
    if size != entry.bytes:
        raise ArtefactError(path, f"is {size} bytes, the manifest says {entry.bytes}")
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    if digest != entry.sha256:
        raise ArtefactError(path, f"SHA-256 is {digest[:12]}…, not {entry.sha256[:12]}…")


def shipped(name: str) -> Path:
    """Folder of an artefact that came with hearthd."""
    if not _SAFE_NAME.fullmatch(name):
        raise ArtefactError(name, "not an artefact name")
    return Path(__file__).parent / "shipped" / name


def version_key(version: str) -> tuple[int, ...]:
    """Versions in order: `version_key("1.10.0") > version_key("1.9.0")`."""
    return tuple(int(part) for part in version.split("."))


__all__ = [
    "Artefact",
    "Manifest",
    "load_artefact",
    "manifest_schema",
    "read_manifest",
    "shipped",
    "version_key",
]
