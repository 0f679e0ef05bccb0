"""How well habits are found in simulated lives, and how long a year of history takes."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hub.bench.simulated_life import PLACE, ZONE, Life, is_right, live, live_more, things, write
from hub.habits.found import Found
from hub.habits.mine import mine
from hub.habits.observed import observe
from hub.journal_schema import migrate

_CHILD = """
import pathlib, sys, time
from hub.habits.mine import main
main()
status = pathlib.Path("/proc/self/status").read_text()
peak = int(status.split("VmHWM:")[1].split()[0])
print(time.process_time(), peak, file=sys.stderr)
"""


@dataclass(frozen=True, slots=True)
class Judged:
    """One life: what was planted, found, missed, and found without having been planted."""

    planted: tuple[Found, ...]
    missed: tuple[Found, ...]
    wrong: tuple[Found, ...]


def judge(life: Life) -> Judged:
    """Mine a life in memory, and compare."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        migrate(connection)
        write(life, connection)
        found = mine(observe(connection, things(), ZONE, PLACE))
    finally:
        connection.close()
    missed = [p for p in life.planted if not any(is_right(f, p) for f in found)]
    wrong = [f for f in found if not any(is_right(f, p) for p in life.planted)]
    return Judged(tuple(life.planted), tuple(missed), tuple(wrong))


def score(judged: Sequence[Judged]) -> dict[str, Any]:
    """Recall and precision over several lives."""
    planted = sum(len(one.planted) for one in judged)
    right = planted - sum(len(one.missed) for one in judged)
    wrong = sum(len(one.wrong) for one in judged)
    return {
        "lives": len(judged), "planted": planted, "right": right, "wrong": wrong,
        "recall": round(right / planted, 3), "precision": round(right / (right + wrong), 3),
    }  # fmt: skip


def measure(lives: int, rows: int) -> dict[str, Any]:
    """Recall and precision of 60 days each, and seconds and memory of a year with so many rows."""
    found = score([judge(live(seed)) for seed in range(100, 100 + lives)])
    return {"60 days": found, "a year": _year(rows)}


def _year(rows: int) -> dict[str, Any]:
    life = live(1, 365)
    missing = rows // 2 - len(life.events)
    if missing > 0:  # half of the rows are deeds and motion, half are sensors' numbers
        live_more(life, missing)
    with tempfile.TemporaryDirectory() as folder:
        journal = Path(folder) / "journal.db"
        connection = sqlite3.connect(journal, isolation_level=None)
        migrate(connection)
        connection.execute("begin")
        written = write(life, connection, max(0, rows - len(life.events)))
        connection.close()
        task = {
            "things": [{n: getattr(t, n) for n in t.__slots__} for t in things().values()],
            "zone": str(ZONE), "place": [PLACE.latitude, PLACE.longitude],
        }  # fmt: skip
        started = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", _CHILD, str(journal)],
            input=json.dumps(task), capture_output=True, text=True, check=True,
        )  # fmt: skip
        seconds = time.perf_counter() - started
        size = journal.stat().st_size
    processor, peak = done.stderr.split()[-2:]
    return {
        "rows": written,
        "states": len(life.events),
        "seconds": round(seconds, 1),
        "processor_seconds": round(float(processor), 1),
        "peak_mb": int(peak) // 1024,
        "found": len(json.loads(done.stdout)),
        "journal_mb": size >> 20,
    }
