"""A language model in a process of its own, at the lowest priority: three texts may be in the
making, and a device command still gets the processor first.

`python -m hub.writing.generation ARTEFACT MEGABYTES` reads one JSON object a line: `{"id", "chat",
"tokens", "seconds"}` begins a text, `{"stop": id}` ends it. It writes `{"id", "piece"}` and, last,
`{"id", "end"}` or `{"id", "error"}`. The process goes when its parent's end of the pipe closes.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import resource
import sys
import threading
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edge.errors import EdgeError, ModelFailed
from hub.writing.wish import Length, Tone, Wish

TOKENS = {Length.SHORT: 80, Length.MEDIUM: 200, Length.LONG: 400}
AT_ONCE = 3
IDLE_SECONDS = 120.0
"""An unused model gives its memory back after this long."""
_TONES = {Tone.PLAIN: "plain", Tone.FORMAL: "formal and polite", Tone.FRIENDLY: "friendly"}
_SYSTEM = (
    "You write short texts about a house. Use only the facts that you are given. Repeat every "
    "name, number, time and state exactly as it is written. Write no greeting, no closing."
)


def chat_for(wish: Wish, facts: Sequence[str]) -> list[dict[str, str]]:
    """What the model is told. The facts are data: whatever they say, nothing here can act."""
    about = f" about {wish.topic}" if wish.topic else ""
    listed = "\n".join(f"- {fact}" for fact in facts)
    asked = (
        f"Facts:\n{listed}\n\nWrite a {_TONES[wish.tone]} {wish.form}{about} from these facts,"
        f" in {len(facts)} sentences."
    )
    return [{"role": "system", "content": _SYSTEM}, {"role": "user", "content": asked}]


@dataclass(slots=True)
class Generation:
    """A `ModelWriter` on an installed artefact. Starts its process with the first text."""

    artefact: Path
    name: str
    megabytes: int = 1500
    seconds: float = 60.0
    _process: asyncio.subprocess.Process | None = None
    _reading: asyncio.Task[None] | None = None
    _texts: dict[int, asyncio.Queue[Mapping[str, Any]]] = field(default_factory=dict)
    _last: int = 0
    _starting: asyncio.Lock = field(default_factory=asyncio.Lock)
    _idle: asyncio.TimerHandle | None = None

    async def stream(self, wish: Wish, facts: Sequence[str]) -> AsyncIterator[str]:
        """The pieces of a text. Ends it when nobody listens any more. Raises `ModelFailed`, also
        when `AT_ONCE` texts are in the making, and `TimeoutError`."""
        if len(self._texts) >= AT_ONCE:
            raise ModelFailed(f"{AT_ONCE} texts are being written already")
        self._last += 1
        key = self._last
        pieces: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue()
        self._texts[key] = pieces
        try:
            async with asyncio.timeout(self.seconds + 30):  # the first one loads the model
                process = await self._started()
                order = {
                    "id": key, "chat": chat_for(wish, facts), "tokens": TOKENS[wish.length],
                    "seconds": self.seconds,
                }  # fmt: skip
                self._send(process, order)
                while True:
                    said = await pieces.get()
                    if "error" in said:
                        raise ModelFailed(str(said["error"]))
                    if "end" in said:
                        return
                    yield str(said["piece"])
        finally:
            del self._texts[key]
            if self._process is not None:
                self._send(self._process, {"stop": key})
            if not self._texts:
                loop = asyncio.get_running_loop()
                self._idle = loop.call_later(IDLE_SECONDS, self._end_process)

    async def close(self) -> None:
        """End the process."""
        self._end_process()
        if self._reading is not None:
            await asyncio.gather(self._reading, return_exceptions=True)

    async def _started(self) -> asyncio.subprocess.Process:
        async with self._starting:
            if self._idle is not None:
                self._idle.cancel()
            if self._process is None or self._process.returncode is not None:
                self._process = await asyncio.create_subprocess_exec(
                    sys.executable, "-m", "hub.writing.generation", str(self.artefact),
                    str(self.megabytes),
                    stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
                    stderr=asyncio.subprocess.DEVNULL,
                )  # fmt: skip
                self._reading = asyncio.create_task(self._read(self._process), name="generation")
            return self._process

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        async for line in process.stdout:
            said = json.loads(line)
            waiting = self._texts.get(said["id"])
            if waiting is not None:
                waiting.put_nowait(said)
        code = await process.wait()
        if process is self._process:
            self._process = None
            for waiting in self._texts.values():
                waiting.put_nowait({"error": f"the language model's process ended ({code})"})

    @staticmethod
    def _send(process: asyncio.subprocess.Process, order: Mapping[str, Any]) -> None:
        assert process.stdin is not None
        with contextlib.suppress(ConnectionError, RuntimeError):
            process.stdin.write(json.dumps(order).encode() + b"\n")

    def _end_process(self) -> None:
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.kill()
        for waiting in self._texts.values():
            waiting.put_nowait({"error": "the language model was ended"})


# --- the other process ---------------------------------------------------------------------------


def serve(artefact: Path, megabytes: int) -> None:
    """Write texts until standard input ends."""
    os.nice(19)
    limit = megabytes << 20
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    with contextlib.suppress(AttributeError, OSError):
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    from edge.artefact import load_artefact  # noqa: PLC0415 (the hub itself loads no model)
    from edge.tasks.generate import Generator  # noqa: PLC0415

    told = threading.Lock()
    stopped: set[int] = set()

    def tell(said: Mapping[str, Any]) -> None:
        with told:
            sys.stdout.write(json.dumps(said) + "\n")
            sys.stdout.flush()

    try:
        model, wrong = Generator(load_artefact(artefact)), ""
    except (EdgeError, MemoryError) as error:
        model, wrong = None, f"cannot be loaded: {error}"
    for line in sys.stdin:
        order = json.loads(line)
        if "stop" in order:
            stopped.add(int(order["stop"]))
        elif model is None:
            tell({"id": order["id"], "error": wrong})
        else:
            threading.Thread(target=_write, args=(model, order, tell, stopped), daemon=True).start()


def _write(model: Any, order: Mapping[str, Any], tell: Any, stopped: set[int]) -> None:
    from edge.tasks.generate import Message, Options  # noqa: PLC0415

    key = int(order["id"])
    chat = [Message(turn["role"], turn["content"]) for turn in order["chat"]]
    options = Options(max_tokens=order["tokens"], seconds=order["seconds"], repetition_penalty=1.05)
    try:
        for piece in model.generate(chat, options):
            if key in stopped:
                break
            tell({"id": key, "piece": piece})
    except (EdgeError, MemoryError) as error:
        tell({"id": key, "error": str(error) or "out of memory"})
        return
    stopped.discard(key)
    tell({"id": key, "end": True})


if __name__ == "__main__":
    serve(Path(sys.argv[1]), int(sys.argv[2]))
