"""The configuration's policy as the values that the road uses."""

from __future__ import annotations

from datetime import time

from devices.homefile import object_id
from hub.config import Settings
from hub.config_policy import RuleSection, hash_of
from hub.pin import PinHash
from hub.pin_guard import HOUSE
from hub.policy import Consent, Policy, Rule

_NEEDS = {"nothing": Consent.NONE, "yes": Consent.YES, "pin": Consent.PIN, "never": Consent.NEVER}
_DAYS = ("mo", "tu", "we", "th", "fr", "sa", "su")


def policy_of(settings: Settings) -> Policy:
    """The owner's policy. Without any PIN, nothing asks for one by default."""
    section = settings.policy
    marked = {i for i, override in settings.house.entities.items() if override.dangerous}
    return Policy(
        rules=tuple(_rule(rule) for rule in section.rules),
        confirm_entities=frozenset({*section.confirm, *marked}),
        safety_areas=frozenset(section.safety_areas),
        heat_limit_celsius=section.heat_limit_celsius,
        challenge_seconds=section.challenge_seconds,
        pin_for=frozenset(section.pin_for) if known_pins(settings) else frozenset(),
    )


def known_pins(settings: Settings) -> dict[str, PinHash]:
    """People to what is known of their PINs, and `HOUSE` to that of the house."""
    lines = {name: person.pin for name, person in settings.people.items()}
    lines[HOUSE] = settings.policy.pin
    return {name: known for name, line in lines.items() if (known := hash_of(line))}


def _rule(section: RuleSection) -> Rule:
    hours = None
    if section.hours:
        start, _, end = section.hours.partition("-")
        hours = (time.fromisoformat(start), time.fromisoformat(end))
    return Rule(
        _NEEDS[section.need],
        tuple(section.entities),
        frozenset(section.domains),
        tuple(section.services),
        frozenset(object_id(area) for area in section.areas),
        frozenset(section.sites),
        frozenset(section.people),
        hours,
        frozenset(_DAYS.index(day) for day in section.days),
    )
