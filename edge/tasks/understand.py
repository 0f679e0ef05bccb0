"""The understanding task: a sentence in, a `Reading` out.

One pass of the encoder over the sentence; everything after it is a few hundred floating-point
numbers and takes a fraction of a millisecond. Spans always refer to the sentence as it was given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from edge.artefact import Artefact, load_artefact, shipped
from edge.errors import ArtefactError
from edge.sessions import Session, SessionOptions, SessionPool
from edge.tasks.apart import rest_of, with_conditions
from edge.tasks.cleaning import clean
from edge.tasks.logits import Floats, mean, sigmoid, softmax
from edge.tasks.tag_paths import best_tags
from edge.tasks.understanding_schema import (
    ATTRIBUTES,
    INTENTS,
    LANGUAGES,
    TAGS,
    ClauseReading,
    Reading,
    Scored,
    Span,
    TokenReading,
)
from edge.tasks.words import units

MAX_TOKENS = 128


@dataclass(frozen=True, slots=True)
class Settings:
    """What calibration found; see `models/nlu/calibrate.py`. Temperatures divide logits
    (Guo et al. 2017, arXiv:1706.04599). `for_us_thresholds` has the languages whose threshold is
    another than `for_us_threshold`."""

    intent_temperature: float = 1.0
    tags_temperature: float = 1.0
    attributes_temperature: float = 1.0
    for_us_temperature: float = 1.0
    clause_start_threshold: float = 0.5
    for_us_threshold: float = 0.5
    for_us_thresholds: Mapping[str, float] = field(default_factory=dict)


def checked_settings(artefact: Artefact) -> Settings:
    """The settings of an artefact that reads into this version's labels. Raises `ArtefactError`."""
    manifest = artefact.manifest
    if manifest.task != "understand":
        raise ArtefactError(artefact.folder, f"is for the task {manifest.task!r}")
    expected = {"intents": list(INTENTS), "tags": list(TAGS)} | {
        name: list(labels) for name, labels in ATTRIBUTES.items()
    }
    if "languages" in manifest.labels:
        expected["languages"] = list(LANGUAGES)
    if manifest.labels != expected:
        raise ArtefactError(artefact.folder, "was trained for other labels than this version's")
    try:
        return Settings(**manifest.task_settings)
    except TypeError as error:
        raise ArtefactError(artefact.folder, f"task_settings: {error}") from error


class UnderstandingModel:
    """A loaded understanding artefact. Raises `ArtefactError` where it is not one."""

    def __init__(
        self,
        artefact: Artefact,
        pool: SessionPool | None = None,
        options: SessionOptions | None = None,
    ) -> None:
        self.settings = checked_settings(artefact)
        self.manifest = artefact.manifest
        self._tells_language = "languages" in self.manifest.labels
        self._tokenizer = Tokenizer.from_file(str(artefact.file("tokenizer.json")))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._session = Session(artefact.graph("model.onnx"), options)
        self._pool = pool
        self._self_test(artefact)

    @cached_property
    def engine(self) -> str:
        """What reads, e.g. `understand 1.0.0 (CPU)`."""
        provider = self._session.provider.removesuffix("ExecutionProvider")
        return f"{self.manifest.name} {self.manifest.version} ({provider})"

    async def read(self, text: str) -> Reading:
        """Read a sentence without blocking the loop. Raises `ModelFailed`."""
        reading = await self._read_once(text)
        rest = rest_of(reading)
        return with_conditions(reading, rest, await self._read_once(rest.text)) if rest else reading

    def read_sync(self, text: str) -> Reading:
        """Read a sentence in this thread. Raises `ModelFailed`."""
        reading = self._read_here(text)
        rest = rest_of(reading)
        return with_conditions(reading, rest, self._read_here(rest.text)) if rest else reading

    async def _read_once(self, text: str) -> Reading:
        prepared = self._prepare(text)
        if prepared is None or self._pool is None:
            return self._read_here(text)
        cleaned, offsets, encoding = prepared
        outputs = await self._pool.run(self._session, _feeds(encoding))
        return self._decode(text, cleaned, offsets, encoding, outputs)

    def _read_here(self, text: str) -> Reading:
        prepared = self._prepare(text)
        if prepared is None:
            return Reading(text, 0.0, (), ())
        cleaned, offsets, encoding = prepared
        return self._decode(text, cleaned, offsets, encoding, self._session.run(_feeds(encoding)))

    def _prepare(self, text: str) -> tuple[str, Sequence[int], Encoding] | None:
        cleaned, offsets = clean(text)
        if not any(character.isalnum() for character in cleaned):
            return None
        return cleaned, offsets, self._tokenizer.encode(cleaned)

    def _self_test(self, artefact: Artefact) -> None:
        for golden in artefact.manifest.golden:
            outputs = self._session.run(
                {
                    "input_ids": np.array([golden.input_ids], dtype=np.int64),
                    "attention_mask": np.ones((1, len(golden.input_ids)), dtype=np.int64),
                }
            )
            intent = int(outputs["intent"][0, 1:-1].mean(0).argmax())
            for_us = float(sigmoid(outputs["for_us"][0, 1:-1].mean()))
            # int8 kernels differ between processors by up to about one logit; probabilities do not.
            if intent != golden.intent or not abs(for_us - sigmoid(golden.for_us)) < 0.1:
                raise ArtefactError(
                    artefact.folder, f"self-test failed: {golden.text!r} is read differently"
                )

    def _decode(
        self,
        text: str,
        cleaned: str,
        offsets: Sequence[int],
        encoding: Encoding,
        outputs: Mapping[str, Floats],
    ) -> Reading:
        sentence = _Sentence(text, cleaned, offsets, encoding)
        inner = slice(1, len(encoding.ids) - 1)
        scale = self.settings
        words = sentence.words
        spoken = [word.token for word in words]
        tags = softmax(outputs["tags"][0][spoken] / scale.tags_temperature)
        starts = sigmoid(outputs["clause_start"][0][spoken])
        for_us = sigmoid(mean(outputs["for_us"][0, inner]) / scale.for_us_temperature)
        path = best_tags(np.log(tags + 1e-9))
        confidence = tags[np.arange(len(words)), path]
        begins = starts.tolist()
        firsts = [i for i, p in enumerate(begins) if i == 0 or p > scale.clause_start_threshold]
        clauses = tuple(
            self._clause(sentence, outputs, path, confidence, (first, until))
            for first, until in zip(firsts, [*firsts[1:], len(words)], strict=True)
        )
        tokens = tuple(
            TokenReading(
                *sentence.place(word.start, word.end),
                sentence.said(word.start, word.end),
                TAGS[tag],
                sure,
                begin,
            )
            for word, tag, sure, begin in zip(
                words, path.tolist(), confidence.tolist(), begins, strict=True
            )
        )
        languages = _languages(outputs["language"][0, inner]) if self._tells_language else ()
        return Reading(text, float(for_us), clauses, tokens, languages)

    def _clause(
        self,
        sentence: _Sentence,
        outputs: Mapping[str, Floats],
        path: NDArray[np.int64],
        confidence: Floats,
        bounds: tuple[int, int],
    ) -> ClauseReading:
        first, until = bounds
        words = sentence.words
        from_token = words[first].token
        to_token = words[until].token if until < len(words) else len(sentence.encoding.ids) - 1
        tokens = slice(from_token, to_token)
        intents = softmax(mean(outputs["intent"][0, tokens]) / self.settings.intent_temperature)
        ranked = np.argsort(intents)[::-1][:3]
        logits = mean(outputs["attributes"][0, tokens]) / self.settings.attributes_temperature
        start, end = words[first].start, words[until - 1].end
        return ClauseReading(
            *sentence.place(start, end),
            sentence.said(start, end),
            tuple(Scored(INTENTS[i], float(intents[i])) for i in ranked),
            attributes_of(logits),
            _spans(sentence, path, confidence, bounds),
        )


