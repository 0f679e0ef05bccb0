"""A loop that is held up is noticed, said, and forgotten after a minute."""

import asyncio
import json
import time

import pytest

from hub.loop_stall import LOGGED_SECONDS, WINDOW_SECONDS, LoopStall, watch_loop


async def test_what_blocks_the_loop_is_a_line_of_the_log(
    capfd: pytest.CaptureFixture[str],
) -> None:
    stall = LoopStall()
    watching = asyncio.create_task(watch_loop(stall))
    await asyncio.sleep(0)
    time.sleep(2 * LOGGED_SECONDS + 0.02)  # noqa: ASYNC251 (the fault itself)
    async with asyncio.timeout(5):
        while not stall.total:
            await asyncio.sleep(0)
    watching.cancel()
    line = json.loads(capfd.readouterr().err.splitlines()[0])
    assert line["event"] == "loop_stall"
    assert line["milliseconds"] >= 1000 * LOGGED_SECONDS
    assert stall.worst >= LOGGED_SECONDS


def test_the_worst_is_that_of_the_last_minute(capfd: pytest.CaptureFixture[str]) -> None:
    now = [0.0]
    stall = LoopStall(clock=lambda: now[0])
    stall.noticed(0.5)
    now[0] = WINDOW_SECONDS - 1
    stall.noticed(0.06)
    stall.noticed(0.01)
    assert (stall.worst, stall.total) == (0.5, 2)
    now[0] = WINDOW_SECONDS + 1
    assert stall.worst == 0.06
    now[0] = 3 * WINDOW_SECONDS
    assert stall.worst == 0.0
    assert len(capfd.readouterr().err.splitlines()) == 2
