"""`hearthd bench model`: an artefact beside its checkpoint in PyTorch, and beside other engines.

All contenders take turns on the same inputs in one process with the same number of threads; load
time and memory are those of a process of each one's own.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edge.artefact import load_artefact
from edge.errors import EdgeError
from export.contenders import CONTENDERS, Contender, inputs_of
from export.errors import ExportFailed
from export.measure import interleaved
from export.recipe import Wanted, recipe_for
from export.source import find_checkpoint


@dataclass(frozen=True, slots=True)
class Row:
    """One contender. `p50_ms` and `p95_ms` of each workload by its name."""

    name: str
    workloads: Mapping[str, Mapping[str, float]]
    load_s: float
    memory_mb: float
    size_mb: float
    derived: Mapping[str, float] = field(default_factory=dict)


def bench(
    artefact: Path, against: Sequence[str], threads: int = 1, rounds: int = 20,
    checkpoint: str | None = None,
) -> list[Row]:  # fmt: skip
    """A row for the artefact and one for each contender that is installed; `against` empty means
    all of them. Raises `ExportFailed` for a contender that is unknown or not installed."""
    manifest = load_artefact(artefact).manifest
    source = checkpoint or manifest.provenance.source
    chosen = _chosen(manifest.task, against)
    path = None
    if any(c.needs_checkpoint for c in chosen):
        if not source:
            raise ExportFailed("the artefact does not say what it was made from: --checkpoint")
        wanted = Wanted(source.split(", ")[0], manifest.task, "cpu", artefact)
        path = find_checkpoint(wanted.source, recipe_for(wanted)).path
    opened: dict[str, Callable[[Any], object]] = {}
    for contender in chosen:
        opened[contender.name] = contender.open(artefact, path or artefact, threads)
    times: dict[str, dict[str, dict[str, float]]] = {name: {} for name in opened}
    for workload, inputs in inputs_of(manifest.task, path, rounds).items():
        for name, found in interleaved(opened, inputs, warm=2).items():
            times[name][workload] = found
    return [
        Row(c.name, times[c.name], **_footprint(c, artefact, path, threads),
            size_mb=_size(artefact if c.name == "artefact" else (path or artefact)) / 1e6,
            derived=_derived(times[c.name]))
        for c in chosen
    ]  # fmt: skip


def _chosen(task: str, against: Sequence[str]) -> list[Contender]:
    known = {c.name: c for c in CONTENDERS if task in c.tasks}
    for name in against:
        if name not in known:
            raise ExportFailed(f"nothing called {name!r} for {task}; known: {', '.join(known)}")
        if not _there(known[name]):
            raise ExportFailed(f"{name} needs the package {known[name].package}")
    wanted = set(against) or {name for name, c in known.items() if _there(c)}
    return [c for name, c in known.items() if name in wanted | {"artefact"}]


def _there(contender: Contender) -> bool:
    return importlib.util.find_spec(contender.package) is not None


def _size(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum(p.stat().st_size for p in path.rglob("*") if p.is_file())


def _derived(times: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Tokens a second, where one workload makes a token and another many."""
    if "65 tokens" in times and "first token" in times:
        taken = times["65 tokens"]["p50_ms"] - times["first token"]["p50_ms"]
        return {"tokens_per_s": 64_000 / max(taken, 1e-9)}
    first = next(iter(times.values()))
    return {"per_s": 1000 / max(first["p50_ms"], 1e-9)}


def _footprint(
    contender: Contender, artefact: Path, checkpoint: Path | None, threads: int
) -> dict[str, float]:
    command = [
        sys.executable, "-m", "export.bench", contender.name, str(artefact),
        str(checkpoint or artefact), str(threads),
    ]  # fmt: skip
    child = subprocess.run(
        command, capture_output=True, text=True, check=False,
        env={**os.environ, "OMP_NUM_THREADS": str(threads)},
    )  # fmt: skip
    if child.returncode:
        raise ExportFailed(f"{contender.name}: {child.stderr.strip().splitlines()[-1][:300]}")
    found: dict[str, float] = json.loads(child.stdout.strip().splitlines()[-1])
    return found


def table(rows: Sequence[Row]) -> str:
    """As text, a contender a line; ratios are to the artefact."""
    base = rows[0]
    lines = []
    for row in rows:
        parts = [f"{row.name:15}"]
        for workload, found in row.workloads.items():
            ratio = found["p50_ms"] / base.workloads[workload]["p50_ms"]
            parts.append(
                f"{workload} p50 {found['p50_ms']:.2f} p95 {found['p95_ms']:.2f} ms (x{ratio:.2f})"
            )
        parts += [f"{key} {value:.1f}" for key, value in row.derived.items()]
        parts.append(
            f"load {row.load_s:.2f} s, memory {row.memory_mb:.0f} MB, size {row.size_mb:.1f} MB"
        )
        lines.append("  ".join(parts))
    return "\n".join(lines)


def plot(rows: Sequence[Row], path: Path) -> None:
    """Bars: p50 of each workload, memory, load, size."""
    from matplotlib.figure import Figure  # noqa: PLC0415

    workloads = list(rows[0].workloads)
    panels: list[tuple[str, list[float]]] = [
        (f"{w}, p50 ms", [row.workloads[w]["p50_ms"] for row in rows]) for w in workloads
    ]
    panels += [
        ("memory, MB", [row.memory_mb for row in rows]), ("load, s", [row.load_s for row in rows]),
        ("size, MB", [row.size_mb for row in rows]),
    ]  # fmt: skip
    figure = Figure(figsize=(3 * len(panels), 3), layout="constrained")
    for number, (title, values) in enumerate(panels, start=1):
        axes = figure.add_subplot(1, len(panels), number, title=title)
        axes.bar([row.name for row in rows], values)
        axes.tick_params(axis="x", rotation=60)
    figure.savefig(path, dpi=120)


def _child(name: str, artefact: Path, checkpoint: Path, threads: int) -> None:
    contender = next(c for c in CONTENDERS if c.name == name)
    task = load_artefact(artefact).manifest.task
    first = next(iter(inputs_of(task, checkpoint, 1).values()))[0]
    started = time.perf_counter()
    contender.open(artefact, checkpoint, threads)(first)
    taken = time.perf_counter() - started
    status = Path("/proc/self/status").read_text("utf-8").splitlines()
    memory = next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
    print(json.dumps({"load_s": taken, "memory_mb": memory / 1024}))


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    for part in ("name", "artefact", "checkpoint", "threads"):
        arguments.add_argument(part)
    given = arguments.parse_args()
    try:
        _child(given.name, Path(given.artefact), Path(given.checkpoint), int(given.threads))
    except EdgeError as error:
        sys.exit(str(error))
