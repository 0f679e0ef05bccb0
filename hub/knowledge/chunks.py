"""Blocks to chunks: passages of one section, small enough to be about one thing.

Steps and small tables stay whole. A large table is cut between rows; each row carries its header,
so that it can be understood, and quoted, alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from hub.knowledge.values import (
    Block,
    Chunk,
    Document,
    Heading,
    Kind,
    Listing,
    Paragraph,
    Table,
    Unit,
)

WORDS = 110
"""Of a chunk, about: the encoder reads 256 tokens, and a passage should be about one thing."""
ROWS = 12
"""Of one table in a chunk."""
_LEAD_WORDS = 30
_LONGEST_UNIT = 1500
"""Characters. What is longer has no structure to cut it by, and is cut there."""

_SENTENCE_END = re.compile(r"(?<=[.!?])[\"”’)]?\s+(?=[\"“„(¿¡]?[A-ZÄÖÜÉÈÁÍÓÚÑÇ0-9])")
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|approx|max|min|no|nr|fig|incl|excl|ca|z\.\s?b|d\.\s?h|bzw|usw|etc|vs|abb|"
    r"tel|p\.\s?ej|pág|núm|aprox|máx|mín|vol|mr|mrs|dr|st|art|temp|sec|std)|\b\d{1,2})\.$",
    re.IGNORECASE,
)


def chunks_of(document: Document) -> list[Chunk]:
    """The chunks of a document in its order. `heading` is the path of headings, the title first."""
    found: list[Chunk] = []
    for path, blocks in _sections(document):
        for group in _packed(blocks):
            found.append(_chunk(path, group))
    return found


def sentences(text: str) -> list[str]:
    """The sentences of a paragraph."""
    found: list[str] = []
    for part in _SENTENCE_END.split(text):
        if found and (_ABBREVIATION.search(found[-1]) or not re.search(r"\w", part)):
            found[-1] = f"{found[-1]} {part}"
        else:
            found.append(part.strip())
    return [piece for sentence in found for piece in _cut(sentence) if piece]


def _cut(text: str) -> list[str]:
    if len(text) <= _LONGEST_UNIT:
        return [text]
    return [text[i : i + _LONGEST_UNIT] for i in range(0, len(text), _LONGEST_UNIT)]


def row_text(header: Sequence[str], row: Sequence[str]) -> str:
    """A table's row as it can be said: "E18: Cause: filter blocked; Remedy: clean the filter".
    A number alone says nothing: it is named, "Blinks 5: ..."."""
    first, rest = row[0], list(row[1:])
    if header and len(header) == len(row) and header[0] and first[:1].isdigit():
        first = f"{header[0]} {first}"
    names = list(header[1:]) if len(header) == len(row) else []
    if len(rest) == 1 and (not names or _plain_header(names[0])):
        return f"{first}: {rest[0]}"
    cells = [
        f"{names[i]}: {cell}" if names and names[i] else cell for i, cell in enumerate(rest) if cell
    ]
    return f"{first}: {'; '.join(cells)}" if first else "; ".join(cells)


_PLAIN_HEADERS = frozenset(
    "value values description meaning details wert bedeutung beschreibung valor descripción "
    "significado valeur".split()
)


def _plain_header(name: str) -> bool:
    """A second column's name that says nothing about it."""
    return name.casefold() in _PLAIN_HEADERS


def _sections(document: Document) -> Iterator[tuple[tuple[str, ...], list[Block]]]:
    path: list[tuple[int, str]] = []
    blocks: list[Block] = []
    for block in document.blocks:
        if isinstance(block, Heading):
            if blocks:
                yield _path(document.title, path), blocks
            blocks = []
            path = [(level, text) for level, text in path if level < block.level]
            path.append((block.level, block.text))
        else:
            blocks.append(block)
    if blocks:
        yield _path(document.title, path), blocks


