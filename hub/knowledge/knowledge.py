"""The knowledge base: a folder with one store, asked and added to."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Literal

from hub.knowledge.answer import compose
from hub.knowledge.encoder import ENCODED, Encoder, Floats, LazyEncoder
from hub.knowledge.evidence import (
    Asked,
    Candidate,
    candidates_of,
    features,
    fitted,
    weigh,
)
from hub.knowledge.index import Indexed, Indexing, Progress, index
from hub.knowledge.judge import JUDGED, Judge, LazyJudge, believed, hear, trust
from hub.knowledge.search import Matrix, Searching, Way, matrix_of, query_vector, search
from hub.knowledge.store import Store, StoredDocument, writing
from hub.knowledge.terms import LANGUAGES, Question, language_of, question_of, words
from hub.knowledge.values import NO_DEVICE, About, Answered, Found, Passage
from hub.languages import fold


@dataclass(frozen=True, slots=True)
class Best:
    """The likeliest unit for a question, with the probability that there is an answer."""

    candidate: Candidate
    confidence: float


FILE = "knowledge.db"
PASSAGES, PASSAGES_BY_WORDS = 14, 8
"""Passages whose units are looked at, and in a language that the encoder does not know."""
COMPLAINT_THRESHOLD = 0.2
"""For a complaint whose device and manual are known already, less is enough than to answer."""
_PREFERRED = 0.05
_VECTORS_KEPT = 8000
"""Of words and units: 12 MB."""


class Knowledge:
    """One knowledge base. Safe to use from several threads; nothing is opened before it is needed.

    Its methods block: call them from a thread (`asyncio.to_thread`).
    """

    def __init__(
        self,
        directory: Path,
        encoder: Encoder | None = None,
        judge: Judge | Literal["none"] | None = None,
    ) -> None:
        self.path = directory / FILE
        self._encoder = encoder
        self._judge = LazyJudge() if judge is None else judge
        self._store: Store | None = None
        self._matrix: Matrix | None = None
        self._vectors: dict[str, Floats] = {}
        self._lock = Lock()

    @property
    def encoder(self) -> Encoder:
        """The sentence encoder. Raises `EdgeError`."""
        self._encoder = self._encoder or LazyEncoder()
        return self._encoder

    @property
    def exists(self) -> bool:
        """Whether anything was ever added."""
        return self.path.exists()

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._store is not None:
                self._store.close()
            self._store = self._matrix = None
        if self._judge != "none":
            self._judge.close()

    def add(
        self,
        source: Path,
        now: datetime,
        about: About = NO_DEVICE,
        report: Callable[[Progress], None] = lambda _: None,
    ) -> Indexed:
        """Take in a file or a folder. Raises `KnowledgeError` and `EdgeError`."""
        with writing(self.path) as store:
            return index(Indexing(store, self.encoder, now, report), source, about)

    def documents(self) -> list[StoredDocument]:
        """What is in it. Raises `StoreError`."""
        if not self.exists:
            return []
        with closing(Store(self.path)) as store:
            return store.documents()

    def remove(self, path: str) -> bool:
        """Forget a document; False if there is none at this path. Raises `StoreError`."""
        if not self.exists:
            return False
        with writing(self.path) as store:
            return store.remove(path)

    def search(
        self, text: str, limit: int = 5, documents: Sequence[int] = (), way: Way = "fused"
    ) -> list[Found]:
        """The best passages for some words. Raises `StoreError` and `EdgeError`."""
        if not self.exists:
            return []
        with self._lock:
            store = self._opened()
            question = question_of(text, self._language(store, text, None))
            return search(self._searching(store, text), question, limit, documents, way)

    def ask(
        self, text: str, language: str | None = None, documents: Sequence[int] = ()
    ) -> Answered:
        """What the documents say, those in the question's language; of `documents` only, where any
        are named. Raises `StoreError` and `EdgeError`."""
        if not self.exists or not self.documents():
            return Answered(False, words(language or language_of(text)).no_documents, 0.0)
        if not documents:
            with self._lock:
                store = self._opened()
                asked, have = self._language(store, text, language), store.languages()
                documents = store.in_language(asked) if len(have) > 1 else ()
            if asked in LANGUAGES and asked not in have:
                said = words(asked).other_language.format(languages=", ".join(sorted(have)))
                return Answered(False, said, 0.0)
        question, candidates, rows = self.evidence(text, language, documents)
        encoded = question.language in ENCODED
        weights = fitted(encoded)
        shares, threshold = weigh(rows, weights.values), weights.threshold
        if self._judge != "none" and question.language in JUDGED:
            counts = trust(encoded)
            heard, threshold = hear(self._judge, question, candidates, rows), counts.threshold
            candidates, shares = heard.candidates, believed(heard, counts.weights)
        return compose(question, candidates, shares, threshold)

    def best(
        self, text: str, language: str, documents: Sequence[int], prefer: re.Pattern[str]
    ) -> Best | None:
        """The likeliest unit of `documents` for a complaint, of a passage whose heading fits
        `prefer` if one is likely too; None where hardly any is. Raises as `ask`."""
        question, candidates, rows = self.evidence(text, language, documents)
        shares = weigh(rows, fitted(question.language in ENCODED).values)
        confidence = float(shares.sum())
        if not len(shares) or confidence < COMPLAINT_THRESHOLD:
            return None
        top = float(shares.max()) * _PREFERRED
        preferred = [
            i
            for i, candidate in enumerate(candidates)
            if shares[i] >= top and prefer.search(fold(candidate.found.passage.chunk.heading[-1]))
        ]
        chosen = max(preferred, key=lambda i: shares[i]) if preferred else int(shares.argmax())
        return Best(candidates[chosen], confidence)

    def passages_of(self, document: int) -> list[Passage]:
        """All passages of a document in their order. Raises `StoreError`."""
        with self._lock:
            return self._opened().passages_of(document)

    def evidence(
        self,
        text: str,
        language: str | None = None,
        documents: Sequence[int] = (),
        hidden: Callable[[Found], bool] = lambda _: False,
    ) -> tuple[Question, list[Candidate], Floats]:
        """The question, what may answer it, and what speaks for each; as if the documents lacked
        the `hidden` passages. Raises as `ask`."""
        with self._lock:
            store = self._opened()
            question = question_of(text, self._language(store, text, language))
            searching = self._searching(store, text)
            limit = PASSAGES if question.language in ENCODED else PASSAGES_BY_WORDS
            found = search(searching, question, limit, documents)
            candidates = candidates_of([each for each in found if not hidden(each)])
            if len(self._vectors) > _VECTORS_KEPT:
                self._vectors.clear()
            asked = Asked(
                question, searching.vector, self.encoder,
                store.frequency([term.stem for term in question.terms]), store.count(),
                [_named(document) for document in store.documents()], self._vectors,
            )  # fmt: skip
            return question, candidates, features(asked, candidates)

    def _opened(self) -> Store:
        if self._store is None:
            self._store = Store(self.path)
        return self._store

    def _searching(self, store: Store, text: str) -> Searching:
        if self._matrix is None or self._matrix.generation != store.generation:
            self._matrix = matrix_of(store)
        return Searching(store, self._matrix, query_vector(self.encoder, text))

    @staticmethod
    def _language(store: Store, text: str, language: str | None) -> str:
        """The question's language: as given, else by its small words; what most documents are in
        where these do not tell."""
        if language is not None:
            return language.split("-", maxsplit=1)[0]
        have = store.languages()
        return language_of(text, sorted(LANGUAGES, key=lambda code: -have.get(code, 0)))


def _named(document: StoredDocument) -> str:
    about = document.about
    names = (document.title, about.manufacturer, about.model, about.device)
    return " ".join(name for name in names if name)
