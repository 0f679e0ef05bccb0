"""The encoder that the judge of answers starts from: multilingual-e5-small, whose vocabulary is cut
to what household documents and their questions need."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from models.bases.build import cut_down, household_sentences
from models.judge.corpus import LANGUAGES, SEPARATOR
from models.judge.grammars import read

_GRAMMARS = ("actions.yaml", "attributes.yaml", "facts.tsv", "rows.yaml", "words.yaml")


def base(cache: Path, layers: Sequence[int], pieces: int) -> Path:
    """A Hugging Face folder with the encoder and its tokenizer, made once for these arguments.

    Raises OSError when the original cannot be fetched.
    """
    name = f"judge-{'.'.join(map(str, layers))}-{pieces}"
    return cut_down(cache, name, layers, pieces, _texts, special=[SEPARATOR.strip()])


def _texts() -> Iterator[str]:
    for name in _GRAMMARS:
        yield from read(name).splitlines()
    for language in LANGUAGES:
        yield from household_sentences(language)
