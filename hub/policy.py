"""The owner's rules, as values: what counts as dangerous, who asks, and what a wish needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from enum import IntEnum, StrEnum


class Danger(StrEnum):
    """What kind of harm a call can do."""

    UNLOCK = "unlock"
    OPEN = "open"
    DISARM = "disarm"
    HEAT = "heat"
    MARKED = "marked"  # by the owner
    OTHER = "other"  # a siren, an oven, what nobody knows


class Consent(IntEnum):
    """What a person has said to a danger, and what it needs. A PIN counts as a yes."""

    NONE = 0
    YES = 1
    PIN = 2
    NEVER = 3  # only ever needed: nobody can give it


@dataclass(frozen=True, slots=True)
class Source:
    """Who asks, where and when. `person` is set only for somebody whose own PIN was right: a name
    that a sender merely claims gives nothing."""

    site: str = ""
    person: str | None = None
    now: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """What fits everything that a rule names needs `need`. An empty field fits all; patterns are
    shell wildcards (`lock.*`). `hours` may span midnight; `days` count from Monday, 0."""

    need: Consent
    entities: tuple[str, ...] = ()
    domains: frozenset[str] = frozenset()
    services: tuple[str, ...] = ()
    areas: frozenset[str] = frozenset()
    sites: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    hours: tuple[time, time] | None = None
    days: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Policy:
    """The owner's rules. The first of `rules` that fits decides about a call; without one the
    built-in dangers do. `confirm_entities` are dangerous whatever they claim to be; `safety_areas`
    are areas where motorised covers and windows count as dangerous; `pin_for` are the dangers to
    which a yes is not enough (empty where no PIN is set)."""

    permissive: bool = False
    rules: tuple[Rule, ...] = ()
    confirm_entities: frozenset[str] = frozenset()
    safety_areas: frozenset[str] = frozenset({"nursery", "baby", "kid", "child", "children"})
    heat_limit_celsius: float = 26.0
    challenge_seconds: int = 60
    pin_for: frozenset[Danger] = frozenset()
