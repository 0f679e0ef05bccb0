"""Sentence embeddings: texts in, unit vectors out. Pooling and normalisation are in the graph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from edge.artefact import Artefact
from edge.contract import open_session
from edge.errors import ArtefactError
from edge.sessions import SessionOptions, SessionPool
from edge.tasks.settings import open_tokenizer, read_settings, require_task

if TYPE_CHECKING:
    from edge.batching import MicroBatcher

Floats = NDArray[np.float32]


class Embedder:
    """A loaded embedding artefact. `task_settings`: `max_tokens`, and the prefixes `query` and
    `passage` where the model was trained with such."""

    def __init__(
        self,
        artefact: Artefact,
        options: SessionOptions | None = None,
        pool: SessionPool | None = None,
    ) -> None:
        require_task(artefact, "embed")
        settings = read_settings(
            artefact, {"max_tokens": 256, "pad": 0, "query": "", "passage": ""}
        )
        self._prefix: dict[str, str] = {k: settings[k] for k in ("query", "passage")}
        self._tokenizer = open_tokenizer(artefact)
        self._tokenizer.enable_truncation(settings["max_tokens"])
        self._tokenizer.enable_padding(pad_id=settings["pad"])
        self._session = open_session(artefact, options=options)
        self._pool = pool
        self._batches: MicroBatcher[str, Floats] | None = None
        self.engine = f"{artefact.manifest.name} {artefact.manifest.version} ({self.provider})"
        self._self_test(artefact)

    @property
    def provider(self) -> str:
        """The execution provider in use."""
        return self._session.provider.removesuffix("ExecutionProvider")

    def embed_sync(
        self, texts: Sequence[str], kind: Literal["query", "passage"] = "passage"
    ) -> Floats:
        """Unit vectors of shape (len(texts), hidden). Raises `ModelFailed`."""
        return self._vectors([self._prefix[kind] + text for text in texts])

    async def embed(self, text: str, kind: Literal["query", "passage"] = "passage") -> Floats:
        """The unit vector of one text, shape (hidden,). Does not block the loop; requests that
        come together run together. Raises `ModelFailed`."""
        if self._batches is None:
            from edge.batching import MicroBatcher  # noqa: PLC0415 (see `edge.sessions`)

            self._batches = MicroBatcher(self._run_batch)
        return await self._batches.submit(self._prefix[kind] + text)

    async def _run_batch(self, texts: Sequence[str]) -> Sequence[Floats]:
        def run() -> Sequence[Floats]:
            return list(self._vectors(texts))

        if self._pool:
            return await self._pool.call(run)
        import asyncio  # noqa: PLC0415 (see `edge.sessions`)

        return await asyncio.to_thread(run)

    def _vectors(self, texts: Sequence[str]) -> Floats:
        if len(texts) == 1:  # without the threads that tokenizers keeps for many
            encodings = [self._tokenizer.encode(texts[0])]
        else:
            encodings = self._tokenizer.encode_batch(list(texts))
        ids = np.array([encoding.ids for encoding in encodings], dtype=np.int64)
        mask = np.array([encoding.attention_mask for encoding in encodings], dtype=np.int64)
        return self._session.run({"input_ids": ids, "attention_mask": mask})["vector"]

    def _self_test(self, artefact: Artefact) -> None:
        for test in artefact.manifest.self_tests:
            text, expected = str(test.input["text"]), np.array(test.output["vector"], np.float32)
            found = self.embed_sync([text])[0]
            far = 1.0 - cosine(found, expected) if found.shape == expected.shape else 2.0
            if not far <= test.tolerance:
                raise ArtefactError(artefact.folder, f"self-test failed: {text!r} is {far:.3f} off")


def cosine(one: Any, other: Any) -> float:
    """Of two vectors; 0 if either is zero."""
    size = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(np.dot(one, other)) / size if size else 0.0
