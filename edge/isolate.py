"""Try an artefact in a process of its own, which may crash, hang or ask for too much memory.

Digests say that a folder is what its maker packed, not that its maker meant well: a graph can loop
2^62 times or ask for a terabyte, and both load without complaint. So nothing that was not packed
here is opened in the hub's process before it has passed its self-test in a child with limits on
memory, processor time and wall-clock time.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from edge.artefact import load_artefact
from edge.errors import ArtefactError, EdgeError


@dataclass(frozen=True, slots=True)
class Limits:
    """Of the child. `memory` is address space in bytes, on top of four times the files."""

    seconds: float = 60.0
    memory: int = 2 << 30


def try_artefact(folder: Path, limits: Limits | None = None) -> str:
    """Load the artefact and run its self-tests in a child; returns its engine's name.

    Raises `ArtefactError` for everything that can go wrong, hanging and crashing included.
    """
    limits = limits or Limits()
    size = sum(entry.bytes for entry in load_artefact(folder).manifest.files.values())
    command = [sys.executable, "-m", "edge.isolate", str(folder), str(limits.memory + 4 * size)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    try:
        child = subprocess.run(
            [*command, str(int(limits.seconds) + 1)],
            capture_output=True, text=True, errors="replace", check=False,
            timeout=limits.seconds, env=environment,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise ArtefactError(folder, f"self-test gave no answer in {limits.seconds:g} s") from error
    if child.returncode < 0:
        raise ArtefactError(folder, f"self-test was ended by signal {-child.returncode}")
    try:
        said = json.loads(child.stdout.strip().splitlines()[-1])
    except (ValueError, IndexError) as error:
        last = child.stderr.strip().splitlines()[-1:] or ["it said nothing"]
        raise ArtefactError(folder, f"self-test failed: {last[0][:200]}") from error
    if "error" in said:
        raise ArtefactError(folder, said["error"])
    return str(said["engine"])


def main(folder: Path, memory: int, seconds: int) -> None:
    """The child: set the limits, open the artefact, print one line of JSON."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds * 2, seconds * 2))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    from edge.tasks.registry import open_folder  # noqa: PLC0415  (inside the limits)

    try:
        print(json.dumps({"engine": open_folder(folder).engine}))
    except EdgeError as error:
        reason = error.reason if isinstance(error, ArtefactError) else str(error)
        print(json.dumps({"error": reason}))
    except MemoryError:
        print(json.dumps({"error": f"needs more than {memory >> 20} MB of memory"}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
