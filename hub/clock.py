"""The one source of time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The machine's clock, in the house's time zone (the machine's own if None)."""

    time_zone: str | None = None

    def now(self) -> datetime:
        """Aware."""
        if self.time_zone is None:
            return datetime.now().astimezone()
        return datetime.now(ZoneInfo(self.time_zone))
