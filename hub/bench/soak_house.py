"""The house of the soak: 300 devices in 25 rooms, what is said to them, and the books about it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from hub.inbox import Message

AREAS = (
    "Kitchen", "Living Room", "Dining Room", "Hallway", "Garage", "Laundry", "Garden", "Bathroom",
    "Bedroom", "Nursery", "Office", "Landing", "Attic", "Cellar", "Workshop", "Library", "Gym",
    "Guest Room", "Conservatory", "Pantry", "Porch", "Terrace", "Studio", "Playroom", "Shed",
)  # fmt: skip
LAMPS = ("Ceiling Light", "Wall Light", "Floor Lamp", "Table Lamp")
SPOKEN_LAMP = "Reading Lamp"
"""Only sentences talk to it: brightness in percent would be mixed up with that of service calls."""
SENSORS = (
    ("temperature", "Temperature", "°C"),
    ("humidity", "Humidity", "%"),
    ("illuminance", "Brightness Sensor", "lx"),
)
LOCK = "lock.front_door"


def home() -> dict[str, Any]:
    """300 entities, each a device: lamps, switches, blinds, sensors, motion, and a front door."""
    entities: list[dict[str, Any]] = []
    for area in AREAS:
        for lamp in (*LAMPS, SPOKEN_LAMP):
            attributes = {"supported_color_modes": ["brightness"], "brightness": 255}
            entities.append(_entity("light", area, lamp, state="off", attributes=attributes))
        entities.append(_entity("switch", area, "Heater Fan", state="off"))
        entities.append(_entity("cover", area, "Blind", state="closed", device_class="blind"))
        for kind, name, unit in SENSORS:
            attributes = {"unit_of_measurement": unit}
            entities.append(
                _entity("sensor", area, name, "20", device_class=kind, attributes=attributes)
            )
        for number in (1, 2):
            entities.append(
                _entity("binary_sensor", area, f"Motion {number}", "off", device_class="motion")
            )
    entities.pop()  # the door is the 300th
    door = {"id": LOCK, "name": "Front Door", "area": "Hallway", "state": "locked"}
    return {"areas": [{"name": area} for area in AREAS], "entities": [*entities, door]}


def _entity(domain: str, area: str, name: str, state: str, **more: Any) -> dict[str, Any]:
    key = f"{area} {name}".lower().replace(" ", "_")
    return {"id": f"{domain}.{key}", "name": name, "area": area, "state": state, **more}


def states() -> Iterator[tuple[str, str, bytes]]:
    """For ever: which device says what, as its entity, topic and payload. One in five is motion,
    which is written down at each change; the others measure."""
    found = home()["entities"]
    motion = [e["id"] for e in found if e["id"].startswith("binary_sensor.")]
    measured = [e["id"] for e in found if e["id"].startswith("sensor.")]
    number = 0
    while True:
        turn, place = divmod(number, 5)
        if place == 4:
            entity, state = motion[turn % len(motion)], ("on", "off")[turn // len(motion) % 2]
        else:
            step = turn * 4 + place
            entity, state = measured[step % len(measured)], str(step // len(measured) % 40)
        topic = f"home/{entity.replace('.', '/')}/state"
        yield entity, topic, json.dumps({"state": state}).encode()
        number += 1


@dataclass(slots=True)
class Books:
    """Every command said, every reply, every message to a lamp that a service call asked for."""

    said: dict[str, dict[str, Any]] = field(default_factory=dict)
    repeated: set[str] = field(default_factory=set)
    replies: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    wrong: list[dict[str, Any]] = field(default_factory=list)
    told: Counter[tuple[str, int]] = field(default_factory=Counter)
    dangerous: int = 0
    shaken: tuple[int, int] = (0, 0)
    """The numbers of what was said while the broker was away and devices came back: there an honest
    "it is unavailable" is as good as the deed."""

    def next_command(self) -> dict[str, Any]:
        """Half of them service calls, each with a brightness that lamp is asked for only once;
        the others sentences: wishes, a question, and one for the door, which needs a yes."""
        number = len(self.said)
        turn, place = divmod(number, 8)
        area = AREAS[turn % len(AREAS)]
        said: dict[str, Any] = {"id": f"soak-{number}"}
        if place % 2 == 0:
            call = turn * 4 + place // 2
            lamp = f"{AREAS[call % 25]} {LAMPS[call // 25 % 4]}".lower().replace(" ", "_")
            data = {"brightness": 1 + call // 100 % 255}
            said |= {"service": "light.turn_on", "entity_id": f"light.{lamp}", "data": data}
        else:
            percent = 1 + turn // len(AREAS) % 100
            said["text"] = (
                f"set the reading lamp in the {area.lower()} to {percent} percent",
                f"what is the temperature in the {area.lower()}",
                f"turn {('on', 'off')[turn // 25 % 2]} the heater fan in the {area.lower()}",
                "unlock the front door",
            )[place // 2]
        self.said[said["id"]] = said
        return said

    def hear(self, message: Message) -> None:
        """Take down what came by; what the broker sends again (dup) only if it is new."""
        if message.topic.startswith("hearthd/reply/"):
            reply = json.loads(message.payload)
            if message.dup and self.replies[reply["id"]]:
                return
            self.replies[reply["id"]] += 1
            self.statuses[reply["status"]] += 1
            if reply["status"] not in self._expected(reply["id"]):
                self.wrong.append({"said": self.said.get(reply["id"]), "reply": reply})
        elif message.topic.startswith(f"home/{LOCK.replace('.', '/')}/"):
            self.dangerous += 1
        elif message.topic.startswith("home/light/") and "reading_lamp" not in message.topic:
            told = message.topic, int(json.loads(message.payload).get("brightness", 0))
            if not (message.dup and self.told[told]):
                self.told[told] += 1

    def _expected(self, key: str) -> tuple[str, ...]:
        if self._shaken(key):
            return ("confirm", "answered", "done", "failed")
        text = str(self.said.get(key, {}).get("text", ""))
        if text.startswith("unlock"):
            return ("confirm",)
        return ("answered",) if text.startswith("what") else ("done",)

    def _shaken(self, key: str) -> bool:
        first, last = self.shaken
        return first <= int(key.partition("-")[2]) < last

    def unanswered(self) -> list[str]:
        """Ids that have no reply yet."""
        return [key for key in self.said if not self.replies[key]]

    def counts(self) -> dict[str, int]:
        """The promises in numbers. A repeated command may be answered again."""
        wanted = {
            (f"home/{said['entity_id'].replace('.', '/')}/set", said["data"]["brightness"]): key
            for key, said in self.said.items()
            if "data" in said
        }
        return {
            "commands": len(self.said),
            "lost": len(self.unanswered()),
            "answered twice": sum(
                count > 1 and key not in self.repeated for key, count in self.replies.items()
            ),
            "executed twice": sum(count > 1 for count in self.told.values()),
            "not executed": sum(
                not self.told[told] and not self._shaken(key) for told, key in wanted.items()
            ),
            "dangerous unconfirmed": self.dangerous,
            "repeated by the client": len(self.repeated),
            "answered otherwise": len(self.wrong),
        }