def _languages(logits: Floats) -> tuple[Scored, ...]:
    """The best three languages of a sentence; `logits` has shape (tokens, len(LANGUAGES))."""
    spoken = softmax(mean(logits))
    return tuple(Scored(LANGUAGES[i], float(spoken[i])) for i in np.argsort(spoken)[::-1][:3])


class _Sentence:
    """The sentence as given, as cleaned, and as tokens, with a way back."""

    def __init__(self, text: str, cleaned: str, offsets: Sequence[int], encoding: Encoding) -> None:
        self.text = text
        self.offsets = offsets
        self.encoding = encoding
        self.words = units(cleaned, encoding.offsets)

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Offsets in the cleaned sentence as offsets in the given one."""
        return self.offsets[start], self.offsets[end - 1] + 1

    def said(self, start: int, end: int) -> str:
        """The characters as they were given."""
        first, last = self.place(start, end)
        return self.text[first:last]


_TRAILING = ".,!?;:…。，！？"


def _spans(
    sentence: _Sentence, path: NDArray[np.int64], confidence: Floats, bounds: tuple[int, int]
) -> tuple[Span, ...]:
    spans: list[Span] = []
    at, until = bounds
    while at < until:
        tag = TAGS[path[at]]
        if tag == "O":
            at += 1
            continue
        slot = tag[2:]
        stop = at + 1
        while stop < until and TAGS[path[stop]] == f"I-{slot}":
            stop += 1
        start, end = sentence.words[at].start, sentence.words[stop - 1].end
        first, last = sentence.place(start, end)
        said = sentence.text[first:last].rstrip(_TRAILING)
        spans.append(Span(first, first + len(said), slot, said, float(confidence[at:stop].mean())))
        at = stop
    return tuple(spans)


def _feeds(encoding: Encoding) -> dict[str, NDArray[np.int64]]:
    return {
        "input_ids": np.array([encoding.ids], dtype=np.int64),
        "attention_mask": np.ones((1, len(encoding.ids)), dtype=np.int64),
    }


def attributes_of(logits: Floats) -> dict[str, Scored]:
    """Best label of each attribute; `logits` has shape (sum of the label counts,)."""
    shifted = np.exp(logits - np.repeat(np.maximum.reduceat(logits, _FIRSTS), _SIZES))
    probabilities = (shifted / np.repeat(np.add.reduceat(shifted, _FIRSTS), _SIZES)).tolist()
    found: dict[str, Scored] = {}
    for (name, labels), at in zip(ATTRIBUTES.items(), _FIRSTS.tolist(), strict=True):
        of_name = probabilities[at : at + len(labels)]
        sure = max(of_name)
        found[name] = Scored(labels[of_name.index(sure)], sure)
    return found


_SIZES = np.array([len(labels) for labels in ATTRIBUTES.values()])
_FIRSTS = np.cumsum(_SIZES) - _SIZES


def load_understanding(
    folder: Path | None = None,
    pool: SessionPool | None = None,
    options: SessionOptions | None = None,
) -> UnderstandingModel:
    """The artefact in `folder`, or the one that hearthd ships. Raises `ArtefactError`."""
    return UnderstandingModel(load_artefact(folder or shipped("understand")), pool, options)
