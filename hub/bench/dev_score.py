"""Score the road on the development sets: `python -m hub.bench.dev_score DATA_FOLDER`."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from edge.tasks.understand import load_understanding
from hub.rehearse import Stage

OURS = ("iot", "lists", "datetime", "weather", "audio", "play", "music", "alarm", "calendar")
"""Domains of the SLURP development rows that a home may well answer."""

IMPLIED = frozenset({"domain", "device_class"})
"""Slots that a frame may have beyond what a row lists."""


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a JSONL file."""
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def slots_right(expected: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    """Whether a frame's slots are the expected ones, apart from what the reading implies."""
    same = all(_same(value, found.get(key)) for key, value in expected.items() if key != "domain")
    extra = {k for k in found if k not in expected and k not in IMPLIED}
    return same and not extra


def _same(expected: Any, found: Any) -> bool:
    if isinstance(expected, list):
        return any(_same(one, found) for one in expected)
    return str(expected).casefold() == str(found).casefold()


async def home_assistant(stage: Stage, data: Path, show: bool) -> None:
    """Intent and slots on Home Assistant's own sentences, in the home that each row carries."""
    right = intents = total = 0
    for row in rows(data / "ha-intents.dev.jsonl"):
        if row["language"] != "en":
            continue
        total += 1
        case = {
            "id": total,
            "text": row["text"],
            "home": row["home"],
            "area": row["context_area"],
            "policy": "permissive",
        }
        result = await stage.run_line(json.dumps(case))
        frames = result["frames"]
        intent = bool(frames) and frames[0]["intent"] == row["intent"]
        good = intent and len(frames) == 1 and slots_right(row["slots"], frames[0]["slots"])
        intents += intent
        right += good
        if show and not good:
            got = [(f["intent"], f["slots"]) for f in frames]
            print(f"  {row['text']!r}: {row['intent']} {row['slots']} got {got} {result['status']}")
    print(f"ha-intents en: intent and slots {right / total:.1%}, intent {intents / total:.1%}")


async def slurp(stage: Stage, data: Path, show: bool) -> None:
    """False accepts on what is not for a home, and what is said for the home rows."""
    accepted = outside = 0
    for row in rows(data / "slurp.en.dev.jsonl"):
        result = await stage.run_line(json.dumps({"text": row["text"], "policy": "permissive"}))
        if row["domain"] == "iot":
            if show:
                got = [(f["intent"], f["slots"]) for f in result["frames"]]
                print(f"  {row['intent']}: {row['text']!r} got {got}")
        elif row["domain"] not in OURS:
            outside += 1
            accepted += bool(result["frames"])
            if show and result["frames"]:
                got = [(f["intent"], f["slots"]) for f in result["frames"]]
                print(f"  FALSE ACCEPT {row['intent']}: {row['text']!r} got {got}")
    print(f"slurp en: {accepted / outside:.1%} of {outside} accepted though not for us")


async def clinc(stage: Stage, data: Path) -> None:
    """False accepts on CLINC150's out-of-scope rows."""
    out = [r for r in rows(data / "clinc150.en.dev.jsonl") if r["intent"] == "oos"]
    accepted = [r for r in out if (await stage.run_line(json.dumps({"text": r["text"]})))["frames"]]
    print(f"clinc150 out of scope: {len(accepted)} of {len(out)} accepted")


async def main(data: Path, show: bool) -> None:
    """Print all scores."""
    stage = Stage(load_understanding())
    await home_assistant(stage, data, show)
    await slurp(stage, data, show)
    await clinc(stage, data)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), "--show" in sys.argv))
