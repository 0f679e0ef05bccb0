"""Sequence to sequence: a text in, its translation out, by an encoder-decoder with a cache."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

import numpy as np

from edge.artefact import Artefact
from edge.contract import open_session
from edge.decoding import Cache, Limits, decode
from edge.errors import ArtefactError, ModelFailed
from edge.register import PLACEHOLDER, words_of
from edge.sessions import SessionOptions, SessionPool
from edge.tasks.settings import open_tokenizer, read_settings, require_task

DEFAULTS: dict[str, Any] = {
    "layers": 0, "heads": 0, "width": 0, "start": 0, "end": 0, "max_tokens": 256, "forbidden": [],
    "pairs": [], "prefix": {}, "placeholders": False, "least_confidence": 0.0,
    "sure_confidence": 0.0, "words": "",
}  # fmt: skip
"""`task_settings` that an artefact does not name."""

_SAME = 0.95
"""How much of a text must come back: "open" for "close" is less, a form of politeness is not."""


@dataclass(frozen=True, slots=True)
class Translation:
    """`confidence` in [0, 1] is the mean probability of its tokens; `whole` is False where a limit
    cut it."""

    text: str
    confidence: float
    whole: bool


class Translator:
    """A loaded translation artefact. `task_settings`: the cache's shape, the ids that start and end
    a target, `max_tokens` of source and target, and ids that are never said; the `pairs` of
    languages, what a source begins with (`prefix`, by the target's language), whether it carries
    `placeholders` (`<n1>` for numbers, `<x1>` for names) over, the confidences below which a
    translation is none, or needs to come back the same, and the file of the `words` it knows."""

    def __init__(
        self,
        artefact: Artefact,
        options: SessionOptions | None = None,
        pool: SessionPool | None = None,
    ) -> None:
        require_task(artefact, "translate")
        self.settings = read_settings(artefact, DEFAULTS)
        self._cache = Cache(*(self.settings[key] for key in ("layers", "heads", "width")))
        self._tokenizer = open_tokenizer(artefact)
        self.words = _words(artefact, str(self.settings["words"]))
        self._encoder = open_session(artefact, "encoder.onnx", options)
        self._decoder = open_session(artefact, "decoder.onnx", options)
        self._pool = pool
        provider = self._encoder.provider.removesuffix("ExecutionProvider")
        self.engine = f"{artefact.manifest.name} {artefact.manifest.version} ({provider})"
        for test in artefact.manifest.self_tests:
            found = self.translate_sync(str(test.input["text"])).text
            if found != test.output["text"]:
                raise ArtefactError(
                    artefact.folder, f"self-test failed: {found!r}, not {test.output['text']!r}"
                )

    async def translate(self, text: str, target: str | None = None) -> Translation:
        """The translation, without blocking the loop. Raises `ModelFailed`."""
        if self._pool:
            return await self._pool.call(lambda: self.translate_sync(text, target))
        return await asyncio.to_thread(self.translate_sync, text, target)

    def translate_sync(self, text: str, target: str | None = None) -> Translation:
        """The same in this thread; `target` is the language, where a model knows several."""
        text = self.settings["prefix"].get(target, "") + text
        ids = self._tokenizer.encode(text).ids
        if not any(character.isalnum() for character in text):
            return Translation(text, 1.0, True)
        if len(ids) >= self.settings["max_tokens"]:
            raise ModelFailed(
                f"the text has {len(ids)} tokens; {self.settings['max_tokens'] - 1} fit: "
                "translate it sentence by sentence"
            )
        source = np.array([[*ids, self.settings["end"]]], dtype=np.int64)
        mask = np.ones_like(source)
        encoded = self._encoder.run({"input_ids": source, "attention_mask": mask})
        found = decode(
            self._decoder, self._cache, {**encoded, "attention_mask": mask},  # type: ignore[dict-item]
            [self.settings["start"]], self.settings["end"],
            Limits(min(self.settings["max_tokens"] - 1, 3 * len(ids) + 16)), self._forbid,
        )  # fmt: skip
        return Translation(
            self._tokenizer.decode(list(found.ids)).strip(), found.confidence, found.whole
        )

    def trusts(self, text: str, source: str, found: Translation, target: str) -> bool:
        """Whether a translation may be given: of known words, whole, each placeholder carried over,
        and sure; or nearly sure, and translated back it says what the text said."""
        if not found.whole or self.unknown_words(text, source):
            return False
        if sorted(PLACEHOLDER.findall(text)) != sorted(PLACEHOLDER.findall(found.text)):
            return False
        if found.confidence >= self.settings["sure_confidence"]:
            return True
        if found.confidence < self.settings["least_confidence"]:
            return False
        if [target, source] not in self.settings["pairs"]:
            return False
        back = self.translate_sync(found.text, source).text
        said, again = (" ".join(words_of(one, source)) for one in (text, back))
        return SequenceMatcher(None, said, again, autojunk=False).ratio() >= _SAME

    def tokens(self, text: str) -> list[int]:
        """Ids of a text."""
        ids: list[int] = self._tokenizer.encode(text).ids
        return ids

    def text_of(self, ids: Sequence[int]) -> str:
        """The text of ids."""
        return str(self._tokenizer.decode(list(ids))).strip()

    def unknown_words(self, text: str, language: str) -> list[str]:
        """Words of a text that the model never met; none where it does not say what it knows."""
        known = self.words.get(language)
        if known is None:
            return []
        return [word for word in words_of(text, language) if word not in known]

    def _forbid(self, logits: Any, _: int) -> None:
        logits[self.settings["forbidden"]] = -np.inf


def _words(artefact: Artefact, name: str) -> dict[str, frozenset[str]]:
    if not name:
        return {}
    try:
        said = json.loads(artefact.file(name).read_text("utf-8"))
        return {str(language): frozenset(map(str, words)) for language, words in said.items()}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise ArtefactError(artefact.folder, f"{name}: not lists of words by language") from error
