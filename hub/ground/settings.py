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
from hub.ground.followup import pointing
from hub.ground.index import match_all, words_of
from hub.ground.names import POSSIBLE, best_fit, tokens
from hub.ground.options import KNOBS, Knob, choice, offered, that_offer
from hub.ground.said import names_said
from hub.ground.search import find_target
from hub.ground.sources import choice_name, with_its_source
from hub.ground.spans import with_spans
from hub.ground.target import Wanted
from hub.ground.warmth import of_light
from hub.languages import Lexicon, plain
from hub.quantities import amount, is_amount

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

_OFFERED = 0.6
"""How sure a reading is that sets a thing to the very option it offers."""


def settled(clause: ClauseReading, home: Home, context: Context) -> ClauseReading:
    """The clause as the home reads it: if it sets a value on one thing, by that thing's own knob.

    The probability is that of setting anything at all: the thing leaves no other way to read it.
    """
    if sourced := with_its_source(clause, home, context):
        return sourced
    said = [s.text for s in clause.spans if s.slot in ("value", "color")]
    if not said and clause.intent == "HassSetValue":
        said = [s.text for s in clause.spans if s.slot == "name"]
    likely = sum(s.confidence for s in clause.intents if s.label in SETTERS)
    if not said or (clause.intent not in SETTERS and likely < 0.1 and not _has_knob(clause)):
        return clause
    relative = clause.attributes["direction"].label in ("up", "down")
    steps = ("small", "notches")
    if relative and all(any(context.words.has(g, plain(t)) for g in steps) for t in said):
        return clause
    wanted = Wanted(
        lambda e: e.domain in _SETTABLE, lambda e: e.domain == clause.attributes["domain"].label
    )
    found = find_target(clause, home, context, wanted).entities
    offering = _offering(clause, home, said)
    spoken = any(s.slot in ("name", "device", "entity") for s in clause.spans)
    suits = found and spoken and _intent_for(found[0], home, clause, said, context.words)
    if offering is not None and offering not in found[:1] and not suits:
        found = (offering,)
        clause = replace(clause, spans=(*clause.spans, *pointing(clause, (offering.id,))))
    domains = {entity.domain for entity in found}
    if offering is not None and not spoken and found == (offering,):
        clause = replace(clause, spans=(*clause.spans, *pointing(clause, (offering.id,))))
    if len(domains) != 1 or not (spoken or offering):
        return clause
    names = {s for s in said if _is_its_name(s, found[0], home)}
    if clause.intent != "HassSetValue" and names:
        kept = (s for s in clause.spans if s.slot not in ("value", "color") or s.text not in names)
        return with_spans(clause, kept)
    intent = _intent_for(found[0], home, clause, said, context.words)
    if intent is None:
        return clause
    sure = max(clause.intents[0].confidence, min(1.0, likely))
    if any(choice(found[0], home, text) for text in said):
        sure = max(sure, _OFFERED)
    first = Scored(intent, sure)
    attributes = {**clause.attributes, "domain": Scored(found[0].domain, 1.0)}
    return replace(clause, intents=(first, *clause.intents[1:]), attributes=attributes)


def named_unmarked(clause: ClauseReading, home: Home) -> ClauseReading:
    """With the one thing whose whole name is said beside an amount, where the model marked only the
    amount ("kookeiland op dertig procent")."""
    if clause.intent not in SETTERS or {s.slot for s in clause.spans} != {"value"}:
        return clause
    names = names_said(clause, home)
    called = [
        e
        for e in home.entities.values()
        if e.domain in LEVEL_INTENTS and any(tokens(n) in names for n in (e.name, *e.aliases))
    ]
    if len(called) != 1 or len(names) != 1:
        return clause
    return replace(clause, spans=(*clause.spans, *pointing(clause, (called[0].id,))))


def _is_its_name(said: str, entity: Entity, home: Home) -> bool:
    """Whether what was marked as a value is part of the thing's name and nothing that it offers
    ("slow the Dyson pure fan down")."""
    names = {word for name in (entity.name, *entity.aliases) for word in tokens(name)}
    return set(tokens(said)) <= names and not choice(entity, home, said)


def retargeted(clause: ClauseReading, home: Home, context: Context) -> ClauseReading:
    """More or less of a thing that is named, by that thing's own measure: "turn the purifier up"
    is a speed, though one says it of music too."""
    relative = clause.attributes["direction"].label in ("up", "down")
    named = any(span.slot in ("name", "device") for span in clause.spans)
    if not relative or not named or clause.intent not in _RELATIVE.values():
        return clause
    wanted = Wanted(
        lambda e: e.domain in _RELATIVE, lambda e: e.domain == clause.attributes["domain"].label
    )
    found = find_target(clause, home, context, wanted).entities
    domains = {_RELATIVE[entity.domain] for entity in found if entity.domain in _RELATIVE}
    if len(domains) != 1 or clause.intent in domains:
        return clause
    warmth = clause.intent == "HassClimateSetTemperature" and domains == {"HassLightSet"}
    if warmth and (light := of_light(clause, context.words)):
        return light
    first = Scored(domains.pop(), clause.intents[0].confidence)
    attributes = {**clause.attributes, "domain": Scored(found[0].domain, 1.0)}
    return replace(clause, intents=(first, *clause.intents[1:]), attributes=attributes)


