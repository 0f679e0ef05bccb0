"""The development sets as cases: a sentence, the home it is said in, and what would be right.

Every set keeps its own notion of right: Home Assistant's sentences carry intent and slots, people's
sentences carry an intent of another collection (mapped here to ours), chatter carries nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Frame = Mapping[str, Any]
"""`intent` and `slots`, as `hearthd rehearse` prints them."""

IMPLIED = frozenset({"domain", "device_class"})
"""Slots that a frame may have beyond what a row lists."""


@dataclass(frozen=True, slots=True)
class Case:
    """`intents` holds, for each wish of the sentence, the intents that are right; none when it is
    not for a home. `slots` are checked with them where the set has them."""

    group: str
    text: str
    language: str
    home: Mapping[str, Any] | str
    area: str | None = None
    intents: tuple[frozenset[str], ...] = ()
    slots: Mapping[str, Any] | None = None
    areas_of: Mapping[str, str] = field(default_factory=dict)

    @property
    def for_us(self) -> bool:
        """Whether a home should do or answer something."""
        return bool(self.intents)


def intents_right(case: Case, frames: Sequence[Frame]) -> bool:
    """Whether every wish got one of its intents, and nothing else was read."""
    if len(frames) < len(case.intents) or not frames:
        return False
    if len(case.intents) == 1:  # one wish about two rooms may be two frames
        return all(frame["intent"] in case.intents[0] for frame in frames)
    found = [frame["intent"] for frame in frames]
    return len(found) == len(case.intents) and all(
        intent in wanted for intent, wanted in zip(found, case.intents, strict=True)
    )


def slots_right(case: Case, frames: Sequence[Frame]) -> bool:
    """Whether the slots are the row's, apart from what the reading implies."""
    if case.slots is None or len(frames) != 1:
        return False
    found = frames[0]["slots"]
    if case.areas_of:  # a set that lists only place and colour: a device there is as good
        return all(_place_or_value(case, key, value, found) for key, value in case.slots.items())
    same = all(_same(value, found.get(key)) for key, value in case.slots.items() if key != "domain")
    return same and not {k for k in found if k not in case.slots and k not in IMPLIED}


def _place_or_value(case: Case, key: str, value: Any, found: Mapping[str, Any]) -> bool:
    if _same(value, found.get(key)):
        return True
    name = str(found.get("name", "")).casefold()
    return key == "area" and _same(value, case.areas_of.get(name))


def _same(expected: Any, found: Any) -> bool:
    if isinstance(expected, list):  # any of these
        return any(_same(one, found) for one in expected)
    if isinstance(expected, int | float) and isinstance(found, int | float):
        return expected == found
    return str(expected).casefold() == str(found).casefold()


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a JSONL file."""
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)
