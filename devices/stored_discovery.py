"""The discovery messages that were taken, as they came: bounded, and kept over a restart."""

from __future__ import annotations

from dataclasses import dataclass, field

TOPIC_LIMIT = 5000
"""Discovery topics, with entities or quarantined."""
DISCOVERY_BYTES = 32 << 20
"""All discovery payloads together."""

_Kept = tuple[bytes, str | None]
"""A payload and who published it."""


@dataclass(slots=True)
class StoredDiscovery:
    """By topic."""

    _payloads: dict[str, _Kept] = field(default_factory=dict)
    _bytes: int = 0

    def has(self, topic: str, payload: bytes, publisher: str | None) -> bool:
        """Whether this is what was said before."""
        return self._payloads.get(topic) == (payload, publisher)

    def takes(self, topic: str, payload: bytes) -> bool:
        """Whether there is room for it."""
        old = self._payloads.get(topic)
        if old is None and len(self._payloads) >= TOPIC_LIMIT:
            return False
        return self._bytes - (len(old[0]) if old else 0) + len(payload) <= DISCOVERY_BYTES

    def keep(self, topic: str, payload: bytes, publisher: str | None) -> None:
        """In place of what the topic had."""
        self.forget(topic)
        self._payloads[topic] = payload, publisher
        self._bytes += len(payload)

    def forget(self, topic: str) -> None:
        """The topic has nothing any more."""
        old = self._payloads.pop(topic, None)
        self._bytes -= len(old[0]) if old else 0

    def all(self) -> list[tuple[str, bytes, str | None]]:
        """Topic, payload and publisher, in the order of their arrival."""
        return [(topic, raw, who) for topic, (raw, who) in self._payloads.items()]
