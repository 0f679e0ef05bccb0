"""A process of its own for an artefact, which may crash, hang or ask for too much memory.

Digests say that a folder is what its maker packed, not that its maker meant well: a graph can loop
2^62 times or ask for a terabyte, and both load without complaint. So what no trusted key signed is
opened only in a child with limits on memory, files and time, from its first test to its last use.

`python -m edge.isolate FOLDER MEMORY SECONDS PARENT` opens the artefact, which runs its self-tests,
and says so in a line of JSON; then it answers one call a line, `{"call": METHOD, "with": {...}}`,
until its standard input ends or PARENT does. What it answers is data, and is checked as such by the
parent.
"""

from __future__ import annotations

import faulthandler
import json
import os
import resource
import selectors
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edge.artefact import load_artefact
from edge.errors import ArtefactError, EdgeError, ModelFailed

ANSWER_BYTES = 4 << 20
"""Of one line that a child says; more is not read."""
ORDER_BYTES = 60_000
"""Of one call: what a pipe takes although nobody reads it."""
SHOWN = 200
"""Characters of what a child says about its fault."""

ANSWERS: Mapping[str, tuple[str, ...]] = {
    "understand": ("read_sync",),
    "translate": ("translate_sync", "trusts", "unknown_words"),
}
"""What may be called, by task."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Of the child. `seconds` are for opening it, `answer_seconds` for one call. `memory` is
    address space in bytes, on top of four times the files."""

    seconds: float = 60.0
    memory: int = 2 << 30
    answer_seconds: float = 5.0


def try_artefact(folder: Path, limits: Limits | None = None) -> str:
    """Load the artefact and run its self-tests in a child; returns its engine's name.

    Raises `ArtefactError` for everything that can go wrong, hanging and crashing included.
    """
    child = Child(folder, limits or Limits())
    child.close()
    return child.engine


@dataclass(slots=True)
class Child:
    """An artefact that is open in a process of its own. One call at a time, from any thread.

    A child that fails to answer is ended, and opened again by the next call; one that was closed is
    not."""

    folder: Path
    limits: Limits = field(default_factory=Limits)
    engine: str = ""
    _process: subprocess.Popen[bytes] | None = None
    _alone: threading.Lock = field(default_factory=threading.Lock)
    _closed: bool = False

    def __post_init__(self) -> None:
        """Raises `ArtefactError` if it cannot be opened within the limits."""
        with self._alone:
            self._open()

    def call(self, method: str, **arguments: Any) -> Any:
        """What the model's method answers, as JSON has it. Raises `ModelFailed`."""
        order = json.dumps({"call": method, "with": arguments}).encode() + b"\n"
        if len(order) > ORDER_BYTES:
            raise ModelFailed(f"{self.engine}: the text is too long")
        with self._alone:
            if self._closed:
                raise ModelFailed(f"{self.engine}: has been closed")
            try:
                if self._process is None or self._process.poll() is not None:
                    self._end()
                    self._open()
                return self._said(self._ask(order, self.limits.answer_seconds), "value")
            except ArtefactError as error:
                raise ModelFailed(f"{self.engine}: {error.reason}") from error

    def close(self) -> None:
        """End the process, for good."""
        with self._alone:
            self._closed = True
            self._end()

    def _open(self) -> None:
        size = sum(entry.bytes for entry in load_artefact(self.folder).manifest.files.values())
        memory = self.limits.memory + 4 * size
        self._process = subprocess.Popen(
            [
                sys.executable, "-m", "edge.isolate", str(self.folder), str(memory),
                str(2 * max(self.limits.seconds, self.limits.answer_seconds)), str(os.getpid()),
            ],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
            bufsize=0,
        )  # fmt: skip
        self.engine = str(self._said(self._ask(b"", self.limits.seconds), "engine"))

    def _ask(self, order: bytes, seconds: float) -> bytes:
        """Send an order and wait for a line. Raises `ArtefactError`; the process is over then."""
        process = self._process
        assert process is not None and process.stdin and process.stdout
        try:
            process.stdin.write(order)
            line = _line(process.stdout.fileno(), seconds)
        except TimeoutError as error:
            self._end()
            raise ArtefactError(self.folder, f"gave no answer in {seconds:g} s") from error
        except OSError:
            line = b""
        if not line.endswith(b"\n"):
            code = self._end()
            ended = f"was ended by signal {-code}" if code < 0 else "ended without an answer"
            raise ArtefactError(self.folder, ended if len(line) < ANSWER_BYTES else "said too much")
        return line

    def _said(self, line: bytes, wanted: str) -> Any:
        try:
            said = json.loads(line, parse_constant=_no_number)
            if wanted in said:
                return said[wanted]
            reason = str(said["error"])[:SHOWN]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            self._end()
            raise ArtefactError(self.folder, "said something that is no answer") from error
        if wanted == "engine":
            self._end()
        raise ArtefactError(self.folder, reason)

    def _end(self) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        with suppress(subprocess.TimeoutExpired):  # one that died tells how
            process.wait(0 if process.poll() is None else 1)
        process.kill()
        with suppress(OSError):
            process.stdin.close()  # type: ignore[union-attr]
        process.stdout.close()  # type: ignore[union-attr]
        return process.wait()


