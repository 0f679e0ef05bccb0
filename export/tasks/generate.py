"""Text generation: decoders of the llama family, from GGUF or a Hugging Face folder."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import safe_open
from transformers import AutoModelForCausalLM, AutoTokenizer

from edge.manifest import Check
from export.decoder_graph import rewrite
from export.errors import CheckpointError
from export.generating import DECODED, FIRST, MORE, first_and_more
from export.gguf_file import Blocks, check_gguf, quantised, read_blocks, to_folder
from export.measure import Run, interleaved_laps
from export.next_tokens import (
    divergence,
    genai_generator,
    genai_model,
    genai_scores,
    genai_scores_after,
    torch_scores,
)
from export.safe import check_folder
from export.sentences import PASSAGES, QUERIES, household_sentences, read_texts
from export.steps import Did, Job, Step, TaskSpec

TOKENS = 400
"""Of teacher-forced comparison."""
CALIBRATION = 60
"""Sentences that show the range of the output layer's input."""
TABLE = "token_embd.weight"
FILES = ("model.onnx", "model.onnx.data", "genai_config.json", "tokenizer*.json")


def load(job: Job) -> Did:
    """GGUF or a folder to `checkpoint/`, float32, as transformers has it."""
    folder, path = job.file("checkpoint"), gguf_of(job.checkpoint)
    shutil.rmtree(folder, ignore_errors=True)
    if path:
        tensors = check_gguf(path)
        config = to_folder(path, folder)
        return {"form": "GGUF", "tensors": tensors, "family": config["model_type"]}
    config, values = check_folder(job.checkpoint)
    if config.get("model_type") not in ("llama", "mistral"):
        raise CheckpointError(
            job.checkpoint, f"is {config.get('model_type')}, not llama or mistral"
        )
    shutil.copytree(job.checkpoint, folder)
    return {"form": "safetensors", "values": values, "family": config["model_type"]}


def export(job: Job) -> Did:
    """fp32 graph with key-value cache, by ONNX Runtime GenAI's builder."""
    target = job.file("fp32")
    shutil.rmtree(target, ignore_errors=True)
    command = [
        sys.executable, "-m", "onnxruntime_genai.models.builder", "-i",
        str(job.file("checkpoint")),
        "-o", str(target), "-p", "fp32", "-e", "cpu", "-c", str(job.file("cache")),
        "--extra_options", "prune_lm_head=true",
    ]  # fmt: skip
    environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
    child = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if child.returncode or not (target / "model.onnx").exists():
        last = child.stderr.strip().splitlines()[-1:] or ["it said nothing"]
        raise CheckpointError(job.checkpoint, f"the builder failed: {last[0][:300]}")
    return {"builder": "onnxruntime-genai", "precision": "fp32", "dynamic": ["batch", "length"]}


def quantise(job: Job) -> Did:
    """Blocks of 32: GGUF's own where it has them, int8 for everything else, or int4 if asked for
    (embedding and output stay int8). Raises `CheckpointError` for what decoders are not made in."""
    if job.recipe.weights not in (None, "int8", "int4"):
        raise CheckpointError(
            job.wanted.source,
            f"generators are quantised by blocks, to int8 or int4, not {job.recipe.weights}",
        )
    config = json.loads(job.file("checkpoint/config.json").read_text("utf-8"))
    blocks = _blocks(job, config)
    evened = _evened(job.file("checkpoint"), blocks.get("output.weight", blocks[TABLE]))
    did = rewrite(job.file("fp32/model.onnx"), job.file("model.onnx"), blocks, evened)
    for path in job.file("fp32").iterdir():
        if not path.name.startswith("model.onnx"):
            shutil.copy(path, job.folder)
    return {**did, "bytes": job.file("model.onnx.data").stat().st_size}


def verify(job: Job) -> Did:
    """Kullback-Leibler divergence from PyTorch's next-token distributions, teacher-forced, and how
    often both would choose the same token."""
    checkpoint = job.file("checkpoint")
    texts = read_texts(job.wanted.data, 50) if job.wanted.data else [*PASSAGES, *QUERIES]
    ids = tokens_of(checkpoint, "\n".join(texts))[:TOKENS]
    prompts = [ids[start : start + 50] for start in range(0, len(ids) - 49, 50)]
    theirs, *after = torch_scores(checkpoint, [ids, *prompts])
    ours, at_once = genai_scores(job.folder, ids), genai_scores_after(job.folder, prompts)
    agreement = float((ours.argmax(-1) == theirs.argmax(-1)).mean())
    checks = [
        Check(name="mean KL divergence from PyTorch", value=divergence(theirs, ours),
              kind="at most", limit=job.limit("mean_kl", 0.01), samples=len(ids)),
        Check(name="mean KL divergence after whole prompts", kind="at most", samples=len(prompts),
              value=divergence(np.array([scores[-1] for scores in after]), at_once),
              limit=job.limit("prompt_kl", 0.03)),
        Check(name="same greedy token as PyTorch", value=agreement, kind="at least",
              limit=job.limit("greedy", 0.9), samples=len(ids)),
    ]  # fmt: skip
    return {"checks": [check.model_dump() for check in checks]}


