"""Wishes about devices: intents to service calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from devices.domains import SERVICES
from devices.home import Entity, Home
from edge.tasks.understanding_schema import NONE, ClauseReading, Span
from hub.ground import climate, levels, lights
from hub.ground.amounts import Call, question
from hub.ground.context import Context
from hub.ground.index import words_of
from hub.ground.kinds import KIND_WORDS
from hub.ground.names import ARTICLES, SURE, best_fit, kind_of_word, tokens
from hub.ground.options import KNOBS, offered
from hub.ground.places import find_area, find_floor, names_of
from hub.ground.results import (
    Grounded,
    Impossible,
    carry_out,
    frame,
    frames_for,
    unresolved,
)
from hub.ground.said import names_said
from hub.ground.search import find_target
from hub.ground.spans import spans_of
from hub.ground.target import Target
from hub.ground.wanted import wanted_for
from hub.languages import Lexicon, phrase, plain

_ON: Mapping[str, str] = {
    "cover": "open_cover", "valve": "open_valve", "lock": "lock", "button": "press",
    "input_button": "press", "vacuum": "start", "lawn_mower": "start_mowing",
    "update": "install",
}  # fmt: skip
_OFF: Mapping[str, str] = {
    "cover": "close_cover", "valve": "close_valve", "lock": "unlock", "vacuum": "return_to_base",
    "lawn_mower": "dock",
}  # fmt: skip
_NO_OFF = frozenset({"scene", "button", "input_button", "update"})


def ground_command(clause: ClauseReading, home: Home, context: Context) -> Grounded:
    """Ground a clause whose intent is about devices."""
    if _points_nowhere(clause, context):
        return Grounded((frame(clause, {}),), asked="What do you mean?")
    if clause.intent in ("HassVacuumCleanArea", "HassVacuumStart"):
        return _vacuum(clause, home, context)
    wanted = wanted_for(clause, home, context.words)
    target = find_target(clause, home, context, wanted)
    if target.other is not None:
        target = Target((target.other,), target.slots)
    if target.needs_place and (strange := _strange_kind(clause, home, context.words)):
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


def _strange_kind(clause: ClauseReading, home: Home, words: Lexicon) -> str | None:
    """The word for the thing, if it says more than its kind and nothing here is called so (a
    chandelier is a light, but not any light). The plain words for kinds are known in English."""
    for span in spans_of(clause, "device") if words.language == "en" else ():
        said = tokens(span.text)
        known = all(any(w in kind for kind in KIND_WORDS.values()) for w in said)
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
    """More or less of several things is about those that are on, if any is."""
    relative = any(key.endswith("_step") for key in slots)
    on = [e for e in entities if home.state(e.id).state not in ("off", "closed", None)]
    return on if relative and len(entities) > 1 and on else entities


def _narrow(clause: ClauseReading, home: Home, target: Target, words: Lexicon) -> Target:
    """Of several players none of which was named, those that play are meant; of thermostats, the
    one that can heat or cool, if the words say which."""
    if not target.needs_place:
        return target
    if all(entity.domain == "climate" for entity in target.tied):
        return _able(clause, home, target, words)
    if not clause.intent.startswith(("HassMedia", "HassSetVolume")):
        return target
    playing = tuple(e for e in target.tied if home.state(e.id).state == "playing")
    return Target(playing, target.slots) if playing else target


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


def _turn_on(clause: ClauseReading, home: Home, words: Lexicon) -> Any:
    warming = words.find("warming", plain(clause.text))

    def call(entity: Entity) -> Call:
        running = home.state(entity.id).state not in ("off", None)
        cooling = warming == "down" or words.has("cooling", plain(clause.text))
        modes = offered(entity, home, KNOBS["climate"][0]) if entity.domain == "climate" else []
        if "cool" in modes and not running and cooling:
            return "set_hvac_mode", {"hvac_mode": "cool"}
        if entity.domain == "climate" and warming and running:
            return climate.change_call(entity, home, 1.0 if warming == "up" else -1.0)
        if entity.domain == "cover" and words.has("tilt", plain(clause.text)):
            return "open_cover_tilt", {}
        return _switching(clause, entity, _ON, "turn_on", words)

    return {}, call


def _turn_off(clause: ClauseReading, home: Home, words: Lexicon) -> Any:
    def call(entity: Entity) -> Call:
        if entity.domain == "cover" and words.has("tilt", plain(clause.text)):
            return "close_cover_tilt", {}
        return _switching(clause, entity, _OFF, "turn_off", words)

    return {}, call


_SURE_OF_KIND = 0.5
"""From here on the model's kind of thing must agree with the thing's own."""


def _switching(
    clause: ClauseReading,
    entity: Entity,
    services: Mapping[str, str],
    default: str,
    words: Lexicon,
) -> Call:
    told = clause.attributes["domain"]
    wanted = told.label if told.confidence >= _SURE_OF_KIND or told.label == "lock" else NONE
    if wanted == NONE and entity.domain == "cover":
        wanted = "cover" if words.has("opening", plain(clause.text)) else "switch"
    if entity.domain not in SERVICES or (
        default not in SERVICES[entity.domain] and (entity.domain not in services)
    ):
        raise _not_so(entity, "switched", "not_switched")
    locks = entity.domain == "lock"
    opens = entity.domain == "cover" or (entity.domain == "valve" and wanted == "cover")
    if wanted != NONE and ((wanted == "lock") != locks or (wanted == "cover") != opens):
        verb, key = _verb(clause)
        raise _not_so(entity, verb, key)
    said = _verb_words(clause)
    locking, unlocking = words.has("lock_only", said), words.has("unlocking", said)
    contrary = unlocking if default == "turn_on" else locking
    if locks and contrary and locking != unlocking:
        text = f"Shall {entity.name} be locked or unlocked? Say it alone."
        raise Impossible(phrase(text, "lock_or_unlock", name=entity.name))
    if not locks and words.has("locking", _verb_words(clause)):
        raise _not_so(entity, "locked or unlocked", "not_locked")
    if default == "turn_off" and entity.domain in _NO_OFF:
        raise _not_so(entity, "turned off", "not_switched_off")
    return services.get(entity.domain, default), {}


def _not_so(entity: Entity, verb: str, key: str) -> Impossible:
    """A kind of device to which that cannot be done."""
    text = f"{entity.name} is a {entity.domain.replace('_', ' ')}: it cannot be {verb}."
    return Impossible(phrase(text, key, name=entity.name))


def _verb_words(clause: ClauseReading) -> str:
    """The clause without what its spans cover: the verb is in there."""
    text = clause.text
    for span in clause.spans:
        start, end = max(0, span.start - clause.start), max(0, span.end - clause.start)
        text = f"{text[:start]}{' ' * (end - start)}{text[end:]}"
    return plain(text)


def _verb(clause: ClauseReading) -> tuple[str, str]:
    """What was wanted, and the phrase that says that it cannot be."""
    on = clause.intent == "HassTurnOn"
    wanted = clause.attributes["domain"].label
    if wanted == "lock":
        return "locked" if on else "unlocked", "not_locked"
    if wanted in ("cover", "valve"):
        return "opened" if on else "closed", "not_opened"
    return "turned on" if on else "turned off", "not_switched"


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


def _play(clause: ClauseReading, home: Home, words: Lexicon) -> Any:
    query = " ".join(span.text for span in spans_of(clause, "query"))
    kind, query = _media_kind(clause, query, words)
    if words.language != "en":
        query, kind = _media_in(query, kind, words)
    slots: dict[str, Any] = {"search_query": query} if query else {}
    if kind:
        slots["media_class"] = kind
    data = {"media_content_id": query, "media_content_type": slots.get("media_class", "music")}
    if not query:
        return slots, lambda entity: ("media_play", {})
    return slots, lambda entity: ("play_media", data)


def _media_kind(clause: ClauseReading, query: str, words: Lexicon) -> tuple[str | None, str]:
    """The kind of media that was said apart, and what to play: a word that is no kind is a title
    ("the podcast Serial"). The most telling word counts: a "TV show" is a show."""
    said = [span.text.lower() for span in spans_of(clause, "media_class")]
    found = [words.which("media_class", plain(each)) for each in (" ".join(said), *reversed(said))]
    kind = next((str(each) for each in found if each is not None), None)
    if kind is None:
        return (said[0] if said else None), query
    if not query:
        spans = spans_of(clause, "media_class")
        titles = [s.text for s in spans if words.which("media_class", plain(s.text)) is None]
        query = " ".join(titles)
    return kind, query


def _media_in(query: str, kind: str | None, words: Lexicon) -> tuple[str, str | None]:
    """ "die Sommerhits-Playlist": what to play, and its kind, if that is said in one."""
    said = query.split() if kind else _compound_apart(query.replace("-", " ").split())
    for at in (0, -1):
        found = words.which("media_class", plain(said[at])) if len(said) > 1 else None
        if kind is None and found is not None:
            kind = str(found)
            del said[at]
            while at and len(said) > 1 and _is_small(said[-1]):
                del said[-1]
    while kind and len(said) > 1 and _is_small(said[0]):
        del said[0]
    return (" ".join(said) if kind else query), kind


def _is_small(word: str) -> bool:
    """An article before a title; one with a capital is the title's own ("Mijn Favorieten")."""
    return plain(word) in ARTICLES and not word[:1].isupper()


