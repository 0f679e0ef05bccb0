"""Speech recognition: the Whisper family, from CTranslate2's or Hugging Face's folder."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import WhisperForConditionalGeneration

from edge.audio import RATE, log_mel, write_wav
from edge.decoding import Cache, Limits, decode
from edge.manifest import Check
from export.ct2_whisper import special_tokens, to_folder
from export.encoder_decoder import Attention, DecoderLayer, Family, Sample, export_both
from export.errors import CheckpointError
from export.onnx_graph import OPSET
from export.safe import check_folder, read_json
from export.sequence import Graphs, open_both, quantise_both, task_spec, tensors_of
from export.speech_samples import recorded, spoken_commands, word_error_rate
from export.steps import Did, Job

COMMANDS = 60

Floats = NDArray[np.float32]


def load(job: Job) -> Did:
    """To `checkpoint/`, a Hugging Face folder with float32 weights."""
    folder = job.file("checkpoint")
    shutil.rmtree(folder, ignore_errors=True)
    parts = sorted(job.checkpoint.rglob("model.bin*"))
    if parts:
        settings = read_json(next(job.checkpoint.rglob("config.json")))
        raw = b"".join(path.read_bytes() for path in parts)
        did: Did = {"form": "CTranslate2", **to_folder(raw, settings, parts[0], folder)}
        shutil.copy(next(job.checkpoint.rglob("tokenizer.json")), folder)
        return did
    config, values = check_folder(job.checkpoint)
    if config.get("model_type") != "whisper":
        raise CheckpointError(job.checkpoint, f"is {config.get('model_type')!r}, not a Whisper")
    shutil.copytree(job.checkpoint, folder)
    return {"form": "safetensors", "values": values}


def export(job: Job) -> Did:
    """Encoder with every layer's cross-attention keys, and decoder with cache."""
    model = _checkpoint(job)
    bands = model.config.num_mel_bins
    sample = Sample({"features": torch.zeros(1, bands, 3000)}, {}, masked=False)
    export_both(
        _family(model), sample, job.file("encoder.fp32.onnx"), job.file("decoder.fp32.onnx")
    )
    shutil.copy(job.file("checkpoint/tokenizer.json"), job.file("tokenizer.json"))
    return {"opset": OPSET, "dynamic": ["new", "past"]}


def quantise(job: Job) -> Did:
    """Matrix products and embeddings of both graphs; convolutions stay."""

    def use(graphs: Graphs) -> None:
        path = job.wanted.calibration
        for sound, _ in recorded(path, 8) if path else spoken_commands(8):
            _hearing(job, graphs)(sound)

    return quantise_both(job, use)


def verify(job: Job) -> Did:
    """Word error rate beside PyTorch's, with the same decoding, on spoken commands or on the given
    recordings."""
    count = job.wanted.samples or COMMANDS
    sounds = recorded(job.wanted.data, count) if job.wanted.data else spoken_commands(count)
    ours, theirs = [], []
    hear, reference = _hearing(job), _torch_hearing(job)
    for sound, said in sounds:
        ours.append((hear(sound), said))
        theirs.append((reference(sound), said))
    rates = word_error_rate(ours), word_error_rate(theirs)
    check = Check(
        name="rise of the word error rate over PyTorch", value=rates[0] - rates[1], kind="at most",
        limit=job.limit("wer_rise", 0.005), samples=len(sounds),
    )  # fmt: skip
    same = sum(a == b for a, b in zip(ours, theirs, strict=True)) / len(sounds)
    return {
        "checks": [check.model_dump()], "word_error_rate": round(rates[0], 4),
        "torch_word_error_rate": round(rates[1], 4), "same_text": round(same, 4),
    }  # fmt: skip


def measure(job: Job) -> Did:
    """Real-time factor on two threads, features included."""
    sounds = spoken_commands(8)
    hear = _hearing(job, open_both(job, threads=2))
    hear(sounds[0][0])
    started = time.perf_counter()
    for sound, _ in sounds:
        hear(sound)
    taken = time.perf_counter() - started
    seconds = sum(len(sound) for sound, _ in sounds) / RATE
    return {
        "real_time_factor": round(taken / seconds, 4),
        "command_ms": round(taken / len(sounds) * 1000, 1),
    }


def describe(job: Job) -> Mapping[str, Any]:
    """Tensors of both graphs, Whisper's special tokens, and a spoken command as self-test."""
    sound, _ = spoken_commands(1)[0]
    job.file("golden.wav").write_bytes(write_wav(sound, RATE))
    return {
        **tensors_of(job),
        "tokenizer": "tokenizer.json",
        "task_settings": _settings(job),
        "self_tests": [{"input": {"wav": "golden.wav"}, "output": {"text": _hearing(job)(sound)}}],
    }


