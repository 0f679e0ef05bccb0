"""The one JSON codec: strict, bounded, and the same on every path.

Python's own `json` takes NaN, 1e999, duplicate keys, UTF-16, lone surrogates, integers of any
length and any depth until the stack ends. None of these comes from a well-meaning device.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


class PayloadError(ValueError):
    """A payload that is not accepted. The message says why, for people."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds that are checked before parsing (`size`, `depth`) and while parsing (`keys`)."""

    size: int = 64 * 1024
    depth: int = 16
    keys: int = 1000
    digits: int = 40


COMMAND = Limits()
STATE = Limits()
DISCOVERY = Limits(size=128 * 1024, keys=4000)


def decode_text(payload: bytes, limits: Limits = STATE) -> str:
    """UTF-8 text without byte order mark. Raises `PayloadError`."""
    if len(payload) > limits.size:
        raise PayloadError(f"larger than {limits.size} bytes")
    if payload.startswith(b"\xef\xbb\xbf"):
        raise PayloadError("starts with a byte order mark")
    try:
        return payload.decode("utf-8")
    except UnicodeDecodeError as error:
        raise PayloadError(f"not UTF-8 at byte {error.start}") from error


def decode_json(payload: bytes, limits: Limits = STATE) -> Any:
    """A JSON value. Raises `PayloadError` for everything that strict JSON is not."""
    text = decode_text(payload, limits)
    _check_depth(payload, limits.depth)
    keys = 0

    def unique(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal keys
        keys += len(pairs)
        if keys > limits.keys:
            raise PayloadError(f"more than {limits.keys} keys")
        found = dict(pairs)
        if len(found) != len(pairs):
            raise PayloadError("a key stands there twice")
        return found

    def whole(digits: str) -> int:
        if len(digits) > limits.digits:
            raise PayloadError(f"a number of {len(digits)} digits")
        return int(digits)

    def real(digits: str) -> float:
        value = float(digits)
        if not math.isfinite(value):
            raise PayloadError("a number that is not finite")
        return value

    try:
        value = json.loads(
            text,
            object_pairs_hook=unique,
            parse_int=whole,
            parse_float=real,
            parse_constant=_refuse_constant,
        )
    except PayloadError:
        raise
    except (ValueError, RecursionError) as error:
        raise PayloadError(f"not JSON: {error}") from error
    if "\\u" in text:
        _check_surrogates(value)
    return value


def _refuse_constant(name: str) -> None:
    raise PayloadError(f"{name} is not a number")


def _check_depth(payload: bytes, limit: int) -> None:
    if payload.count(b"[") + payload.count(b"{") <= limit:
        return
    depth = 0
    in_string = escaped = False
    for byte in payload:
        if escaped:
            escaped = False
        elif in_string:
            escaped = byte == 0x5C
            in_string = byte != 0x22
        elif byte == 0x22:
            in_string = True
        elif byte in b"[{":
            depth += 1
            if depth > limit:
                raise PayloadError(f"nested deeper than {limit}")
        elif byte in b"]}":
            depth -= 1


def _check_surrogates(value: Any) -> None:
    if isinstance(value, str):
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise PayloadError("an unpaired surrogate")
    elif isinstance(value, dict):
        for key, item in value.items():
            _check_surrogates(key)
            _check_surrogates(item)
    elif isinstance(value, list):
        for item in value:
            _check_surrogates(item)


def encode_json(value: Any) -> bytes:
    """Compact UTF-8 JSON. Raises ValueError for numbers that are not finite."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
