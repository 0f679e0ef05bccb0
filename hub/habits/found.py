"""What can be found in a history, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any


class Kind(StrEnum):
    """What was found."""

    TIME = "time"  # done at about the same time
    AFTER = "after"  # done after something else
    TOGETHER = "together"  # done together
    WASTE = "waste"  # left on while nobody is there


@dataclass(frozen=True, slots=True)
class Thing:
    """What the miner knows of an entity: enough to tell what can be done with it and where."""

    id: str
    name: str
    domain: str
    device_class: str | None = None
    area: str | None = None
    area_name: str | None = None


@dataclass(frozen=True, slots=True)
class Deed:
    """An entity brought into a state; `value` is its brightness, position or goal."""

    entity_id: str
    state: str
    value: float | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """One finding. `support` of `of` occasions; `confidence` is their share.

    `minute` is the minute of the day (TIME), or from `sun` if that is sunrise or sunset; `days` are
    weekdays from Monday, 0. `after` is what comes first, `seconds` the usual time until the deed.
    `dark` restricts to night or day, where given. `sensors` say whether somebody is there (WASTE),
    `hours` is how much is wasted in a week.
    """

    kind: Kind
    deeds: tuple[Deed, ...]
    support: int
    of: int
    confidence: float
    minute: int = 0
    sun: str | None = None
    days: tuple[int, ...] = tuple(range(7))
    after: Deed | None = None
    seconds: int = 0
    dark: bool | None = None
    sensors: tuple[str, ...] = ()
    hours: float = 0.0

    @property
    def id(self) -> str:
        """The same for the same habit, even when its time drifts or it is kept less often."""
        deeds = sorted((d.entity_id, d.state) for d in self.deeds)
        about = self.after and (self.after.entity_id, self.after.state)
        when = (self.minute // 240, self.sun) if self.kind is Kind.TIME else None
        text = repr((str(self.kind), deeds, about, when))
        return sha256(text.encode()).hexdigest()[:10]


def as_json(found: Found) -> dict[str, Any]:
    """For the child process and the journal."""
    return asdict(found)


def from_json(raw: Mapping[str, Any]) -> Found:
    """The reverse."""
    after = raw["after"]
    return Found(
        **{
            **raw,
            "kind": Kind(raw["kind"]),
            "deeds": tuple(Deed(**deed) for deed in raw["deeds"]),
            "days": tuple(raw["days"]),
            "sensors": tuple(raw["sensors"]),
            "after": Deed(**after) if after else None,
        }
    )
