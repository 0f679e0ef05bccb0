"""A service call: the one form in which anything asks a device to do something.

`ServiceCall("light.kitchen", "light.turn_on", {"brightness_pct": 40})`. Services and their data
are Home Assistant's. `devices.behaviour` knows what a call does to a state; the conventions
(`devices.conventions`) know which MQTT messages carry it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from devices.home import EMPTY


@dataclass(frozen=True, slots=True)
class ServiceCall:
    """`service` is `domain.name`; `data` holds JSON values only and never `entity_id`."""

    entity_id: str
    service: str
    data: Mapping[str, Any] = field(default_factory=lambda: EMPTY)


@dataclass(frozen=True, slots=True)
class Publish:
    """One MQTT message to send."""

    topic: str
    payload: bytes
    qos: int = 0
    retain: bool = False
