"""Passages for a question: by words (BM25) and by meaning (cosine), fused by reciprocal rank
(Cormack et al. 2009)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hub.knowledge.encoder import ENCODED, Encoder
from hub.knowledge.store import Store
from hub.knowledge.terms import Question, code_key, words
from hub.knowledge.values import Found

Floats = NDArray[np.float32]
Way = Literal["words", "meaning", "fused"]

_UNRANKED = (0, 0)
DEPTH = 40
"""Passages that each way contributes."""
_RANK_OFFSET = 2
"""Of reciprocal rank fusion; far smaller than the usual 60: what one of the ways puts first is
mostly right, and being tenth in both tells little. Of 20 and 2, the passage was among the first
three for 92.6% and 95.1% of 675 questions."""


@dataclass(slots=True)
class Matrix:
    """All vectors in memory, of one generation of the store."""

    generation: int
    ids: NDArray[np.int64]
    documents: NDArray[np.int64]
    vectors: Floats


def matrix_of(store: Store) -> Matrix:
    """Read all vectors: 75 MB for 50,000 passages."""
    generation = store.generation
    return Matrix(generation, *store.vectors())


@dataclass(frozen=True, slots=True)
class Searching:
    """What a search needs. `vector` is the question's."""

    store: Store
    matrix: Matrix
    vector: Floats


def search(
    searching: Searching,
    question: Question,
    limit: int,
    documents: Sequence[int] = (),
    way: Way = "fused",
) -> list[Found]:
    """The best passages, best first; only of `documents` where any are named. A question in a
    language that the encoder does not know is searched by words, and only what these leave empty
    is filled up by meaning: a small manual is looked at whole."""
    fill = way == "fused" and question.language not in ENCODED
    if fill:
        way = "words"
    by_words = _by_words(searching.store, question, documents) if way != "meaning" else []
    cosines = _cosines(searching, documents)
    nearest = sorted(cosines, key=lambda id_: -cosines[id_])[:DEPTH] if way != "words" else []
    ranks: dict[int, tuple[int, int]] = {}
    for rank, chunk in enumerate(by_words, 1):
        ranks[chunk] = (rank, 0)
    for rank, chunk in enumerate(nearest, 1):
        ranks[chunk] = (ranks.get(chunk, _UNRANKED)[0], rank)
    scores = {
        chunk: sum(1 / (_RANK_OFFSET + rank) for rank in both if rank)
        for chunk, both in ranks.items()
    }
    best = sorted(scores, key=lambda chunk: -scores[chunk])[:limit]
    if fill and len(best) < limit:
        rest = sorted(cosines.keys() - ranks.keys(), key=lambda id_: -cosines[id_])
        best += rest[: limit - len(best)]
    passages = searching.store.passages(best)
    return [
        Found(passages[c], scores.get(c, 0.0), *ranks.get(c, _UNRANKED), cosines.get(c, 0.0))
        for c in best
        if c in passages
    ]


def _by_words(store: Store, question: Question, documents: Sequence[int]) -> list[int]:
    return [chunk for chunk, _ in store.by_words(wanted_stems(question), DEPTH, documents)]


def wanted_stems(question: Question) -> list[str]:
    """The stems to look for: the question's own, what manuals say instead, and codes."""
    same = words(question.language).same
    stems = [term.stem for term in question.terms]
    stems += [meant for stem in stems for meant in same.get(stem, ())]
    stems += [code_key(code) for code in question.codes]
    return list(dict.fromkeys(stems))


def _cosines(searching: Searching, documents: Sequence[int]) -> dict[int, float]:
    matrix = searching.matrix
    if not len(matrix.ids):
        return {}
    similar = matrix.vectors @ searching.vector
    if documents:
        similar = np.where(np.isin(matrix.documents, list(documents)), similar, -1.0)
    top = np.argpartition(-similar, min(DEPTH * 4, len(similar) - 1))[: DEPTH * 4]
    return {int(matrix.ids[i]): float(similar[i]) for i in top if similar[i] > -1.0}


def query_vector(encoder: Encoder, text: str) -> Floats:
    """The question's vector."""
    vector: Floats = encoder.encode([text], "query")[0]
    return vector
