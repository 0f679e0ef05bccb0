"""Cut the vocabulary of a `tokenizer.json`: WordPiece, Unigram, BPE and word-level models.

What is kept reads as before: a text whose pieces are all kept gets the same pieces, under new
numbers. Pieces keep their order, so that special tokens at the front stay where they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from export.errors import CheckpointError
from export.safe import read_json

KINDS = ("WordPiece", "Unigram", "BPE", "WordLevel")
TOKENIZER_LIMIT = 64 << 20
_MARKS = "\u2581\u0120#"  # Metaspace's and byte-level BPE's space, WordPiece's continuation


@dataclass(frozen=True, slots=True)
class Kept:
    """The old ids that are kept, ascending; the new id of each is its place."""

    old: tuple[int, ...]

    @property
    def new(self) -> dict[int, int]:
        """New ids by old ones."""
        return {old: place for place, old in enumerate(self.old)}


def read_tokenizer(folder: Path) -> dict[str, Any]:
    """Raises `CheckpointError` for a tokenizer of a kind that cannot be cut."""
    path = folder / "tokenizer.json"
    found = read_json(path, TOKENIZER_LIMIT)
    kind = (found.get("model") or {}).get("type")
    if kind not in KINDS:
        raise CheckpointError(
            path, f"its model is {kind!r}, not WordPiece, Unigram, BPE, WordLevel"
        )
    return found


def pieces_of(tokenizer: dict[str, Any]) -> list[str]:
    """Every piece, by id. Ids that no piece has are empty."""
    model, added = tokenizer["model"], tokenizer.get("added_tokens") or []
    if model["type"] == "Unigram":
        pairs = [(piece, number) for number, (piece, _) in enumerate(model["vocab"])]
    else:
        pairs = list(model["vocab"].items())
    pairs += [(token["content"], token["id"]) for token in added]
    pieces = [""] * (max(number for _, number in pairs) + 1)
    for piece, number in pairs:
        pieces[number] = piece
    return pieces


def choose(tokenizer: dict[str, Any], used: Iterable[int], count: int) -> Kept:
    """The special pieces, those in `used`, and single letters; filled up to `count` with the most
    likely that are written in the letters of the used ones. The needed may be more than `count`."""
    pieces, model = pieces_of(tokenizer), tokenizer["model"]
    special = {token["id"] for token in tokenizer.get("added_tokens") or []}
    if model.get("unk_id") is not None:
        special.add(model["unk_id"])
    special |= {i for i, piece in enumerate(pieces) if piece == model.get("unk_token")}
    wanted = special | set(used)
    letters = {letter for number in wanted - special for letter in pieces[number]} | set(_MARKS)
    wanted |= {i for i, piece in enumerate(pieces) if piece and _bare(piece) in letters}
    order = range(len(pieces))
    if model["type"] == "Unigram":
        scores = [score for _, score in model["vocab"]] + [-1e9] * len(pieces)
        order = sorted(order, key=lambda number: -scores[number])  # type: ignore[assignment]
    for number in order:
        if len(wanted) >= count:
            break
        if pieces[number] and set(pieces[number]) <= letters:
            wanted.add(number)
    if model["type"] == "BPE":
        wanted = _with_parts(model, wanted)
    return Kept(tuple(sorted(wanted)))


def _bare(piece: str) -> str:
    return piece.strip(_MARKS) or piece


def _with_parts(model: dict[str, Any], wanted: set[int]) -> set[int]:
    """A merged piece is only reached through what it is merged from."""
    numbers, whole = model["vocab"], set(wanted)
    for left, right in reversed([_pair(merge) for merge in model["merges"]]):
        if numbers.get(left + right) in whole:
            whole |= {numbers[left], numbers[right]}
    return whole


def _pair(merge: str | Sequence[str]) -> tuple[str, str]:
    left, right = merge.split(" ") if isinstance(merge, str) else merge
    return left, right


def cut_tokenizer(tokenizer: dict[str, Any], kept: Kept) -> dict[str, Any]:
    """The tokenizer with the kept pieces alone."""
    model = dict(tokenizer["model"])
    new = kept.new
    if model["type"] == "Unigram":
        model["vocab"] = [model["vocab"][old] for old in kept.old if old < len(model["vocab"])]
        model["unk_id"] = new.get(model["unk_id"]) if model.get("unk_id") is not None else None
    else:
        model["vocab"] = {p: new[old] for p, old in model["vocab"].items() if old in new}
    if model["type"] == "BPE":
        vocabulary = model["vocab"]
        model["merges"] = [
            merge
            for merge in model["merges"]
            if {(pair := _pair(merge))[0], pair[1], pair[0] + pair[1]} <= vocabulary.keys()
        ]
    added = [
        {**token, "id": new[token["id"]]}
        for token in tokenizer.get("added_tokens") or []
        if token["id"] in new
    ]
    processor = _renumbered(tokenizer.get("post_processor"), new)
    padding = dict(tokenizer["padding"]) if tokenizer.get("padding") else None
    if padding:
        padding["pad_id"] = new[padding["pad_id"]]
    return tokenizer | {
        "model": model, "added_tokens": added, "post_processor": processor, "padding": padding,
    }  # fmt: skip


def _renumbered(processor: Any, new: dict[int, int]) -> Any:
    """Post-processors name special tokens by text and number: `["[SEP]", 102]`, and templates in
    `special_tokens: {name: {ids: [...]}}`."""
    if isinstance(processor, list):
        if len(processor) == 2 and isinstance(processor[0], str) and isinstance(processor[1], int):
            return [processor[0], new[processor[1]]]
        return [_renumbered(part, new) for part in processor]
    if isinstance(processor, dict):
        return {
            key: [new[number] for number in value] if key == "ids" else _renumbered(value, new)
            for key, value in processor.items()
        }
    return processor
