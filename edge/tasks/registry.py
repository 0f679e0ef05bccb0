"""Which module runs which task. A module is imported when a model of its task is opened, so that a
hub that only understands does not carry the rest in memory."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from edge.artefact import Artefact, load_artefact
from edge.errors import ArtefactError
from edge.sessions import SessionOptions

RUNTIMES: dict[str, tuple[str, str]] = {
    "understand": ("edge.tasks.understand", "UnderstandingModel"),
    "classify": ("edge.tasks.classify", "Classifier"),
    "tag": ("edge.tasks.tag", "Tagger"),
    "embed": ("edge.tasks.embed", "Embedder"),
    "generate": ("edge.tasks.generate", "Generator"),
    "translate": ("edge.tasks.translate", "Translator"),
    "transcribe": ("edge.tasks.transcribe", "Transcriber"),
    "speak": ("edge.tasks.speak", "Speaker"),
    "vad": ("edge.tasks.vad", "VoiceActivity"),
    "wake": ("edge.tasks.wake", "WakeWord"),
}
"""Task to module and class. A class takes an `Artefact` and `options`, checks what it was given
and runs the artefact's self-tests: an object that exists is one that works."""


def open_model(artefact: Artefact, options: SessionOptions | None = None) -> Any:
    """The runtime of the artefact's task. Raises `ArtefactError` where it does not hold."""
    task = artefact.manifest.task
    if task not in RUNTIMES:
        raise ArtefactError(artefact.folder, f"this version cannot run the task {task!r}")
    module, name = RUNTIMES[task]
    try:
        kind = getattr(importlib.import_module(module), name)
    except ModuleNotFoundError as error:
        raise ArtefactError(
            artefact.folder,
            f"needs {error.name}, which is not installed: pip install 'hearthd[{task}]'",
        ) from error
    return kind(artefact, options=options)


def open_folder(folder: Path, options: SessionOptions | None = None) -> Any:
    """Verify a folder and open it. Raises `ArtefactError`."""
    return open_model(load_artefact(folder), options)
