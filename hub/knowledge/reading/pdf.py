"""PDF to blocks: pypdf lays the text out in columns and gaps as on the page, and tells the size of
each piece; what is larger than the body is a heading. Then it is read as plain text."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pypdf import PageObject, PdfReader
from pypdf.errors import PyPdfError

from hub.knowledge.reading.text import Line, document_of_lines, in_columns
from hub.knowledge.values import Document

_MOST_PAGES = 5000
_PAGE_NUMBER = re.compile(
    r"(?:page|seite|página)?\s*\d{1,4}\s*(?:(?:/|of|von|de)\s*\d{1,4})?", re.IGNORECASE
)
_LARGER = 1.12
"""Times the size of the body, from which on a line is a heading."""
_HEADING_WORDS = 14


@dataclass(frozen=True, slots=True)
class Page:
    """A page's lines as they are laid out, and how many characters stand in which size."""

    lines: Sequence[str]
    sizes: Mapping[str, float]


def read_pdf(
    content: bytes, title: str, turned: Callable[[int, int], None] = lambda _page, _pages: None
) -> Document:
    """A PDF with text in it; `turned` is told the number of each page and of all. Raises
    `ValueError` for one that is locked, broken or a scan."""
    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            raise ValueError("is locked with a password; save it without one first")
        pages = []
        wanted = min(len(reader.pages), _MOST_PAGES)
        for number, page in enumerate(list(reader.pages)[:wanted], 1):
            pages.append(_page(page))
            turned(number, wanted)
        named = str(reader.metadata.title or "") if reader.metadata else ""
    except (PyPdfError, KeyError, TypeError, AttributeError, RecursionError, OSError) as error:
        raise ValueError(f"is not a PDF that can be read ({error})") from error
    if not any(line.strip() for page in pages for line in page.lines):
        raise ValueError("has no text, only pictures; recognise its text (OCR) first")
    return document_of_lines(_lines(pages), named or title)


def _page(page: PageObject) -> Page:
    sizes: dict[str, float] = {}

    def visit(text: str, cm: Sequence[float], tm: Sequence[float], font: Any, size: float) -> None:
        for line in text.split("\n"):
            if line.strip():
                sizes[" ".join(line.split())] = round(size * abs(tm[3] * cm[3] or 1), 1)

    page.extract_text(visitor_text=visit)
    return Page(page.extract_text(extraction_mode="layout").split("\n"), sizes)


def _lines(pages: Sequence[Page]) -> list[Line]:
    """All lines but running heads and page numbers; headings are marked."""
    seen = Counter(line for page in pages for line in {" ".join(x.split()) for x in page.lines})
    often = max(3, len(pages) // 2 + 1)
    levels = _levels(pages)
    lines: list[Line] = []
    for number, page in enumerate(pages, 1):
        place = f"page {number}"
        for text in page.lines:
            plain = " ".join(text.split())
            if plain and (seen[plain] >= often or _PAGE_NUMBER.fullmatch(plain)):
                continue
            level = levels.get(page.sizes.get(plain, 0.0), 0)
            if level and len(plain.split()) <= _HEADING_WORDS:
                lines += [Line("", place), Line(f"{'#' * level} {plain}", place), Line("", place)]
            else:
                lines.append(Line(text.rstrip(), place))
    return _closed_up(lines)


def _closed_up(lines: Sequence[Line]) -> list[Line]:
    """The lines without the gaps between rows of a table, and inside of them."""
    kept: list[Line] = []
    columns = False
    for place, line in enumerate(lines):
        if line.empty and columns and _table_goes_on(lines[place : place + _AHEAD]):
            continue
        kept.append(line)
        columns = in_columns(line.text) or (columns and not line.empty)
    return kept


_AHEAD = 8
_REST_OF_A_CELL = 40


def _table_goes_on(lines: Sequence[Line]) -> bool:
    """Whether the next lines are a row, with at most the rest of a cell before it."""
    following = [line.text for line in lines if not line.empty][:3]
    row = next((i for i, text in enumerate(following) if in_columns(text)), None)
    return row is not None and all(
        len(text) < _REST_OF_A_CELL and not text.startswith("#") for text in following[:row]
    )


def _levels(pages: Sequence[Page]) -> dict[float, int]:
    """Levels of headings by their size."""
    characters = Counter[float]()
    for page in pages:
        for text, size in page.sizes.items():
            characters[size] += len(text)
    body = characters.most_common(1)[0][0] if characters else 1.0
    larger = sorted((size for size in characters if size >= body * _LARGER), reverse=True)
    return {size: min(level, 6) for level, size in enumerate(larger, 1)}
