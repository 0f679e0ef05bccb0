"""Time of this process's models, side by side in one run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

Run = Callable[[Any], Any]
Laps = Callable[[Run, Any], Iterable[str]]
"""Gives a run an input, and names each part of the work as it is done."""


def whole(name: str) -> Laps:
    """The work in one part."""

    def laps(run: Run, value: Any) -> Iterable[str]:
        run(value)
        yield name

    return laps


def interleaved_laps(
    contenders: Mapping[str, Run], inputs: Sequence[Any], laps: Laps, warm: int = 5
) -> dict[str, dict[str, dict[str, float]]]:
    """Of each contender and each part of its work over the inputs, in milliseconds: `p50_ms`,
    `p95_ms`, and `cpu_ms`, the median of the processor's time, which other load moves less.

    They take turns on every input, so that whatever else the machine does falls on all alike.
    """
    for run in contenders.values():
        for value in inputs[:warm]:
            for _ in laps(run, value):
                pass
    times: dict[str, dict[str, list[tuple[float, float]]]] = {name: {} for name in contenders}
    for value in inputs:
        for name, run in contenders.items():
            started = time.perf_counter(), time.process_time()
            for part in laps(run, value):
                ended = time.perf_counter(), time.process_time()
                taken = ((ended[0] - started[0]) * 1000, (ended[1] - started[1]) * 1000)
                times[name].setdefault(part, []).append(taken)
                started = time.perf_counter(), time.process_time()
    return {
        name: {part: _summary(np.array(taken)) for part, taken in parts.items()}
        for name, parts in times.items()
    }


def _summary(taken: Any) -> dict[str, float]:
    """Of (wall, processor) milliseconds, (N, 2)."""
    wall, processor = taken.T
    return {
        "p50_ms": float(np.median(wall)), "p95_ms": float(np.percentile(wall, 95)),
        "cpu_ms": float(np.median(processor)),
    }  # fmt: skip


def interleaved(
    contenders: Mapping[str, Run], inputs: Sequence[Any], warm: int = 5
) -> dict[str, dict[str, float]]:
    """As `interleaved_laps`, for work in one part."""
    found = interleaved_laps(contenders, inputs, whole("work"), warm)
    return {name: parts["work"] for name, parts in found.items()}
