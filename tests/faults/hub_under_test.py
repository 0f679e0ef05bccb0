"""`hearthd run`, with what no configuration offers: dying at a chosen point, and a clock that jumps.

HEARTHD_TEST_DIE_AT=module:name:before|after:N kills the process (SIGKILL) around the Nth call.
HEARTHD_TEST_CLOCK=FILE names a file with the seconds by which the clock is wrong.
HEARTHD_TEST_STALLS=FILE writes down the longest that one callback has held the event loop: its
milliseconds of processor time, which a busy machine does not change, and its name. SIGUSR2 begins
anew.
"""

from __future__ import annotations

import asyncio
import faulthandler
import functools
import importlib
import inspect
import os
import signal
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from hub.clock import SystemClock


def die_at(point: str) -> None:
    module, name, moment, nth = point.split(":")
    owner: Any = importlib.import_module(module)
    *path, last = name.split(".")
    for part in path:
        owner = getattr(owner, part)
    real = getattr(owner, last)
    calls = 0

    def due() -> bool:
        nonlocal calls
        calls += 1
        return calls == int(nth)

    def die() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    if inspect.iscoroutinefunction(real):

        @functools.wraps(real)
        async def dying(*args: Any, **kwargs: Any) -> Any:
            now = due()
            if now and moment == "before":
                die()
            result = await real(*args, **kwargs)
            if now:
                die()
            return result

    else:

        @functools.wraps(real)
        def dying(*args: Any, **kwargs: Any) -> Any:
            now = due()
            if now and moment == "before":
                die()
            result = real(*args, **kwargs)
            if now:
                die()
            return result

    setattr(owner, last, dying)


def wrong_clock(file: Path) -> None:
    real = SystemClock.now

    def now(self: SystemClock) -> datetime:
        seconds = float(file.read_text()) if file.exists() else 0.0
        return real(self) + timedelta(seconds=seconds)

    SystemClock.now = now  # type: ignore[method-assign]


def watch_stalls(file: Path) -> None:
    real = asyncio.Handle._run
    longest = 0.0

    def run(self: asyncio.Handle) -> None:
        nonlocal longest
        began = time.thread_time()
        real(self)
        taken = time.thread_time() - began
        if taken > longest:
            longest = taken
            callback: Any = getattr(self, "_callback", None)
            task = getattr(callback, "__self__", None)
            what = task.get_name() if isinstance(task, asyncio.Task) else repr(callback)
            file.write_text(f"{taken * 1000:.1f} {what}"[:500], "utf-8")

    def begin_anew(*signal_and_frame: object) -> None:
        nonlocal longest
        longest = 0.0

    signal.signal(signal.SIGUSR2, begin_anew)
    asyncio.Handle._run = run  # type: ignore[method-assign]


if __name__ == "__main__":
    faulthandler.register(signal.SIGUSR1)  # `kill -USR1`: where it is just now
    if point := os.environ.get("HEARTHD_TEST_DIE_AT"):
        die_at(point)
    if file := os.environ.get("HEARTHD_TEST_CLOCK"):
        wrong_clock(Path(file))
    if file := os.environ.get("HEARTHD_TEST_STALLS"):
        watch_stalls(Path(file))
    from hub.cli.main import run

    run()
