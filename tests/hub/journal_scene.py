"""A journal to break, and what to write in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from hub.journal import Journal, StoredRequest, StoredStep

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


def request(trace: str, request_id: str, **more: Any) -> StoredRequest:
    payload = more.pop("payload", "{}")
    site, received = more.pop("site", "kitchen"), more.pop("received", NOW)
    return StoredRequest(trace, site, request_id, "on", received, payload, None, None)


def step(trace: str) -> StoredStep:
    return StoredStep(trace, 0, "light.x", "light.turn_on", {}, {"state": "on"}, "publishing")


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[Journal]:
    async with Journal(tmp_path / "j.db") as found:
        yield found
