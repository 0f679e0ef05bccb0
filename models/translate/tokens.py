"""The shared vocabulary: pieces of the five languages, the target's sign, placeholders."""

from __future__ import annotations

import json
from collections.abc import Iterable

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers
from tokenizers.trainers import UnigramTrainer

from models.translate.corpus import PLACEHOLDERS
from models.translate.forms import LANGUAGES

SPECIAL = ("</s>", "<unk>", "<pad>")
END, UNKNOWN, PAD = 0, 1, 2
SIGNS = {language: f">>{language}<<" for language in LANGUAGES}
"""What a source begins with: the language that is wanted, as OPUS-MT's models have it."""


def train_tokenizer(texts: Iterable[str], vocabulary: int) -> Tokenizer:
    """Unigram pieces (Kudo 2018); every Chinese character is one by itself, so that words that were
    never seen together can be written."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Metaspace(prepend_scheme="first"),
            pre_tokenizers.Split(Regex(r"[\u4e00-\u9fff]"), "isolated"),
        ]
    )
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="first")
    marks = [*SIGNS.values(), *PLACEHOLDERS]
    trainer = UnigramTrainer(
        vocab_size=vocabulary, special_tokens=[*SPECIAL, *marks], unk_token="<unk>",
        show_progress=False,
    )  # fmt: skip
    tokenizer.train_from_iterator(texts, trainer)
    said = json.loads(tokenizer.to_str())
    for token in said["added_tokens"]:
        if token["content"] in marks:  # what is special is left out when decoding
            token["special"] = False
    return Tokenizer.from_str(json.dumps(said))