def _compound_apart(said: list[str]) -> list[str]:
    """ "Sommerhitsplaylist" as two words: what is listened to by a name of its own."""
    last = said[-1] if said else ""
    for kind in ("playlist", "podcast"):
        if last.lower().endswith(kind) and len(last) > len(kind) + 2:
            return [*said[:-1], last[: -len(kind)], kind]
    return said


def _arm(clause: ClauseReading, home: Home, words: Lexicon) -> Any:
    said = plain(" ".join(span.text for span in spans_of(clause, "value")))
    mode = words.find("arm", said)
    if mode is None:
        about = words.find("arm", plain(clause.text))
        certain = about in ("night", "vacation") or not words.has("house", plain(clause.text))
        mode = about if about and certain else "away"
    return ({"mode": mode} if said else {}), lambda entity: (f"alarm_arm_{mode}", {})


_CALLS: Mapping[str, Builder] = {
    "HassTurnOn": _turn_on,
    "HassTurnOff": _turn_off,
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
    "HassMediaSearchAndPlay": _play,
    "HassVacuumReturnToBase": _service("return_to_base"),
    "HassLawnMowerStartMowing": _service("start_mowing"),
    "HassLawnMowerDock": _service("dock"),
    "HassSetValue": levels.set_value,
    "HassAlarmArm": _arm,
    "HassAlarmDisarm": _service("alarm_disarm"),
}

