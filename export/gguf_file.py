"""GGUF of the llama family: check it, read its blocks as they are, and make a Hugging Face folder.

Q4_1 (llama.cpp): blocks of 32 weights, W = d q + m with q in 0..15. Q8_0: W = d q, q in -127..127.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from export.errors import CheckpointError

BLOCK = 32

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Blocks:
    """Weights of a linear layer in blocks along its input: W = scale (values - zero) + offset.

    `values` is uint8 (N, K/32, 32), `scale` and `offset` float32 (N, K/32); `zero` is 8 for four
    bits and 128 for eight. Without offset, W = scale (values - zero).
    """

    bits: int
    values: NDArray[np.uint8]
    scale: Floats
    offset: Floats | None = None


def check_gguf(path: Path) -> int:
    """Number of tensors. Raises `CheckpointError` for what is not GGUF 2 or 3, or claims counts
    that its size cannot hold."""
    size = path.stat().st_size
    with path.open("rb") as stream:
        head = stream.read(24)
    if len(head) < 24 or head[:4] != b"GGUF":
        raise CheckpointError(path, "is not GGUF")
    version, tensors, keys = struct.unpack("<IQQ", head[4:])
    if version not in (2, 3):
        raise CheckpointError(path, f"is GGUF version {version}; 2 and 3 are known")
    if not 0 < tensors <= min(65_536, size // 32) or keys > min(65_536, size // 8):
        raise CheckpointError(path, f"claims {tensors} tensors and {keys} keys")
    return int(tensors)


def to_folder(path: Path, folder: Path) -> dict[str, Any]:
    """A Hugging Face folder with the weights as float32 and the tokenizer. Returns its config.

    Raises `CheckpointError` for a file that transformers cannot read, and for other families.
    """
    import torch  # noqa: PLC0415
    from transformers import (  # noqa: PLC0415
        AutoModelForCausalLM,
        AutoTokenizer,
    )

    check_gguf(path)
    where: dict[str, Any] = {"pretrained_model_name_or_path": path.parent, "gguf_file": path.name}
    try:
        read = AutoModelForCausalLM.from_pretrained(**where, dtype=torch.float32)
        tokenizer = AutoTokenizer.from_pretrained(**where)
    except Exception as error:  # many kinds, from two libraries
        raise CheckpointError(path, f"transformers cannot read it: {error}") from error
    if read.config.model_type not in ("llama", "mistral"):
        raise CheckpointError(path, f"is of the {read.config.model_type} family, not llama")
    said = read.config.to_dict()
    kept = {k: v for k, v in said.items() if k not in ("quantization_config", "_name_or_path")}
    # written at top level too: readers of the older form take 10,000 without it
    kept["rope_theta"] = said.get("rope_parameters", {}).get("rope_theta", 10_000.0)
    # a fresh model: the one that was read remembers that it was quantised, and will not be saved
    fresh = AutoModelForCausalLM.from_config(type(read.config)(**kept), dtype=torch.float32)
    fresh.load_state_dict(read.state_dict())
    fresh.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return kept


def read_blocks(path: Path, heads: int, kv_heads: int) -> dict[str, Blocks]:
    """Every Q4_1 and Q8_0 tensor by its GGUF name, rows of queries and keys in the order that
    Hugging Face's rotary embedding wants."""
    import gguf  # noqa: PLC0415

    found: dict[str, Blocks] = {}
    for tensor in gguf.GGUFReader(str(path)).tensors:
        kind = tensor.tensor_type.name
        if kind not in _READERS:
            continue
        inner, outer = (int(n) for n in tensor.shape)
        blocks = _READERS[kind](np.asarray(tensor.data).reshape(outer, inner // BLOCK, -1))
        if ".attn_q." in tensor.name:
            blocks = _unpermuted(blocks, heads)
        elif ".attn_k." in tensor.name:
            blocks = _unpermuted(blocks, kv_heads)
        found[tensor.name] = blocks
    return found


def _half(raw: NDArray[np.uint8]) -> Floats:
    return raw.copy().view(np.float16).astype(np.float32)[..., 0]


def _q4_1(raw: NDArray[np.uint8]) -> Blocks:
    scale, least, packed = _half(raw[..., :2]), _half(raw[..., 2:4]), raw[..., 4:]
    values = np.concatenate([packed & 15, packed >> 4], axis=-1)
    return Blocks(4, values, scale, least + 8 * scale)


def _q8_0(raw: NDArray[np.uint8]) -> Blocks:
    values = (raw[..., 2:].view(np.int8).astype(np.int16) + 128).astype(np.uint8)
    return Blocks(8, values, _half(raw[..., :2]))


_READERS: dict[str, Callable[[NDArray[np.uint8]], Blocks]] = {"Q4_1": _q4_1, "Q8_0": _q8_0}


def _unpermuted(blocks: Blocks, heads: int) -> Blocks:
    """llama.cpp interleaves the halves of each head's rows; Hugging Face does not."""

    def rows(array: NDArray[Any]) -> NDArray[Any]:
        split = array.reshape(heads, array.shape[0] // heads // 2, 2, *array.shape[1:])
        return split.swapaxes(1, 2).reshape(array.shape)

    offset = rows(blocks.offset) if blocks.offset is not None else None
    return Blocks(blocks.bits, rows(blocks.values), rows(blocks.scale), offset)


def quantised(weight: Floats, bits: int = 8) -> Blocks:
    """Symmetric, 4 or 8 bits, by blocks of 32; `weight` is (N, K)."""
    blocks = weight.reshape(weight.shape[0], -1, BLOCK)
    zero = 1 << (bits - 1)
    scale = np.abs(blocks).max(-1) / (zero - 1)
    scale[scale == 0] = 1.0
    values = np.round(blocks / scale[..., None]) + zero
    return Blocks(bits, values.astype(np.uint8), scale.astype(np.float32))


def joined(parts: list[Blocks]) -> Blocks:
    """Layers that read the same input, as one: rows below rows. All of one kind."""
    offsets = [part.offset for part in parts if part.offset is not None]
    return Blocks(
        parts[0].bits,
        np.concatenate([part.values for part in parts]),
        np.concatenate([part.scale for part in parts]),
        np.concatenate(offsets) if offsets else None,
    )
