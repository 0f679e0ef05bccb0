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
from models.translate.tokens import END, PAD

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


def score(artefact: Path, checkpoint: Path | None = None, count: int = 200) -> list[Score]:
    """Every direction on both sets."""
    translator = Translator(load_artefact(artefact))
    beside = _torch(checkpoint, translator) if checkpoint else None
    sets = [*hand_written(), *held_templates(count)]
    return [_scored(translator, beside, one) for one in track(sets, "translating")]


def _scored(translator: Translator, beside: Callable[[str, str], str] | None, one: _Set) -> Score:
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
        by_torch = [_as_chinese(beside(text, one.target), one.target) for text in one.texts]
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


def _torch(checkpoint: Path, translator: Translator) -> Callable[[str, str], str]:
    """Greedy translations by transformers' own generation, in float32."""
    model: Any = MarianMTModel.from_pretrained(checkpoint, dtype=torch.float32).eval()
    prefix = translator.settings["prefix"]

    def translated(text: str, target: str) -> str:
        ids = translator.tokens(prefix[target] + text)
        source = torch.tensor([[*ids, END]])
        with torch.inference_mode():
            made = model.generate(
                input_ids=source, attention_mask=torch.ones_like(source), num_beams=1,
                do_sample=False, max_new_tokens=3 * len(ids) + 16,
            )[0].tolist()  # fmt: skip
        return translator.text_of([i for i in made[1:] if i not in (END, PAD)])

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
    return "\n".join([*lines, "", f"{rate:.0f} tokens a second on one thread."])
