"""`hearthd bench soak`."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from hub.cli.common import CommandFailed, Exit, JsonOption, friendly, print_json


@friendly
def bench_soak(
    minutes: Annotated[float, typer.Option(help="How long.", min=0.2)] = 60.0,
    csv: Annotated[
        Path | None, typer.Option(help="Write every sample here.", show_default=False)
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(help="Draw them here (.svg or .png).", show_default=False)
    ] = None,
    json_output: JsonOption = False,
) -> None:
    """A hub with 300 simulated devices, 200 states and 2 commands a second, one broker restart."""
    from hub.bench import soak, soak_report

    samples, found = asyncio.run(soak.measure(minutes))
    found |= soak_report.taken(samples)
    if csv is not None:
        soak_report.write_csv(samples, csv)
    if plot is not None:
        try:
            soak_report.plot(samples, minutes / 2, plot)
        except ModuleNotFoundError as error:
            raise CommandFailed(f"{error.name} is not installed: pip install matplotlib") from error
    wrong = soak_report.broken(found)
    if json_output:
        print_json(found | {"broken": wrong})
    else:
        for name, value in found.items():
            print(f"{name}: {value}")
        print("holds" if not wrong else "does not hold: " + "; ".join(wrong))
    if wrong:
        raise typer.Exit(int(Exit.FAILED))
