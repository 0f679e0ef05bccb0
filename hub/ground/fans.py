"""A fan of its own, or that of an air conditioner: what the home has decides."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from devices.home import Entity, Home
from edge.tasks.understanding_schema import ClauseReading
from hub.ground.amounts import said_amount
from hub.ground.as_said import taken_as
from hub.ground.named_whole import SWITCHED
from hub.ground.names import kinds_in, tokens
from hub.ground.options import choice
from hub.ground.wanted import KIND_DOMAINS
from hub.languages import Lexicon, plain


def fan_as_said(clause: ClauseReading, home: Home, words: Lexicon) -> ClauseReading:
    """What is read as the mode of an air conditioner's fan: on and off switch the thing that is
    said, and a speed that no air conditioner here has is that of a fan."""
    if clause.intent != _MODE:
        return clause
    said = [s.text for s in clause.spans if s.slot == "value"]
    fan = "fan" in kinds_in(clause.text)
    cooling = _says_climate(clause, home)
    if said:
        offered = any(choice(e, home, said[0], _MODE) for e in _all(home, "climate"))
        speed = words.find("fan_level", plain(said[0])) is not None or said_amount(clause, words)
        own = fan and speed and not offered and not cooling and any(_all(home, "fan"))
        return _of(clause, "HassFanSetSpeed", "fan") if own else clause
    switched = SWITCHED.get(str(words.find("on_off", plain(clause.text))))
    if switched is None or (fan and cooling):
        return clause
    return _of(clause, switched, "fan" if fan else "climate")


def _says_climate(clause: ClauseReading, home: Home) -> bool:
    """Whether something that heats or cools is said, not only a fan: by its kind, or by what it is
    called beside its room ("ac" of an "Office AC")."""
    if any(KIND_DOMAINS.get(kind) == "climate" for kind in kinds_in(clause.text)):
        return True
    rooms = {word for area in home.areas.values() for word in tokens(area.name)}
    called = {word for entity in _all(home, "climate") for word in tokens(entity.name)}
    of_fans = {word for entity in _all(home, "fan") for word in tokens(entity.name)}
    return bool(set(tokens(clause.text)) & (called - rooms - of_fans))


def _all(home: Home, domain: str) -> Iterable[Entity]:
    return (entity for entity in home.entities.values() if entity.domain == domain)


def _of(clause: ClauseReading, label: str, domain: str) -> ClauseReading:
    return taken_as(clause, label, {"domain": replace(clause.attributes["domain"], label=domain)})


_MODE = "HassClimateSetFanMode"
