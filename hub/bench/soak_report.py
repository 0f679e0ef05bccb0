"""What a soak says: its samples as CSV and as a plot, and whether it holds."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from itertools import pairwise
from pathlib import Path
from typing import Any

from hub.bench.soak import Sample

WARM_SECONDS = 600.0
GROWTH = 0.05
"""Of resident memory after the first ten minutes, at most."""
_NONE = (
    "lost", "answered twice", "executed twice", "not executed", "dangerous unconfirmed",
    "answered otherwise", "last states that differ", "hub ended with",
)  # fmt: skip


def taken(samples: Sequence[Sample]) -> dict[str, Any]:
    """What the hub took, after it was warm: memory in MB, growth as a share of it."""
    warm = [s for s in samples if s.seconds >= WARM_SECONDS] or list(samples)
    first, last = warm[0], warm[-1]
    busy = (last.processor - first.processor) / max(1.0, last.seconds - first.seconds)
    return {
        "resident MB": round(first.resident / 1024, 1),
        "resident MB at most": round(max(s.resident for s in warm) / 1024, 1),
        "resident MB at the end": round(last.resident / 1024, 1),
        "growth": round(max(s.resident for s in warm) / first.resident - 1, 4),
        "descriptors": [min(s.descriptors for s in warm), max(s.descriptors for s in warm)],
        "descriptors at the end": last.descriptors - first.descriptors,
        "threads": [min(s.threads for s in warm), max(s.threads for s in warm)],
        "share of a core": round(busy, 3),
        "journal MB": round(last.journal / 1e6, 1),
    }


def broken(found: Mapping[str, Any]) -> list[str]:
    """What does not hold; empty if all does."""
    wrong = [f"{key}: {found[key]}" for key in _NONE if found[key]]
    if found["growth"] > GROWTH:
        wrong.append(f"growth: {found['growth']:.1%}")
    if found["descriptors at the end"] > 0:
        wrong.append(f"descriptors: {found['descriptors at the end']} more at the end")
    return wrong


def write_csv(samples: Sequence[Sample], path: Path) -> None:
    """One row a sample."""
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.DictWriter(file, [f.name for f in fields(Sample)])
        rows.writeheader()
        rows.writerows(asdict(sample) for sample in samples)


def plot(samples: Sequence[Sample], restart_minute: float, path: Path) -> None:
    """Memory, file descriptors, and a core's share over the minutes. Needs matplotlib."""
    from matplotlib.figure import Figure

    minutes = [s.seconds / 60 for s in samples]
    shares = [0.0] + [
        (b.processor - a.processor) / max(0.1, b.seconds - a.seconds) for a, b in pairwise(samples)
    ]
    panels = (
        ("resident memory, MB", [s.resident / 1024 for s in samples]),
        ("file descriptors", [float(s.descriptors) for s in samples]),
        ("share of a core", shares),
    )
    figure = Figure(figsize=(8, 5.5), layout="constrained")
    axes = figure.subplots(len(panels), 1, sharex=True)
    for panel, (title, values) in zip(axes, panels, strict=True):
        panel.plot(minutes, values, linewidth=1)
        panel.set_ylim(0, max(values) * 1.15)
        panel.set_ylabel(title)
        panel.axvline(restart_minute, color="grey", linestyle=":", label="broker restarted")
        panel.axvline(WARM_SECONDS / 60, color="grey", linestyle="--", label="warm")
        panel.grid(alpha=0.3)
    axes[0].legend(loc="lower right")
    axes[-1].set_xlabel("minutes")
    figure.savefig(path)
