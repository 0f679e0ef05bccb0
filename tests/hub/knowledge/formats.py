"""The same manual as PDF and as HTML: `python -m tests.hub.knowledge.formats SOURCE.md OUT`."""

from __future__ import annotations

import sys
from pathlib import Path

from fpdf import FPDF
from markdown_it import MarkdownIt

from hub.knowledge.reading import read_document
from hub.knowledge.values import Document, Heading, Listing, Paragraph, Table

_LATIN = str.maketrans({"–": "-", "−": "-", "“": '"', "”": '"', "’": "'", "•": "-"})


def as_pdf(document: Document) -> bytes:
    """A plainly set PDF: sizes for headings, columns for tables, numbers for steps."""
    pdf = FPDF()
    pdf.set_title(document.title)
    pdf.add_page()
    for block in document.blocks:
        pdf.set_x(pdf.l_margin)
        if isinstance(block, Heading):
            pdf.set_font("Helvetica", "B", {1: 20, 2: 15}.get(block.level, 12))
            pdf.ln(4)
            _write(pdf, block.text)
        elif isinstance(block, Paragraph):
            pdf.set_font("Helvetica", size=10)
            _write(pdf, block.text)
        elif isinstance(block, Listing):
            pdf.set_font("Helvetica", size=10)
            for number, item in enumerate(block.items, 1):
                pdf.set_x(pdf.l_margin)
                pdf.multi_cell(0, 5, _latin(f"{number}. {item}" if block.ordered else f"- {item}"))
        elif isinstance(block, Table):
            _write_table(pdf, block)
        pdf.ln(4)
    return bytes(pdf.output())


def _write_table(pdf: FPDF, table: Table) -> None:
    pdf.set_font("Helvetica", size=9)
    rows = [table.header, *table.rows] if table.header else list(table.rows)
    with pdf.table(col_widths=(1, *([2] * (len(rows[0]) - 1))), v_align="TOP") as written:
        for row in rows:
            cells = written.row()
            for cell in row:
                cells.cell(_latin(cell))


def _write(pdf: FPDF, text: str) -> None:
    pdf.multi_cell(0, 5, _latin(text))


def _latin(text: str) -> str:
    return text.translate(_LATIN)


def as_html(markdown: str) -> str:
    """A page as vendors publish it."""
    body = MarkdownIt("commonmark").enable("table").render(markdown)
    return f"<!doctype html>\n<html lang='en'><body><main>\n{body}</main></body></html>\n"


if __name__ == "__main__":
    source, out = Path(sys.argv[1]), Path(sys.argv[2])
    if out.suffix == ".pdf":
        out.write_bytes(as_pdf(read_document(source, source.read_bytes())))
    else:
        text = source.read_text(encoding="utf-8").partition("\n---\n")[2]
        out.write_text(as_html(text), encoding="utf-8")
