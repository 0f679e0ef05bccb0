"""A finding as a suggestion: a sentence with its evidence, and the automation it would become."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hub.automations.schema import WEEKDAYS
from hub.habits.found import Deed, Found, Kind, Thing
from hub.habits.observed import HABIT_DAYS
from hub.habits.waste import EMPTY_AFTER

Json = dict[str, Any]

_SERVICES: Mapping[tuple[str, str], tuple[str, str]] = {
    ("cover", "open"): ("open_cover", "open"),
    ("cover", "closed"): ("close_cover", "close"),
    ("lock", "locked"): ("lock", "lock"),
    ("vacuum", "cleaning"): ("start", "start"),
    ("media_player", "playing"): ("media_play", "start"),
    ("media_player", "paused"): ("media_pause", "pause"),
}
"""What brings a domain into a state, and how people call that; the rest is turned on or off."""
_SENSED: Mapping[tuple[str, str], str] = {
    ("door", "on"): "is opened", ("door", "off"): "is closed",
    ("garage_door", "on"): "is opened", ("garage_door", "off"): "is closed",
    ("opening", "on"): "is opened", ("opening", "off"): "is closed",
    ("window", "on"): "is opened", ("window", "off"): "is closed",
    ("motion", "on"): "notices somebody", ("motion", "off"): "notices nobody any more",
    ("occupancy", "on"): "notices somebody", ("occupancy", "off"): "notices nobody any more",
    ("presence", "on"): "notices somebody", ("presence", "off"): "notices nobody any more",
}  # fmt: skip
_DAYS: Mapping[tuple[int, ...], str] = {
    tuple(range(7)): "every day", (0, 1, 2, 3, 4): "on weekdays", (5, 6): "at weekends",
}  # fmt: skip
_NAMES = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")


def sentence(found: Found, things: Mapping[str, Thing]) -> str:
    """What was found and what is offered, in one breath; every number in it is the evidence."""
    does = _listed([_does(deed, things) for deed in found.deeds])
    seen = f"{found.support} of {found.of} times"
    if found.kind is Kind.TIME:
        days = _DAYS.get(found.days) or "on " + _listed([_NAMES[day] for day in found.days])
        when = f"{_when(found)} {days}"
        return f"You {does} {when} ({seen}). Shall I do that from now on?"
    if found.kind is Kind.AFTER:
        assert found.after is not None
        dark = {True: " in the dark", False: " by day", None: ""}[found.dark]
        first = _happens(found.after, things)
        return f"When {first}{dark}, you {does} ({seen}). Shall I do that from now on?"
    if found.kind is Kind.TOGETHER:
        rest = _listed([_does(deed, things) for deed in found.deeds[1:]])
        first = _does(found.deeds[0], things)
        return f"When you {first}, you also {rest} ({seen}). Shall I do the rest from now on?"
    thing = things[found.deeds[0].entity_id]
    where = "nobody is home" if _about_people(found) else f"nobody is in the {thing.area_name}"
    minutes = f" after {EMPTY_AFTER // 60} minutes" if not _about_people(found) else ""
    return (
        f"{thing.name} stays on while {where}: {found.support} times in the last {HABIT_DAYS} days,"
        f" {found.hours:g} hours a week. Shall I turn it off then{minutes}?"
    )


def title(found: Found, things: Mapping[str, Thing]) -> str:
    """A short name for the automation."""
    does = _listed([_does(deed, things) for deed in found.deeds])
    does = does[:1].upper() + does[1:]
    if found.kind is Kind.TIME:
        return f"{does} {_when(found)}"[:200]
    if found.kind is Kind.WASTE:
        return f"Turn off {things[found.deeds[0].entity_id].name} when nobody is there"[:200]
    assert found.after is not None
    return f"{does} when {_happens(found.after, things)}"[:200]


def automation(found: Found, things: Mapping[str, Thing]) -> Json:
    """The finding as an entry of the automations file."""
    deeds = found.deeds[1:] if found.kind is Kind.TOGETHER else found.deeds
    entry: Json = {
        "id": f"habit_{found.id}",
        "alias": title(found, things),
        "triggers": _triggers(found),
    }
    if conditions := _conditions(found):
        entry["conditions"] = conditions
    return {**entry, "actions": [_action(deed) for deed in deeds]}


def _triggers(found: Found) -> list[Json]:
    weekdays = [WEEKDAYS[day] for day in found.days]
    only = {"weekday": weekdays} if len(weekdays) < 7 else {}
    if found.kind is Kind.TIME and found.sun is not None:
        offset = {"offset": _span(found.minute)} if found.minute else {}
        return [{"trigger": "sun", "event": found.sun, **offset, **only}]
    if found.kind is Kind.TIME:
        at = f"{found.minute // 60 % 24:02}:{found.minute % 60:02}"
        return [{"trigger": "time", "at": at, **only}]
    if found.kind is Kind.WASTE:
        to, stays = ("not_home", 5) if _about_people(found) else ("off", EMPTY_AFTER // 60)
        return [
            {"trigger": "state", "entity_id": one, "to": to, "for": f"00:{stays:02}:00"}
            for one in found.sensors
        ]
    assert found.after is not None
    return [{"trigger": "state", "entity_id": found.after.entity_id, "to": found.after.state}]


def _conditions(found: Found) -> list[Json]:
    if found.dark is not None:
        after, before = ("sunset", "sunrise") if found.dark else ("sunrise", "sunset")
        return [{"condition": "sun", "after": after, "before": before}]
    if found.kind is not Kind.WASTE:
        return []
    nobody = "not_home" if _about_people(found) else "off"
    empty = {"condition": "state", "entity_id": list(found.sensors), "state": nobody}
    thing = found.deeds[0].entity_id
    is_off = {"condition": "state", "entity_id": thing, "state": "off"}
    return [empty, {"condition": "not", "conditions": [is_off]}]


def _about_people(found: Found) -> bool:
    return any(one.startswith("person.") for one in found.sensors)


def _action(deed: Deed) -> Json:
    service, data = _service(deed)
    action: Json = {"action": service, "target": {"entity_id": deed.entity_id}}
    return {**action, "data": data} if data else action


def _service(deed: Deed) -> tuple[str, Json]:
    domain = deed.entity_id.partition(".")[0]
    if domain == "climate":
        if deed.state == "off":
            return "climate.turn_off", {}
        if deed.value is None:
            return "climate.set_hvac_mode", {"hvac_mode": deed.state}
        return "climate.set_temperature", {"temperature": deed.value}
    if domain == "cover" and deed.state == "open" and deed.value is not None and deed.value < 95:
        return "cover.set_cover_position", {"position": round(deed.value)}
    known = _SERVICES.get((domain, deed.state))
    if known is not None:
        return f"{domain}.{known[0]}", {}
    if domain == "light" and deed.state == "on" and deed.value is not None:
        return "light.turn_on", {"brightness": round(deed.value)}
    return f"{domain}.turn_{'off' if deed.state == 'off' else 'on'}", {}


def _does(deed: Deed, things: Mapping[str, Thing]) -> str:
    name = things[deed.entity_id].name
    domain = deed.entity_id.partition(".")[0]
    if domain == "climate" and deed.state != "off" and deed.value is not None:
        return f"set {name} to {deed.value:g} degrees"
    known = _SERVICES.get((domain, deed.state))
    if known is not None:
        return f"{known[1]} {name}"
    return f"turn {'off' if deed.state == 'off' else 'on'} {name}"


def _happens(first: Deed, things: Mapping[str, Thing]) -> str:
    thing = things[first.entity_id]
    if thing.domain in ("person", "device_tracker"):
        return f"{thing.name} {'comes home' if first.state == 'home' else 'leaves'}"
    if thing.domain == "binary_sensor":
        said = _SENSED.get((thing.device_class or "", first.state))
        return f"{thing.name} {said or 'is ' + first.state}"
    if thing.domain in ("alarm_control_panel", "sun"):
        return f"{thing.name} is {first.state.replace('_', ' ')}"
    return f"you {_does(first, things)}"


def _when(found: Found) -> str:
    if found.sun is None:
        return f"at about {found.minute // 60 % 24}:{found.minute % 60:02}"
    if abs(found.minute) < 5:
        return f"at {found.sun}"
    return f"{abs(found.minute)} minutes {'before' if found.minute < 0 else 'after'} {found.sun}"


def _span(minutes: int) -> str:
    sign = "-" if minutes < 0 else ""
    return f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}:00"


def _listed(parts: Sequence[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
