"""States as people say them, and whether a thing is in the state that was asked for."""

from __future__ import annotations

from collections.abc import Mapping

from devices.home import Entity
from edge.tasks.understanding_schema import NONE
from hub.languages import Lexicon

_STATE_KINDS: Mapping[str, tuple[str, ...]] = {
    "lock": ("lock_state", "state"),
    "cover": ("cover_state", "opening_state", "state"),
    "person": ("state",),
    "binary_sensor": ("occupancy_state", "opening_state", "on_off", "state"),
    NONE: ("on_off", "cover_state", "lock_state", "occupancy_state", "opening_state", "state"),
}
"""In which lists a state is looked up, by the domain that is asked about."""
_OPENING = {"on": "open", "off": "closed"}
BINARY = {"open": "on", "closed": "off", "locked": "off", "unlocked": "on", "low": "on"}


_ACTIVE: Mapping[str, frozenset[str]] = {
    "climate": frozenset({"heat", "cool", "auto", "heat_cool", "dry", "fan_only"}),
    "media_player": frozenset({"on", "playing", "paused", "idle", "buffering"}),
    "vacuum": frozenset({"cleaning", "returning"}),
    "lock": frozenset({"locked"}),
    "cover": frozenset({"open", "opening"}),
    "humidifier": frozenset({"on"}),
    "water_heater": frozenset("on eco electric gas heat_pump high_demand performance".split()),
    "alarm_control_panel": frozenset(
        "armed_home armed_away armed_night armed_vacation armed_custom_bypass".split()
    ),
}
"""What "on" (or "armed", "running") means where the states have other names."""


def state_said(said: str, domain: str, words: Lexicon) -> str | None:
    """The state, as Home Assistant names it, that plain text says of things of a domain; None if
    it is no word for a state (a zone, the state of a sensor of one's own)."""
    kinds = _STATE_KINDS.get(domain, _STATE_KINDS[NONE])
    for look_up in (words.which, words.find):
        for kind in (*kinds, *_STATE_KINDS[NONE]):
            found = look_up(kind, said)
            if found is not None:
                opening = kind == "opening_state" and domain != "binary_sensor"
                return _OPENING[str(found)] if opening else str(found)
    return None


def matches(entity: Entity, state: str | None, asked: str) -> bool:
    """Whether an entity's state is what was asked for."""
    if state is None:
        return False
    if entity.domain == "binary_sensor":
        return state == BINARY.get(asked, asked)
    if entity.domain == "cover" and asked in ("on", "off"):
        asked = {"on": "open", "off": "closed"}[asked]
    active = _ACTIVE.get(entity.domain)
    if asked in ("on", "armed") and active:
        return state in active
    if asked in ("off", "disarmed") and active and entity.domain != "lock":
        return state not in active
    if asked == "heating":
        return state in ("heat", "heating")
    return state == asked
