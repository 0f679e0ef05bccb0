"""What came about: changes of state from the history, ranges of numbers, and what failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from devices.home import Entity, Home
from hub.journal_history import NUMBER, Cause, Lived
from hub.writing.facts import Fact, Kind, be, called, notable, word_of
from hub.writing.quantity import start, with_unit
from hub.writing.topics import LEFT_OUT


@dataclass(frozen=True, slots=True)
class Past:
    """What the journal knows of a period: history rows, failed steps, open support cases."""

    start: datetime | None = None
    end: datetime | None = None
    rows: Sequence[Lived] = ()
    failed: Sequence[tuple[datetime, str, str]] = ()
    support: Mapping[str, Any] = field(default_factory=dict)


def happened(home: Home, past: Past, now: datetime) -> list[Fact]:
    """What came about in a period: changes in order, the range of numbers, what failed."""
    found: list[Fact] = []
    last: dict[str, str] = {}
    numbers: dict[str, list[Lived]] = {}
    for row in past.rows:
        entity = home.entities.get(row.entity_id)
        if entity is None or entity.domain in LEFT_OUT:
            continue
        if row.state == NUMBER:
            numbers.setdefault(entity.id, []).append(row)
            continue
        if row.cause is not Cause.START and last.get(entity.id) != row.state:
            found += _change(entity, row, now)
        last[entity.id] = row.state
    for entity_id, rows in numbers.items():
        found += _range(home.entities[entity_id], rows, home)
    for at, entity_id, service in past.failed:
        failed = home.entities.get(entity_id)
        if failed is not None:
            wanted = service.partition(".")[2].replace("_", " ")
            text = f"{_at(at, now)}, {called(failed)} did not obey “{wanted}”"
            found.append(
                Fact(Kind.FAILED, failed.name, text, f"journal {entity_id}", at=at, weight=3)
            )
    return sorted(found, key=lambda f: (f.at is None, f.at or now))


_BY = {Cause.PERSON: " (asked for)", Cause.AUTOMATION: " (by an automation)", Cause.DEVICE: ""}

_WAS = ("locked", "unlocked", "disarmed", "docked", "paused", "away", "at home")
_BEGAN = ("playing", "cleaning", "mowing", "heating", "cooling", "opening", "closing")
_BECAME = {
    "on": "was turned on", "off": "was turned off", "open": "was opened", "closed": "was closed",
    **{word: f"was {word}" for word in _WAS},
    **{word: f"began {word}" for word in _BEGAN},
    "not answering": "was not answering",
}  # fmt: skip
"""How a change into a state is told, where "became" does not do."""


def _change(entity: Entity, row: Lived, now: datetime) -> list[Fact]:
    word = word_of(entity, row.state)
    if word is None:
        return []
    verb = _BECAME.get(word, f"became {word}").replace(
        "was", "were" if be(entity) == "are" else "was"
    )
    text = f"{_at(row.at, now)}, {called(entity)} {verb}{_BY.get(row.cause, '')}"
    weight = max(notable(entity, word), 1 if word not in ("quiet", "active") else 0)
    return [
        Fact(Kind.HAPPENED, entity.name, text, f"history {entity.id}", at=row.at, weight=weight)
    ]


def _range(entity: Entity, rows: Sequence[Lived], home: Home) -> list[Fact]:
    values = [row.value for row in rows if row.value is not None]
    if len(values) < 2 or entity.device_class not in ("temperature", "humidity", "power"):
        return []
    unit = home.state(entity.id).attributes.get("unit_of_measurement")
    low, high = with_unit(round(min(values), 1), unit), with_unit(round(max(values), 1), unit)
    text = f"{start(called(entity))} was between {low} and {high}"
    return [Fact(Kind.HAPPENED, entity.name, text, f"history {entity.id}", weight=1)]


def _at(at: datetime, now: datetime) -> str:
    local = at.astimezone(now.tzinfo)
    days = (now.date() - local.date()).days
    day = "" if days == 0 else "Yesterday " if days == 1 else f"On {local:%d %B} "
    return f"{day}{'at' if day else 'At'} {local:%H:%M}"
