"""Plain text to blocks, by the habits of people who write it.

Headings are underlined, numbered ("4.2 Descaling"), in capitals, or short lines alone without a
full stop; list items start with a sign or a number; columns are two or more spaces apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hub.knowledge.values import Block, Document, Heading, Listing, Paragraph, Table

_BULLET = re.compile(r"^\s*[-*•–▪◦·]\s+(?=\S)")
_NUMBER = re.compile(r"^\s*(?:step\s+|schritt\s+|paso\s+)?\d{1,2}[.):]\s+(?=\S)", re.IGNORECASE)
_SECTION = re.compile(r"^(\d{1,2}(?:\.\d{1,2})*)\.?\s+(?=[^\W\d])")
_UNDERLINE = re.compile(r"^(=|-|~|\*)\1{2,}\s*$")
_COLUMNS = re.compile(r"\s{2,}|\s*\t\s*|\s+\|\s+")
_HASH = re.compile(r"^(#{1,6})\s+(?=\S)")


@dataclass(frozen=True, slots=True)
class Line:
    """A line with its place."""

    text: str
    place: str

    @property
    def empty(self) -> bool:
        """Nothing in it."""
        return not self.text.strip()


def decoded(content: bytes) -> str:
    """Text in UTF-8, UTF-16 with a mark, or Windows-1252. Raises `ValueError` for anything else."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = content.decode("utf-16", "replace")
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("cp1252", "replace")
    if "\x00" in text:
        raise ValueError("is not text; if it is a PDF or HTML file, name it so")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_text(content: bytes, title: str) -> Document:
    """A plain text file. Its first heading is its title."""
    lines = [
        Line(line.rstrip(), f"line {number}")
        for number, line in enumerate(decoded(content).split("\n"), 1)
    ]
    return document_of_lines(lines, title)


def document_of_lines(lines: Sequence[Line], title: str) -> Document:
    """The document in some lines; also what is made of a PDF."""
    blocks = tuple(_blocks(lines))
    first = blocks[0] if blocks else None
    if isinstance(first, Heading):
        title = first.text
    return Document(title, blocks)


def _blocks(lines: Sequence[Line]) -> Iterator[Block]:
    at = 0
    first = True
    while at < len(lines):
        if lines[at].empty or _UNDERLINE.match(lines[at].text):
            at += 1
            continue
        level = _heading_level(lines, at, first)
        first = False
        if level:
            text = _HASH.sub("", lines[at].text).strip().rstrip("#: ")
            yield Heading(level, text, lines[at].place)
            at += 1
            continue
        end = at + 1
        while end < len(lines) and not lines[end].empty and not _starts(lines, end):
            end += 1
        yield from _group(lines[at:end])
        at = end


def _starts(lines: Sequence[Line], at: int) -> bool:
    """Whether a heading starts in the middle of a paragraph's lines."""
    return bool(_HASH.match(lines[at].text)) or (
        at + 1 < len(lines) and bool(_UNDERLINE.match(lines[at + 1].text))
    )


def _heading_level(lines: Sequence[Line], at: int, first: bool) -> int:
    """The level of a heading, 0 for any other line."""
    line = lines[at].text.strip()
    if marked := _HASH.match(line):
        return len(marked[1])
    after = lines[at + 1] if at + 1 < len(lines) else Line("", "")
    if underline := _UNDERLINE.match(after.text):
        return 1 if underline[1] in "=*" else 2
    if len(line) > 70 or line.endswith((".", ",", ";", ":", "!")) or _BULLET.match(line):
        return 0
    numbered = _SECTION.match(line)
    alone = (at == 0 or lines[at - 1].empty) and after.empty
    if numbered and (alone or "." in numbered[1]) and len(line.split()) <= 9:
        return 2 + numbered[1].count(".")
    if _NUMBER.match(line) or _COLUMNS.search(line):
        return 0
    letters = [c for c in line if c.isalpha()]
    if len(letters) > 3 and all(c.isupper() for c in letters):
        return 1 if first else 2
    followed = at + 1 < len(lines)
    if alone and followed and len(line.split()) <= 8 and letters:
        return 1 if first else 2
    return 0


