"""Conditions about people: "when nobody is home", "when I leave", "once Anna comes home"."""

from __future__ import annotations

from collections.abc import Sequence

from devices.home import Entity, Home
from hub.automations.schema import Condition, GroupCondition, StateCondition
from hub.ground.awaited import Told
from hub.ground.by_name import NAMED
from hub.ground.context import Context
from hub.ground.index import match_all
from hub.ground.names import SURE, best_fit, tokens
from hub.ground.told import names, state_word


def presence(core: str, home: Home, context: Context, near: Sequence[str] = ()) -> Told | None:
    """Who must be at home, or away; None if the words are not about people of this home."""
    words = context.words
    going = words.find("going", core)
    if going not in ("home", "not_home"):
        return None
    people = [e for e in home.entities.values() if e.domain == "person"]
    people = people or [e for e in home.entities.values() if e.domain == "device_tracker"]
    if not people:
        return None
    bare = words.without_reading("going", core)
    nobody = words.has("nobody", core)
    if nobody:  # many languages deny twice: "никого нет дома", "no hay nadie en casa"
        going = words.find("going", words.without("negated", core)) or going
    if nobody or words.has("everyone", core):
        away = nobody != (going == "not_home")
        return _all_of(people, away, home)
    if words.has("anyone", core):
        return _some_of(people, home) if going == "home" else None
    one = _who(bare, people, home, context)
    return _all_of([one], going == "not_home", home) if one else None


def _who(bare: str, people: list[Entity], home: Home, context: Context) -> Entity | None:
    if context.words.has("me", bare):
        mine = [p for p in people if context.user and best_fit(context.user, [p.name]) >= SURE]
        return mine[0] if len(mine) == 1 else people[0] if len(people) == 1 else None
    for said in (tokens(bare), *((word,) for word in tokens(bare))):
        found = [m for m in match_all(said, home) if m.entity in people and m.score >= NAMED]
        if found:
            return found[0].entity
    return None


def _all_of(people: Sequence[Entity], away: bool, home: Home) -> Told:
    at_home = [StateCondition(condition="state", entity_id=[p.id], state=["home"]) for p in people]
    parts: list[Condition] = [
        GroupCondition(condition="not", conditions=[one]) if away else one for one in at_home
    ]
    condition = parts[0] if len(parts) == 1 else GroupCondition(condition="and", conditions=parts)
    verb = "is" if len(people) == 1 else "are"
    english = f"{names(people)} {verb} {'away' if away else 'at home'}"
    sign = "⌂ →" if away else "→ ⌂"
    return _told(condition, english, f"{', '.join(p.name for p in people)} {sign}", people, home)


def _some_of(people: Sequence[Entity], home: Home) -> Told:
    parts: list[Condition] = [
        StateCondition(condition="state", entity_id=[p.id], state=["home"]) for p in people
    ]
    condition = parts[0] if len(parts) == 1 else GroupCondition(condition="or", conditions=parts)
    listed = ", ".join(p.name for p in people)
    english = f"one of {listed} is at home" if len(people) > 1 else f"{listed} is at home"
    return _told(condition, english, f"{listed} → ⌂", people, home)


def _told(
    condition: Condition, english: str, brief: str, people: Sequence[Entity], home: Home
) -> Told:
    found = "; ".join(f"{p.name} is {state_word(p, home)}" for p in people)
    return Told(condition, english, brief, found, tuple(p.id for p in people))
