"""Put a trusted key into a configuration that a person wrote, and change nothing else of it."""

from __future__ import annotations

import copy
import re
import shutil
import tomllib
from pathlib import Path
from typing import Any

from hub.config import ConfigurationError

_HEADER = re.compile(r"(?m)^[ \t]*\[[ \t]*models[ \t]*\][^\n]*\n?")
_KEYS = re.compile(r"(?m)^[ \t]*trusted_keys[ \t]*=[ \t]*\[")


def trust_key(path: Path, key: str) -> bool:
    """Add `key` to `models.trusted_keys` in the file, made if there is none; False if it is there.

    Raises `ConfigurationError` where the file cannot be read or written, or is written in a way
    that an inserted line does not fit into; then nothing is changed.
    """
    try:
        text = path.read_text("utf-8") if path.exists() else ""
        before = tomllib.loads(text)
        if key in before.get("models", {}).get("trusted_keys", []):
            return False
        changed = with_key(text, before, key)
        path.parent.mkdir(parents=True, exist_ok=True)
        place = path.resolve()
        unfinished = place.with_name(f".{place.name}.new")
        unfinished.write_text(changed, "utf-8")
        if place.exists():
            shutil.copymode(place, unfinished)
        unfinished.replace(place)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, AttributeError) as error:
        raise ConfigurationError(f"{path}: cannot be changed: {error}") from error
    return True


def with_key(text: str, before: dict[str, Any], key: str) -> str:
    """The text of a configuration, which says `before`, with one more trusted key.

    Raises `ConfigurationError` if no insertion says exactly that."""
    wanted = copy.deepcopy(before)
    wanted.setdefault("models", {}).setdefault("trusted_keys", []).insert(0, key)
    ended = text if not text or text.endswith("\n") else f"{text}\n"
    line = f'trusted_keys = ["{key}"]\n'
    tries = [f"{ended}\n[models]\n{line}"]
    tries += [f"{ended[: at.end()]}{line}{ended[at.end() :]}" for at in _HEADER.finditer(ended)]
    tries += [f'{text[: at.end()]}"{key}", {text[at.end() :]}' for at in _KEYS.finditer(text)]
    for changed in tries:
        try:
            if tomllib.loads(changed) == wanted:
                return changed
        except tomllib.TOMLDecodeError:
            continue
    raise ConfigurationError(f"write it yourself: to trusted_keys under [models] add\n{key}")