def _line(source: int, seconds: float) -> bytes:
    """A line, or what came before the end. Raises `TimeoutError`."""
    until = time.monotonic() + seconds
    found = bytearray()
    with selectors.DefaultSelector() as ready:
        ready.register(source, selectors.EVENT_READ)
        while not found.endswith(b"\n") and len(found) < ANSWER_BYTES:
            if not ready.select(max(0.0, until - time.monotonic())):
                raise TimeoutError
            part = os.read(source, 1 << 16)
            if not part:
                break
            found += part
    return bytes(found)


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is not a number")


# --- the other process ---------------------------------------------------------------------------


def serve(folder: Path, memory: int, patience: float, parent: int) -> None:
    """The child: set the limits, open the artefact, answer until standard input ends."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints is no answer
    confine(memory)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()

    def say(key: str, value: Any) -> None:
        out.write(json.dumps({key: value}) + "\n")
        out.flush()

    from edge.tasks.registry import open_model  # noqa: PLC0415  (inside the limits)

    try:
        with no_longer_than(patience):
            artefact = load_artefact(folder)
            model = open_model(artefact)
        say("engine", model.engine)
        for line in sys.stdin:
            with no_longer_than(patience):
                _answer(model, ANSWERS.get(artefact.manifest.task, ()), json.loads(line), say)
    except EdgeError as error:
        say("error", error.reason if isinstance(error, ArtefactError) else str(error))
    except MemoryError:
        say("error", f"needs more than {memory >> 20} MB of memory")
    except Exception as error:  # of a library, about what it was given
        say("error", f"{type(error).__name__}: {error}")


@contextmanager
def no_longer_than(seconds: float) -> Iterator[None]:
    """What takes longer ends the process, also where it never lets another Python thread run: the
    timer is one of C."""
    faulthandler.dump_traceback_later(seconds, exit=True, file=2)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()


def confine(memory: int) -> None:
    """This process gets no more than `memory` bytes, fills no file, and leaves no core."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _answer(model: Any, allowed: tuple[str, ...], order: Mapping[str, Any], say: Any) -> None:
    from pydantic import validate_call  # noqa: PLC0415 (makes dataclasses of their JSON)
    from pydantic_core import to_jsonable_python  # noqa: PLC0415

    try:
        if order["call"] not in allowed:
            raise ModelFailed(f"cannot be asked to {order['call']}")
        method = validate_call(getattr(model, order["call"]))
        say("value", to_jsonable_python(method(**order["with"])))
    except Exception as error:  # whatever it is, the next call may go well
        say("error", str(error) or type(error).__name__)


def _end_with(parent: int) -> None:
    """A child that hangs must not outlive a parent that was killed, be it before this began."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


if __name__ == "__main__":
    serve(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]))
