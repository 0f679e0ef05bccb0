from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub.knowledge import Knowledge

MANUALS = Path(__file__).parents[3] / "configs" / "manuals"
NOW = datetime(2026, 11, 25, tzinfo=UTC)


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Knowledge]:
    """Two manuals, one of them a PDF, read by the real encoder."""
    knowledge = Knowledge(tmp_path_factory.mktemp("shelf"))
    for name in ("coffee-machine.md", "smoke-alarm.pdf"):
        knowledge.add(MANUALS / name, NOW)
    yield knowledge
    knowledge.close()
