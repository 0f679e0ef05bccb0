"""Text classification: a text in, its classes with their probabilities out."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding

from edge.artefact import Artefact
from edge.contract import open_session
from edge.errors import ArtefactError
from edge.sessions import Session, SessionOptions, SessionPool
from edge.tasks.logits import softmax
from edge.tasks.settings import open_tokenizer, read_settings, require_task

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Class:
    """A label and its probability, in [0, 1]."""

    label: str
    probability: float


class TokenModel:
    """What classifiers of texts and of tokens share: tokenizer, session, labels."""

    def __init__(self, artefact: Artefact, task: str, options: SessionOptions | None) -> None:
        require_task(artefact, task)
        settings = read_settings(artefact, {"max_tokens": 256})
        self.labels = artefact.manifest.labels.get("labels", [])
        if not self.labels:
            raise ArtefactError(artefact.folder, "the manifest lists no labels")
        self._tokenizer = open_tokenizer(artefact)
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(settings["max_tokens"])
        self._session: Session = open_session(artefact, options=options)
        provider = self._session.provider.removesuffix("ExecutionProvider")
        self.engine = f"{artefact.manifest.name} {artefact.manifest.version} ({provider})"

    def logits(self, text: str) -> tuple[Encoding, Floats]:
        """The graph's logits of one text, without the batch. Raises `ModelFailed`."""
        encoding = self._tokenizer.encode(text)
        ids = np.array([encoding.ids], dtype=np.int64)
        if not ids.size:
            return encoding, np.zeros((0, len(self.labels)), dtype=np.float32)
        feeds = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
        found: Floats = self._session.run(feeds)["logits"][0]
        return encoding, found


class Classifier(TokenModel):
    """A loaded classification artefact."""

    def __init__(
        self,
        artefact: Artefact,
        options: SessionOptions | None = None,
        pool: SessionPool | None = None,
    ) -> None:
        super().__init__(artefact, "classify", options)
        self._pool = pool
        for test in artefact.manifest.self_tests:
            best = self.classify_sync(str(test.input["text"]))[0]
            said: object = test.output["probability"]
            off = abs(best.probability - float(str(said)))
            if best.label != test.output["label"] or not off <= test.tolerance:
                raise ArtefactError(artefact.folder, f"self-test failed: says {best}")

    async def classify(self, text: str) -> list[Class]:
        """All classes, the most probable first, without blocking the loop."""
        if self._pool:
            return await self._pool.call(lambda: self.classify_sync(text))
        return await asyncio.to_thread(self.classify_sync, text)

    def classify_sync(self, text: str) -> list[Class]:
        """The same in this thread; a text without tokens has no classes. Raises `ModelFailed`."""
        _, logits = self.logits(text)
        if not logits.size:
            return []
        probabilities = softmax(logits)
        order = np.argsort(-probabilities)
        return [Class(self.labels[i], float(probabilities[i])) for i in order]
