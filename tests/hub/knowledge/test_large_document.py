"""A large document tells how far it is, and is taken in whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from fpdf import FPDF

from hub.knowledge import Knowledge
from hub.knowledge.index import Progress
from tests.hub.knowledge.conftest import NOW

PAGES = 300


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """300 pages, each with a heading and something to tell."""
    pdf = FPDF()
    for number in range(1, PAGES + 1):
        pdf.add_page()
        pdf.set_font("helvetica", size=16)
        pdf.cell(0, 10, f"Chapter {number}", new_x="LMARGIN", new_y="NEXT")
        pdf.set_font("helvetica", size=11)
        pdf.multi_cell(0, 6, f"The valve of unit {number} opens at {number + 20} degrees.")
    path = tmp_path_factory.mktemp("large") / "handbook.pdf"
    pdf.output(str(path))
    return path


class Cancelled(Exception):
    """Somebody pressed control-C."""


def test_pages_then_passages_are_counted_and_the_document_answers(
    document: Path, tmp_path: Path
) -> None:
    told: list[Progress] = []
    knowledge = Knowledge(tmp_path)
    knowledge.add(document, NOW, report=told.append)
    pages = [each.done for each in told if each.what == "pages"]
    passages = [each for each in told if each.what == "passages"]
    assert pages == list(range(1, PAGES + 1))
    assert passages[-1].done == passages[-1].total >= PAGES
    assert (
        "271 degrees" in knowledge.ask("At how many degrees does the valve of unit 251 open?").text
    )
    assert knowledge.add(document, NOW, report=told.append).unchanged == [str(document)]


@pytest.mark.parametrize("what", ["pages", "passages"])
def test_one_that_is_cancelled_leaves_nothing_and_can_be_added_again(
    document: Path, tmp_path: Path, what: str
) -> None:
    def cancel(progress: Progress) -> None:
        if progress.what == what and progress.done > 20:
            raise Cancelled

    knowledge = Knowledge(tmp_path)
    with pytest.raises(Cancelled):
        knowledge.add(document, NOW, report=cancel)
    assert knowledge.documents() == []
    small = tmp_path / "note.md"
    small.write_text("# Note\n\nThe key is under the mat.\n")
    assert knowledge.add(small, NOW).added == [str(small)]
