"""Languages: the words the hub itself must know, one table a language."""

from hub.languages.lexicon import LANGUAGES, Lexicon, known, lexicon
from hub.languages.phrases import Choices, Phrase, phrase
from hub.languages.text import fold, plain

__all__ = [
    "LANGUAGES", "Choices", "Lexicon", "Phrase", "fold", "known", "lexicon", "phrase", "plain",
]  # fmt: skip
