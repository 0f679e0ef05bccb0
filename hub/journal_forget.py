"""Deleting from the journal: what is too old, of one site or user, or everything.

What is not answered yet stays: it is a promise.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class Forget:
    """Which requests to forget: those that fit everything that is given, all if nothing is."""

    before: datetime | None = None
    site: str | None = None
    user: str | None = None

    @property
    def of_everybody(self) -> bool:
        """Whether the house's own history is meant too: it belongs to no site and no user."""
        return self.site is None and self.user is None


def forget(database: Database, wish: Forget) -> int:
    """Delete requests with their stages and steps; returns how many requests.

    Their pages are overwritten with zeros. Must run inside the journal's transaction.
    """
    conditions, values = ["reply is not null"], []
    if wish.before is not None:
        conditions.append("received < ?")
        values.append(wish.before.astimezone(UTC).isoformat())
    if wish.site is not None:
        conditions.append("site = ?")
        values.append(wish.site)
    if wish.user is not None:
        conditions.append("json_extract(payload, '$.user') = ?")
        values.append(wish.user)
    where = " and ".join(conditions)
    execute = database.execute
    if wish.before is None:
        _forget_notes(database, wish)
    for table in ("stages", "steps"):
        execute(
            f"delete from {table} where trace in (select trace from requests where {where})", values
        )
    return int(execute(f"delete from requests where {where}", values).rowcount)


def _forget_notes(database: Database, wish: Forget) -> None:
    """Delete the notes of a site or user, or all. Age alone deletes none: they were kept on
    purpose."""
    given = [(name, value) for name, value in (("site", wish.site), ("user", wish.user)) if value]
    where = " and ".join(["1", *(f"{name} = ?" for name, _ in given)])
    database.execute(f"delete from notes where {where}", [value for _, value in given])


def as_json(wish: Forget) -> dict[str, Any]:
    """For a request to the running hub."""
    before = wish.before.isoformat() if wish.before else None
    return {"before": before, "site": wish.site, "user": wish.user}


def from_json(raw: dict[str, Any]) -> Forget:
    """The reverse. Raises `ValueError`, `KeyError` or `TypeError`."""
    before = datetime.fromisoformat(raw["before"]) if raw["before"] else None
    return Forget(before, raw["site"], raw["user"])
