"""Cut the vocabulary of a checkpoint to what given texts need: `hearthd models trim`.

In a small multilingual model most of the weights are rows of the embedding, for words of languages
that a home never speaks. Rows that are kept are kept as they are, so a text that still reads in the
same pieces gives the same result, bit for bit; how many texts do is measured on texts that had no
part in the choice.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import Tensor

from export.encoders import plain_tokenizer
from export.errors import CheckpointError, ExportFailed
from export.safe import check_folder, read_json
from export.vocabulary_file import Kept, choose, cut_tokenizer, read_tokenizer

HELD_OUT = 5
"""Every fifth text has no part in the choice and is what is measured on."""
_BY_PIECE = re.compile(r"embed|shared|lm_head|logits_bias|predictions|wte")
_IDS = re.compile(r"(_token_id|_token_ids|_words_ids|_tokens)$")


@dataclass(frozen=True, slots=True)
class Trimmed:
    """One size. `same` is the share of held-out texts that read in the same pieces as before;
    `unknown` the share of their pieces that are the unknown one; `longer` how many times as many
    pieces they have; the sizes are of the weights in float32."""

    folder: Path
    pieces: int
    megabytes: float
    same: float
    longer: float
    unknown: float


def trim(checkpoint: Path, out: Path, texts: Sequence[str], counts: Sequence[int]) -> list[Trimmed]:
    """A row for the checkpoint as it is, and one for each of `counts`, written to `out`/count.

    Raises `CheckpointError` for a checkpoint that cannot be cut, `ExportFailed` for too few texts.
    """
    if len(texts) < 2 * HELD_OUT:
        raise ExportFailed(f"{len(texts)} texts are too few to choose by and to measure on")
    config, _ = check_folder(checkpoint)
    tokenizer, before = read_tokenizer(checkpoint), plain_tokenizer(checkpoint)
    seen = [text for number, text in enumerate(texts) if number % HELD_OUT]
    held = list(texts[::HELD_OUT])
    used = {number for encoding in before.encode_batch(seen) for number in encoding.ids}
    used |= _named(config)
    rows = [_measured(checkpoint, before, before, held)]
    for count in counts:
        folder = out / str(count)
        kept = choose(tokenizer, used, count)
        _write(checkpoint, folder, tokenizer, kept)
        rows.append(_measured(folder, before, plain_tokenizer(folder), held))
    return rows


def _write(checkpoint: Path, folder: Path, tokenizer: dict[str, Any], kept: Kept) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    old = re.compile(r"tokenizer\.json|vocab\.(txt|json)|merges\.txt|.*\.(spm|model|safetensors)")
    shutil.copytree(
        checkpoint, folder, ignore=lambda _, names: [name for name in names if old.fullmatch(name)]
    )
    config = read_json(checkpoint / "config.json")
    size = _size(checkpoint, config)
    for path in checkpoint.glob("*.safetensors"):
        tensors = {name: _cut(name, tensor, size, kept) for name, tensor in load_file(path).items()}
        save_file(tensors, folder / path.name, metadata={"format": "pt"})
    text = json.dumps(cut_tokenizer(tokenizer, kept), ensure_ascii=False)
    (folder / "tokenizer.json").write_text(text, "utf-8")
    for name in ("config.json", "generation_config.json"):
        if (checkpoint / name).exists():
            changed = _renumbered(read_json(checkpoint / name), kept, size)
            (folder / name).write_text(json.dumps(changed, indent=1) + "\n", "utf-8")


def _size(checkpoint: Path, config: Mapping[str, Any]) -> int:
    inner = config.get("model") if isinstance(config.get("model"), dict) else {}
    found = config.get("vocab_size") or (inner or {}).get("vocabulary")
    if not isinstance(found, int):
        raise CheckpointError(checkpoint / "config.json", "says no vocab_size")
    return found


def _named(config: Mapping[str, Any]) -> set[int]:
    """Pieces that the configuration names, such as padding and start."""
    found: set[int] = set()
    for key, value in config.items():
        if isinstance(value, dict):
            found |= _named(value)
        elif key.endswith("_token_id") and isinstance(value, int):
            found.add(value)
    return found


def _cut(name: str, tensor: Tensor, size: int, kept: Kept) -> Tensor:
    """The rows of kept pieces; other tensors as they are."""
    axes = [axis for axis, length in enumerate(tensor.shape) if length == size]
    if not _BY_PIECE.search(name) or len(axes) != 1 or "position" in name:
        return tensor
    if kept.old[-1] >= size:
        raise CheckpointError(name, f"has {size} rows, the tokenizer goes to {kept.old[-1]}")
    return tensor.index_select(axes[0], torch.tensor(kept.old)).contiguous()


def _renumbered(config: dict[str, Any], kept: Kept, size: int) -> dict[str, Any]:
    """With the new size, and the new ids of special tokens."""
    new = kept.new

    def changed(key: str, value: Any) -> Any:
        if key in ("vocab_size", "decoder_vocab_size", "vocabulary") and value == size:
            return len(kept.old)
        if _IDS.search(key) or key == "pad":
            return _mapped(value, new)
        if isinstance(value, dict):
            return {inner: changed(inner, found) for inner, found in value.items()}
        return value

    return {key: changed(key, value) for key, value in config.items()}


def _mapped(value: Any, new: Mapping[int, int]) -> Any:
    if isinstance(value, list):
        inner = [_mapped(part, new) for part in value]
        return [part for part in inner if part not in (None, [])]
    return new.get(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _measured(folder: Path, before: Tokenizer, after: Tokenizer, held: Sequence[str]) -> Trimmed:
    was, now = before.encode_batch(list(held)), after.encode_batch(list(held))
    same = sum(a.tokens == b.tokens for a, b in zip(was, now, strict=True)) / len(held)
    count = sum(len(encoding.ids) for encoding in now)
    unknown = sum(piece in ("[UNK]", "<unk>") for encoding in now for piece in encoding.tokens)
    return Trimmed(
        folder, after.get_vocab_size(),
        sum(path.stat().st_size for path in folder.glob("*.safetensors")) / 1e6,
        same, count / max(1, sum(len(encoding.ids) for encoding in was)), unknown / max(1, count),
    )  # fmt: skip


def table(rows: Sequence[Trimmed]) -> str:
    """Size against quality, a size a line."""
    lines = [f"{'pieces':>8} {'MB':>8} {'read as before':>15} {'longer':>7} {'unknown':>8}"]
    lines += [
        f"{row.pieces:8} {row.megabytes:8.1f} {row.same:15.1%} {row.longer:7.3f} {row.unknown:8.2%}"
        for row in rows
    ]
    return "\n".join(lines)
