"""Who generates text beside an artefact: the same prompt, the same number of tokens, greedily."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from export.errors import ExportFailed
from export.measure import Run
from export.next_tokens import torch_decoder
from export.sentences import PASSAGES, QUERIES

PROMPT = 200
"""Tokens of the prompt."""
DECODED = 64
"""Tokens after the first."""
FIRST, MORE = "first token", f"{DECODED} more"


def first_and_more(decode: Run, prompt: list[int]) -> Iterator[str]:
    """Two laps: to the first token after the prompt, and the tokens after it, each through the
    cache."""
    tokens = decode(prompt)
    next(tokens)
    yield FIRST
    for _ in range(DECODED):
        next(tokens)
    yield MORE


def text_ids(artefact: Path, count: int) -> list[int]:
    """The first token ids of a text about a household."""
    from tokenizers import Tokenizer  # noqa: PLC0415

    tokenizer = Tokenizer.from_file(str(artefact / "tokenizer.json"))
    text = "\n".join([*PASSAGES, *QUERIES])
    return list(tokenizer.encode(text, add_special_tokens=False).ids[:count])


def torch_decoding(_: Path, checkpoint: Path, threads: int) -> Run:
    """PyTorch, eager, float32, with its key-value cache."""
    import torch  # noqa: PLC0415

    torch.set_num_threads(threads)
    model = torch_decoder(checkpoint)

    def decode(prompt: list[int]) -> Iterator[Any]:
        past, step = None, torch.tensor([prompt])
        while True:
            with torch.inference_mode():
                out = model(step, past_key_values=past, use_cache=True, logits_to_keep=1)
                past, step = out.past_key_values, out.logits[:, -1:].argmax(-1)
            yield step

    return decode


def llama_cpp_decoding(_: Path, checkpoint: Path, threads: int) -> Run:
    """llama.cpp, of a GGUF as it is."""
    from llama_cpp import Llama  # noqa: PLC0415

    model = Llama(
        str(checkpoint), n_threads=threads, n_threads_batch=threads, n_ctx=512, verbose=False
    )

    def decode(prompt: list[int]) -> Iterator[int]:
        model.reset()
        step = list(prompt)
        while True:
            model.eval(step)
            step = [model.sample(temp=0)]
            yield step[0]

    return decode


def q8_0(checkpoint: Path, folder: Path) -> Path:
    """The same weights in eight bits: requantised by llama.cpp itself, which loses nothing that
    four bits had. Raises `ExportFailed`."""
    import llama_cpp  # noqa: PLC0415

    made = folder / "q8_0.gguf"
    wish = llama_cpp.llama_model_quantize_default_params()
    wish.ftype, wish.nthread, wish.allow_requantize = llama_cpp.LLAMA_FTYPE_MOSTLY_Q8_0, 1, True
    if llama_cpp.llama_model_quantize(str(checkpoint).encode(), str(made).encode(), wish):
        raise ExportFailed(f"llama.cpp cannot make Q8_0 of {checkpoint}")
    return made
