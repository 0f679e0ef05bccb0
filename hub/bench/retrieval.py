"""How long a search takes in a large knowledge base.

The base is made of the passages that a folder's manuals have: each new one mixes the sentences of
three, with the vector of one of them moved at random, so that words are as frequent and vectors as
close together as in real ones, without encoding every text. What is timed is a whole search as a
question has it: encoding it, words, meaning, and reading the passages.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hub.bench.ask import questions
from hub.knowledge import Knowledge
from hub.knowledge.encoder import Encoder, LazyEncoder
from hub.knowledge.reading import readable
from hub.knowledge.store import NewChunk, NewDocument, Store, writing
from hub.knowledge.terms import terms, words
from hub.knowledge.values import NO_DEVICE, Chunk, Kind, Passage, Unit

Floats = NDArray[np.float32]

FIRST = 3
_PER_DOCUMENT = 500
_MOVED = 0.6
"""Length of the random part of a vector beside the unit vector that it starts from."""


@dataclass(frozen=True, slots=True)
class Retrieval:
    """Figures of one run. `first_ms` is the first search, which reads all vectors."""

    chunks: int
    first_ms: float
    milliseconds: tuple[float, ...]
    grown_mb: float

    def percentile(self, share: int) -> float:
        """Milliseconds that `share` percent of the searches stay within."""
        return float(np.percentile(self.milliseconds, share))


def measure(manuals: Path, sets: Sequence[str], chunks: int, seed: int = 1) -> Retrieval:
    """Search a base of so many passages for every question of the sets."""
    asked = [q.text for name in sets for q in questions(manuals / "questions" / f"{name}.tsv")]
    encoder = LazyEncoder()
    with tempfile.TemporaryDirectory(prefix="hearthd-retrieval-") as folder:
        _fill(Path(folder), manuals, chunks, encoder, random.Random(seed))
        knowledge = Knowledge(Path(folder), encoder)
        stored = sum(document.chunks for document in knowledge.documents())
        encoder.encode(["warm"])
        before = _resident()
        first_ms = _milliseconds(knowledge, asked[0])
        timed = tuple(_milliseconds(knowledge, text) for text in asked)
        grown = _resident() - before
        knowledge.close()
    return Retrieval(stored, first_ms, timed, grown)


def _resident() -> float:
    """MB of this process in memory."""
    status = Path("/proc/self/status").read_text("utf-8")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1000


def _milliseconds(knowledge: Knowledge, text: str) -> float:
    started = time.perf_counter()
    knowledge.search(text, FIRST)
    return (time.perf_counter() - started) * 1000


def _fill(
    folder: Path, manuals: Path, chunks: int, encoder: Encoder, chance: random.Random
) -> None:
    """Write `chunks` passages to a knowledge base in `folder`."""
    known = Knowledge(folder, encoder)
    for path in sorted(filter(readable, manuals.iterdir())):  # not those in other languages
        known.add(path, datetime.now(UTC))
    with writing(known.path) as store:
        passages, vectors = _read(store)
        for document in _documents(passages, vectors, chunks - len(passages), chance):
            store.save(document)


def _read(store: Store) -> tuple[list[Passage], Floats]:
    ids, _, vectors = store.vectors()
    found = store.passages([int(id_) for id_ in ids])
    return [found[int(id_)] for id_ in ids], vectors


def _documents(
    passages: Sequence[Passage], vectors: Floats, wanted: int, chance: random.Random
) -> Iterator[NewDocument]:
    noise = np.random.default_rng(chance.randrange(2**32))
    for start in range(0, wanted, _PER_DOCUMENT):
        made = []
        for _ in range(min(_PER_DOCUMENT, wanted - start)):
            which = chance.randrange(len(passages))
            moved = vectors[which] + _MOVED * _unit(noise.standard_normal((vectors.shape[1],)))
            made.append(_chunk(passages[which], chance.choices(passages, k=2), _unit(moved)))
        name = f"made-{start}"
        yield NewDocument(name, name, name, "en", NO_DEVICE, "", made)


def _unit(vector: NDArray[np.floating]) -> Floats:
    found: Floats = (vector / np.linalg.norm(vector)).astype(np.float32)
    return found


def _chunk(of: Passage, others: Sequence[Passage], vector: Floats) -> NewChunk:
    """A passage with a third of the words of each of three."""
    text = " ".join(
        " ".join(part) for each in (of, *others) if (part := each.chunk.text.split()[::3])
    )
    heading = of.chunk.heading
    chunk = Chunk(heading, of.chunk.place, (Unit(Kind.SENTENCE, text, 0),), text)
    table = words("en")
    columns = (of.title, " ".join(heading), text)
    title, headings, body = (" ".join(terms(column, table)) for column in columns)
    return NewChunk(chunk, (title, headings, body), vector)
