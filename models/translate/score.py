"""How good the household translator is: chrF and BLEU (sacrebleu) by direction, of the artefact and
of its checkpoint in PyTorch, and how much of a text it dares to give.

Two sets that it never trained on: templates that were held out, with any fillers, and sentences
written by hand (`data/held.tsv`).
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from rich.progress import track
from sacrebleu import corpus_bleu, corpus_chrf
from transformers import MarianMTModel

from edge.artefact import load_artefact
from edge.tasks.translate import Translator
from models.translate.corpus import DIRECTIONS, pairs
from models.translate.forms import LANGUAGES
from models.translate.restored import restore
from models.translate.tokens import END, PAD
from models.translate.train import padded

Beside = Callable[[Sequence[str], str], list[str]]
"""What translates texts into a language."""

HELD = Path(__file__).parent / "data" / "held.tsv"
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Score:
    """One direction on one set. `given` is the share of sentences that the hub would give, `sure`
    the chrF of those; `torch` is the checkpoint's chrF, where there is one."""

    kind: str
    source: str
    target: str
    sentences: int
    chrf: float
    bleu: float
    given: float
    sure: float
    torch: float | None
    tokens_per_second: float


@dataclass(frozen=True, slots=True)
class _Set:
    kind: str
    source: str
    target: str
    texts: tuple[str, ...]
    wanted: tuple[str, ...]


def hand_written() -> list[_Set]:
    """The sentences of `held.tsv`, in each direction; numbers are placeholders, as in the hub."""
    columns = list(zip(*(line.split("\t") for line in HELD.read_text("utf-8").splitlines()),
                       strict=True))  # fmt: skip
    texts = {
        language: tuple(_NUMBER.sub("<n1>", text) for text in columns[i][1:])
        for i, language in enumerate(LANGUAGES)
    }
    return [_Set("by hand", a, b, texts[a], texts[b]) for a, b in DIRECTIONS]


def held_templates(count: int) -> list[_Set]:
    """`count` sentences a direction of templates that were never trained on."""
    made = list(pairs(count * len(DIRECTIONS), 23, held=True, rough=False))
    found = []
    for direction in DIRECTIONS:
        own = [p for p in made if (p.source_language, p.target_language) == direction]
        texts, wanted = tuple(p.source for p in own), tuple(p.target for p in own)
        found.append(_Set("templates", *direction, texts, wanted))
    return found


def score(
    artefact: Path, checkpoint: Path | None = None, beside_torch: bool = False, count: int = 200
) -> list[Score]:
    """Every direction on both sets; beside PyTorch if there is a `checkpoint`, or on the weights
    that the artefact itself holds."""
    translator = Translator(load_artefact(artefact))
    beside = None
    if checkpoint:
        model = MarianMTModel.from_pretrained(checkpoint, dtype=torch.float32)
        beside = _torch(model, translator)
    elif beside_torch:
        beside = _torch(restore(artefact), translator)
    sets = [*hand_written(), *held_templates(count)]
    return [_scored(translator, beside, one) for one in track(sets, "translating")]


def _scored(translator: Translator, beside: Beside | None, one: _Set) -> Score:
    started = time.perf_counter()
    found = [translator.translate_sync(text, one.target) for text in one.texts]
    seconds = time.perf_counter() - started
    texts = [_as_chinese(f.text, one.target) for f in found]
    tokens = sum(len(translator.tokens(f.text)) for f in found)
    given = [
        i
        for i, (text, f) in enumerate(zip(one.texts, found, strict=True))
        if translator.trusts(text, one.source, f, one.target)
    ]  # fmt: skip
    other = None
    if beside is not None:
        by_torch = [_as_chinese(text, one.target) for text in beside(one.texts, one.target)]
        other = corpus_chrf(by_torch, [list(one.wanted)]).score
    tokenizer = {"tokenize": "zh"} if one.target == "zh" else {}
    return Score(
        one.kind, one.source, one.target, len(texts),
        corpus_chrf(texts, [list(one.wanted)]).score,
        corpus_bleu(texts, [list(one.wanted)], **tokenizer).score,
        len(given) / len(texts),
        corpus_chrf([texts[i] for i in given], [[one.wanted[i] for i in given]]).score
        if given else 0.0,
        other, tokens / seconds,
    )  # fmt: skip


def _as_chinese(text: str, language: str) -> str:
    """The marks that the hub writes in Chinese."""
    return text.translate(str.maketrans(",?!", "，？！")) if language == "zh" else text


def _torch(checkpoint: MarianMTModel, translator: Translator) -> Beside:
    """Greedy translations by transformers' own generation, in float32, all texts at once."""
    model: Any = checkpoint.eval()
    prefix = translator.settings["prefix"]

    def translated(texts: Sequence[str], target: str) -> list[str]:
        rows = [(*translator.tokens(prefix[target] + text), END) for text in texts]
        source = padded(rows)  # (texts, longest)
        with torch.inference_mode():
            made = model.generate(
                input_ids=source, attention_mask=(source != PAD).long(), num_beams=1,
                do_sample=False, max_new_tokens=min(127, 3 * source.shape[1] + 16),
            ).tolist()  # fmt: skip
        return [
            translator.text_of([i for i in ids[1 : 3 * len(row) + 14] if i not in (END, PAD)])
            for row, ids in zip(rows, made, strict=True)
        ]

    return translated


def table(scores: Sequence[Score]) -> str:
    """As Markdown."""
    lines = ["| set | direction | chrF | BLEU | chrF in PyTorch | given | chrF of those |",
             "|---|---|---|---|---|---|---|"]  # fmt: skip
    for s in scores:
        beside = "" if s.torch is None else f"{s.torch:.1f}"
        lines.append(
            f"| {s.kind} | {s.source} → {s.target} | {s.chrf:.1f} | {s.bleu:.1f} | {beside} "
            f"| {s.given:.0%} | {s.sure:.1f} |"
        )
    rate = sum(s.tokens_per_second for s in scores) / len(scores)
    lines += ["", f"{rate:.0f} tokens a second on one thread."]
    apart = [abs(s.chrf - s.torch) for s in scores if s.torch is not None]
    if apart:
        lines.append(f"At most {max(apart):.2f} chrF from PyTorch in any direction.")
    return "\n".join(lines)
