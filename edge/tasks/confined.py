"""The runtimes of artefacts that no trusted key signed: the model is in a child (`edge.isolate`),
what it answers is checked here. They are used as their trusted kin are."""

from __future__ import annotations

import asyncio
from functools import cached_property
from typing import Any

from pydantic import TypeAdapter, ValidationError

from edge.artefact import Artefact
from edge.errors import ModelFailed
from edge.isolate import Child, Limits
from edge.sessions import SessionPool
from edge.tasks.settings import read_settings, require_task
from edge.tasks.translate import DEFAULTS, Translation
from edge.tasks.understand import checked_settings
from edge.tasks.understanding_schema import ATTRIBUTES, INTENTS, SLOTS, Reading

READING: TypeAdapter[Reading] = TypeAdapter(Reading)
_TRANSLATION: TypeAdapter[Translation] = TypeAdapter(Translation)
_BOOLEAN: TypeAdapter[bool] = TypeAdapter(bool)
_WORDS: TypeAdapter[list[str]] = TypeAdapter(list[str])

TRANSLATION_SECONDS = 30.0
"""Of one sentence."""


class ConfinedUnderstanding:
    """An `UnderstandingModel` in a child. Raises `ArtefactError` where it is not one."""

    def __init__(
        self, artefact: Artefact, pool: SessionPool | None = None, limits: Limits | None = None
    ) -> None:
        self.settings = checked_settings(artefact)
        self.manifest = artefact.manifest
        self._pool = pool
        self._child = Child(artefact.folder, limits or Limits())

    @cached_property
    def engine(self) -> str:
        """What reads."""
        return f"{self._child.engine}, confined"

    async def read(self, text: str) -> Reading:
        """Read a sentence without blocking the loop. Raises `ModelFailed`."""
        if self._pool is None:
            return await asyncio.to_thread(self.read_sync, text)
        return await self._pool.call(lambda: self.read_sync(text))

    def read_sync(self, text: str) -> Reading:
        """Read a sentence in this thread. Raises `ModelFailed`, also for what is no reading of
        this text."""
        reading: Reading = _checked(READING, self._child.call("read_sync", text=text))
        if reading.text != text or not all(_sound(clause, text) for clause in reading.clauses):
            raise ModelFailed(f"{self.engine}: answered with something that is no reading")
        return reading

    def close(self) -> None:
        """End the child."""
        self._child.close()


class ConfinedTranslator:
    """A `Translator` in a child. Raises `ArtefactError` where it is not one."""

    def __init__(self, artefact: Artefact, limits: Limits | None = None) -> None:
        require_task(artefact, "translate")
        self.settings = read_settings(artefact, DEFAULTS)
        self._child = Child(artefact.folder, limits or Limits(answer_seconds=TRANSLATION_SECONDS))
        self.engine = f"{self._child.engine}, confined"

    def translate_sync(self, text: str, target: str | None = None) -> Translation:
        """See `Translator`. Raises `ModelFailed`."""
        said = self._child.call("translate_sync", text=text, target=target)
        found: Translation = _checked(_TRANSLATION, said)
        return found

    def trusts(self, text: str, source: str, found: Translation, target: str) -> bool:
        """See `Translator`. Raises `ModelFailed`."""
        given = _TRANSLATION.dump_python(found)
        said = self._child.call("trusts", text=text, source=source, found=given, target=target)
        return bool(_checked(_BOOLEAN, said))

    def unknown_words(self, text: str, language: str) -> list[str]:
        """See `Translator`. Raises `ModelFailed`."""
        words: list[str] = _checked(
            _WORDS, self._child.call("unknown_words", text=text, language=language)
        )
        return words

    def close(self) -> None:
        """End the child."""
        self._child.close()


def _checked(kind: TypeAdapter[Any], said: Any) -> Any:
    try:
        return kind.validate_python(said)
    except ValidationError as error:
        raise ModelFailed("a confined model answered with something of another form") from error


def _sound(clause: Any, text: str) -> bool:
    """Labels that exist and spans within the text."""
    intents = all(scored.label in INTENTS for scored in clause.intents)
    attributes = set(clause.attributes) == set(ATTRIBUTES) and all(
        scored.label in ATTRIBUTES[name] for name, scored in clause.attributes.items()
    )
    spans = all(
        0 <= span.start < span.end <= len(text) and span.slot in SLOTS for span in clause.spans
    )
    within = 0 <= clause.start <= clause.end <= len(text)
    return bool(clause.intents) and intents and attributes and spans and within
