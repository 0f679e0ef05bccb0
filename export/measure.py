"""Latency and memory of this process's models, side by side in one run."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
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


_CHILD = """
import json, resource, sys, time
started = time.perf_counter()
from pathlib import Path
from edge.tasks.registry import open_folder
model = open_folder(Path(sys.argv[1]))
loaded = time.perf_counter()
with open("/proc/self/status") as status:
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    status.seek(0)
    now = next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
print(json.dumps({"load_s": loaded - started, "rss_mb": now / 1024, "peak_mb": peak / 1024}))
"""


def footprint(artefact: Path) -> dict[str, float]:
    """Seconds to load (imports and self-tests included) and megabytes of a process of its own."""
    import json  # noqa: PLC0415

    child = subprocess.run(
        [sys.executable, "-c", _CHILD, str(artefact)], capture_output=True, text=True, check=True
    )
    found: dict[str, float] = json.loads(child.stdout.strip().splitlines()[-1])
    return found
