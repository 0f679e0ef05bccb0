"""Wishes about devices: intents to service calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from devices.home import Entity, Home
from edge.tasks.understanding_schema import NONE, ClauseReading
from hub.ground import climate, levels, lights
from hub.ground.amounts import Call, question
from hub.ground.context import Context
from hub.ground.index import words_of
from hub.ground.kinds import KIND_WORDS, is_screen
from hub.ground.names import kinds_in, tokens
from hub.ground.options import KNOBS, offered
from hub.ground.playing import play
from hub.ground.results import (
    Grounded,
    Impossible,
    carry_out,
    frame,
    frames_for,
    unresolved,
)
from hub.ground.said import says_several
from hub.ground.search import find_target
from hub.ground.spans import spans_of
from hub.ground.switching import turn_off, turn_on
from hub.ground.target import Target
from hub.ground.vacuums import ground_vacuum
from hub.ground.wanted import wanted_for
from hub.languages import Lexicon, phrase, plain


def ground_command(clause: ClauseReading, home: Home, context: Context) -> Grounded:
    """Ground a clause whose intent is about devices."""
    if _points_nowhere(clause, context):
        return Grounded((frame(clause, {}),), asked=phrase("What do you mean?", "what_is_meant"))
    if clause.intent in ("HassVacuumCleanArea", "HassVacuumStart"):
        return ground_vacuum(clause, home, context)
    wanted = wanted_for(clause, home, context.words)
    target = find_target(clause, home, context, wanted)
    if target.other is not None:
        target = Target((target.other,), target.slots)
    if target.needs_place and (strange := strange_kind(clause, home, context.words)):
        target = Target(slots=target.slots, missing=strange)
    slots, call = _CALLS[clause.intent](clause, home, context.words)
    target = _narrow(clause, home, target, context.words)
    if clause.intent == "HassTurnOn" and target.needs_place and _only_locks(clause, target):
        target = Target(target.tied, target.slots)
    frames = frames_for(clause, home, target, slots)
    if call is None:
        return Grounded(frames, asked=question(clause))

    def resolve(entities: Sequence[Entity]) -> Grounded:
        chosen = frames
        if len(entities) == 1 and len(frames) == 1 and not target.needs_place:
            chosen = (frame(clause, {**frames[0].slots, "name": entities[0].name}),)
        return carry_out(clause, home, _running(clause, home, entities, slots), chosen, call)

    asked = unresolved(clause, home, target, frames, resolve)
    meant = _running(clause, home, target.entities, slots)
    return asked or carry_out(clause, home, meant, frames, call)


def strange_kind(clause: ClauseReading, home: Home, words: Lexicon) -> str | None:
    """The word for the thing, if it says more than its kind and nothing here is called so (a
    chandelier is a light, but not any light; a jacuzzi is none). The plain words for kinds are
    known in English; in other languages those for lights, which is what the model takes a thing
    for that it does not know."""
    english = words.language == "en"
    doubtful = english or clause.attributes["domain"].label == "light"
    for span in spans_of(clause, "device") if doubtful else ():
        said = tokens(span.text)
        plainly = (any(w in kind for kind in KIND_WORDS.values()) for w in said)
        known = all(plainly) if english else bool(kinds_in(span.text))
        if not known and not any(words_of(home).fitting(w) for w in said):
            return span.text
    return None


def _points_nowhere(clause: ClauseReading, context: Context) -> bool:
    """ "Turn it off", where nothing was spoken of: the words say neither what nor what kind."""
    said = plain(clause.text)
    told = any(s.slot in ("name", "device", "area", "floor", "entity") for s in clause.spans)
    kind = clause.attributes["domain"].label != NONE or clause.attributes["scope"].label == "all"
    switching = clause.intent in ("HassTurnOn", "HassTurnOff")
    return switching and not told and not kind and context.words.has("pronoun", said)


def _running(
    clause: ClauseReading, home: Home, entities: Sequence[Entity], slots: Mapping[str, Any]
) -> Sequence[Entity]:
    """More or less of several things is about those that are on, if any is; a pause about those
    that play."""
    if len(entities) > 1 and clause.intent == "HassMediaPause":
        return [e for e in entities if home.state(e.id).state == "playing"] or entities
    if len(entities) < 2 or not any(key.endswith("_step") for key in slots):
        return entities
    on = [e for e in entities if home.state(e.id).state not in ("off", "closed", None)]
    return on or entities


def _narrow(clause: ClauseReading, home: Home, target: Target, words: Lexicon) -> Target:
    """Of several players none of which was named, the one that plays is meant, or those that do if
    it is to be quiet or the words say several; of thermostats, the one that can heat or cool, if
    the words say which."""
    if not target.needs_place:
        return target
    if all(entity.domain == "climate" for entity in target.tied):
        return _able(clause, home, target, words)
    if not clause.intent.startswith(("HassMedia", "HassSetVolume")):
        return target
    playing = tuple(e for e in target.tied if home.state(e.id).state == "playing")
    watched = words.has("watched", plain(clause.text))
    playing = tuple(e for e in playing if watched and is_screen(e)) or playing
    if len(playing) > 1 and not says_several(clause) and clause.intent not in _SILENCING:
        return replace(target, tied=playing)
    return Target(playing, target.slots) if playing else target


_SILENCING = ("HassMediaPause", "HassMediaPlayerMute")


def _able(clause: ClauseReading, home: Home, target: Target, words: Lexicon) -> Target:
    said = plain(clause.text)
    cooling = words.has("cooling", said)
    wanted = "cool" if cooling else "heat" if words.find("warming", said) == "up" else None
    able = [e for e in target.tied if wanted in offered(e, home, KNOBS["climate"][0])]
    return Target((able[0],), target.slots) if len(able) == 1 else target


def _only_locks(clause: ClauseReading, target: Target) -> bool:
    """ "Lock up", "lock the doors": every lock; nothing says which, and locking harms nobody."""
    said = [s for s in clause.spans if s.slot in ("name", "area", "floor")]
    one = any(not s.text.endswith("s") for s in spans_of(clause, "device"))
    return not said and not one and all(entity.domain == "lock" for entity in target.tied)


# --- what each intent asks of an entity: slots for the frame, and the call -----------------

Builder = Callable[
    [ClauseReading, Home, Lexicon], tuple[dict[str, Any], Callable[[Entity], Call] | None]
]


def _toggle(clause: ClauseReading, home: Home, words: Lexicon) -> Any:
    def call(entity: Entity) -> Call:
        state = home.state(entity.id).state
        if entity.domain in ("cover", "valve", "lock"):
            text = f"Say whether to open or close {entity.name}."
            raise Impossible(phrase(text, "open_or_close", name=entity.name))
        return ("turn_off" if state == "on" else "turn_on"), {}

    return {}, call


def _stop(clause: ClauseReading, home: Home, words: Lexicon) -> Any:
    services = {
        "cover": "stop_cover", "valve": "stop_valve", "vacuum": "pause", "lawn_mower": "pause",
    }  # fmt: skip

    def call(entity: Entity) -> Call:
        if entity.domain not in services:
            raise Impossible(phrase(f"{entity.name} cannot stop.", "cannot", name=entity.name))
        return services[entity.domain], {}

    return {}, call


def _service(name: str) -> Builder:
    return lambda clause, home, words: ({}, lambda entity: (name, {}))


def _mute(muted: bool) -> Builder:
    return lambda clause, home, words: ({}, lambda e: ("volume_mute", {"is_volume_muted": muted}))


def _arm(clause: ClauseReading, home: Home, words: Lexicon) -> Any:
    said = plain(" ".join(span.text for span in spans_of(clause, "value")))
    mode = words.find("arm", said)
    if mode is None:
        about = words.find("arm", plain(clause.text))
        certain = about in ("night", "vacation") or not words.has("house", plain(clause.text))
        mode = about if about and certain else "away"
    return ({"mode": mode} if said else {}), lambda entity: (f"alarm_arm_{mode}", {})


_CALLS: Mapping[str, Builder] = {
    "HassTurnOn": turn_on,
    "HassTurnOff": turn_off,
    "HassToggle": _toggle,
    "HassStopMoving": _stop,
    "HassLightSet": lights.light,
    "HassSetPosition": levels.position,
    "HassFanSetSpeed": levels.fan_speed,
    "HassClimateSetTemperature": climate.temperature,
    "HassClimateSetFanMode": climate.climate_fan_mode,
    "HassClimateSetMode": climate.climate_mode,
    "HassHumidifierSetpoint": levels.humidity,
    "HassSetVolume": levels.volume,
    "HassSetVolumeRelative": levels.volume_step,
    "HassMediaPlayerMute": _mute(True),
    "HassMediaPlayerUnmute": _mute(False),
    "HassMediaPause": _service("media_pause"),
    "HassMediaUnpause": _service("media_play"),
    "HassMediaNext": _service("media_next_track"),
    "HassMediaPrevious": _service("media_previous_track"),
    "HassMediaSearchAndPlay": play,
    "HassVacuumReturnToBase": _service("return_to_base"),
    "HassLawnMowerStartMowing": _service("start_mowing"),
    "HassLawnMowerDock": _service("dock"),
    "HassSetValue": levels.set_value,
    "HassAlarmArm": _arm,
    "HassAlarmDisarm": _service("alarm_disarm"),
}

COMMANDS = frozenset(_CALLS) | {"HassVacuumStart", "HassVacuumCleanArea"}
"""The intents that this module grounds."""