COMMANDS = frozenset(_CALLS) | {"HassVacuumStart", "HassVacuumCleanArea"}
"""The intents that this module grounds."""


def _is_robot(said: str) -> bool:
    """Whether a name is only a word for a vacuum."""
    return all(kind_of_word(w) == "vacuum" or w in KIND_WORDS["vacuum"] for w in tokens(said))


def _things_said(clause: ClauseReading, words: Lexicon) -> list[Span]:
    """The thing that is to be started; the words for vacuums are known in English only."""
    starting = clause.intent == "HassVacuumStart" and words.language == "en"
    return list(spans_of(clause, "device")) if starting else []


def _robots_said(clause: ClauseReading, home: Home, robots: Sequence[Entity]) -> list[str]:
    """Robots whose names stand in the sentence unmarked; its first word is the verb."""
    first = tokens(clause.text)[:1]
    said = [name for name in names_said(clause, home) if name != first]
    return [e.name for e in robots if tokens(e.name) in said]


def _vacuum(clause: ClauseReading, home: Home, context: Context) -> Grounded:
    """The room in a cleaning wish is where to clean, not where the vacuum stands."""
    areas = [a for s in spans_of(clause, "area") if (a := find_area(s.text, home))]
    unknown = [s.text for s in spans_of(clause, "area") if find_area(s.text, home) is None]
    robots = [e for e in home.entities.values() if e.domain == "vacuum"]
    said = [s.text for s in (*spans_of(clause, "name"), *spans_of(clause, "device"))]
    said = said or _robots_said(clause, home, robots)
    scored = [(max((best_fit(s, names_of(e, home)) for s in said), default=0.0), e) for e in robots]
    named = [entity for score, entity in scored if score >= SURE]
    called = named and (
        spans_of(clause, "name") or any(tokens(s) == tokens(named[0].name) for s in said)
    )
    slots: dict[str, Any] = {"name": named[0].name} if called else {}
    here = home.areas.get(context.area or "")
    if clause.attributes["scope"].label == "here" and here and not areas:
        areas = [here]
    elif areas:
        slots["area"] = areas[0].name
    floors = [
        floor
        for span in spans_of(clause, "floor")
        if (floor := find_floor(span.text, home, context.words))
    ]
    if floors:
        slots["floor"] = floors[0].name
    rooms = [{**slots, "area": area.name} for area in areas] if len(areas) > 1 else [slots]
    frames = tuple(frame(clause, each) for each in rooms)
    chosen = named or [e for e in robots if areas and e.area == areas[0].id] or robots
    if clause.intent == "HassVacuumCleanArea" and unknown and not areas:
        house = find_area(unknown[0], home) is None and context.words.has(
            "house", plain(unknown[0])
        )
        if not house:
            return Grounded(
                frames,
                refused=phrase(f"I know no room called {unknown[0]}.", "no_room", name=unknown[0]),
            )
    target = Target(tuple(chosen) if len(chosen) == 1 else (), slots, tied=tuple(chosen[:6]))
    spoken = (*spans_of(clause, "name"), *_things_said(clause, context.words))
    strange = [s.text for s in spoken if not named and not _is_robot(s.text)]
    if strange and not areas:
        target = Target(slots=slots, missing=strange[0])
    elif not chosen:
        target = Target(slots=slots, missing="vacuum")
    elif len(chosen) == 1:
        target = Target(tuple(chosen), slots)
    elif floors:
        level = [e for e in chosen if home.floor_of(e) == floors[0].id]
        target = Target(tuple(level), slots) if level else target
    data = {"area": ",".join(area.id for area in areas)} if areas else {}

    def resolve(entities: Sequence[Entity]) -> Grounded:
        service = "clean_area" if data else "start"
        return carry_out(clause, home, entities, frames, lambda e: (service, data))

    return unresolved(clause, home, target, frames, resolve) or resolve(target.entities)
