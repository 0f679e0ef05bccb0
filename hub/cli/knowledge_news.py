"""How far `hearthd kb add` is, for a person who watches it and for whoever listens on
`hearthd/event/knowledge`."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from devices.payload import encode_json
from hub.config import Settings
from hub.messages import Event
from hub.topics import Topics

if TYPE_CHECKING:
    from hub.knowledge.index import Indexed, Progress

KIND = "knowledge"
_EVERY_SECONDS = 0.5
"""Between two events about the same pages or passages; the first and the last are always told."""


@dataclass(slots=True)
class News:
    """Says how far a file is, and in the end what became of all."""

    publish: Callable[[str, bytes], None] = lambda topic, payload: None
    topic: str = ""
    _said: dict[str, float] = field(default_factory=dict)

    def report(self, progress: Progress) -> None:
        """Pages or passages are done."""
        if sys.stderr.isatty():
            _show(progress)
        about, now = f"{progress.path} {progress.what}", time.monotonic()
        last = progress.done == progress.total
        if not last and now - self._said.get(about, 0.0) < _EVERY_SECONDS:
            return
        self._said[about] = now
        self._tell({
            "file": progress.path.name, "what": progress.what,
            "done": progress.done, "total": progress.total,
        })  # fmt: skip

    def ended(self, found: Indexed) -> None:
        """All files were looked at."""
        self._tell({
            "added": len(found.added), "unchanged": len(found.unchanged),
            "removed": len(found.removed), "refused": [str(error) for error in found.refused],
            "passages": found.chunks,
        })  # fmt: skip

    def failed(self, reason: str) -> None:
        """Nothing was taken in."""
        self._tell({"failed": reason})

    def _tell(self, content: dict[str, Any]) -> None:
        event = Event(kind=KIND, time=datetime.now().astimezone().isoformat(), content=content)
        self.publish(self.topic, encode_json(event.model_dump(exclude_none=True)))


@contextmanager
def news(settings: Settings | None) -> Iterator[News]:
    """For the knowledge base of the hub with these settings; without any, only on the screen."""
    if settings is None:
        yield News()
        return
    from hub.mqtt_client import telling

    topic = Topics(settings.broker.topic_prefix).event(KIND)
    with telling(settings.broker, KIND) as publish:
        yield News(publish, topic)


def _show(progress: Progress) -> None:
    done = progress.done == progress.total
    percent = 100 * progress.done // progress.total
    far = f"{progress.done}/{progress.total} {progress.what}, {percent} %"
    line = f"\r\033[K{progress.path.name}: {far}"
    print(line, end="\n" if done else "", file=sys.stderr, flush=True)
