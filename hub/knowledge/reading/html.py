"""HTML to blocks: headings, paragraphs, lists and tables in the order of reading."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PageElement, PreformattedString, Tag

from hub.knowledge.values import (
    NO_DEVICE,
    About,
    Block,
    Document,
    Heading,
    Listing,
    Paragraph,
    Table,
)

_SKIPPED = frozenset("script style nav noscript template svg head iframe form button".split())
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCKS = frozenset(
    "address article aside blockquote body details dd div dl dt fieldset figcaption figure footer "
    "header hr html li main ol p pre section summary table ul".split()
) | frozenset(_HEADINGS)
_DEEPEST = 100


def read_html(content: bytes, title: str) -> Document:
    """An HTML file in any encoding that it declares."""
    soup = BeautifulSoup(content, "lxml")
    named = soup.title.get_text(" ", strip=True) if soup.title else ""
    return document_of(soup, named or title, titled=bool(named))


def document_of(
    source: str | BeautifulSoup, title: str, about: About = NO_DEVICE, titled: bool = False
) -> Document:
    """The document in some HTML. Its only heading of the first level is its title, unless it is
    `titled` otherwise."""
    soup = BeautifulSoup(source, "lxml") if isinstance(source, str) else source
    blocks = tuple(_blocks(soup, 0))
    firsts = [b for b in blocks if isinstance(b, Heading) and b.level == 1]
    if len(firsts) == 1 and not titled:
        title = firsts[0].text
    return Document(title, blocks, about)


def _blocks(node: Tag, depth: int) -> Iterator[Block]:
    inline: list[str] = []
    for child in node.children:
        if isinstance(child, Tag) and child.name in _SKIPPED:
            continue
        if isinstance(child, Tag) and _is_block(child):
            yield from _paragraphs(inline, node)
            inline = []
            if depth < _DEEPEST:
                yield from _block(child, depth + 1)
        else:
            inline.append(_inline(child))
    yield from _paragraphs(inline, node)


def _is_block(tag: Tag) -> bool:
    return tag.name in _BLOCKS or tag.find(list(_BLOCKS)) is not None


def _block(tag: Tag, depth: int) -> Iterator[Block]:
    if tag.name in _HEADINGS:
        if text := _text(tag):
            yield Heading(_HEADINGS[tag.name], text, _place(tag))
    elif tag.name in ("ul", "ol"):
        items = tuple(text for item in tag.find_all("li", recursive=False) if (text := _item(item)))
        if items:
            yield Listing(items, tag.name == "ol", _place(tag))
    elif tag.name == "table":
        if table := _table(tag):
            yield table
    elif tag.name == "dl":
        if rows := tuple(_definitions(tag)):
            yield Table((), rows, _place(tag))
    else:
        yield from _blocks(tag, depth)


def _paragraphs(inline: list[str], node: Tag) -> Iterator[Paragraph]:
    for line in "".join(inline).split("\x00"):
        if text := " ".join(line.split()):
            yield Paragraph(text, _place(node))


def _inline(node: PageElement) -> str:
    """Text of what stands in a line; a line break is kept as NUL."""
    if isinstance(node, PreformattedString):
        return ""
    if isinstance(node, NavigableString):
        return str(node).replace("\x00", " ")
    if not isinstance(node, Tag) or node.name in _SKIPPED:
        return ""
    if node.name == "br":
        return "\x00"
    return "".join(_inline(child) for child in node.children)


def _text(node: Tag) -> str:
    return " ".join(_inline(node).replace("\x00", " ").split())


def _item(item: Tag) -> str:
    """One item of a list, with what is nested in it, in one line."""
    parts: list[str] = []
    for block in _blocks(item, 0):
        if isinstance(block, Listing):
            parts.append("; ".join(block.items))
        elif isinstance(block, Table):
            parts.append("; ".join(", ".join(row) for row in block.rows))
        else:
            parts.append(block.text)
    return " ".join(parts)


def _definitions(tag: Tag) -> Iterator[tuple[str, ...]]:
    term = ""
    for child in tag.find_all(["dt", "dd"]):
        if child.name == "dt":
            term = _text(child)
        elif text := _text(child):
            yield (term, text)


def _table(tag: Tag) -> Table | None:
    rows = [_cells(row) for row in tag.find_all("tr")]
    marked = [all(cell.name == "th" for cell in row) for row in rows]
    grid = _filled(rows)
    filled = [row for row in grid if any(row)]
    if not filled:
        return None
    header = grid[0] if marked and marked[0] and len(grid) > 1 else ()
    body = tuple(row for row in (grid[1:] if header else grid) if any(row))
    return Table(header, body, _place(tag))


def _cells(row: Tag) -> list[Tag]:
    return row.find_all(["td", "th"], recursive=False)


def _filled(rows: list[list[Tag]]) -> list[tuple[str, ...]]:
    """The cells' texts; a cell that spans rows or columns stands in each of them."""
    grid: list[tuple[str, ...]] = []
    waiting: dict[int, tuple[int, str]] = {}
    for row in rows:
        line: list[str] = []
        cells = iter(row)
        cell = next(cells, None)
        while cell is not None or waiting.get(len(line), (0, ""))[0]:
            left, text = waiting.get(len(line), (0, ""))
            if left:
                waiting[len(line)] = (left - 1, text)
                line.append(text)
                continue
            assert cell is not None
            for _ in range(_span(cell, "colspan")):
                waiting[len(line)] = (_span(cell, "rowspan") - 1, _text(cell))
                line.append(_text(cell))
            cell = next(cells, None)
        grid.append(tuple(line))
    return grid


def _span(cell: Tag, name: str) -> int:
    value = str(cell.get(name, "1"))
    return min(int(value), 50) if re.fullmatch(r"[1-9]\d{0,3}", value) else 1


def _place(tag: Tag) -> str:
    """The line of the source; what was rendered from Markdown carries the line it came from."""
    for each in (tag, *tag.parents):
        if each.get("data-line"):
            return f"line {each['data-line']}"
    return f"line {tag.sourceline}" if tag.sourceline else ""