def _path(title: str, path: Sequence[tuple[int, str]]) -> tuple[str, ...]:
    texts = [text for _, text in path]
    return (title, *(texts[1:] if texts and texts[0] == title else texts))


def _packed(blocks: Sequence[Block]) -> Iterator[list[Block]]:
    """Blocks of one section, together up to `WORDS`; a list stays with the line above it."""
    group: list[Block] = []
    size = 0
    for block in _divided(blocks):
        words = len(_block_text(block).split())
        tied = group and _introduces(group[-1], block)
        if group and size + words > WORDS and not tied:
            yield group
            group, size = [], 0
        elif tied and size + words > WORDS and len(group) > 1:
            lead = group.pop()
            yield group
            group, size = [lead], len(_block_text(lead).split())
        group.append(block)
        size += words
    if group:
        yield group


def _divided(blocks: Sequence[Block]) -> Iterator[Block]:
    for block in blocks:
        if isinstance(block, Table) and len(block.rows) > ROWS:
            for start in range(0, len(block.rows), ROWS):
                yield Table(block.header, block.rows[start : start + ROWS], block.place)
        elif isinstance(block, Listing) and not block.ordered and len(block.items) > 2 * ROWS:
            for start in range(0, len(block.items), ROWS):
                yield Listing(block.items[start : start + ROWS], False, block.place)
        elif isinstance(block, Paragraph) and len(block.text.split()) > 2 * WORDS:
            yield from _divided_paragraph(block)
        else:
            yield block


def _divided_paragraph(block: Paragraph) -> Iterator[Paragraph]:
    part: list[str] = []
    for sentence in sentences(block.text):
        if part and len(" ".join([*part, sentence]).split()) > WORDS:
            yield Paragraph(" ".join(part), block.place)
            part = []
        part.append(sentence)
    yield Paragraph(" ".join(part), block.place)


def _introduces(before: Block, block: Block) -> bool:
    return (
        isinstance(before, Paragraph)
        and isinstance(block, Listing | Table)
        and (before.text.endswith(":") or len(before.text.split()) <= _LEAD_WORDS)
    )


def _chunk(path: tuple[str, ...], blocks: Sequence[Block]) -> Chunk:
    units: list[Unit] = []
    lead = ""
    for index, block in enumerate(blocks):
        units += _units(block, index, lead)
        lead = _lead(block)
    text = "\n".join(_block_text(block) for block in blocks)
    place = next((block.place for block in blocks if block.place), "")
    return Chunk(path, place, tuple(units), text)


def _lead(block: Block) -> str:
    if not isinstance(block, Paragraph):
        return ""
    last = (sentences(block.text) or [""])[-1]
    return last if last.endswith(":") or len(block.text.split()) <= _LEAD_WORDS else ""


def _units(block: Block, index: int, lead: str) -> list[Unit]:
    if isinstance(block, Paragraph):
        return [Unit(Kind.SENTENCE, text, index) for text in sentences(block.text)]
    if isinstance(block, Listing):
        kind = Kind.STEP if block.ordered else Kind.ITEM
        units = [Unit(kind, item[:_LONGEST_UNIT], index, lead) for item in block.items]
        if block.ordered:
            units.append(Unit(Kind.STEPS, numbered(block.items), index, lead))
        return units
    if isinstance(block, Table):
        return [
            Unit(Kind.ROW, row_text(block.header, row)[:_LONGEST_UNIT], index, lead)
            for row in block.rows
        ]
    return []


def numbered(items: Sequence[str]) -> str:
    """Steps with their numbers, one a line."""
    return "\n".join(f"{number}. {item}" for number, item in enumerate(items, 1))


def _block_text(block: Block) -> str:
    if isinstance(block, Listing):
        return numbered(block.items) if block.ordered else "\n".join(f"- {i}" for i in block.items)
    if isinstance(block, Table):
        return "\n".join(row_text(block.header, row) for row in block.rows)
    return block.text
