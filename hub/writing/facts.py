"""What a text may say: facts, each a true sentence about one thing, with where it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from devices.home import Entity, EntityState


class Kind(StrEnum):
    """What sort of fact it is."""

    STATE = "state"  # how something is now
    MEASURED = "measured"  # a number that is measured or set
    HAPPENED = "happened"  # what came about, from the history
    FAILED = "failed"  # what was tried and did not work, from the journal
    WEATHER = "weather"
    EVENT = "event"  # from a calendar
    ITEM = "item"  # of a list
    SUPPORT = "support"  # a device that somebody is being helped with
    SAID = "said"  # the writer's own words, to be passed on as they are


@dataclass(frozen=True, slots=True)
class Fact:
    """`text` is the whole sentence without its full stop. `state` is set where it is only
    "subject is state", so that several can share a sentence. `weight` orders: 3 must not be missed
    (an open window, a failed command), 0 is for the long version."""

    kind: Kind
    subject: str
    text: str
    source: str
    state: str | None = None
    at: datetime | None = None
    weight: int = 1

    def as_json(self) -> dict[str, Any]:
        """For replies and for the note that was written of it."""
        found: dict[str, Any] = {
            "kind": str(self.kind), "subject": self.subject, "text": self.text,
            "source": self.source, "weight": self.weight,
        }  # fmt: skip
        if self.state is not None:
            found["state"] = self.state
        if self.at is not None:
            found["at"] = self.at.isoformat()
        return found


def fact_from_json(raw: Mapping[str, Any]) -> Fact:
    """The reverse. Raises `ValueError` or `KeyError`."""
    at = datetime.fromisoformat(raw["at"]) if raw.get("at") else None
    return Fact(
        Kind(raw["kind"]), raw["subject"], raw["text"], raw["source"], raw.get("state"), at,
        int(raw["weight"]),
    )  # fmt: skip


_OPEN = {"on": "open", "off": "closed"}
_BINARY: Mapping[str, Mapping[str, str]] = {
    "window": _OPEN, "door": _OPEN, "garage_door": _OPEN, "opening": _OPEN,
    "lock": {"on": "unlocked", "off": "locked"},
    "motion": {"on": "active", "off": "quiet"}, "occupancy": {"on": "occupied", "off": "empty"},
    "presence": {"on": "occupied", "off": "empty"},
    "moisture": {"on": "wet", "off": "dry"}, "smoke": {"on": "alarming", "off": "quiet"},
    "gas": {"on": "alarming", "off": "quiet"},
    "carbon_monoxide": {"on": "alarming", "off": "quiet"},
    "battery": {"on": "low", "off": "fine"}, "problem": {"on": "faulty", "off": "fine"},
    "connectivity": {"on": "connected", "off": "disconnected"},
    "plug": {"on": "plugged in", "off": "unplugged"},
}  # fmt: skip
"""Home Assistant's device classes of binary sensors, and what on and off mean for them."""
_DOMAINS: Mapping[str, Mapping[str, str]] = {
    "person": {"home": "at home", "not_home": "away"},
    "device_tracker": {"home": "at home", "not_home": "away"},
    "climate": {"heat": "heating", "cool": "cooling", "heat_cool": "on automatic",
                "auto": "on automatic", "dry": "drying", "fan_only": "ventilating"},
    "water_heater": {"eco": "in eco mode"},
    "alarm_control_panel": {"armed_home": "armed for home", "armed_away": "armed for away",
                            "armed_night": "armed for the night", "triggered": "alarming"},
    "lawn_mower": {"returning": "returning"}, "vacuum": {"returning": "returning"},
    "media_player": {"idle": "idle", "playing": "playing", "paused": "paused"},
}  # fmt: skip
_SIMPLE = frozenset(
    "on off open closed opening closing locked unlocked locking unlocking jammed docked cleaning "
    "mowing returning paused idle playing disarmed error standby alarming".split()
)
STATE_WORDS = frozenset(
    _SIMPLE
    | {word for table in (*_BINARY.values(), *_DOMAINS.values()) for word in table.values()}
    | {"not answering", "sunny", "cloudy", "partly cloudy", "rainy", "snowy", "windy", "foggy",
       "clear", "pouring", "stormy", "switched on", "switched off", "turned on", "turned off",
       "opened", "armed", "broken", "running", "started", "stopped", "finished", "arrived", "left",
       "activated", "deactivated", "shut", "ajar", "warm", "cold", "hot", "offline", "online"}
)  # fmt: skip
"""Everything that reads as a state, whoever writes it: each must be borne out by a fact."""
WEATHER = {
    "clear-night": "clear", "partlycloudy": "partly cloudy", "lightning": "stormy",
    "lightning-rainy": "stormy", "snowy-rainy": "snowy", "windy-variant": "windy", "fog": "foggy",
}  # fmt: skip
_PROPER = frozenset({"vacuum", "lawn_mower", "person", "device_tracker", "calendar", "scene"})


def state_word(entity: Entity, state: EntityState) -> str | None:
    """How an entity is, in a word; None for what has no word (numbers, free text, unknown)."""
    if not state.available:
        return "not answering"
    return word_of(entity, state.state)


def word_of(entity: Entity, state: str | None) -> str | None:
    """The word of a state as the history keeps it."""
    if state is None:
        return None
    if state == "unavailable":
        return "not answering"
    table = _DOMAINS.get(entity.domain, {})
    if entity.domain == "binary_sensor":
        table = _BINARY.get(entity.device_class or "", {})
    return table.get(state, state if state in _SIMPLE else None)


def called(entity: Entity) -> str:
    """An entity as it is spoken of: "the Kitchen Window", but "Rosie"."""
    name = entity.name
    if name.lower().startswith("the ") or (entity.domain in _PROPER and not name.isupper()):
        return name
    return f"the {name}"


def be(entity: Entity) -> str:
    """ "is", or "are" for what has a plural name: "the Counter Lights are on"."""
    several = entity.name.endswith("s") and not entity.name.endswith(("ss", "us", "is"))
    return "are" if several and entity.domain not in _PROPER else "is"


def notable(entity: Entity, word: str) -> int:
    """How much it matters: what stands open, is unlocked, alarms or does not answer first."""
    if word in ("alarming", "wet", "not answering", "jammed", "faulty", "error"):
        return 3
    guards = entity.domain in ("lock", "alarm_control_panel", "cover", "valve", "binary_sensor")
    if guards and word in ("open", "unlocked", "opening", "low"):
        return 3
    if entity.domain in ("lock", "alarm_control_panel", "person") or word == "on":
        return 2
    return 0 if word in ("off", "closed", "quiet", "fine", "dry", "empty", "idle") else 1
