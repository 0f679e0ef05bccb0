"""`hearthd bench routing`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hub.cli.common import CommandFailed, JsonOption, friendly, print_json


@friendly
def bench_routing(
    sentences: Annotated[
        Path, typer.Argument(help="A table with the columns language, skill, sentence.")
    ] = Path("tests/hub/routing/sentences.tsv"),
    fit: Annotated[
        bool, typer.Option("--fit", help="First fit the router to its own sentences.")
    ] = False,
    json_output: JsonOption = False,
) -> None:
    """Count the sentences that the router sends to the skill that they are for."""
    from hub.bench import routing

    if not sentences.is_file():
        raise CommandFailed(f"{sentences}: there is no such file")
    if fit:
        print(f"fitted to {routing.fit()} sentences")
    known = routing.read(sentences)
    missed = routing.missed(known)
    rows = [
        {
            "sentence": each.example.text,
            "for": str(each.example.skill),
            "sent_to": str(each.sent_to),
            "probability": round(each.probability, 2),
        }
        for each in missed
    ]
    if json_output:
        print_json({"sentences": len(known), "right": len(known) - len(missed), "missed": rows})
        return
    print(f"{len(known) - len(missed)} of {len(known)} right")
    for row in rows:
        print(f"  {row['sentence']}: {row['for']}, sent to {row['sent_to']} {row['probability']}")
