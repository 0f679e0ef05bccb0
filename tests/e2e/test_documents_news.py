"""While a document is taken in, the broker is told how far it is."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from fpdf import FPDF

from hub.bench.road import process
from hub.broker import free_port
from tests.hubs import Client, client

TOPIC = "hearthd/event/knowledge"
PAGES = 40


def handbook(path: Path) -> Path:
    pdf = FPDF()
    for number in range(1, PAGES + 1):
        pdf.add_page()
        pdf.set_font("helvetica", size=16)
        pdf.cell(0, 10, f"Chapter {number}", new_x="LMARGIN", new_y="NEXT")
        pdf.set_font("helvetica", size=11)
        pdf.multi_cell(0, 6, f"The valve of unit {number} opens at {number + 20} degrees.")
    pdf.output(str(path))
    return path


async def added(port: int, folder: Path, document: Path) -> int:
    async with process(port, folder, "kb", "add", document) as running:
        assert running.stdout is not None
        await running.stdout.read()
        return await running.wait()


async def told(listener: Client) -> list[dict[str, Any]]:
    """All that was said, up to the end."""
    said: list[dict[str, Any]] = []
    while not said or not {"added", "failed"} & set(said[-1]):
        said.append((await listener.hear(TOPIC))["content"])
    return said


async def test_pages_and_passages_of_a_pdf_are_told_and_what_became_of_it(
    broker: int, tmp_path: Path
) -> None:
    document = handbook(tmp_path / "handbook.pdf")
    async with client(broker, TOPIC) as listener, asyncio.TaskGroup() as group:
        group.create_task(added(broker, tmp_path, document))
        *progress, end = await told(listener)
    pages = [each["done"] for each in progress if each["what"] == "pages"]
    passages = [each for each in progress if each["what"] == "passages"]
    assert pages[0] == 1
    assert pages[-1] == PAGES
    assert pages == sorted(pages)
    assert passages[-1]["done"] == passages[-1]["total"] == end["passages"]
    assert {each["file"] for each in progress} == {"handbook.pdf"}
    assert (end["added"], end["refused"]) == (1, [])


async def test_a_file_that_cannot_be_read_is_told(broker: int, tmp_path: Path) -> None:
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7 nothing more")
    async with client(broker, TOPIC) as listener, asyncio.TaskGroup() as group:
        group.create_task(added(broker, tmp_path, tmp_path / "broken.pdf"))
        *_, end = await told(listener)
    assert "broken.pdf" in end["failed"]


async def test_a_document_is_added_as_well_where_there_is_no_broker(tmp_path: Path) -> None:
    note = tmp_path / "note.md"
    note.write_text("# Note\n\nThe key is under the mat.\n")
    assert await added(free_port(0), tmp_path, note) == 0
