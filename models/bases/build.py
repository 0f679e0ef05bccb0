"""Make the base encoder of understanding: multilingual-e5-small, cut to a home's needs."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from home_assistant_intents import get_intents

from models.bases import e5_small
from models.bases.vocabulary import cut, folded, tokenizer, with_special
from models.nlu.data.own import OwnGrammar
from models.nlu.data.people import texts
from models.nlu.data.templates import HomeAssistantTemplates
from models.nlu.data.wordlists import language_file

SENTENCES = 8_000
"""Sampled for each language and source to see which pieces they need."""


def build(
    cache: Path, languages: Sequence[str], layers: Sequence[int], pieces: int, data: Path
) -> Path:
    """A Hugging Face folder with the encoder and its tokenizer, made once for these arguments.

    Raises OSError when the original cannot be fetched.
    """
    name = f"e5-small-{'.'.join(map(str, layers))}-{pieces}"
    return cut_down(
        cache, name, layers, pieces,
        lambda: [*texts(data), *(s for lang in languages for s in household_sentences(lang))],
    )  # fmt: skip


def cut_down(
    cache: Path, name: str, layers: Sequence[int], pieces: int,
    needed: Callable[[], Iterable[str]], special: Sequence[str] = (),
) -> Path:  # fmt: skip
    """The folder `name` in `cache`: of the original these layers, and the `pieces` that the
    `needed` texts use most; each `special` token begins as the end of a text. Raises as `build`."""
    folder = cache / name
    if (folder / "tokenizer.json").exists():
        return folder
    source = e5_small.read(e5_small.fetch(cache))
    vocabulary = with_special(cut(folded(source.pieces), needed(), pieces), special)
    model = e5_small.encoder(source, layers, vocabulary.embedding(source.tensors["emb.word"]))
    model.save_pretrained(folder)
    made = tokenizer(vocabulary)
    made.add_special_tokens(list(special))
    made.save(str(folder / "tokenizer.json"))
    return folder


def household_sentences(language: str) -> Iterator[str]:
    """Sampled sentences, and every word that stands in a template or a list."""
    rng = random.Random(0)
    templates, own = HomeAssistantTemplates(language), OwnGrammar(language)
    for _ in range(SENTENCES):
        yield templates.sample(rng).text
        yield own.sample(rng).text
        yield own.sample_chatter(rng).text
    for source in (get_intents(language), language_file(language)):
        yield from _SEPARATORS.split(" ".join(_strings(source)))


_SEPARATORS = re.compile(r"[\s(){}\[\]|<>:/]+")


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)