def _group(lines: Sequence[Line]) -> Iterator[Block]:
    """Lines without a gap: paragraphs, lists, or rows."""
    place = lines[0].place
    if rows := _rows(lines):
        header, body = _header(rows)
        yield Table(header, body, place)
        return
    at = 0
    while at < len(lines):
        mark = next((m for m in (_BULLET, _NUMBER) if m.match(lines[at].text)), None)
        end = at + 1
        if mark is None:
            while end < len(lines) and not any(
                m.match(lines[end].text) for m in (_BULLET, _NUMBER)
            ):
                end += 1
            yield Paragraph(_joined(lines[at:end]), lines[at].place)
        else:
            other = _NUMBER if mark is _BULLET else _BULLET
            while end < len(lines) and not other.match(lines[end].text):
                end += 1
            items = tuple(_items(lines[at:end], mark))
            yield Listing(items, mark is _NUMBER, lines[at].place)
        at = end


def _rows(lines: Sequence[Line]) -> list[tuple[str, ...]]:
    """The rows of a table set in columns; none for other lines. A cell that goes on in the next
    line is put together: its rest starts where a column does."""
    split = [_cells(line.text) for line in lines]
    wide = [cells for cells in split if 2 <= len(cells) <= 8]
    if len(wide) < 2 or 2 * len(wide) < len(split) or any(map(_BULLET.match, _texts(lines))):
        return []
    rows: list[list[tuple[int, str]]] = []
    for cells in split:
        if rows and cells and len(cells) < len(rows[-1]) and _goes_on(cells, rows[-1]):
            for start, text in cells:
                at = min(range(len(rows[-1])), key=lambda i: abs(rows[-1][i][0] - start))
                rows[-1][at] = (rows[-1][at][0], f"{rows[-1][at][1]} {text}")
        else:
            rows.append(cells)
    return [tuple(text for _, text in row) for row in rows]


def in_columns(text: str) -> bool:
    """Whether a line has columns, and is no item of a list."""
    return 2 <= len(_cells(text)) <= 8 and not (_BULLET.match(text) or _NUMBER.match(text))


def _texts(lines: Sequence[Line]) -> list[str]:
    return [line.text for line in lines]


def _cells(text: str) -> list[tuple[int, str]]:
    """The columns of a line with where they start."""
    cells: list[tuple[int, str]] = []
    at = 0
    for part in _COLUMNS.split(text):
        at = text.find(part, at) if part else at
        if part and part != "|":
            cells.append((at, part.strip()))
        at += len(part)
    return cells


def _goes_on(cells: Sequence[tuple[int, str]], row: Sequence[tuple[int, str]]) -> bool:
    starts = [start for start, _ in row]
    return all(min(abs(start - s) for s in starts) <= 2 for start, _ in cells) and (
        len(cells) < len(row)
    )


def _items(lines: Sequence[Line], mark: re.Pattern[str]) -> Iterator[str]:
    current: list[Line] = []
    for line in lines:
        if mark.match(line.text) and current:
            yield mark.sub("", _joined(current), count=1)
            current = []
        current.append(line)
    yield mark.sub("", _joined(current), count=1)


def _header(
    rows: Sequence[tuple[str, ...]],
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """The first row is a header if it has no digit while the others do, and a word a column."""
    head, *rest = rows
    wordy = not any(c.isdigit() for cell in head for c in cell)
    if len(rest) > 1 and len(head) > 2 and wordy:
        return head, tuple(rest)
    return (), tuple(rows)


def _joined(lines: Sequence[Line]) -> str:
    """Wrapped lines in one; a word that was divided is whole again."""
    text = "\n".join(line.text.strip() for line in lines)
    text = re.sub(r"(?<=[^\W\d_])[-\u00ad]\n(?=[^\W\d_A-Z])", "", text)
    return " ".join(text.split())
