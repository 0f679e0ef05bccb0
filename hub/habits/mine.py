"""From a history to what is found in it: the one composition, and the process that it runs in.

Mining is a minute of hard work: `python -m hub.habits.mine` does it in a process of its own, which
gives back its memory and never holds up a command. It reads its task as JSON from standard input
and writes what it found to standard output.
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from hub.automations.moments import Place
from hub.habits.found import Deed, Found, Thing, as_json
from hub.habits.observed import DAY, MINUTE, Observed, Series, observe
from hub.habits.sequences import explained_by, habits_after
from hub.habits.times import WINDOW, time_habits
from hub.habits.together import scenes
from hub.habits.waste import waste

DONE_BY_PEOPLE = {
    "light": {"on", "off"},
    "switch": {"on", "off"},
    "fan": {"on", "off"},
    "input_boolean": {"on", "off"},
    "humidifier": {"on", "off"},
    "media_player": {"on", "off", "playing", "paused"},
    "cover": {"open", "closed"},
    "climate": {"heat", "cool", "auto", "off", "heat_cool", "dry", "fan_only"},
    "lock": {"locked"},
    "vacuum": {"cleaning"},
}
"""Deeds that can become an automation. Unlocking is left out: nobody should be offered that."""
COMES_FIRST = {
    **{domain: states for domain, states in DONE_BY_PEOPLE.items() if domain != "climate"},
    "binary_sensor": {"on", "off"},
    "person": {"home", "not_home"},
    "device_tracker": {"home", "not_home"},
    "alarm_control_panel": {"disarmed", "armed_away", "armed_home", "armed_night"},
    "sun": {"above_horizon", "below_horizon"},
}
_EXPLAINED = 0.75
"""A habit by the clock of which so much follows something else is a habit after that."""


def mine(observed: Observed) -> list[Found]:
    """All habits, scenes and waste in a history, the surest first."""
    deeds = _of(observed, DONE_BY_PEOPLE)
    together = scenes(observed, deeds)
    after = habits_after(observed, deeds, _of(observed, COMES_FIRST))
    together = [scene for scene in together if not _in_one_order(scene, after)]
    after = [one for one in after if not any(_inside(one, scene) for scene in together)]
    timed = [found for deed in deeds for found in time_habits(observed, deed)]
    timed = [found for found in timed if not _explained(observed, found, after)]
    after = [found for found in after if not _both_by_the_clock(found, timed)]
    everything = [*_joined(timed, together), *_led(after, together), *together, *waste(observed)]
    return sorted(everything, key=lambda found: (-found.confidence, -found.support))


def _of(observed: Observed, wanted: Mapping[str, set[str]]) -> list[Series]:
    return [
        one
        for (entity_id, state), one in observed.series.items()
        if state.partition("@")[0] in wanted.get(entity_id.partition(".")[0], ())
    ]


def _in_one_order(scene: Found, after: Sequence[Found]) -> bool:
    """Whether the two deeds of a scene are better told as one after the other."""
    return len(scene.deeds) == 2 and any(
        found.dark is None and _inside(found, scene) and found.confidence >= scene.confidence - 0.1
        for found in after
    )


def _inside(found: Found, scene: Found) -> bool:
    """Whether a sequence is only what a scene looks like in one order."""
    known = {(deed.entity_id, deed.state) for deed in scene.deeds}
    first = found.after
    return first is not None and {
        (first.entity_id, first.state), *((d.entity_id, d.state) for d in found.deeds)
    } <= known  # fmt: skip


def _explained(observed: Observed, timed: Found, after: Iterable[Found]) -> bool:
    """Whether a habit by the clock is one after something that also happens at other times."""
    deed = timed.deeds[0]
    at = [
        s.at[s.by_people]
        for (entity_id, state), s in observed.series.items()
        if entity_id == deed.entity_id and state.partition("@")[0] == deed.state
    ]
    moments = np.sort(np.concatenate(at))
    local = observed.local(moments)
    minute = (local % DAY) / MINUTE
    if timed.sun is not None:
        minute = minute - observed.sun(timed.sun, local // DAY)
    inside = moments[np.abs(minute - timed.minute) <= WINDOW / 2]
    outside_too = len(moments) - len(inside) >= len(inside) * 0.3
    return any(
        found.deeds[0].entity_id == deed.entity_id
        and found.deeds[0].state == deed.state
        and (outside_too or found.support >= len(inside) * 1.3)
        and explained_by(observed, found, observed.series, inside) >= _EXPLAINED
        for found in after
    )


def _both_by_the_clock(found: Found, timed: Sequence[Found]) -> bool:
    """Whether a deed follows another only because both are done at the same time of day."""
    first = found.after
    if first is None:
        return False
    whens = [t for t in timed if _does(t, first.entity_id, first.state)]
    mine = [t for t in timed if _does(t, found.deeds[0].entity_id, found.deeds[0].state)]
    return any(
        one.sun == other.sun and abs(one.minute - other.minute) <= WINDOW
        for one in whens
        for other in mine
    )


def _does(found: Found, entity_id: str, state: str) -> bool:
    return any(d.entity_id == entity_id and d.state == state for d in found.deeds)


def _joined(timed: Sequence[Found], together: list[Found]) -> list[Found]:
    """Habits of the same time whose deeds belong together become one; the scene is told by it."""
    left, joined = list(timed), []
    for scene in list(together):
        parts = [
            found for found in left if any(_does(found, d.entity_id, d.state) for d in scene.deeds)
        ]
        if not parts:
            continue
        lead = max(parts, key=lambda found: found.support)
        same = [
            p for p in parts
            if p.sun == lead.sun and p.days == lead.days and abs(p.minute - lead.minute) <= WINDOW
        ]  # fmt: skip
        if len(same) == len(scene.deeds):
            together.remove(scene)
            left = [found for found in left if found not in same]
            joined.append(_with_deeds(lead, [d for p in same for d in p.deeds]))
    return [*left, *joined]


def _led(after: Sequence[Found], together: list[Found]) -> list[Found]:
    """Deeds of a scene that all follow the same thing become one habit after it."""
    left, joined = list(after), []
    for scene in list(together):
        parts = [f for f in left if any(_does(f, d.entity_id, d.state) for d in scene.deeds)]
        firsts = {(p.after, p.dark) for p in parts}
        if len(parts) == len(scene.deeds) and len(firsts) == 1:
            together.remove(scene)
            left = [found for found in left if found not in parts]
            joined.append(_with_deeds(parts[0], [d for p in parts for d in p.deeds]))
    return [*left, *joined]


def _with_deeds(found: Found, deeds: Sequence[Deed]) -> Found:
    return replace(found, deeds=tuple(dict.fromkeys(deeds)))


def run(journal: Path, task: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Mine a journal: `task` has `things`, `zone`, `place` and `until`."""
    things = {raw["id"]: Thing(**raw) for raw in task["things"]}
    place = Place(*task["place"]) if task.get("place") else None
    until = datetime.fromisoformat(task["until"]) if task.get("until") else None
    connection = sqlite3.connect(f"file:{journal}?mode=ro", uri=True)
    try:
        observed = observe(connection, things, ZoneInfo(task["zone"]), place, until)
    finally:
        connection.close()
    return [as_json(found) for found in mine(observed)] if observed.series else []


def main() -> None:
    """The child process."""
    os.nice(10)
    print(json.dumps(run(Path(sys.argv[1]), json.load(sys.stdin))))


if __name__ == "__main__":
    main()
