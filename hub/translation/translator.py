"""The models, opened when a sentence needs them and let go when none does; and what they may not
answer. A small model that is asked for what it never met writes nonsense with a straight face, so a
translation is only given if the words are known, the model is sure, and every number and name came
back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from threading import Lock
from typing import Any

from edge.errors import EdgeError
from edge.serving import close, open_best, translation_opener
from edge.sessions import give_back_memory
from edge.store import prove
from hub.fault_log import report_model
from hub.translation.choose import artefacts_by_pair
from hub.translation.glossary import Term, names_in, protect
from hub.translation.sentences import sentences_of

LIMIT = 2000
"""Characters of one text."""
_PIVOT = "en"
_MARKS = ".!?。！？"
_WIDE = {",": "，", "?": "？", "!": "！"}
_WIDE_MARKS = re.compile(r"(?<!\d)[,?!](?!\d)|[?!]$")
_TYPED = re.compile(r"[.,!?¿¡。，！？]")
_CLOCK = re.compile(r"(\d+:\d\d)( heures|点)")


class CannotTranslate(Exception):
    """Why there is no translation: a sentence for the person."""


@dataclass(frozen=True, slots=True)
class Translated:
    """`confidence` in [0, 1] is that of its weakest sentence; `engine` names model and version."""

    text: str
    source: str
    target: str
    confidence: float
    engine: str


@dataclass(slots=True)
class Translators:
    """The translation artefacts in `root` and those that hearthd ships. Used from any thread."""

    root: Path
    trusted_keys: Sequence[str] = ()
    _open: dict[Path, Any] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    @property
    def loaded(self) -> bool:
        """Whether a model is in memory."""
        return bool(self._open)

    def pairs(self) -> list[tuple[str, str]]:
        """The pairs of languages that can be translated directly."""
        return sorted(artefacts_by_pair(self.root))

    def sources(self, target: str) -> list[str]:
        """The languages that can be translated into `target` directly."""
        return [source for source, other in self.pairs() if other == target]

    def translate(
        self, text: str, source: str, target: str, terms: Sequence[Term] = ()
    ) -> Translated:
        """Translate a text, sentence by sentence; through English where there is no direct way.

        Raises `CannotTranslate`.
        """
        if len(text) > LIMIT:
            raise CannotTranslate(f"The text is longer than {LIMIT} characters.")
        if source == target:
            raise CannotTranslate(f"The text is already in {target}.")
        with self._lock:
            parts = [
                self._sentence(sentence, source, target, terms) for sentence in sentences_of(text)
            ]
        if not parts:
            raise CannotTranslate("There is nothing to translate.")
        joined = ("" if target == "zh" else " ").join(part.text for part in parts)
        least = min(part.confidence for part in parts)
        return Translated(joined, source, target, least, parts[0].engine)

    def release(self) -> None:
        """Let the models go; the next text opens them again."""
        with self._lock:
            for model in self._open.values():
                close(model)
            self._open.clear()
        give_back_memory()

    def _sentence(self, text: str, source: str, target: str, terms: Sequence[Term]) -> Translated:
        folders = artefacts_by_pair(self.root)
        way = [source, target]
        if (source, target) not in folders:
            way = [source, _PIVOT, target]
        for pair in pairwise(way):
            if pair not in folders:
                raise CannotTranslate(
                    f"No installed model translates from {source} to {target}; "
                    "docs/translation.md says how to add one."
                )
        least, engine = 1.0, ""
        for start, end in pairwise(way):
            model = self._model(folders[start, end])
            text, confidence = _with_model(model, text, start, end, terms)
            least, engine = min(least, confidence), model.engine
        return Translated(text, source, target, least, engine)

    def _model(self, folder: Path) -> Any:
        if folder not in self._open:
            open_one = translation_opener(self.trusted_keys)
            try:
                served = open_best(self.root, folder.name, open_one, report_model)
                if served.trial:  # it has translated its own examples as it should
                    prove(self.root, folder.name, self.trusted_keys)
            except EdgeError as error:
                raise CannotTranslate(str(error)) from error
            self._open[folder] = served.model
        return self._open[folder]


def _with_model(
    model: Any, text: str, source: str, target: str, terms: Sequence[Term]
) -> tuple[str, float]:
    if not model.settings["placeholders"]:
        return _freely(model, text, target, terms)
    kept = protect(text, terms)
    if kept is not None:
        names = names_in(text, source, model.unknown_words(kept.text, source))
        kept = protect(text, [*terms, *names])
    if kept is None:
        raise CannotTranslate("There are too many numbers or names in one sentence.")
    if unknown := model.unknown_words(kept.text, source):
        raise CannotTranslate(
            f"I cannot translate {', '.join(repr(word) for word in unknown[:3])}: I only know the "
            "words of a household."
        )
    best: tuple[str, float] | None = None
    for said in dict.fromkeys((kept.text, _as_typed(kept.text))):
        found = _run(model, said, target)
        restored = kept.restored(found.text)
        if restored is None or not model.trusts(said, source, found, target):
            continue
        if best is None or found.confidence > best[1]:
            best = _as_written(restored, text, target), found.confidence
    if best is None:
        raise CannotTranslate("I am not sure enough of that translation to give it.")
    return best


def _as_typed(text: str) -> str:
    """In lower case and without marks, as a small model may know a sentence better."""
    return " ".join(_TYPED.sub(" ", text.lower()).split())


def _freely(model: Any, text: str, target: str, terms: Sequence[Term]) -> tuple[str, float]:
    """With a model that knows no placeholders: numbers and terms are looked for afterwards."""
    found = _run(model, text, target)
    kept = protect(text, terms)
    wanted = list(kept.kept.items()) if kept else []
    numbers = [value for mark, value in wanted if mark.startswith("<n")]
    if not found.whole or any(number not in found.text for number in numbers):
        raise CannotTranslate("I am not sure enough of that translation to give it.")
    return found.text, found.confidence


def _run(model: Any, text: str, target: str) -> Any:
    try:
        return model.translate_sync(text, target)
    except EdgeError as error:
        raise CannotTranslate(str(error)) from error


def _as_written(translation: str, source: str, target: str) -> str:
    """Without a mark at its end if the source has none; times and Chinese marks as they are
    written."""
    translation = _CLOCK.sub(r"\1", translation)
    if target == "zh":
        translation = _WIDE_MARKS.sub(lambda mark: _WIDE[mark[0]], translation)
    if source.rstrip()[-1:] not in _MARKS and translation[-1:] in ".。":
        return translation[:-1]
    return translation
