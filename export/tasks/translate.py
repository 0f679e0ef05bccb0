"""Sequence to sequence: Marian checkpoints, and what `hearthd train translate` made."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from sacrebleu import corpus_chrf
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import MarianMTModel

from edge.decoding import Cache, Limits, decode
from edge.manifest import Check
from export.encoder_decoder import Attention, DecoderLayer, Family, Sample, export_both
from export.encoders import plain_tokenizer, save_tokenizer
from export.errors import CheckpointError
from export.measure import interleaved
from export.onnx_graph import OPSET
from export.safe import check_folder, read_json
from export.sentences import household_sentences, read_texts
from export.sequence import GRAPHS, Graphs, open_both, quantise_both, task_spec, tensors_of
from export.steps import Did, Job
from models.transformer.texts import END, PAD, START
from models.transformer.train import load_run


def load(job: Job) -> Did:
    """Check the checkpoint's form and note what it is."""
    config, values = check_folder(job.checkpoint)
    family = config.get("model_type")
    if family not in ("marian", "hearthd-transformer"):
        raise CheckpointError(job.checkpoint, f"is {family!r}, not marian or hearthd-transformer")
    if not (job.checkpoint / "tokenizer.json").exists():
        raise CheckpointError(
            job.checkpoint,
            "has no tokenizer.json: convert its SentencePiece models with transformers' "
            "`convert_slow_tokenizer` and save it beside the weights",
        )
    plain_tokenizer(job.checkpoint)
    return {"family": str(family), "values": values}


def export(job: Job) -> Did:
    """Encoder with every layer's cross-attention keys, and decoder with cache."""
    sample = torch.ones((1, 5), dtype=torch.int64)
    tensors = {"input_ids": sample, "attention_mask": sample.clone()}
    varying = {name: {1: "source"} for name in tensors}
    encoder, decoder = (job.file(f"{name}.fp32.onnx") for name in GRAPHS)
    export_both(_family(job), Sample(tensors, varying, masked=True), encoder, decoder)
    save_tokenizer(job.checkpoint, job)
    return {"opset": OPSET, "dynamic": ["source", "new", "past"]}


def quantise(job: Job) -> Did:
    """Matrix products and embeddings of both graphs."""

    def use(graphs: Graphs) -> None:
        path = job.wanted.calibration
        for text in read_texts(path, 40) if path else household_sentences(40):
            _onnx(job, graphs)(text)

    return quantise_both(job, use)


def verify(job: Job) -> Did:
    """chrF of the artefact's translations, taking PyTorch's greedy ones as the reference."""
    count = job.wanted.samples or 100
    texts = read_texts(job.wanted.data, count) if job.wanted.data else household_sentences(count)
    ours, theirs = _onnx(job), _torch(job)
    made, wanted = [ours(text) for text in texts], [theirs(text) for text in texts]
    check = Check(
        name="chrF to PyTorch's translations", value=corpus_chrf(made, [wanted]).score,
        kind="at least", limit=job.limit("chrf", 95.0), samples=len(texts),
    )  # fmt: skip
    same = sum(a == b for a, b in zip(made, wanted, strict=True)) / len(texts)
    return {"checks": [check.model_dump()], "same_text": round(same, 4)}


def measure(job: Job) -> Did:
    """One thread, one text at a time, beside PyTorch."""
    found = interleaved({"onnx": _onnx(job), "torch": _torch(job)}, _texts_to_measure(job), warm=2)
    return {
        "p50_ms": round(found["onnx"]["p50_ms"], 2),
        "torch_p50_ms": round(found["torch"]["p50_ms"], 2),
    }


def _texts_to_measure(job: Job) -> list[str]:
    return read_texts(job.wanted.data, 12) if job.wanted.data else household_sentences(12)


def describe(job: Job) -> Mapping[str, Any]:
    """Tensors of both graphs, special ids and self-tests."""
    run = _onnx(job)
    return {
        **tensors_of(job),
        "tokenizer": "tokenizer.json",
        "task_settings": _settings(job),
        "self_tests": [
            {"input": {"text": text}, "output": {"text": run(text)}}
            for text in _texts_to_measure(job)[:2]
        ],
    }


def _settings(job: Job) -> dict[str, Any]:
    config = read_json(job.checkpoint / "config.json")
    if config["model_type"] == "marian":
        heads = int(config["decoder_attention_heads"])
        return {
            "layers": config["decoder_layers"], "heads": heads,
            "width": config["d_model"] // heads, "start": config["decoder_start_token_id"],
            "end": config["eos_token_id"], "forbidden": [config["pad_token_id"]],
            "max_tokens": min(256, config["max_position_embeddings"]), **_languages(job),
        }  # fmt: skip
    sizes = config["model"]
    return {
        "layers": sizes["layers"], "heads": sizes["heads"],
        "width": sizes["d_model"] // sizes["heads"], "start": START, "end": END,
        "forbidden": [PAD, START], "max_tokens": sizes["positions"] - 2,
    }  # fmt: skip


def _languages(job: Job) -> dict[str, Any]:
    """What `translation.json` beside a checkpoint says of its languages, and the recipe's
    `least_confidence`; the words it knows go into a file of the artefact."""
    path, found = job.checkpoint / "translation.json", dict(job.recipe.settings)
    if not path.exists():
        return found
    said = read_json(path)
    if words := said.pop("words", None):
        text = json.dumps(words, ensure_ascii=False, separators=(",", ":"))
        job.file("words.json").write_text(text + "\n", "utf-8")
        found["words"] = "words.json"
    return said | found


