"""When times of day and the sun come round: pure functions of the house's zone and place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache

from astral import Observer
from astral.sun import sunrise, sunset

from hub.automations.schema import WEEKDAYS, SunTrigger, TimeTrigger

LOOK_AHEAD_DAYS = 8
"""A weekly trigger comes round within these; in the polar night the sun does not."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the house is, in degrees, north and east positive."""

    latitude: float
    longitude: float


@lru_cache(maxsize=1024)
def sun_at(place: Place, day: date, event: str) -> datetime | None:
    """Sunrise or sunset of a day at a place, in UTC; None where the sun does not rise or set."""
    observer = Observer(place.latitude, place.longitude)
    compute = sunrise if event == "sunrise" else sunset
    try:
        return compute(observer, day, tzinfo=UTC)
    except ValueError:
        return None


def moments(
    trigger: TimeTrigger | SunTrigger, start: datetime, end: datetime, place: Place | None
) -> Iterator[datetime]:
    """When a trigger comes round in (start, end], in order. Both are aware, in the house's zone."""
    day = start.date() - timedelta(days=1)
    while day <= end.date() + timedelta(days=1):
        if _on(day, trigger.weekday):
            for moment in sorted(_of_day(trigger, day, start.tzinfo, place)):
                if start < moment <= end:
                    yield moment
        day += timedelta(days=1)


def next_moment(
    trigger: TimeTrigger | SunTrigger, start: datetime, place: Place | None
) -> datetime | None:
    """The first time after `start`."""
    end = start + timedelta(days=LOOK_AHEAD_DAYS)
    return next(moments(trigger, start, end, place), None)


def _of_day(
    trigger: TimeTrigger | SunTrigger, day: date, zone: tzinfo | None, place: Place | None
) -> list[datetime]:
    if isinstance(trigger, TimeTrigger):
        wanted = [datetime.combine(day, at, zone) for at in trigger.at]
        # A time that the clocks skip in spring comes when they have been put forward.
        return [moment.astimezone(UTC).astimezone(zone) for moment in wanted]
    sun = sun_at(place, day, trigger.event) if place is not None else None
    return [] if sun is None else [sun.astimezone(zone) + trigger.offset]


def _on(day: date, weekdays: Sequence[str]) -> bool:
    return not weekdays or WEEKDAYS[day.weekday()] in weekdays
