"""Turning on and off, and what stands for it: opening, locking, starting, pressing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from devices.domains import SERVICES
from devices.home import EMPTY, Entity, Home
from edge.tasks.understanding_schema import NONE, ClauseReading
from hub.ground import climate
from hub.ground.amounts import Call, facts_of
from hub.ground.names import tokens
from hub.ground.options import KNOBS, offered, options_said
from hub.ground.results import Impossible
from hub.ground.spans import blank
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
_PAUSED = frozenset({"media_player", "vacuum", "lawn_mower", "cover", "valve", "script"})
_NO_OFF = frozenset({"scene", "button", "input_button", "update"})


def turn_on(clause: ClauseReading, home: Home, words: Lexicon) -> Any:
    """HassTurnOn, of whatever the thing is: a cover opens, a lock locks, a button is pressed."""
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
            return tilted(entity, home, "open_cover_tilt")
        if entity.domain == "media_player" and (source := _source_said(entity, home, clause)):
            return "select_source", {"source": source}
        if entity.domain == "media_player" and running and words.has("music", plain(clause.text)):
            return "media_play", {}
        return _switching(clause, entity, _ON, "turn_on", words)

    return {}, call


def turn_off(clause: ClauseReading, home: Home, words: Lexicon) -> Any:
    """HassTurnOff, likewise."""

    def call(entity: Entity) -> Call:
        if entity.domain == "cover" and words.has("tilt", plain(clause.text)):
            return tilted(entity, home, "close_cover_tilt")
        return _switching(clause, entity, _OFF, "turn_off", words)

    return {}, call


def _source_said(entity: Entity, home: Home, clause: ClauseReading) -> str | None:
    """A source of the player that stands in the sentence beside its name ("put Hulu on")."""
    own = {w for name in (entity.name, *entity.aliases) for w in tokens(name)}
    said = " ".join(w for w in tokens(clause.text) if w not in own)
    sources = offered(entity, home, KNOBS["media_player"][0])
    return next((o for o in options_said(entity, home, said) if o in sources), None)


def tilted(entity: Entity, home: Home, service: str, data: Mapping[str, Any] = EMPTY) -> Call:
    """A call that turns slats. Raises `Impossible` of a cover that tells where it stands and not
    how its slats do: it has none."""
    facts = facts_of(entity, home)
    slats = any("tilt" in key for key in facts)
    if not slats and facts.get("current_position") is not None:
        text = f"{entity.name} has no slats that could be tilted."
        raise Impossible(phrase(text, "cannot", name=entity.name))
    return service, data


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
    if words.has("pausing", said) and entity.domain not in _PAUSED:
        raise _not_so(entity, "paused", "not_switched")
    locking, unlocking = words.has("lock_only", said), words.has("unlocking", said)
    shut = locking or words.has("closing", said)
    contrary = (unlocking, locking) if default == "turn_on" else (shut, unlocking)
    if locks and contrary == (True, False):
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
    return plain(blank(clause, clause.spans, " "))


def _verb(clause: ClauseReading) -> tuple[str, str]:
    """What was wanted, and the phrase that says that it cannot be."""
    on = clause.intent == "HassTurnOn"
    wanted = clause.attributes["domain"].label
    if wanted == "lock":
        return "locked" if on else "unlocked", "not_locked"
    if wanted in ("cover", "valve"):
        return "opened" if on else "closed", "not_opened"
    return "turned on" if on else "turned off", "not_switched"