def measure(job: Job) -> Did:
    """Tokens a second and the time to the first token of a 200-token prompt, one thread."""
    prompt = tokens_of(job.file("checkpoint"), "\n".join([*PASSAGES, *QUERIES]))[:200]
    runs = {"artefact": _decoder(job.folder, len(prompt) + DECODED + 2)}
    found = interleaved_laps(runs, [prompt], first_and_more, warm=1)["artefact"]
    return {
        "first_token_ms": round(found[FIRST]["p50_ms"], 1), "prompt_tokens": len(prompt),
        "tokens_per_second": round(1000 * DECODED / found[MORE]["p50_ms"], 1),
    }  # fmt: skip


def _decoder(folder: Path, length: int) -> Run:
    model = genai_model(folder)

    def decode(prompt: list[int]) -> Iterator[None]:
        generator = genai_generator(model, length)
        generator.append_tokens(prompt)
        while True:
            generator.generate_next_token()
            yield

    return decode


def describe(job: Job) -> Mapping[str, Any]:
    """Tensors, the chat template, and what the model says to two prompts."""
    from edge.sessions import Session  # noqa: PLC0415
    from export.imported import specs  # noqa: PLC0415

    checkpoint = job.file("checkpoint")
    config = json.loads((checkpoint / "config.json").read_text("utf-8"))
    tokenizer = AutoTokenizer.from_pretrained(checkpoint)
    template = str(tokenizer.chat_template or "")
    context = min(2048, int(config["max_position_embeddings"]))
    return {
        **specs(Session(job.file("model.onnx"))),
        "tokenizer": "tokenizer.json",
        "task_settings": {"context": context, "chat": template},
        "self_tests": [
            {"input": {"prompt": prompt}, "output": {"starts": _first_words(job.folder, prompt)}}
            for prompt in ("The capital of France is", "One, two, three, four,")
        ],
    }


def gguf_of(checkpoint: Path) -> Path | None:
    """The GGUF file that the checkpoint is or holds, if any."""
    if checkpoint.is_file():
        return checkpoint
    found = sorted(checkpoint.glob("*.gguf"))
    return found[0] if found else None


def _blocks(job: Job, config: Mapping[str, Any]) -> dict[str, Blocks]:
    path = gguf_of(job.checkpoint)
    bits = 4 if job.weights == "int4" else 8
    heads = int(config["num_attention_heads"])
    kv_heads = int(config.get("num_key_value_heads") or heads)
    found = read_blocks(path, heads, kv_heads) if path else {}
    names = {
        "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
        "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
        "mlp.down_proj": "ffn_down",
    }  # fmt: skip
    with safe_open(job.file("checkpoint/model.safetensors"), "np") as tensors:
        for layer in range(int(config["num_hidden_layers"])):
            group = {
                f"blk.{layer}.{short}.weight": f"model.layers.{layer}.{long}.weight"
                for long, short in names.items()
            }
            if not all(name in found for name in group):  # products are joined: one kind a layer
                found |= {n: quantised(tensors.get_tensor(long), bits) for n, long in group.items()}
        if found.get(TABLE, Blocks(0, *_NO_BLOCKS)).bits != 8:
            found[TABLE] = quantised(tensors.get_tensor("model.embed_tokens.weight"))
        if "lm_head.weight" in tensors.keys() and "output.weight" not in found:  # noqa: SIM118
            found["output.weight"] = quantised(tensors.get_tensor("lm_head.weight"))
    return found


_NO_BLOCKS = (np.zeros(0, np.uint8), np.zeros(0, np.float32))


def _evened(folder: Path, output: Blocks) -> NDArray[np.float32]:
    """A factor for each column of the output layer, (H,), that makes those of its input and of its
    weights of more equal size; from texts that have no part in verification."""
    ids = tokens_of(folder, "\n".join(household_sentences(CALIBRATION)))
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    with torch.inference_mode():
        hidden = model.model(input_ids=torch.tensor([ids[:TOKENS]])).last_hidden_state[0]  # (T, H)
    zero = 1 << (output.bits - 1)
    weights = output.scale[..., None] * (output.values.astype(np.float32) - zero)
    columns = np.sqrt((weights.reshape(len(weights), -1) ** 2).mean(0)).clip(1e-5)
    spread = np.sqrt((hidden.numpy() ** 2).mean(0)).clip(1e-5)
    factor = np.sqrt(spread / columns)
    evened: NDArray[np.float32] = (factor / factor.mean()).astype(np.float32)
    return evened


def tokens_of(folder: Path, text: str) -> list[int]:
    """Token ids of a text, without special tokens."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    return [int(i) for i in tokenizer(text, add_special_tokens=False)["input_ids"]]


def _first_words(folder: Path, prompt: str) -> str:
    """The first two greedy tokens: more than that may differ between processors."""
    import onnxruntime_genai as genai  # noqa: PLC0415

    model = genai_model(folder)
    tokenizer = genai.Tokenizer(model)
    ids = [int(i) for i in tokenizer.encode(prompt)]
    generator = genai_generator(model, len(ids) + 2)
    generator.append_tokens(ids)
    for _ in range(2):
        generator.generate_next_token()
    return str(tokenizer.decode([int(i) for i in generator.get_sequence(0)[len(ids) :]]))


SPEC = TaskSpec(
    steps=(
        Step("load", load),
        Step("export", export),
        Step("quantise", quantise),
        Step("verify", verify),
        Step("measure", measure),
    ),
    files=FILES,
    describe=describe,
)
