"""What is set, by the thing itself: it decides what a value means.

"Set it to turbo" is a suction power for a vacuum, a preset for a fan and a programme for a washing
machine. The model says that something is set; which knob it is follows from what the thing offers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from devices.home import Entity, Home
from edge.tasks.understanding_schema import ClauseReading, Scored
from hub.ground.context import Context
from hub.ground.options import KNOBS, choice
from hub.ground.target import Wanted, find_target
from hub.languages import Lexicon
from hub.quantities import amount

LEVEL_INTENTS: Mapping[str, str] = {
    "light": "HassLightSet",
    "cover": "HassSetPosition",
    "valve": "HassSetPosition",
    "fan": "HassFanSetSpeed",
    "climate": "HassClimateSetTemperature",
    "water_heater": "HassClimateSetTemperature",
    "humidifier": "HassHumidifierSetpoint",
    "media_player": "HassSetVolume",
    **dict.fromkeys(("number", "input_number", "text", "input_text"), "HassSetValue"),
}
"""The intent by which a number is set on a thing of a domain."""

SETTERS = frozenset(LEVEL_INTENTS.values()) | {"HassClimateSetMode", "HassClimateSetFanMode"}
_SETTABLE = frozenset(LEVEL_INTENTS) | frozenset(KNOBS)


def settled(clause: ClauseReading, home: Home, context: Context) -> ClauseReading:
    """The clause as the home reads it: if it sets a value on one thing, by that thing's own knob.

    The probability is that of setting anything at all: the thing leaves no other way to read it.
    """
    said = [s.text for s in clause.spans if s.slot in ("value", "color")]
    likely = sum(s.confidence for s in clause.intents if s.label in SETTERS)
    if not said or (clause.intent not in SETTERS and likely < 0.3 and not _has_knob(clause)):
        return clause
    wanted = Wanted(
        lambda e: e.domain in _SETTABLE, lambda e: e.domain == clause.attributes["domain"].label
    )
    found = find_target(clause, home, context, wanted).entities
    domains = {entity.domain for entity in found}
    if len(domains) != 1 or not any(s.slot in ("name", "device", "entity") for s in clause.spans):
        return clause
    intent = _intent_for(found[0], home, clause, said, context.words)
    if intent is None or intent == clause.intent:
        return clause
    first = Scored(intent, max(clause.intents[0].confidence, min(1.0, likely)))
    attributes = {**clause.attributes, "domain": Scored(found[0].domain, 1.0)}
    return replace(clause, intents=(first, *clause.intents[1:]), attributes=attributes)


def _has_knob(clause: ClauseReading) -> bool:
    return clause.intent in ("HassVacuumStart", "HassTurnOn", "HassMediaSearchAndPlay")


def _intent_for(
    entity: Entity, home: Home, clause: ClauseReading, said: Sequence[str], words: Lexicon
) -> str | None:
    for text in said:
        if found := choice(entity, home, text, clause.intent):
            return found[0].intent
    level = LEVEL_INTENTS.get(entity.domain)
    if clause.intent in SETTERS and any(amount(text, words) for text in said):
        return level
    knobs = KNOBS.get(entity.domain)
    return knobs[0].intent if clause.intent in SETTERS and knobs else None
