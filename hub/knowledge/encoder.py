"""The sentence encoder, opened when the first text needs it: a hub that is never asked anything
does not carry it in memory."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from edge.artefact import load_artefact, read_manifest, shipped
from edge.tasks.embed import Embedder

Floats = NDArray[np.float32]

SHIPPED = "embed-en"
ENCODED = ("en",)
"""Languages that the shipped encoder knows. In others its vectors mislead: German questions found
their passage among the first three by words in 85 %, by meaning in 40 %, by both in 68 %."""
_BATCH = 16
"""Texts that run together: few enough that a long one does not pad many short ones."""


class Encoder(Protocol):
    """Texts to unit vectors."""

    @property
    def name(self) -> str:
        """Name and version: vectors of another encoder cannot be compared with these."""

    def encode(self, texts: Sequence[str], kind: Literal["query", "passage"] = "passage") -> Floats:
        """Shape (len(texts), hidden). Raises `EdgeError`."""


class LazyEncoder:
    """The `embed` artefact in `folder` (that which hearthd ships, if None)."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or shipped(SHIPPED)
        manifest = read_manifest(self._folder / "manifest.json")
        self._name = f"{manifest.name} {manifest.version}"
        self._lock = Lock()
        self._embedder: Embedder | None = None

    @property
    def name(self) -> str:
        """Name and version of the artefact."""
        return self._name

    def _run(self, texts: Sequence[str], kind: Literal["query", "passage"]) -> Floats:
        with self._lock:
            if self._embedder is None:
                self._embedder = Embedder(load_artefact(self._folder))
            vectors: Floats = self._embedder.embed_sync(texts, kind)
            return vectors

    def encode(self, texts: Sequence[str], kind: Literal["query", "passage"] = "passage") -> Floats:
        """Shape (len(texts), hidden). Raises `EdgeError`."""
        if not texts:
            return np.zeros((0, 0), np.float32)
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        parts = [
            self._run([texts[i] for i in order[start : start + _BATCH]], kind)
            for start in range(0, len(order), _BATCH)
        ]
        joined = np.concatenate(parts)
        found = np.empty_like(joined)
        found[order] = joined
        return found
