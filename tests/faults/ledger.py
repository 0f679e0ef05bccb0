"""What was said, what was answered, and what the devices were told: who broke a promise?"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from hub.inbox import Message

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
    replies: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    told: Counter[tuple[str, Any]] = field(default_factory=Counter)
    dangerous: int = 0
    first: dict[str, str] = field(default_factory=dict)
    revived: int = 0

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

    def hear(self, message: Message) -> None:
        """Take down what came by; what a broker sends again (dup) only if it is new."""
        if message.topic == f"hearthd/reply/{self.site}":
            reply = json.loads(message.payload)
            if message.dup and self.replies[reply["id"]]:
                return
            first = self.first.setdefault(reply["id"], reply["status"])
            self.revived += (
                first == "refused" != reply["status"] and reply["id"] not in self.retried
            )
            self.replies[reply["id"]] += 1
            self.statuses[reply["status"]] += 1
        elif message.topic.endswith("/set"):
            if message.topic.startswith(("home/lock/", "home/cover/")):
                self.dangerous += 1
            told = message.topic, _brightness(message.payload)
            if told[1] is not None and not (message.dup and self.told[told]):
                self.told[told] += 1

    def unanswered(self) -> set[str]:
        """Ids that have no reply yet."""
        return {key for key in self.commands if not self.replies[key]}

    def audit(self) -> Audit:
        """Count broken promises."""
        wished = Counter(
            (f"home/{said['entity_id'].replace('.', '/')}/set", said["data"]["brightness"])
            for said in self.commands.values()
            if "data" in said
        )
        return Audit(
            commands=len(self.commands),
            lost=len(self.unanswered()),
            answered_twice=sum(
                count > 1 and key not in self.retried for key, count in self.replies.items()
            ),
            executed_twice=sum(
                max(0, count - wished[key]) for key, count in self.told.items() if key in wished
            ),
            unconfirmed=self.dangerous,
            revived=self.revived,
            statuses=dict(self.statuses),
        )


def _brightness(payload: bytes) -> Any:
    try:
        said = json.loads(payload)
    except ValueError:
        return None
    return said.get("brightness") if isinstance(said, dict) else None


@dataclass(frozen=True, slots=True)
class Audit:
    """How promises were kept; all numbers but `commands` should be 0. `revived`: refused, and after
    a restart carried out all the same."""

    commands: int
    lost: int
    answered_twice: int
    executed_twice: int
    unconfirmed: int
    revived: int
    statuses: dict[str, int]

    @property
    def broken(self) -> int:
        """Promises that were not kept."""
        again = self.answered_twice + self.executed_twice
        return self.lost + again + self.unconfirmed + self.revived
