"""Who is measured beside an artefact: its checkpoint in PyTorch, eager and compiled, and the
engines that people of the field use for the task. Each opens to a function of one input.

Imports nothing heavy: a process that opens one contender has no more in memory than that needs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from export.generating import (
    DECODED,
    PROMPT,
    first_and_more,
    llama_cpp_decoding,
    q8_0,
    text_ids,
    torch_decoding,
)
from export.measure import Laps, Run, whole
from export.sentences import household_sentences

Open = Callable[[Path, Path, int], Run]
"""Artefact, checkpoint and number of threads to a function of one input."""


@dataclass(frozen=True, slots=True)
class Contender:
    """`package` has to be importable; `prepare` makes a file of the checkpoint's in a folder."""

    name: str
    tasks: tuple[str, ...]
    package: str
    open: Open
    needs_checkpoint: bool = True
    prepare: Callable[[Path, Path], Path] | None = None


@dataclass(frozen=True, slots=True)
class Workload:
    """What all contenders of a task do: `laps` name its parts."""

    inputs: Sequence[Any]
    laps: Laps


def workload_of(task: str, artefact: Path, rounds: int) -> Workload:
    """The workload of a task; `rounds` says how often it is measured."""
    if task == "generate":
        return Workload([text_ids(artefact, PROMPT)] * rounds, first_and_more)
    if task == "transcribe":
        from export.speech_samples import spoken_commands  # noqa: PLC0415

        sounds = [sound for sound, _ in spoken_commands(min(rounds, 10))]
        return Workload(sounds, whole("command"))
    if task == "speak":
        said = "I turned off the lights in the kitchen and hall."
        return Workload([said] * rounds, whole("ten words"))
    if task == "vad":
        from edge.tasks.vad import known_sound  # noqa: PLC0415

        return Workload([known_sound("hum")] * rounds, whole("1.6 s"))
    if task == "wake":
        from edge.tasks.wake import known_sound as buzz  # noqa: PLC0415

        return Workload([buzz()] * rounds, whole("1.6 s"))
    return Workload(household_sentences(min(500, rounds * 5)), whole("sentence"))


def _artefact(artefact: Path, _: Path, threads: int) -> Run:
    from edge.sessions import SessionOptions  # noqa: PLC0415
    from edge.tasks.registry import open_folder  # noqa: PLC0415

    model = open_folder(artefact, SessionOptions(intra_op_threads=threads))
    run = _RUNS[type(model).__name__]
    return lambda value: run(model, value)


_RUNS: Mapping[str, Callable[[Any, Any], Any]] = {
    "Embedder": lambda model, text: model.embed_sync([text]),
    "Classifier": lambda model, text: model.classify_sync(text),
    "Tagger": lambda model, text: model.tag(text),
    "Translator": lambda model, text: model.translate_sync(text),
    "Transcriber": lambda model, sound: model.transcribe_sync(sound, "en"),
    "Speaker": lambda model, text: next(model.say(text)),
    "VoiceActivity": lambda model, sound: model.speech(sound),
    "WakeWord": lambda model, sound: list(model.stream().probabilities(sound)),
    "Generator": lambda model, prompt: model.tokens(prompt, DECODED + 1),
}


def _torch(compiled: bool) -> Open:
    def open_torch(artefact: Path, checkpoint: Path, threads: int) -> Run:
        import torch  # noqa: PLC0415

        torch.set_num_threads(threads)
        task = json.loads((artefact / "manifest.json").read_text("utf-8"))["task"]
        if task == "generate":
            return torch_decoding(artefact, checkpoint, threads)
        return _torch_embed(checkpoint, compiled)

    return open_torch


def _torch_embed(checkpoint: Path, compiled: bool) -> Run:
    import torch  # noqa: PLC0415

    from export.encoders import plain_tokenizer  # noqa: PLC0415
    from export.tasks.embed import open_checkpoint  # noqa: PLC0415

    model: Any = open_checkpoint(checkpoint)
    tokenizer = plain_tokenizer(checkpoint)
    if compiled:
        model = torch.compile(model, dynamic=True)

    def run(text: str) -> Any:
        ids = torch.tensor([tokenizer.encode(text).ids])
        with torch.inference_mode():
            return model(ids, torch.ones_like(ids)).numpy()

    return run


def _faster_whisper(_: Path, checkpoint: Path, threads: int) -> Run:
    from faster_whisper import WhisperModel  # noqa: PLC0415

    model = WhisperModel(
        str(checkpoint), device="cpu", compute_type="int8", cpu_threads=threads,
        local_files_only=True,
    )  # fmt: skip

    def run(sound: Any) -> object:
        segments, _ = model.transcribe(
            sound, beam_size=1, language="en", without_timestamps=True, temperature=0.0
        )
        return [segment.text for segment in segments]

    return run


CONTENDERS: tuple[Contender, ...] = (
    Contender(
        "artefact",
        ("embed", "classify", "tag", "generate", "translate", "transcribe", "speak", "vad",
         "wake"),
        "onnxruntime", _artefact, needs_checkpoint=False,
    ),
    Contender("torch", ("embed", "generate"), "torch", _torch(compiled=False)),
    Contender("torch-compiled", ("embed",), "torch", _torch(compiled=True)),
    Contender("llama.cpp", ("generate",), "llama_cpp", llama_cpp_decoding),
    Contender("llama.cpp-q8_0", ("generate",), "llama_cpp", llama_cpp_decoding, prepare=q8_0),
    Contender("faster-whisper", ("transcribe",), "faster_whisper", _faster_whisper),
)  # fmt: skip
