"""Latency and memory of this process's models, side by side in one run."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np


def interleaved(
    contenders: Mapping[str, Callable[[Any], object]], inputs: Sequence[Any], warm: int = 5
) -> dict[str, dict[str, float]]:
    """p50 and p95 in milliseconds of each contender over the inputs.

    They take turns on every input, so that whatever else the machine does falls on all alike.
    """
    for run in contenders.values():
        for value in inputs[:warm]:
            run(value)
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for value in inputs:
        for name, run in contenders.items():
            started = time.perf_counter()
            run(value)
            times[name].append((time.perf_counter() - started) * 1000)
    return {
        name: {"p50_ms": float(np.median(t)), "p95_ms": float(np.percentile(t, 95))}
        for name, t in times.items()
    }
