"""Look at a checkpoint's bytes before any library that trusts them does.

Only formats that hold numbers are read: safetensors, GGUF, ONNX, CTranslate2, and `.pt` through
`torch.load(weights_only=True)`. A pickle is never opened any other way.
"""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

from export.errors import CheckpointError

CONFIG_LIMIT = 4 << 20
HEADER_LIMIT = 8 << 20


def read_json(path: Path, limit: int = CONFIG_LIMIT) -> dict[str, Any]:
    """A JSON object of a checkpoint. Raises `CheckpointError` for anything else."""
    if not path.is_file():
        raise CheckpointError(path, "is missing")
    if path.stat().st_size > limit:
        raise CheckpointError(path, f"larger than {limit >> 20} MB")
    return _object(path, path.read_bytes())


def _object(path: Path, raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise CheckpointError(path, f"not valid JSON: {str(error)[:120]}") from error
    if not isinstance(found, dict):
        raise CheckpointError(path, "is not a JSON object")
    return found


def check_safetensors(path: Path) -> int:
    """Check header and layout; returns the number of values. Raises `CheckpointError` for a header
    out of bounds, and for tensors that overlap, leave gaps, or disagree with their shape."""
    size = path.stat().st_size
    with path.open("rb") as stream:
        first = stream.read(8)
        if len(first) < 8:
            raise CheckpointError(path, "cut: shorter than its header")
        (length,) = struct.unpack("<Q", first)
        if length > min(HEADER_LIMIT, size - 8):
            raise CheckpointError(path, f"its header claims {length} bytes")
        header = _object(path, stream.read(length))
    header.pop("__metadata__", None)
    spans = sorted(_span(path, name, entry) for name, entry in header.items())
    at = values = 0
    for start, end, count in spans:
        if start != at:
            raise CheckpointError(path, f"tensors overlap or leave a gap at byte {min(at, start)}")
        at, values = end, values + count
    if at != size - 8 - length:
        raise CheckpointError(path, f"tensors take {at} bytes, the file has {size - 8 - length}")
    return values


_BYTES = {
    "F64": 8, "I64": 8, "U64": 8, "F32": 4, "I32": 4, "U32": 4, "F16": 2, "BF16": 2, "I16": 2,
    "U16": 2, "I8": 1, "U8": 1, "BOOL": 1, "F8_E4M3": 1, "F8_E5M2": 1,
}  # fmt: skip


def _span(path: Path, name: str, entry: Any) -> tuple[int, int, int]:
    try:
        start, end = (int(value) for value in entry["data_offsets"])
        count = 1
        for dimension in entry["shape"]:
            count *= int(dimension)
        width = _BYTES[entry["dtype"]]
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(path, f"tensor {name[:80]!r} is not described: {error}") from error
    if count < 0 or start < 0 or end - start != count * width:
        raise CheckpointError(path, f"tensor {name[:80]!r}: its bytes do not fit its shape")
    return start, end, count


def check_folder(folder: Path) -> tuple[dict[str, Any], int]:
    """`config.json` and the number of values of a Hugging Face folder. Raises `CheckpointError`."""
    if not folder.is_dir():
        raise CheckpointError(folder, "is not a folder with config.json and model.safetensors")
    config = read_json(folder / "config.json")
    weights = sorted(folder.glob("*.safetensors"))
    if not weights:
        pickles = [
            p.name for kind in ("*.bin", "*.pt", "*.pth", "*.ckpt") for p in folder.glob(kind)
        ]
        hint = f" ({', '.join(pickles)} may hold code: convert to safetensors)" if pickles else ""
        raise CheckpointError(folder, f"holds no .safetensors{hint}")
    return config, sum(check_safetensors(path) for path in weights)