def _onnx(job: Job, graphs: Graphs | None = None) -> Any:
    settings = _settings(job)
    encoder, decoder = graphs or open_both(job)
    tokenizer = Tokenizer.from_file(str(job.file("tokenizer.json")))
    cache = Cache(settings["layers"], settings["heads"], settings["width"])

    def forbid(logits: Any, _: int) -> None:
        logits[settings["forbidden"]] = -np.inf

    def run(text: str) -> str:
        ids = tokenizer.encode(text).ids[: settings["max_tokens"] - 1]
        source = np.array([[*ids, settings["end"]]], dtype=np.int64)
        mask: Any = np.ones_like(source)
        encoded = encoder.run({"input_ids": source, "attention_mask": mask})
        limits = Limits(min(settings["max_tokens"] - 1, 3 * len(ids) + 16))
        found = decode(
            decoder, cache, {**encoded, "attention_mask": mask}, [settings["start"]],
            settings["end"], limits, forbid,
        )  # fmt: skip
        return str(tokenizer.decode(list(found.ids))).strip()

    return run


def _torch(job: Job) -> Any:
    """The checkpoint's own model, without a cache and without this module's decoder."""
    torch.set_num_threads(1)
    settings, tokenizer = _settings(job), plain_tokenizer(job.checkpoint)
    logits_of = _own_logits(job) if _is_own(job) else _marian_logits(job)

    def run(text: str) -> str:
        ids = tokenizer.encode(text).ids[: settings["max_tokens"] - 1]
        source = torch.tensor([[*ids, settings["end"]]])
        made = [settings["start"]]
        with torch.inference_mode():
            while len(made) <= min(settings["max_tokens"] - 1, 3 * len(ids) + 16):
                logits = logits_of(source, torch.tensor([made]))
                logits[settings["forbidden"]] = -torch.inf
                made.append(int(logits.argmax()))
                if made[-1] == settings["end"]:
                    made.pop()
                    break
        return str(tokenizer.decode(made[1:])).strip()

    return run


def _is_own(job: Job) -> bool:
    return bool(read_json(job.checkpoint / "config.json")["model_type"] == "hearthd-transformer")


def _marian(job: Job) -> Any:
    try:
        return MarianMTModel.from_pretrained(
            job.checkpoint, dtype=torch.float32, use_safetensors=True, local_files_only=True
        ).eval()
    except Exception as error:  # transformers raises many kinds
        raise CheckpointError(job.checkpoint, f"transformers cannot read it: {error}") from error


def _marian_logits(job: Job) -> Any:
    model = _marian(job)
    return lambda source, made: model(input_ids=source, decoder_input_ids=made).logits[0, -1]


def _own_logits(job: Job) -> Any:
    model, _ = load_run(job.checkpoint)

    def logits(source: Tensor, made: Tensor) -> Tensor:
        memory, _ = model.encode(source)
        return model.decode(made, memory, source)[0][0, -1]

    return logits


def _family(job: Job) -> Family:
    return _own_family(job) if _is_own(job) else _marian_family(_marian(job))


def _marian_family(model: Any) -> Family:
    inner, decoder = model.model, model.model.decoder
    if model.config.normalize_before if hasattr(model.config, "normalize_before") else False:
        raise CheckpointError("config.json", "normalize_before is not supported")

    def attention(part: Any, norm: nn.Module) -> Attention:
        return Attention(part.q_proj, part.k_proj, part.v_proj, part.out_proj, norm)

    def feed_forward(layer: Any) -> Any:
        return lambda x: layer.fc2(layer.activation_fn(layer.fc1(x)))

    scale = math.sqrt(model.config.d_model) if model.config.scale_embedding else 1.0

    def encode(ids: Tensor, mask: Tensor) -> Tensor:
        memory: Tensor = inner.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        return memory

    return Family(
        module=model,
        encode=encode,
        embed=lambda ids, at: decoder.embed_tokens(ids) * scale
        + decoder.embed_positions.weight[at],
        layers=[
            DecoderLayer(
                attention(layer.self_attn, layer.self_attn_layer_norm),
                attention(layer.encoder_attn, layer.encoder_attn_layer_norm),
                feed_forward(layer), layer.final_layer_norm, pre_norm=False,
            )
            for layer in decoder.layers
        ],
        heads=model.config.decoder_attention_heads,
        last_norm=None,
        head=model.lm_head.weight,
        head_bias=model.final_logits_bias,
    )  # fmt: skip


def _own_family(job: Job) -> Family:
    model, codec = load_run(job.checkpoint)
    if codec.task != "translate":
        raise CheckpointError(job.checkpoint, f"was trained to {codec.task}")
    layers: Any = model.decoder

    def attention(part: Any, norm: nn.Module) -> Attention:
        return Attention(part.q, part.k, part.v, part.out, norm)

    def encode(ids: Tensor, mask: Tensor) -> Tensor:
        pad = torch.full_like(ids, model.config.pad)
        return model.encode(torch.where(mask > 0, ids, pad))[0]

    return Family(
        module=model,
        encode=encode,
        embed=lambda ids, at: model.embedding(ids) * math.sqrt(model.config.d_model)
        + model.position[at],
        layers=[
            DecoderLayer(
                attention(layer.attention, layer.norm_1),
                attention(layer.cross_attention, layer.norm_2),
                layer.feed_forward, layer.norm_3, pre_norm=False,
            )
            for layer in layers
        ],
        heads=model.config.heads,
        last_norm=None,
        head=model.embedding.weight,
    )  # fmt: skip


SPEC = task_spec(
    {
        "load": load, "export": export, "quantise": quantise, "verify": verify, "measure": measure
    },
    describe,
    more_files=("words.json",),
)  # fmt: skip
