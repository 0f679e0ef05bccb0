"""Cut a Unigram vocabulary to the languages of a home, with its letter case folded.

Of the 250,037 pieces of XLM-R's vocabulary a household's sentences in 24 languages use some 20,000:
the vocabulary is where the size of a small multilingual encoder is. Pieces that differ in case or
in Unicode's compatibility forms become one piece: its probability is their sum, its embedding their
mean weighted by probability. What is kept is what the given texts need, every letter, and then the
most probable pieces in the scripts of these languages.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from models.bases.e5_small import Pieces

SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
_SPACE = "\u2581"
_SCRIPTS = re.compile(
    "[\u0020-\u024f\u0300-\u036f\u0400-\u045f\u0490\u0491\u0621-\u0652\u0660-\u0669"
    "\u1e80-\u1eff\u2010-\u2027\u2030-\u203a\u20ac\u2103\u2109\u4e00-\u9fff\u3001\u3002\uff01-\uff5e"
    + _SPACE
    + "]+"
)
"""Latin, Cyrillic, Arabic and Han, with their digits and signs."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """`texts` and `scores` of each kept piece; `rows` lists for each the rows of the original
    embedding that it stands for, with their weights (which sum to one)."""

    texts: tuple[str, ...]
    scores: tuple[float, ...]
    rows: tuple[tuple[tuple[int, float], ...], ...]

    def embedding(self, original: NDArray[np.float32]) -> NDArray[np.float32]:
        """The (pieces, hidden) embedding of this vocabulary out of the (rows, hidden) original."""
        kept = np.zeros((len(self.rows), original.shape[1]), dtype=np.float32)
        for row, parts in enumerate(self.rows):
            for index, weight in parts:
                kept[row] += weight * original[index]
        return kept


def fold(text: str) -> str:
    """As the tokenizer's normalizer does."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).lower())


def folded(pieces: Pieces) -> Vocabulary:
    """The whole vocabulary with case folded; the special tokens come first, as ids 0 to 3."""
    special = (pieces.bos, pieces.pad, pieces.eos, pieces.unk)
    groups: dict[str, list[int]] = defaultdict(list)
    for index, text in enumerate(pieces.texts):
        if index not in special and text:
            groups[fold(text)].append(index)
    texts, scores = list(SPECIAL), [0.0] * len(SPECIAL)
    rows: list[tuple[tuple[int, float], ...]] = [((i, 1.0),) for i in special]
    for text, members in groups.items():
        if not _SCRIPTS.fullmatch(text):
            continue
        probabilities = [math.exp(pieces.scores[i]) for i in members]
        total = sum(probabilities)
        texts.append(text)
        scores.append(math.log(total))
        rows.append(tuple((i, p / total) for i, p in zip(members, probabilities, strict=True)))
    return Vocabulary(tuple(texts), tuple(scores), tuple(rows))


def cut(whole: Vocabulary, sentences: Iterable[str], size: int) -> Vocabulary:
    """The `size` pieces that are needed most: those of `sentences`, letters, then by score."""
    wide = tokenizer(whole)
    used: Counter[int] = Counter()
    for encoding in wide.encode_batch(list(sentences)):
        used.update(encoding.ids)
    rank = {piece: count for piece, count in used.items() if piece >= len(SPECIAL)}

    def need(index: int) -> tuple[bool, float]:
        single = len(whole.texts[index].strip(_SPACE)) <= 1 and whole.scores[index] > -14
        return (single or index in rank, whole.scores[index])

    order = sorted(range(len(SPECIAL), len(whole.texts)), key=need, reverse=True)
    kept = [*range(len(SPECIAL)), *sorted(order[: size - len(SPECIAL)])]
    return Vocabulary(
        tuple(whole.texts[i] for i in kept),
        tuple(whole.scores[i] for i in kept),
        tuple(whole.rows[i] for i in kept),
    )


def with_special(vocabulary: Vocabulary, special: Sequence[str]) -> Vocabulary:
    """The same with more special tokens at its end, whose embedding is that of `</s>`."""
    end = vocabulary.rows[SPECIAL.index("</s>")]
    return Vocabulary(
        (*vocabulary.texts, *special),
        (*vocabulary.scores, *(0.0 for _ in special)),
        (*vocabulary.rows, *(end for _ in special)),
    )


def tokenizer(vocabulary: Vocabulary) -> Tokenizer:
    """A Unigram tokenizer (Kudo 2018) over the vocabulary: NFKC, lower case, `<s> … </s>`."""
    scored: Sequence[tuple[str, float]] = list(
        zip(vocabulary.texts, vocabulary.scores, strict=True)
    )
    made = Tokenizer(
        models.Unigram(list(scored), unk_id=SPECIAL.index("<unk>"), byte_fallback=False)
    )
    made.normalizer = normalizers.Sequence(
        [
            normalizers.NFKC(),
            normalizers.Lowercase(),
            normalizers.NFKC(),
            normalizers.Replace(Regex(r"\s+"), " "),
        ]
    )
    made.pre_tokenizer = pre_tokenizers.Metaspace(replacement=_SPACE, prepend_scheme="always")
    made.decoder = decoders.Metaspace(replacement=_SPACE, prepend_scheme="always")
    made.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        special_tokens=[(token, SPECIAL.index(token)) for token in ("<s>", "</s>")],
    )
    made.add_special_tokens(list(SPECIAL))
    return made
