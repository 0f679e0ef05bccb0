"""Who is measured beside an artefact: its checkpoint in PyTorch, eager and compiled, and the
engines that people of the field use for the task. Each opens to a function of one input."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from export.errors import ExportFailed
from export.sentences import PASSAGES, QUERIES, household_sentences

Run = Callable[[Any], object]


@dataclass(frozen=True, slots=True)
class Contender:
    """`open(artefact, checkpoint, threads)`; `package` has to be importable."""

    name: str
    tasks: tuple[str, ...]
    package: str
    open: Callable[[Path, Path, int], Run]
    needs_checkpoint: bool = True


def inputs_of(task: str, checkpoint: Path | None, rounds: int) -> dict[str, list[Any]]:
    """Workloads by name. A generator's inputs are a prompt's ids and how many tokens to make."""
    if task == "generate":
        prompt = _prompt_ids(checkpoint)
        few = max(2, rounds // 4)
        return {"first token": [(prompt, 1)] * few, "65 tokens": [(prompt, 65)] * few}
    if task == "transcribe":
        from export.speech_samples import spoken_commands  # noqa: PLC0415

        return {"command": [sound for sound, _ in spoken_commands(min(rounds, 10))]}
    if task == "speak":
        return {"ten words": ["I turned off the lights in the kitchen and hall."] * rounds}
    if task == "vad":
        from edge.tasks.vad import known_sound  # noqa: PLC0415

        return {"1.6 s": [known_sound("hum")] * rounds}
    return {"sentence": household_sentences(min(500, rounds * 5))}


def _prompt_ids(checkpoint: Path | None) -> list[int]:
    text = "\n".join([*PASSAGES, *QUERIES])
    return [(7 * ord(c)) % 30_000 + 100 for c in text][:200]  # any ids cost the same


def _artefact(artefact: Path, _: Path, threads: int) -> Run:
    from edge.sessions import SessionOptions  # noqa: PLC0415
    from edge.tasks.registry import open_folder  # noqa: PLC0415

    model = open_folder(artefact, SessionOptions(intra_op_threads=threads))
    run = _RUNS[type(model).__name__]
    return lambda value: run(model, value)


_RUNS: dict[str, Callable[[Any, Any], object]] = {
    "Embedder": lambda model, text: model.embed_sync([text]),
    "Classifier": lambda model, text: model.classify_sync(text),
    "Tagger": lambda model, text: model.tag(text),
    "Translator": lambda model, text: model.translate_sync(text),
    "Transcriber": lambda model, sound: model.transcribe_sync(sound, "en"),
    "Speaker": lambda model, text: next(model.say(text)),
    "VoiceActivity": lambda model, sound: model.speech(sound),
    "Generator": lambda model, value: model.tokens(*value),
}


def _torch(compiled: bool) -> Callable[[Path, Path, int], Run]:
    def open_torch(artefact: Path, checkpoint: Path, threads: int) -> Run:
        import torch  # noqa: PLC0415

        torch.set_num_threads(threads)
        task = json.loads((artefact / "manifest.json").read_text("utf-8"))["task"]
        if task == "embed":
            return _torch_embed(checkpoint, compiled)
        return _torch_generate(checkpoint)

    return open_torch


def _torch_embed(checkpoint: Path, compiled: bool) -> Run:
    import torch  # noqa: PLC0415

    from export.encoders import plain_tokenizer  # noqa: PLC0415
    from export.tasks.embed import open_checkpoint  # noqa: PLC0415

    model: Any = open_checkpoint(checkpoint)
    tokenizer = plain_tokenizer(checkpoint)
    if compiled:
        model = torch.compile(model, dynamic=True)

    def run(text: str) -> object:
        ids = torch.tensor([tokenizer.encode(text).ids])
        with torch.inference_mode():
            return model(ids, torch.ones_like(ids))

    return run


def _torch_generate(checkpoint: Path) -> Run:
    import torch  # noqa: PLC0415
    from transformers import AutoModelForCausalLM  # noqa: PLC0415

    gguf = checkpoint if checkpoint.is_file() else None
    where: dict[str, Any] = (
        {"pretrained_model_name_or_path": gguf.parent, "gguf_file": gguf.name}
        if gguf
        else {"pretrained_model_name_or_path": checkpoint}
    )
    model = AutoModelForCausalLM.from_pretrained(**where, dtype=torch.float32).eval()

    def run(value: tuple[list[int], int]) -> object:
        prompt, count = value
        with torch.inference_mode():
            out = model(input_ids=torch.tensor([prompt]), use_cache=True, logits_to_keep=1)
            for _ in range(count - 1):
                best = out.logits[:, -1:].argmax(-1)
                past = out.past_key_values
                out = model(input_ids=best, past_key_values=past, use_cache=True)
        return out.logits

    return run


def _llama_cpp(_: Path, checkpoint: Path, threads: int) -> Run:
    from llama_cpp import Llama  # noqa: PLC0415

    model = Llama(
        str(checkpoint), n_threads=threads, n_threads_batch=threads, n_ctx=512, verbose=False
    )

    def run(value: tuple[list[int], int]) -> object:
        prompt, count = value
        model.reset()
        model.eval(prompt)
        token = model.sample(temp=0)
        for _ in range(count - 1):
            model.eval([token])
            token = model.sample(temp=0)
        return token

    return run


def _llama_cpp_q8_0(artefact: Path, checkpoint: Path, threads: int) -> Run:
    """The same weights in eight bits: the GGUF requantised by llama.cpp itself, which loses
    nothing that four bits had."""
    import llama_cpp  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="hearthd-bench-") as folder:
        made = Path(folder) / "q8_0.gguf"
        wish = llama_cpp.llama_model_quantize_default_params()
        wish.ftype, wish.nthread, wish.allow_requantize = llama_cpp.LLAMA_FTYPE_MOSTLY_Q8_0, 1, True
        if llama_cpp.llama_model_quantize(str(checkpoint).encode(), str(made).encode(), wish):
            raise ExportFailed(f"llama.cpp cannot make Q8_0 of {checkpoint}")
        return _llama_cpp(artefact, made, threads)  # mapped: it stays when the folder goes


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
        ("embed", "classify", "tag", "generate", "translate", "transcribe", "speak", "vad"),
        "onnxruntime", _artefact, needs_checkpoint=False,
    ),
    Contender("torch", ("embed", "generate"), "torch", _torch(compiled=False)),
    Contender("torch-compiled", ("embed",), "torch", _torch(compiled=True)),
    Contender("llama.cpp", ("generate",), "llama_cpp", _llama_cpp),
    Contender("llama.cpp-q8_0", ("generate",), "llama_cpp", _llama_cpp_q8_0),
    Contender("faster-whisper", ("transcribe",), "faster_whisper", _faster_whisper),
)  # fmt: skip
