"""Which of the owner's rules fits a call: a pure function of the call, the home and who asks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time
from fnmatch import fnmatchcase

from devices.home import Home
from devices.services import ServiceCall
from hub.policy import Consent, Rule, Source


def ruled(call: ServiceCall, home: Home, source: Source, rules: Iterable[Rule]) -> Consent | None:
    """What the first rule that fits asks for; None where none fits."""
    return next((rule.need for rule in rules if fits(rule, call, home, source)), None)


def fits(rule: Rule, call: ServiceCall, home: Home, source: Source) -> bool:
    """Whether a rule speaks of this call, from this source, at this time."""
    entity = home.entities.get(call.entity_id)
    domain = call.entity_id.partition(".")[0]
    return (
        _any_of(rule.entities, call.entity_id)
        and _any_of(rule.services, call.service)
        and (not rule.domains or domain in rule.domains)
        and (not rule.areas or (entity is not None and entity.area in rule.areas))
        and (not rule.sites or source.site in rule.sites)
        and (not rule.people or source.person in rule.people)
        and _at(rule, source.now)
    )


def _any_of(patterns: tuple[str, ...], value: str) -> bool:
    return not patterns or any(fnmatchcase(value, pattern) for pattern in patterns)


def _at(rule: Rule, now: datetime | None) -> bool:
    """A rule for certain hours or days does not fit where nobody knows the time."""
    if not rule.days and rule.hours is None:
        return True
    if now is None or (rule.days and now.weekday() not in rule.days):
        return False
    return rule.hours is None or _between(now.time(), *rule.hours)


def _between(moment: time, start: time, end: time) -> bool:
    if start <= end:
        return start <= moment < end
    return moment >= start or moment < end