def _settings(job: Job) -> dict[str, Any]:
    config = json.loads(job.file("checkpoint/config.json").read_text("utf-8"))
    ids = special_tokens(job.file("checkpoint/tokenizer.json"))
    several = config["vocab_size"] > 51864
    languages = {
        name[2:-2]: number
        for name, number in ids.items()
        if name[2:-2].isalpha() and 2 <= len(name[2:-2]) <= 3
    }
    return {
        "bands": config["num_mel_bins"], "layers": config["decoder_layers"],
        "heads": config["decoder_attention_heads"],
        "width": config["d_model"] // config["decoder_attention_heads"],
        "start": ids["<|startoftranscript|>"], "end": ids["<|endoftext|>"],
        "no_timestamps": ids["<|notimestamps|>"], "first_timestamp": ids["<|notimestamps|>"] + 1,
        "suppress": config.get("suppress_tokens") or [],
        "suppress_first": config.get("begin_suppress_tokens") or [],
        **({"transcribe": ids["<|transcribe|>"], "languages": languages} if several else {}),
    }  # fmt: skip


def _prompt(settings: Mapping[str, Any], language: str) -> list[int]:
    if not settings.get("languages"):
        return [settings["start"], settings["no_timestamps"]]
    known = settings["languages"][language]
    return [settings["start"], known, settings["transcribe"], settings["no_timestamps"]]


def _hearing(job: Job, graphs: Graphs | None = None) -> Any:
    settings = _settings(job)
    encoder, decoder = graphs or open_both(job)
    tokenizer = Tokenizer.from_file(str(job.file("tokenizer.json")))
    cache = Cache(settings["layers"], settings["heads"], settings["width"])
    prompt = _prompt(settings, job.recipe.languages[0])

    def forbid(logits: Floats, count: int) -> None:
        _suppress(settings, logits, count)

    def hear(sound: Floats) -> str:
        encoded = encoder.run({"features": log_mel(sound, settings["bands"])[None]})
        limit = Limits(min(224, int(8 * len(sound) / RATE) + 16))
        found = decode(decoder, cache, encoded, prompt, settings["end"], limit, forbid)
        return str(tokenizer.decode(list(found.ids))).strip()

    return hear


def _suppress(settings: Mapping[str, Any], logits: Floats, count: int) -> None:
    logits[settings["suppress"]] = -np.inf
    logits[settings["first_timestamp"] :] = -np.inf
    if count == 0:
        logits[settings["suppress_first"]] = -np.inf


def _torch_hearing(job: Job) -> Any:
    """Greedy decoding by PyTorch, float32, with the same tokens forbidden."""
    torch.set_num_threads(1)
    model, settings = _checkpoint(job), _settings(job)
    tokenizer = Tokenizer.from_file(str(job.file("tokenizer.json")))
    prompt = _prompt(settings, job.recipe.languages[0])

    def hear(sound: Floats) -> str:
        features = torch.from_numpy(log_mel(sound, settings["bands"])[None])
        limit = min(224, int(8 * len(sound) / RATE) + 16)
        with torch.inference_mode():
            memory = model.model.encoder(features).last_hidden_state
            ids: list[int] = []
            past, new = None, torch.tensor([prompt])
            while len(ids) < limit:
                out = model.model.decoder(
                    input_ids=new, encoder_hidden_states=memory, past_key_values=past,
                    use_cache=True,
                )  # fmt: skip
                past = out.past_key_values
                logits = model.proj_out(out.last_hidden_state[0, -1]).numpy()
                _suppress(settings, logits, len(ids))
                best = int(logits.argmax())
                if best == settings["end"]:
                    break
                ids.append(best)
                new = torch.tensor([[best]])
        return str(tokenizer.decode(ids)).strip()

    return hear


def _checkpoint(job: Job) -> Any:
    return WhisperForConditionalGeneration.from_pretrained(
        job.file("checkpoint"), dtype=torch.float32, attn_implementation="sdpa",
        use_safetensors=True,
    ).eval()  # fmt: skip


def _family(model: Any) -> Family:
    decoder = model.model.decoder

    def embed(ids: Tensor, at: Tensor) -> Tensor:
        places: Tensor = decoder.embed_tokens(ids) + decoder.embed_positions.weight[at]
        return places

    def attention(part: nn.Module, norm: nn.Module) -> Attention:
        parts: Any = part
        return Attention(parts.q_proj, parts.k_proj, parts.v_proj, parts.out_proj, norm)

    def feed_forward(layer: Any) -> Any:
        return lambda x: layer.fc2(layer.activation_fn(layer.fc1(x)))

    layers: Sequence[Any] = decoder.layers
    return Family(
        module=model,
        encode=lambda features: model.model.encoder(features).last_hidden_state,
        embed=embed,
        layers=[
            DecoderLayer(
                attention(layer.self_attn, layer.self_attn_layer_norm),
                attention(layer.encoder_attn, layer.encoder_attn_layer_norm),
                feed_forward(layer), layer.final_layer_norm, pre_norm=True,
            )
            for layer in layers
        ],
        heads=model.config.decoder_attention_heads,
        last_norm=decoder.layer_norm,
        head=model.proj_out.weight,
    )  # fmt: skip


SPEC = task_spec(
    {
        "load": load, "export": export, "quantise": quantise, "verify": verify, "measure": measure
    },
    describe,
    more_files=("golden.wav",),
)  # fmt: skip
