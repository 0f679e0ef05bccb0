"""Does a start hang, or does it stand in the queue for a processor?

A hub that hangs sleeps. How long its threads were ready to run and did not, Linux tells
(/proc/PID/task/*/schedstat, the second number, in nanoseconds): that time is not the hub's.
"""

from __future__ import annotations

import asyncio
import signal
import time
from pathlib import Path

import psutil

OWN_SECONDS = 30.0
"""A start that takes longer, time in the queue not counted, hangs."""
_LOOK_SECONDS = 0.5


class Hangs(AssertionError):
    """A start that has not come to its end, with what its threads were doing."""


async def until_ready(hub: asyncio.subprocess.Process, seconds: float = OWN_SECONDS) -> float:
    """Wait for the line that says so. Returns how long it took without the time in the queue.

    Raises `Hangs`, after the hub has written down in its log where it is, or if it ended.
    """
    assert hub.stdout is not None
    started = time.monotonic()
    while True:
        reading = asyncio.create_task(hub.stdout.readline())
        while not reading.done():
            await asyncio.wait({reading}, timeout=_LOOK_SECONDS)
            own = time.monotonic() - started - queued(hub.pid)
            if own > seconds and not reading.done():
                reading.cancel()
                raise Hangs(await _described(hub, own))
        if b"ready" in reading.result():
            return max(0.0, time.monotonic() - started - queued(hub.pid))
        if not reading.result():
            raise Hangs(f"ended before it was ready, with {await hub.wait()}")


def queued(pid: int) -> float:
    """Seconds that the threads of a process and of its children have waited for a processor."""
    try:
        family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0.0
    return sum(_numbers(task)[1] for member in family for task in _tasks(member.pid))


async def _described(hub: asyncio.subprocess.Process, own: float) -> str:
    """Threads: state, what they wait for in the kernel, seconds run and queued."""
    lines = [f"not ready after {own:.0f} s of its own"]
    for task in _tasks(hub.pid):
        state = (task / "stat").read_text().rpartition(")")[2].split()[0]
        ran, waited = _numbers(task)
        place = (task / "wchan").read_text()
        lines.append(f"  {task.name} {state} {place}: ran {ran:.2f} s, queued {waited:.2f} s")
    hub.send_signal(signal.SIGUSR1)  # it writes down the stacks
    await asyncio.sleep(1)
    return "\n".join(lines)


def _tasks(pid: int) -> list[Path]:
    return sorted(Path(f"/proc/{pid}/task").glob("*"))


def _numbers(task: Path) -> tuple[float, float]:
    try:
        ran, waited, _ = (task / "schedstat").read_text().split()
    except (OSError, ValueError):  # the thread has ended
        return 0.0, 0.0
    return int(ran) / 1e9, int(waited) / 1e9
