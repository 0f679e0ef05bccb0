"""What a decoder holds for the next token: log probabilities after each token of a given text
(teacher-forced), of every engine that `hearthd bench model` knows, and how far they are apart."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.sessions import EXACT_PRODUCTS

Floats = NDArray[np.float64]
Ids = Sequence[int]
Scores = Callable[[Ids], Floats]
"""Token ids (T,) to log probabilities (T, V)."""


def divergence(theirs: Floats, ours: Floats) -> float:
    """Mean Kullback-Leibler divergence of `ours` from `theirs`, both (T, V)."""
    return float((np.exp(theirs) * (theirs - ours)).sum(-1).mean())


def log_softmax(logits: NDArray[Any]) -> Floats:
    """Over the last axis, in double precision."""
    shifted = logits.astype(np.float64) - logits.max(-1, keepdims=True)
    scores: Floats = shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
    return scores


def genai_model(folder: Path, threads: int = 1) -> Any:
    """An artefact's graph as ONNX Runtime GenAI opens it."""
    import onnxruntime_genai as genai  # noqa: PLC0415

    config = genai.Config(str(folder))
    options = {
        "intra_op_num_threads": threads, "inter_op_num_threads": 1, EXACT_PRODUCTS: "1",
    }  # fmt: skip
    config.overlay(json.dumps({"model": {"decoder": {"session_options": options}}}))
    return genai.Model(config)


def genai_generator(model: Any, length: int) -> Any:
    """Greedy, for at most `length` tokens in all."""
    import onnxruntime_genai as genai  # noqa: PLC0415

    parameters = genai.GeneratorParams(model)
    parameters.set_search_options(max_length=length, do_sample=False)
    return genai.Generator(model, parameters)


def genai_scores(folder: Path, ids: Ids) -> Floats:
    """Through the cache, token by token, as the runtime decodes."""
    generator = genai_generator(genai_model(folder), len(ids) + 1)
    rows = []
    for token in ids:
        generator.append_tokens([token])
        rows.append(np.asarray(generator.get_logits())[0, -1])
    return log_softmax(np.stack(rows))


def genai_scores_after(folder: Path, prompts: Sequence[Ids]) -> Floats:
    """After each whole prompt, (P, V), read in one go: other kernels than token by token."""
    model, rows = genai_model(folder), []
    for prompt in prompts:
        generator = genai_generator(model, len(prompt) + 1)
        generator.append_tokens(list(prompt))
        rows.append(np.asarray(generator.get_logits())[0, -1])
    return log_softmax(np.stack(rows))


def torch_decoder(checkpoint: Path) -> Any:
    """A folder or a GGUF file in PyTorch, float32, in evaluation mode."""
    import torch  # noqa: PLC0415
    from transformers import AutoModelForCausalLM  # noqa: PLC0415

    gguf = {"gguf_file": checkpoint.name} if checkpoint.is_file() else {}
    place = checkpoint.parent if gguf else checkpoint
    return AutoModelForCausalLM.from_pretrained(place, **gguf, dtype=torch.float32).eval()


def torch_scores(checkpoint: Path, texts: Sequence[Ids]) -> list[Floats]:
    """Of each text, float32 weights."""
    import torch  # noqa: PLC0415

    model = torch_decoder(checkpoint)
    with torch.inference_mode():
        return [log_softmax(model(torch.tensor([list(ids)])).logits[0].numpy()) for ids in texts]


def llama_cpp_scores(checkpoint: Path, ids: Ids) -> Floats:
    """Of a GGUF by llama.cpp."""
    from llama_cpp import Llama  # noqa: PLC0415

    model = Llama(
        str(checkpoint), n_threads=1, n_threads_batch=1, n_ctx=len(ids) + 1, logits_all=True,
        verbose=False,
    )  # fmt: skip
    model.eval(list(ids))
    return log_softmax(np.array(model.scores[: len(ids)]))
