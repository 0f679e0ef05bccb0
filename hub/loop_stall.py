"""How long the event loop kept everybody waiting: what sleeps a moment and oversleeps was held up.

The worst of the last `WINDOW_SECONDS` is a Prometheus gauge; each stall above `LOGGED_SECONDS` is a
line of the log.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from hub.fault_log import write

STEP_SECONDS = 0.02
LOGGED_SECONDS = 0.05
"""What a person's command may be held up at most."""
WINDOW_SECONDS = 60.0


@dataclass(slots=True)
class LoopStall:
    """The stalls of the last minute, as (when, seconds); `total` counts those that were logged."""

    stalls: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=1000))
    total: int = 0
    clock: Callable[[], float] = time.monotonic

    @property
    def worst(self) -> float:
        """Seconds, of the last minute."""
        since = self.clock() - WINDOW_SECONDS
        return max((seconds for when, seconds in self.stalls if when >= since), default=0.0)

    def noticed(self, seconds: float) -> None:
        """The loop came this much too late."""
        if seconds <= LOGGED_SECONDS:
            if seconds > self.worst:
                self.stalls.append((self.clock(), seconds))
            return
        self.stalls.append((self.clock(), seconds))
        self.total += 1
        write("loop_stall", milliseconds=round(seconds * 1000))


async def watch_loop(stall: LoopStall) -> None:
    """Measure until cancelled."""
    while True:
        asleep = time.monotonic()
        await asyncio.sleep(STEP_SECONDS)
        stall.noticed(time.monotonic() - asleep - STEP_SECONDS)
