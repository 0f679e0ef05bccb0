"""`hearthd bench model`: an artefact beside its checkpoint in PyTorch, and beside other engines.

All contenders take turns on the same inputs in one process with the same number of threads; what
comes out of each is compared with PyTorch in float32; time to the first answer and memory are those
of a process of each one's own.
"""

from __future__ import annotations

import importlib.util
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from edge.artefact import load_artefact
from export import next_tokens
from export.contenders import CONTENDERS, Contender, Workload, workload_of
from export.errors import ExportFailed
from export.footprint import Footprint, footprint
from export.generating import DECODED, MORE, text_ids
from export.measure import Run, interleaved_laps
from export.recipe import Wanted, recipe_for
from export.source import find_checkpoint

COMPARED = 400
"""Tokens of teacher-forced comparison."""


@dataclass(frozen=True, slots=True)
class Row:
    """One contender: its `workloads` by name with `p50_ms`, `p95_ms` and `cpu_ms`, what a process
    of its own costs, and `quality` and `derived` figures by name."""

    name: str
    workloads: Mapping[str, Mapping[str, float]]
    process: Footprint
    size_mb: float
    derived: Mapping[str, float] = field(default_factory=dict)
    quality: Mapping[str, float] = field(default_factory=dict)


def bench(
    artefact: Path, against: Sequence[str], threads: int = 1, rounds: int = 20,
    checkpoint: str | None = None,
) -> list[Row]:  # fmt: skip
    """A row for the artefact and one for each contender that is installed; `against` empty means
    all of them. Raises `ExportFailed` for a contender that is unknown or not installed."""
    manifest = load_artefact(artefact).manifest
    chosen = _chosen(manifest.task, against)
    source = _source(artefact, checkpoint) if any(c.needs_checkpoint for c in chosen) else artefact
    with tempfile.TemporaryDirectory(prefix="hearthd-bench-") as folder:
        places = {c.name: c.prepare(source, Path(folder)) if c.prepare else source for c in chosen}
        processes = {c.name: footprint(c, artefact, places[c.name], threads) for c in chosen}
        opened = {c.name: c.open(artefact, places[c.name], threads) for c in chosen}
        workload = workload_of(manifest.task, artefact, rounds)
        times = interleaved_laps(opened, workload.inputs, workload.laps, warm=2)
        quality = _QUALITY.get(manifest.task, _none)(artefact, places, opened, workload)
        sizes = {c.name: _size(places[c.name] if c.needs_checkpoint else artefact) for c in chosen}
    return [
        Row(c.name, times[c.name], processes[c.name], sizes[c.name] / 1e6,
            derived=_derived(times[c.name]), quality=quality.get(c.name, {}))
        for c in chosen
    ]  # fmt: skip


def _source(artefact: Path, checkpoint: str | None) -> Path:
    manifest = load_artefact(artefact).manifest
    source = checkpoint or manifest.provenance.source
    if not source:
        raise ExportFailed("the artefact does not say what it was made from: --checkpoint")
    wanted = Wanted(source.split(", ")[0], manifest.task, "cpu", artefact)
    return find_checkpoint(wanted.source, recipe_for(wanted)).path


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
    """How many a second: tokens after the first, or inputs."""
    if MORE in times:
        return {"tokens_per_s": 1000 * DECODED / max(times[MORE]["p50_ms"], 1e-9)}
    first = next(iter(times.values()))
    return {"per_s": 1000 / max(first["p50_ms"], 1e-9)}


Quality = Callable[
    [Path, Mapping[str, Path], Mapping[str, Run], Workload], Mapping[str, Mapping[str, float]]
]


def _none(*_: object) -> dict[str, dict[str, float]]:
    return {}


def _of_generators(
    artefact: Path, places: Mapping[str, Path], opened: Mapping[str, Run], _: Workload
) -> dict[str, dict[str, float]]:
    """KL divergence from PyTorch in float32, teacher-forced."""
    if "torch" not in opened:
        return {}
    ids = text_ids(artefact, COMPARED)
    (reference,) = next_tokens.torch_scores(places["torch"], [ids])
    found = {"artefact": next_tokens.genai_scores(artefact, ids), "torch": reference}
    for name in opened.keys() - found.keys():
        found[name] = next_tokens.llama_cpp_scores(places[name], ids)
    return {name: {"KL": next_tokens.divergence(reference, s)} for name, s in found.items()}


def _of_embedders(
    _: Path, __: Mapping[str, Path], opened: Mapping[str, Run], workload: Workload
) -> dict[str, dict[str, float]]:
    """Mean cosine to PyTorch over the workload's sentences."""
    if "torch" not in opened:
        return {}
    vectors = {
        name: np.concatenate([run(text) for text in workload.inputs])  # (N, H)
        for name, run in opened.items()
    }
    return {
        name: {"cosine": float((found * vectors["torch"]).sum(-1).mean())}
        for name, found in vectors.items()
    }


_QUALITY: Mapping[str, Quality] = {"generate": _of_generators, "embed": _of_embedders}


def table(rows: Sequence[Row]) -> str:
    """As text, a contender a line; ratios are to the artefact."""
    base = rows[0]
    return "\n".join("  ".join(_cells(row, base)) for row in rows)


def _cells(row: Row, base: Row) -> list[str]:
    cells = [f"{row.name:15}"]
    for workload, found in row.workloads.items():
        ratio = found["p50_ms"] / base.workloads[workload]["p50_ms"]
        cells.append(
            f"{workload} p50 {found['p50_ms']:.2f} p95 {found['p95_ms']:.2f} "
            f"cpu {found['cpu_ms']:.2f} ms (x{ratio:.2f})"
        )
    cells += [f"{key} {value:.1f}" for key, value in row.derived.items()]
    cells += [f"{key} {value:.4f}" for key, value in row.quality.items()]
    of = row.process
    cells.append(f"first answer after {of.first_s:.2f} s (cpu {of.first_cpu_s:.2f})")
    cells.append(f"memory {of.memory_mb:.0f} MB (peak {of.peak_mb:.0f}), size {row.size_mb:.1f} MB")
    return cells


def plot(rows: Sequence[Row], path: Path) -> None:
    """Bars: p50 of each workload, memory, time to the first answer, size."""
    from matplotlib.figure import Figure  # noqa: PLC0415

    workloads = list(rows[0].workloads)
    panels: list[tuple[str, list[float]]] = [
        (f"{w}, p50 ms", [row.workloads[w]["p50_ms"] for row in rows]) for w in workloads
    ]
    panels += [
        ("memory, MB", [row.process.memory_mb for row in rows]),
        ("first answer, s", [row.process.first_s for row in rows]),
        ("size, MB", [row.size_mb for row in rows]),
    ]
    figure = Figure(figsize=(3 * len(panels), 3), layout="constrained")
    for number, (title, values) in enumerate(panels, start=1):
        axes = figure.add_subplot(1, len(panels), number, title=title)
        axes.bar([row.name for row in rows], values)
        axes.tick_params(axis="x", rotation=60)
    figure.savefig(path, dpi=120)