def _offering(clause: ClauseReading, home: Home, said: Sequence[str]) -> Entity | None:
    """The one thing that is called like any of the words and offers the very option ("switch the
    pool to spa mode", where the pool has a mode)."""
    spans = [s for s in clause.spans if s.slot in ("name", "device", "area")]
    words = tuple(w for s in sorted(spans, key=lambda s: s.start) for w in tokens(s.text))
    if swapped := _swapped(clause, home):
        return swapped

    offer_it = that_offer(said, words_of(home).by_domain, home)
    if not offer_it:
        return None
    likely = (m for m in match_all(words, home, telling=True) if m.score >= POSSIBLE)
    found = [m.entity for m in likely if m.specific and m.entity.id in offer_it]
    if not found:  # the one that is of the kind
        found = [m.entity for m in match_all(words, home) if m.entity.id in offer_it]
    return found[0] if len(found) == 1 else None


def _swapped(clause: ClauseReading, home: Home) -> Entity | None:
    """The thing and its option where the model took one for the other ("put Netflix on the TV")."""
    texts = [s.text for s in clause.spans if s.slot in ("name", "device", "value", "query")]
    for text in texts if len(texts) == 2 else ():
        other = texts[1 - texts.index(text)]
        if not that_offer([other], words_of(home).by_domain, home):
            continue
        called = [m.entity for m in match_all(tokens(text), home)[:4] if m.score >= POSSIBLE]
        offer_it = [e for e in called if (found := choice(e, home, other)) and found[1]]
        if len(offer_it) == 1 and best_fit(other, [choice_name(offer_it[0], home, other)]) > 0.9:
            return offer_it[0]
    return None


_RELATIVE: Mapping[str, str] = {
    **{domain: intent for domain, intent in LEVEL_INTENTS.items() if intent != "HassSetValue"},
    "media_player": "HassSetVolumeRelative",
}
_STOPPABLE = frozenset({"cover", "valve", "vacuum", "lawn_mower"})


def transposed(clause: ClauseReading, home: Home) -> ClauseReading:
    """A wish about the things of the conversation, in the words of their own kind: "a bit higher"
    of a blind is a position, "stop" of a vacuum is no pause of music."""
    ids = [s.text for s in clause.spans if s.slot == "entity"]
    domains = {home.entities[i].domain for i in ids if i in home.entities}
    if len(domains) != 1:
        return clause
    domain = domains.pop()
    intent = clause.intent
    relative = clause.attributes["direction"].label in ("up", "down")
    if relative and intent in _RELATIVE.values() and domain in _RELATIVE:
        intent = _RELATIVE[domain]
    elif intent == "HassMediaPause" and domain in _STOPPABLE:
        intent = "HassStopMoving"
    if intent == clause.intent:
        return clause
    attributes = {**clause.attributes, "domain": Scored(domain, 1.0)}
    first = Scored(intent, clause.intents[0].confidence)
    return replace(clause, intents=(first, *clause.intents[1:]), attributes=attributes)


def _has_knob(clause: ClauseReading) -> bool:
    return clause.intent in ("HassVacuumStart", "HassTurnOn", "HassMediaSearchAndPlay")


def _numbers(said: Sequence[str], words: Lexicon) -> list[float]:
    found = (amount(text, words) for text in said)
    return [each.value for each in found if each is not None and not each.level]


def _attempted(entity: Entity, home: Home, said: Sequence[str]) -> Knob | None:
    """The knob one of whose options begins as the value does ("HDMI 7" where there is HDMI 2)."""
    words = [w for text in said for w in tokens(text) if w.isalpha() and len(w) > 2]
    for knob in KNOBS.get(entity.domain, ()) if words and len(said) else ():
        options = {w for option in offered(entity, home, knob) for w in tokens(option)}
        if all(word in options for word in words):
            return knob
    return None


def _intent_for(
    entity: Entity, home: Home, clause: ClauseReading, said: Sequence[str], words: Lexicon
) -> str | None:
    if entity.domain == "climate" and len(said) > 1 and _numbers(said, words):
        return "HassClimateSetTemperature"
    for text in (" ".join(said), *said):
        if found := choice(entity, home, text, clause.intent):
            return found[0].intent
    if attempt := _attempted(entity, home, said):
        return attempt.intent
    level = LEVEL_INTENTS.get(entity.domain)
    if entity.domain == "media_player" and clause.intent == "HassSetValue":
        said = [text for text in said if is_amount(text, words)]
    turned = clause.intent == "HassTurnOn" and entity.domain in ("light", "fan", "climate")
    amounts = (amount(text, words) for text in (" ".join(said), *said))
    if (clause.intent in SETTERS or turned) and any(amounts):
        return level
    knobs = KNOBS.get(entity.domain)
    return knobs[0].intent if clause.intent in SETTERS and knobs else None
