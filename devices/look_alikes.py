"""Names that look the same to people and are not (homoglyphs, invisible characters)."""

from __future__ import annotations

import unicodedata

_CONFUSABLE = str.maketrans(
    "аеорсухіјѕԁɡӏоАВЕКМНОРСТХαορυνΑΒΕΖΗΙΚΜΝΟΡΤΥΧı0",
    "aeopcyxijsdgloABEKMHOPCTXaopuvABEZHIKMNOPTYXio",
)
"""Letters that look like Latin ones (Unicode Technical Standard 39, the common part)."""


def plain(name: str) -> str:
    """The name with accents in one form."""
    return unicodedata.normalize("NFC", name)


def skeleton(name: str) -> str:
    """What is left for the eye: equal for names that look alike."""
    visible = "".join(
        c for c in unicodedata.normalize("NFKC", name) if unicodedata.category(c) != "Cf"
    )
    return " ".join(visible.translate(_CONFUSABLE).casefold().split())
