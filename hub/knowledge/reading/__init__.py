"""Files to blocks: one module a format, one line here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hub.knowledge.errors import DocumentError
from hub.knowledge.reading.html import read_html
from hub.knowledge.reading.markdown import read_markdown
from hub.knowledge.reading.pdf import read_pdf
from hub.knowledge.reading.text import read_text
from hub.knowledge.values import Document

READERS: dict[str, Callable[[bytes, str], Document]] = {
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".txt": read_text,
    ".text": read_text,
    ".html": read_html,
    ".htm": read_html,
    ".pdf": read_pdf,
}
"""By suffix. A reader takes the bytes and a title for want of a better one; it raises `ValueError`
with a reason for people."""

LARGEST = 64 << 20
"""Bytes; manuals have some megabytes."""

VERSION = "1"
"""Of what the readers make; another one reads everything again."""


def readable(path: Path) -> bool:
    """Whether there is a reader for a file of this name."""
    return path.suffix.lower() in READERS


def read_document(path: Path, content: bytes) -> Document:
    """The document in a file. Raises `DocumentError`."""
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        known = ", ".join(sorted(READERS))
        raise DocumentError(path, f"cannot be read; it must be one of {known}")
    if len(content) > LARGEST:
        raise DocumentError(path, f"is larger than {LARGEST >> 20} MB; split it")
    try:
        document = reader(content, path.stem.replace("-", " ").replace("_", " "))
    except ValueError as error:
        raise DocumentError(path, str(error)) from error
    if not document.blocks:
        raise DocumentError(path, "has no text in it")
    return document
