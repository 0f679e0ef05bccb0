"""What a process of its own costs that opens one contender and answers once.

`python -m export.footprint NAME ARTEFACT CHECKPOINT THREADS` prints the memory that it has then,
and the most that it had; who starts it takes the time.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from edge.errors import EdgeError
from export.contenders import CONTENDERS, Contender, workload_of
from export.errors import ExportFailed


@dataclass(frozen=True, slots=True)
class Footprint:
    """From the start of the process to its first answer, `first_s`, of which the processor was busy
    `first_cpu_s`; resident memory after it and at most, in millions of bytes."""

    first_s: float
    first_cpu_s: float
    memory_mb: float
    peak_mb: float


def footprint(
    contender: Contender, artefact: Path, checkpoint: Path, threads: int, times: int = 3
) -> Footprint:
    """Medians of several processes, one after the other. Raises `ExportFailed`."""
    found = [_one_process(contender, artefact, checkpoint, threads) for _ in range(times)]
    return Footprint(*(statistics.median(column) for column in zip(*found, strict=True)))


def _one_process(
    contender: Contender, artefact: Path, checkpoint: Path, threads: int
) -> tuple[float, float, float, float]:
    command = [
        sys.executable, "-m", "export.footprint", contender.name, str(artefact), str(checkpoint),
        str(threads),
    ]  # fmt: skip
    started = time.time()
    child = subprocess.run(
        command, capture_output=True, text=True, check=False,
        env={**os.environ, "OMP_NUM_THREADS": str(threads)},
    )  # fmt: skip
    if child.returncode:
        raise ExportFailed(f"{contender.name}: {child.stderr.strip().splitlines()[-1][:300]}")
    said = json.loads(child.stdout.strip().splitlines()[-1])
    return said["answered"] - started, said["cpu_s"], said["memory_mb"], said["peak_mb"]


def _answer_once(name: str, artefact: Path, checkpoint: Path, threads: int) -> dict[str, float]:
    contender = next(c for c in CONTENDERS if c.name == name)
    task = json.loads((artefact / "manifest.json").read_text("utf-8"))["task"]
    workload = workload_of(task, artefact, 1)
    run = contender.open(artefact, checkpoint, threads)
    for _ in workload.laps(run, workload.inputs[0]):
        pass
    answered, cpu = time.time(), time.process_time()
    status = dict(
        line.split(":", 1) for line in Path("/proc/self/status").read_text("utf-8").splitlines()
    )
    memory, peak = (int(status[key].split()[0]) * 1024 / 1e6 for key in ("VmRSS", "VmHWM"))
    return {"answered": answered, "cpu_s": cpu, "memory_mb": memory, "peak_mb": peak}


if __name__ == "__main__":
    try:
        name, artefact, checkpoint, threads = sys.argv[1:]
        print(json.dumps(_answer_once(name, Path(artefact), Path(checkpoint), int(threads))))
    except EdgeError as error:
        sys.exit(str(error))
