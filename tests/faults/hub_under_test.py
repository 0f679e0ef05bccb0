"""`hearthd run`, with what no configuration offers: dying at a chosen point, and a clock that jumps.

HEARTHD_TEST_DIE_AT=module:name:before|after:N kills the process (SIGKILL) around the Nth call.
HEARTHD_TEST_CLOCK=FILE names a file with the seconds by which the clock is wrong.
"""

from __future__ import annotations

import faulthandler
import functools
import importlib
import inspect
import os
import signal
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


if __name__ == "__main__":
    faulthandler.register(signal.SIGUSR1)  # `kill -USR1`: where it is just now
    if point := os.environ.get("HEARTHD_TEST_DIE_AT"):
        die_at(point)
    if file := os.environ.get("HEARTHD_TEST_CLOCK"):
        wrong_clock(Path(file))
    from hub.cli.main import run

    run()
