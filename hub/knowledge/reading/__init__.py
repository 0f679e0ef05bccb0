"""Files to blocks: one module a format, one line here."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from hub.knowledge.errors import DocumentError
from hub.knowledge.values import Document

READERS: dict[str, str] = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".txt": "text",
    ".text": "text",
    ".html": "html",
    ".htm": "html",
    ".pdf": "pdf",
}
"""The module of each suffix, loaded with the first such file: a hub that only answers never needs
its library. Its `read_…` takes the bytes and a title for want of a better one; it raises
`ValueError` with a reason for people."""

PAGED = frozenset({"pdf"})
"""Readers that take long enough to tell how far they are."""

LARGEST = 64 << 20
"""Bytes; manuals have some megabytes."""

VERSION = "1"
"""Of what the readers make; another one reads everything again."""


def readable(path: Path) -> bool:
    """Whether there is a reader for a file of this name."""
    return path.suffix.lower() in READERS


def read_document(
    path: Path, content: bytes, turned: Callable[[int, int], None] = lambda _page, _pages: None
) -> Document:
    """The document in a file; `turned` is told how many pages of how many are read, where there are
    pages. Raises `DocumentError`."""
    kind = READERS.get(path.suffix.lower())
    if kind is None:
        known = ", ".join(sorted(READERS))
        raise DocumentError(path, f"cannot be read; it must be one of {known}")
    if len(content) > LARGEST:
        raise DocumentError(path, f"is larger than {LARGEST >> 20} MB; split it")
    reader = getattr(import_module(f"{__name__}.{kind}"), f"read_{kind}")
    try:
        title = path.stem.replace("-", " ").replace("_", " ")
        paged = (turned,) if kind in PAGED else ()
        document: Document = reader(content, title, *paged)
    except ValueError as error:
        raise DocumentError(path, str(error)) from error
    if not document.blocks:
        raise DocumentError(path, "has no text in it")
    return document
