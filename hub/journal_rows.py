"""What stands in the journal, as values, and how a row becomes one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class StoredRequest:
    """A request as it stands in the journal; `reply` is None until it was answered."""

    trace: str
    site: str
    id: str
    text: str
    received: datetime
    payload: str
    response: str | None
    reply: str | None


@dataclass(frozen=True, slots=True)
class StoredStep:
    """One action of a request and how far it came: `publishing`, `published`, or its outcome."""

    trace: str
    seq: int
    entity_id: str
    service: str
    data: Mapping[str, Any]
    expect: Mapping[str, Any]
    status: str


def request_of(row: Mapping[str, Any]) -> StoredRequest:
    """A row of `requests`."""
    return StoredRequest(
        row["trace"],
        row["site"],
        row["id"],
        row["text"],
        datetime.fromisoformat(row["received"]),
        row["payload"],
        row["response"],
        row["reply"],
    )


def steps_of(database: Database, trace: str) -> list[StoredStep]:
    """The steps of a request, in order."""
    rows = database.query("select * from steps where trace = ? order by seq", (trace,))
    return [
        StoredStep(
            row["trace"],
            row["seq"],
            row["entity_id"],
            row["service"],
            json.loads(row["data"]),
            json.loads(row["expect"]),
            row["status"],
        )
        for row in rows
    ]
