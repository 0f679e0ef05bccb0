"""What was said, what was answered, and what the devices were told: who broke a promise?"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from hub.mqtt import Message

LIGHTS = ("light.one", "light.two", "light.three", "light.four", "light.five", "light.six")
HOME: dict[str, Any] = {
    "areas": [{"name": "Hall"}],
    "entities": [
        *({"id": light, "name": light[6:].title(), "area": "Hall", "state": "off",
           "attributes": {"supported_color_modes": ["brightness"], "brightness": 255}}
          for light in LIGHTS),
        {"id": "light.reading_lamp", "name": "Reading Lamp", "area": "Hall", "state": "off",
         "attributes": {"supported_color_modes": ["brightness"], "brightness": 255}},
        {"id": "lock.front_door", "name": "Front Door", "area": "Hall", "state": "locked"},
        {"id": "cover.garage", "name": "Garage", "device_class": "garage", "state": "closed",
         "attributes": {"current_position": 0}},
    ],
}  # fmt: skip


@dataclass(slots=True)
class Ledger:
    """The books of one fault. Every command to a light has a brightness of its own."""

    site: str
    commands: dict[str, dict[str, Any]] = field(default_factory=dict)
    retried: set[str] = field(default_factory=set)

    def next_command(self, dangerous_allowed: bool = True) -> dict[str, Any]:
        """Most of them harmless service calls, some sentences, some dangerous."""
        number = len(self.commands)
        key = f"{self.site}-{number}"
        said: dict[str, Any] = {"id": key}
        if dangerous_allowed and number % 9 == 4:
            said |= {"service": "lock.unlock", "entity_id": "lock.front_door"}
        elif dangerous_allowed and number % 9 == 8:
            said |= {"text": "open the garage"}
        elif number % 9 == 2:
            said |= {"text": f"set the reading lamp to {1 + number // 9 % 100} percent"}
        else:
            light = LIGHTS[number % len(LIGHTS)]
            data = {"brightness": 1 + number // len(LIGHTS) % 255}
            said |= {"service": "light.turn_on", "entity_id": light, "data": data}
        self.commands[key] = said
        return said

    def audit(self, heard: Iterable[Message]) -> Audit:
        """Count broken promises."""
        replies: Counter[str] = Counter()
        told: Counter[tuple[str, Any]] = Counter()
        dangerous = 0
        statuses: Counter[str] = Counter()
        for message in heard:
            if message.topic == f"hearthd/reply/{self.site}":
                reply = json.loads(message.payload)
                if not message.dup:
                    replies[reply["id"]] += 1
                    statuses[reply["status"]] += 1
            elif message.topic.endswith("/set") and not message.dup:
                dangerous += message.topic.startswith(("home/lock/", "home/cover/"))
                with_value = _brightness(message.payload)
                if with_value is not None:
                    told[message.topic, with_value] += 1
        wished = Counter(
            (f"home/{said['entity_id'].replace('.', '/')}/set", said["data"]["brightness"])
            for said in self.commands.values()
            if "data" in said
        )
        return Audit(
            commands=len(self.commands),
            lost=sum(key not in replies for key in self.commands),
            answered_twice=sum(
                count > 1 and key not in self.retried for key, count in replies.items()
            ),
            executed_twice=sum(
                max(0, count - wished[key]) for key, count in told.items() if key in wished
            ),
            unconfirmed=dangerous,
            statuses=dict(statuses),
        )


def _brightness(payload: bytes) -> Any:
    try:
        said = json.loads(payload)
    except ValueError:
        return None
    return said.get("brightness") if isinstance(said, dict) else None


@dataclass(frozen=True, slots=True)
class Audit:
    """How promises were kept; all numbers but `commands` should be 0."""

    commands: int
    lost: int
    answered_twice: int
    executed_twice: int
    unconfirmed: int
    statuses: dict[str, int]

    @property
    def broken(self) -> int:
        """Promises that were not kept."""
        return self.lost + self.answered_twice + self.executed_twice + self.unconfirmed
