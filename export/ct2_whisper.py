"""CTranslate2's Whisper folder (`model.bin`) to a Hugging Face folder.

The file is little-endian: u32 version, name, u32 revision, u32 count, then variables of (name, u8
rank, u32 dimensions, u8 kind, u32 bytes, data), then aliases. Names are u16 length and characters
with a zero behind. Queries, keys and values are stored as one matrix.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import WhisperConfig, WhisperForConditionalGeneration

from export.errors import CheckpointError

_KINDS: Mapping[int, str] = {0: "<f4", 1: "<i1", 2: "<i2", 3: "<i4", 4: "<f2"}
_VARIABLES = 10_000

Floats = NDArray[np.float32]


def read_variables(raw: bytes, where: Path) -> dict[str, NDArray[Any]]:
    """All variables by name. Raises `CheckpointError` for a file that is cut or something else."""
    at = 0

    def take(layout: str) -> int:
        nonlocal at
        (value,) = struct.unpack_from("<" + layout, raw, at)
        at += struct.calcsize("<" + layout)
        return int(value)

    def name() -> str:
        nonlocal at
        length = take("H")
        text = raw[at : at + length - 1].decode("utf-8")
        at += length
        return text

    try:
        version, kind, _, count = take("I"), name(), take("I"), take("I")
        if version < 5 or kind != "WhisperSpec" or count > _VARIABLES:
            raise CheckpointError(where, f"is {kind[:40]!r} version {version}, not a Whisper")
        found: dict[str, NDArray[Any]] = {}
        for _ in range(count):
            key = name()
            shape = [take("I") for _ in range(take("B"))]
            dtype, size = np.dtype(_KINDS[take("B")]), take("I")
            if at + size > len(raw) or size != dtype.itemsize * int(np.prod(shape or [1])):
                raise CheckpointError(where, f"{key}: its bytes do not fit its shape, or are cut")
            found[key] = np.frombuffer(raw, dtype, size // dtype.itemsize, at).reshape(shape)
            at += size
    except (struct.error, UnicodeDecodeError, KeyError, ValueError) as error:
        raise CheckpointError(where, f"not a CTranslate2 model: {error}") from error
    return found


def to_folder(raw: bytes, settings: Mapping[str, Any], where: Path, folder: Path) -> dict[str, int]:
    """Write `folder` with the weights as float32; returns sizes. Raises `CheckpointError`."""
    variables = read_variables(raw, where)
    try:
        config = _config(variables, settings)
        state = {key: torch.from_numpy(array) for key, array in _renamed(variables, config).items()}
    except (KeyError, ValueError) as error:
        raise CheckpointError(where, f"lacks {error}") from error
    model = WhisperForConditionalGeneration(config)
    missing, unexpected = model.load_state_dict(state, strict=False)
    if unexpected or set(missing) - {"proj_out.weight"}:
        raise CheckpointError(where, f"does not fit Whisper: {(missing + unexpected)[:3]}")
    model.save_pretrained(folder)
    return {"layers": config.decoder_layers, "width": config.d_model, "tokens": config.vocab_size}


def _config(variables: Mapping[str, NDArray[Any]], settings: Mapping[str, Any]) -> WhisperConfig:
    def layers(part: str) -> int:
        return len(
            {key.split("/")[1] for key in variables if key.startswith(f"{part}/layer_")}
            - {"layer_norm"}
        )

    tokens, width = variables["decoder/embeddings/weight"].shape
    hidden = variables["encoder/layer_0/ffn/linear_0/weight"].shape[0]
    return WhisperConfig(
        vocab_size=tokens, d_model=width, encoder_layers=layers("encoder"),
        decoder_layers=layers("decoder"), encoder_ffn_dim=hidden, decoder_ffn_dim=hidden,
        encoder_attention_heads=int(variables["encoder/num_heads"]),
        decoder_attention_heads=int(variables["decoder/num_heads"]),
        num_mel_bins=variables["encoder/conv1/weight"].shape[1],
        suppress_tokens=list(settings.get("suppress_ids", [])),
        begin_suppress_tokens=list(settings.get("suppress_ids_begin", [])),
        pad_token_id=50256, bos_token_id=50256, eos_token_id=50256, decoder_start_token_id=50257,
    )  # fmt: skip


def _renamed(variables: Mapping[str, NDArray[Any]], config: WhisperConfig) -> dict[str, Floats]:
    out: dict[str, Floats] = {}
    plain = {"gamma": "weight", "beta": "bias", "weight": "weight", "bias": "bias"}

    def put(target: str, source: str) -> None:
        for theirs, ours in plain.items():
            if f"{source}/{theirs}" in variables:
                out[f"{target}.{ours}"] = variables[f"{source}/{theirs}"].astype(np.float32)

    def split(target: str, source: str, names: tuple[str, ...]) -> None:
        for kind in ("weight", "bias"):
            parts = np.split(variables[f"{source}/{kind}"].astype(np.float32), len(names))
            for name, part in zip(names, parts, strict=True):
                if (name, kind) != ("k_proj", "bias"):  # Whisper's keys have none
                    out[f"{target}.{name}.{kind}"] = np.ascontiguousarray(part)

    for part, count in (("encoder", config.encoder_layers), ("decoder", config.decoder_layers)):
        for number in range(count):
            ours, theirs = f"model.{part}.layers.{number}", f"{part}/layer_{number}"
            own = f"{theirs}/self_attention"
            split(f"{ours}.self_attn", f"{own}/linear_0", ("q_proj", "k_proj", "v_proj"))
            put(f"{ours}.self_attn.out_proj", f"{own}/linear_1")
            put(f"{ours}.self_attn_layer_norm", f"{own}/layer_norm")
            if part == "decoder":
                cross = f"{theirs}/attention"
                put(f"{ours}.encoder_attn.q_proj", f"{cross}/linear_0")
                split(f"{ours}.encoder_attn", f"{cross}/linear_1", ("k_proj", "v_proj"))
                put(f"{ours}.encoder_attn.out_proj", f"{cross}/linear_2")
                put(f"{ours}.encoder_attn_layer_norm", f"{cross}/layer_norm")
            put(f"{ours}.fc1", f"{theirs}/ffn/linear_0")
            put(f"{ours}.fc2", f"{theirs}/ffn/linear_1")
            put(f"{ours}.final_layer_norm", f"{theirs}/ffn/layer_norm")
        put(f"model.{part}.layer_norm", f"{part}/layer_norm")
        positions = variables[f"{part}/position_encodings/encodings"].astype(np.float32)
        out[f"model.{part}.embed_positions.weight"] = positions
    put("model.encoder.conv1", "encoder/conv1")
    put("model.encoder.conv2", "encoder/conv2")
    put("model.decoder.embed_tokens", "decoder/embeddings")
    return out


def special_tokens(tokenizer_json: Path) -> dict[str, int]:
    """Ids of the tokenizer's added tokens, by their text."""
    said = json.loads(tokenizer_json.read_text("utf-8"))
    return {entry["content"]: int(entry["id"]) for entry in said["added_tokens"]}
