"""What a connection listens to: asked for again after every reconnection, and confirmed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.subscribeoptions import SubscribeOptions

from hub.mqtt_client import BrokerError

AT_ONCE = 200
"""Topics in one SUBSCRIBE."""
Topics = list[tuple[str, int]]
"""Topic filters, each with its quality of service."""


class Subscriptions:
    """Of one session, over all its connections."""

    def __init__(self) -> None:
        self._topics: dict[str, int] = {}
        self._unconfirmed: set[int] = set()
        self._confirmed = asyncio.Event()

    def add(self, topics: Iterable[str], qos: int) -> Topics:
        """From now on these too; returns those that are new."""
        new = [(topic, qos) for topic in topics if topic not in self._topics]
        self._topics.update(new)
        return new

    def remove(self, topics: Iterable[str]) -> list[str]:
        """No longer these; returns those that there were."""
        return [topic for topic in topics if self._topics.pop(topic, None) is not None]

    def request_all(self, client: paho.Client, speaks_5: bool) -> None:
        """Of a connection that is new."""
        self._unconfirmed.clear()
        self.request(client, list(self._topics.items()), speaks_5)

    def request(self, client: paho.Client, topics: Topics, speaks_5: bool) -> None:
        """Ask the broker for them."""
        for start in range(0, len(topics), AT_ONCE):
            _, mid = client.subscribe(_with_options(topics[start : start + AT_ONCE], speaks_5))
            if mid is not None:
                self._unconfirmed.add(mid)
                self._confirmed.clear()

    def confirm(self, client: Any, userdata: Any, mid: int, *rest: Any) -> None:
        """Paho's `on_subscribe`."""
        self._unconfirmed.discard(mid)
        if not self._unconfirmed:
            self._confirmed.set()

    async def confirmed(self, seconds: float) -> None:
        """Return when all are. Raises `BrokerError` after `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                while self._unconfirmed:
                    await self._confirmed.wait()
        except TimeoutError as error:
            raise BrokerError("the broker does not acknowledge our subscriptions") from error


def _with_options(topics: Topics, speaks_5: bool) -> list[tuple[str, Any]]:
    """MQTT 5 lets us see that a live message was published as retained: as a command it would come
    again at every start."""
    if not speaks_5:
        return list(topics)
    return [(t, SubscribeOptions(qos=qos, retainAsPublished=True)) for t, qos in topics]
