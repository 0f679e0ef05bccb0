"""Python's garbage collection, kept from holding the loop.

A full collection looks through every object that may be part of a cycle: with 50,000 of them the
loop stands still for 50 ms, and a busy hub has one a second. What has survived one is therefore set
aside (`gc.freeze`) and not looked through again: the next one sees only what came since. Cycles
among what was set aside, such as a connection that was given up, are found once a day, at a moment
when nobody waits.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

THAW_SECONDS = 24 * 3600.0
IDLE_SECONDS = 5.0
FULL = 2
"""The generation that holds everything."""


@contextmanager
def collecting_in_steps() -> Iterator[None]:
    """Meanwhile no full collection looks at what an earlier one has seen."""

    def survived(phase: str, about: dict[str, Any]) -> None:
        if phase == "stop" and about["generation"] == FULL:
            gc.freeze()

    gc.collect()
    gc.freeze()
    gc.callbacks.append(survived)
    try:
        yield
    finally:
        gc.callbacks.remove(survived)
        gc.unfreeze()


async def keep_collecting(busy: Callable[[], bool], every: float = THAW_SECONDS) -> None:
    """Once a day look through everything, when the house is not `busy`; until cancelled."""
    while True:
        await asyncio.sleep(every)
        while busy():  # noqa: ASYNC110 (a moment is looked for, not an event)
            await asyncio.sleep(min(IDLE_SECONDS, every))
        gc.unfreeze()
        gc.collect()
