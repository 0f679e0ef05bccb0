"""`hearthd bench retrieval`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hub.cli.common import JsonOption, friendly, print_json


@friendly
def bench_retrieval(
    manuals: Annotated[
        Path, typer.Argument(help="Folder with manuals, and their questions in `questions/`.")
    ] = Path("configs/manuals"),
    chunks: Annotated[int, typer.Option(help="Passages in the knowledge base.", min=1)] = 50_000,
    json_output: JsonOption = False,
) -> None:
    """Time searches in a large knowledge base that is made for it."""
    from hub.bench.retrieval import measure

    names = sorted(path.stem for path in (manuals / "questions").glob("*.tsv"))
    run = measure(manuals, names, chunks)
    figures = {
        "chunks": run.chunks,
        "searches": len(run.milliseconds),
        "milliseconds_p50": round(run.percentile(50), 1),
        "milliseconds_p95": round(run.percentile(95), 1),
        "milliseconds_p99": round(run.percentile(99), 1),
        "milliseconds_first": round(run.first_ms, 1),
        "memory_grown_mb": round(run.grown_mb, 1),
    }
    if json_output:
        print_json(figures)
        return
    for name, value in figures.items():
        print(f"{name.replace('_', ' ')}: {value}")
