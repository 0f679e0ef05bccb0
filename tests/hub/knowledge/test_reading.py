"""Files to blocks: what a person sees as a heading, a list or a table is one here."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.knowledge.chunks import chunks_of
from hub.knowledge.errors import DocumentError
from hub.knowledge.reading import read_document
from hub.knowledge.values import Heading, Kind, Listing, Paragraph, Table
from tests.hub.knowledge.conftest import MANUALS
from tests.hub.knowledge.formats import as_html, as_pdf

GUIDE = b"""---
manufacturer: Acme
model: K2
---
# Acme K2 kettle

## Descaling

Descale it once a month:

1. Pour in vinegar.
2. Wait for ten minutes.

| Code | Meaning |
|---|---|
| E1 | No water |

- green: ready
"""


def test_markdown_keeps_headings_lists_tables_and_their_lines() -> None:
    document = read_document(Path("guide.md"), GUIDE)
    assert document.title == "Acme K2 kettle"
    assert (document.about.manufacturer, document.about.model) == ("Acme", "K2")
    assert document.blocks == (
        Heading(1, "Acme K2 kettle", "line 5"),
        Heading(2, "Descaling", "line 7"),
        Paragraph("Descale it once a month:", "line 9"),
        Listing(("Pour in vinegar.", "Wait for ten minutes."), True, "line 11"),
        Table(("Code", "Meaning"), (("E1", "No water"),), "line 14"),
        Listing(("green: ready",), False, "line 18"),
    )


def test_html_is_read_as_markdown_is_and_scripts_are_not_text() -> None:
    html = as_html(GUIDE.decode().partition("\n---\n")[2]) + "<script>alert('x')</script>"
    document = read_document(Path("guide.html"), html.encode())
    assert [type(b) for b in document.blocks] == [
        Heading,
        Heading,
        Paragraph,
        Listing,
        Table,
        Listing,
    ]
    assert "alert" not in str(document.blocks)


def test_a_cell_that_spans_rows_stands_in_each() -> None:
    html = b"<table><tr><th>A<th>B<tr><td rowspan=2>x<td>1<tr><td>2</table>"
    (table,) = read_document(Path("t.html"), html).blocks
    assert isinstance(table, Table)
    assert table.rows == (("x", "1"), ("x", "2"))


def test_a_pdf_has_the_headings_steps_and_tables_of_its_source() -> None:
    pdf = as_pdf(read_document(Path("guide.md"), GUIDE))
    document = read_document(Path("guide.pdf"), pdf)
    assert Heading(2, "Descaling", "page 1") in document.blocks
    steps = [b for b in document.blocks if isinstance(b, Listing) and b.ordered]
    assert steps[0].items == ("Pour in vinegar.", "Wait for ten minutes.")


def test_a_wrapped_table_of_a_pdf_keeps_its_rows() -> None:
    path = MANUALS / "smoke-alarm.pdf"
    tables = [b for b in read_document(path, path.read_bytes()).blocks if isinstance(b, Table)]
    assert tables[0].header == ("Signal", "Meaning", "What to do")
    assert ("two beeps every 48 seconds", "sensor is dirty",
            "clean the alarm with a vacuum cleaner") in tables[0].rows  # fmt: skip


def test_plain_text_has_headings_lists_and_columns() -> None:
    text = b"KETTLE GUIDE\n\n1. Safety\n\nNever open it\nwhile it boils.\n\nPower     2200 W\nWeight    1.1 kg\n\n- one\n- two\n"
    document = read_document(Path("kettle.txt"), text)
    assert document.blocks == (
        Heading(1, "KETTLE GUIDE", "line 1"),
        Heading(2, "1. Safety", "line 3"),
        Paragraph("Never open it while it boils.", "line 5"),
        Table((), (("Power", "2200 W"), ("Weight", "1.1 kg")), "line 8"),
        Listing(("one", "two"), False, "line 11"),
    )


def test_each_row_carries_its_header_and_steps_stay_whole() -> None:
    (chunk,) = chunks_of(read_document(Path("guide.md"), GUIDE))
    assert chunk.heading == ("Acme K2 kettle", "Descaling")
    by_kind = {unit.kind: unit for unit in chunk.units}
    assert by_kind[Kind.STEPS].text == "1. Pour in vinegar.\n2. Wait for ten minutes."
    assert by_kind[Kind.STEPS].lead == "Descale it once a month:"
    assert by_kind[Kind.ROW].text == "E1: No water"


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.docx", b"PK", "must be one of"),
        ("a.pdf", b"%PDF-1.4 broken", "is not a PDF that can be read"),
        ("a.txt", b"\x00\x01\x02", "is not text"),
        ("a.md", b"  \n", "has no text in it"),
    ],
)
def test_what_cannot_be_read_is_told_with_the_reason(
    name: str, content: bytes, reason: str
) -> None:
    with pytest.raises(DocumentError, match=reason):
        read_document(Path(name), content)
