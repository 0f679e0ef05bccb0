"""The configuration's sections about who may do what: policy, rules, people, vendors."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from hub.pin import PinError, PinHash, read_hash
from hub.policy import Danger

Login = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
TopicFilter = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\s\x00-\x1f]+$")]
Day = Literal["mo", "tu", "we", "th", "fr", "sa", "su"]
HashLine = Annotated[str | None, Field(repr=False)]


class Section(BaseModel):
    """A table of the configuration."""

    model_config = ConfigDict(extra="forbid", strict=False, frozen=True)


def _hashed(value: str | None) -> str | None:
    if value is not None:
        try:
            read_hash(value)
        except PinError as error:
            raise ValueError(str(error)) from error
    return value


class RuleSection(Section):
    """One rule: what fits everything that it names needs this, whatever else holds."""

    need: Literal["nothing", "yes", "pin", "never"]
    entities: list[str] = []
    domains: list[str] = []
    services: list[str] = []
    areas: list[str] = []
    sites: list[str] = []
    people: list[str] = []
    hours: Annotated[str | None, Field(pattern=r"^\d\d:\d\d-\d\d:\d\d$")] = None
    days: list[Day] = []

    @field_validator("hours")
    @classmethod
    def _real_hours(cls, value: str | None) -> str | None:
        if value is not None:
            for part in value.split("-"):
                try:
                    time.fromisoformat(part)
                except ValueError as error:
                    raise ValueError("is not a span of hours such as 22:00-06:00") from error
        return value


class PolicySection(Section):
    """What needs a confirmation or a PIN, and how much a site may say."""

    confirm: list[str] = []
    safety_areas: list[str] = ["nursery", "baby", "kid", "child", "children"]
    heat_limit_celsius: Annotated[float, Field(ge=10, le=40, allow_inf_nan=False)] = 26.0
    challenge_seconds: Annotated[int, Field(ge=5, le=600)] = 60
    command_seconds: Annotated[int, Field(ge=1, le=3600)] = 30
    pin: HashLine = None
    pin_for: list[Danger] = [Danger.UNLOCK, Danger.OPEN, Danger.DISARM]
    pin_tries: Annotated[int, Field(ge=1, le=20)] = 5
    pin_lock_seconds: Annotated[int, Field(ge=10, le=86400)] = 300
    commands_per_second: Annotated[float, Field(ge=1, le=10000, allow_inf_nan=False)] = 100.0
    commands_burst: Annotated[int, Field(ge=1, le=10000)] = 500
    rules: list[RuleSection] = []

    _pin_is_hashed = field_validator("pin")(_hashed)


class Person(Section):
    """Somebody who lives here."""

    pin: HashLine = None

    _pin_is_hashed = field_validator("pin")(_hashed)


class Vendor(Section):
    """A login of the broker that devices use, and what it may say."""

    topics: list[TopicFilter] = []
    discovery: list[TopicFilter] = ["homeassistant/#"]


def hash_of(line: str | None) -> PinHash | None:
    """What is known of a PIN, if one is set."""
    return read_hash(line) if line else None
