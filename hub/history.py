"""Keeping the history: a few rows a second at most, whatever the devices say.

Habits, reports and answers live from it. A flood of states must not delay a command: rows are
gathered in memory and written once a second, numbers are sampled, and what exceeds the limit is
dropped and counted.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from devices.home import EntityState
from devices.registry_values import StateChange
from hub.act import Acted
from hub.automations.triggers import number_of
from hub.journal_history import NUMBER, Cause, Lived, add

if TYPE_CHECKING:
    from hub.hub import Hub

FLUSH_SECONDS = 1.0
ROWS_A_FLUSH = 200
SAMPLE = timedelta(minutes=5)
"""A sensor's number is kept this often; so is a light's brightness while it only changes that."""
_LEFT_OUT = frozenset("todo event camera update button image tts stt conversation notify".split())
_VALUES = {
    "light": "brightness", "cover": "current_position", "valve": "current_position",
    "climate": "temperature", "water_heater": "temperature", "fan": "percentage",
    "humidifier": "humidity", "media_player": "volume_level",
}  # fmt: skip


@dataclass(slots=True)
class History:
    """What waits to be written, and when each entity was last written down."""

    rows: list[Lived] = field(default_factory=list)
    dropped: int = 0
    _last: dict[str, tuple[datetime, str, float | None]] = field(default_factory=dict)

    def changed(self, change: StateChange, acted: Acted | None, now: datetime) -> None:
        """Take in a change; `acted` is what of ours may have caused it."""
        row = _row(change, acted, now)
        if row is None or not self._worth(row):
            return
        if len(self.rows) >= ROWS_A_FLUSH:
            self.dropped += 1
            return
        self._last[row.entity_id] = (row.at, row.state, row.value)
        self.rows.append(row)

    def _worth(self, row: Lived) -> bool:
        last = self._last.get(row.entity_id)
        if last is None or last[1] != row.state:
            return True
        if last[2] == row.value:
            return False
        ours = row.cause in (Cause.PERSON, Cause.AUTOMATION)
        return ours or row.at - last[0] >= SAMPLE or row.at < last[0]

    def taken(self) -> list[Lived]:
        """What waits; it does not wait any more."""
        rows, self.rows = self.rows, []
        return rows


def _row(change: StateChange, acted: Acted | None, now: datetime) -> Lived | None:
    domain = change.entity_id.partition(".")[0]
    after = change.after
    if domain in _LEFT_OUT or after.state is None:
        return None
    number = number_of(after)
    if not after.available:
        state, value = "unavailable", None
    elif number is not None:
        state, value = NUMBER, number
    else:
        state, value = after.state[:60], number_of(after, _VALUES.get(domain, "-"))
    cause, trace = _cause(change.before, acted)
    return Lived(now, change.entity_id, state, value, cause, trace)


def _cause(before: EntityState, acted: Acted | None) -> tuple[Cause, str | None]:
    if acted is not None:
        by_itself = acted.site.startswith("automation:")
        return Cause.AUTOMATION if by_itself else Cause.PERSON, acted.trace
    known = before.state is not None and before.available
    return (Cause.DEVICE if known else Cause.START), None


async def keep_history(hub: Hub) -> None:
    """Write down what was gathered, once a second, until cancelled."""
    while True:
        await asyncio.sleep(FLUSH_SECONDS)
        flush(hub)


def flush(hub: Hub) -> None:
    """Write down what was gathered, soon."""
    rows = hub.history.taken()
    if rows:
        hub.journal.write_soon(lambda database: add(database, rows))
