"""Questions about the home. They read states and never act."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from devices.home import Entity, Home
from edge.tasks.understanding_schema import NONE, ClauseReading
from hub.ground.context import Context
from hub.ground.names import SURE, best_fit, kinds_in, tokens
from hub.ground.results import Grounded, frame, text_answer
from hub.ground.target import Target, Wanted, find_target, names_of, spans_of
from hub.ground.wanted import kind_of
from hub.languages import Lexicon, plain
from hub.values import Answer

_OPENINGS = frozenset("door window garage gate blind curtain shade shutter awning opening".split())

_STATE_KINDS: Mapping[str, tuple[str, ...]] = {
    "lock": ("lock_state", "state"),
    "cover": ("cover_state", "opening_state", "state"),
    "binary_sensor": ("occupancy_state", "opening_state", "on_off", "state"),
    NONE: ("on_off", "cover_state", "lock_state", "occupancy_state", "opening_state", "state"),
}
"""In which lists a state is looked up, by the domain that is asked about."""
_OPENING = {"on": "open", "off": "closed"}
_BINARY = {"open": "on", "closed": "off", "locked": "off", "unlocked": "on", "low": "on"}
_ACTIVE: Mapping[str, frozenset[str]] = {
    "climate": frozenset({"heat", "cool", "auto", "heat_cool", "dry", "fan_only"}),
    "media_player": frozenset({"on", "playing", "paused", "idle", "buffering"}),
    "vacuum": frozenset({"cleaning", "returning"}),
    "lock": frozenset({"locked"}),
    "cover": frozenset({"open", "opening"}),
    "humidifier": frozenset({"on"}),
    "alarm_control_panel": frozenset(
        "armed_home armed_away armed_night armed_vacation armed_custom_bypass".split()
    ),
}
"""What "on" (or "armed", "running") means where the states have other names."""


def ground_state_question(clause: ClauseReading, home: Home, context: Context) -> Grounded:
    """HassGetState in all its forms."""
    question = clause.attributes["question"].label
    if question == "where" or clause.attributes["domain"].label == "person":
        return _where(clause, home, context.words)
    wanted = _wanted(clause, home, context.words)
    target = find_target(clause, home, context, wanted)
    if target.needs_place or (target.tied and question in _GROUP):
        target = replace(target, entities=target.tied, tied=(), needs_place=False)
    if target.tied and question in ("value", "yesno", NONE) and not target.entities:
        target = replace(target, entities=target.tied, tied=())
    state = _state_asked(clause, target.entities, wanted, context.words)
    slots = {**target.slots, **({"state": state} if state else {})}
    frames = (frame(clause, slots),)
    if not target.entities:
        missing = (target.missing or wanted.domain).replace("_", " ")
        return Grounded(frames, refused=f"I know nothing called {missing}.")
    if question == "since":
        return Grounded(frames, answers=(_since(clause, home, target, context),))
    if question in _GROUP or (state and len(target.entities) > 1):
        return Grounded(frames, answers=(_group_answer(clause, home, target, state, slots),))
    if state and question in ("yesno", NONE):
        return Grounded(frames, answers=(_yes_no(clause, home, target.entities[0], state, slots),))
    return Grounded(frames, answers=(_value(clause, home, target),))


_GROUP = frozenset({"any", "all", "which", "how_many"})


def _wanted(clause: ClauseReading, home: Home, words: Lexicon) -> Wanted:
    domain = clause.attributes["domain"].label
    device_class = clause.attributes["device_class"].label
    said = {w for span in spans_of(clause, "device") for w in tokens(span.text)}
    kinds = {kind for span in spans_of(clause, "device") for kind in kinds_in(span.text)}
    opening = next((kind for kind in sorted(kinds) if kind in _OPENINGS), None)
    asked = plain(" ".join(s.text for s in spans_of(clause, "state")))
    locking = words.which("lock_state", asked) and not words.which("cover_state", asked)
    if locking and (opening or domain in ("lock", NONE, "cover", "binary_sensor")):
        return Wanted(lambda e: e.domain == "lock", lambda e: e.domain == "lock", "lock")
    if device_class in _OPENINGS or (opening and domain in ("cover", "binary_sensor", NONE)):
        wanted_class = device_class if device_class in _OPENINGS else str(opening)
        by_class = kind_of("cover", wanted_class, home)
        return Wanted(
            lambda e: True,
            lambda e: by_class(e) or (e.domain == "binary_sensor" and _is(e, wanted_class)),
            NONE if domain == NONE else domain,
            wanted_class,
        )
    if domain in ("sensor", "binary_sensor"):
        things = {*said, device_class} - {NONE}
        return Wanted(
            lambda e: True,
            lambda e: e.domain in ("sensor", "binary_sensor") and (not things or _about(e, things)),
            domain,
            device_class,
        )
    kind = kind_of(domain, device_class, home) if domain != NONE else _any_state
    return Wanted(lambda e: True, kind, domain, device_class)


def _any_state(entity: Entity) -> bool:
    return entity.domain in ("light", "switch", "fan", "media_player", "climate")


def _is(entity: Entity, device_class: str) -> bool:
    return entity.device_class == device_class or any(
        device_class in kinds_in(name) for name in (entity.name, *entity.aliases)
    )


def _about(entity: Entity, things: set[str]) -> bool:
    words = {w for name in (entity.name, *entity.aliases) for w in tokens(name)}
    own = set(tokens((entity.device_class or "").replace("_", " ")))
    return bool((words | own | {entity.device_class or ""}) & things)


def _state_asked(
    clause: ClauseReading, entities: Sequence[Entity], wanted: Wanted, words: Lexicon
) -> str | None:
    spans = spans_of(clause, "state")
    if not spans:
        return None
    domains = {entity.domain for entity in entities}
    domain = domains.pop() if len(domains) == 1 else wanted.domain
    if domain == NONE and wanted.device_class in _OPENINGS:
        domain = "cover"
    state = state_said(plain(spans[0].text), domain, words)
    if entities and all(entity.domain == "binary_sensor" for entity in entities):
        return _BINARY.get(state, state)
    return state


def state_said(said: str, domain: str, words: Lexicon) -> str:
    """The state, as Home Assistant names it, that plain text says of things of a domain."""
    kinds = _STATE_KINDS.get(domain, _STATE_KINDS[NONE])
    for look_up in (words.which, words.find):
        for kind in (*kinds, *_STATE_KINDS[NONE]):
            found = look_up(kind, said)
            if found is not None:
                opening = kind == "opening_state" and domain != "binary_sensor"
                return _OPENING[str(found)] if opening else str(found)
    return said


def matches(entity: Entity, state: str | None, asked: str) -> bool:
    """Whether an entity's state is what was asked for."""
    if state is None:
        return False
    if entity.domain == "binary_sensor":
        return state == _BINARY.get(asked, asked)
    if entity.domain == "cover" and asked in ("on", "off"):
        asked = {"on": "open", "off": "closed"}[asked]
    active = _ACTIVE.get(entity.domain)
    if asked in ("on", "armed") and active:
        return state in active
    if asked in ("off", "disarmed") and active and entity.domain != "lock":
        return state not in active
    if asked == "heating":
        return state in ("heat", "heating")
    return state == asked


def described(home: Home, entity: Entity) -> dict[str, Any]:
    """An entity as the response templates see it."""
    state = home.state(entity.id)
    unit = state.attributes.get("unit_of_measurement") or entity.options.get("unit_of_measurement")
    shown = state.state if state.state is not None else "unknown"
    if not state.available:
        shown = "unavailable"
    if entity.domain == "binary_sensor":
        shown = _BINARY_WORDS.get(entity.device_class or "", {}).get(shown, shown)
    shown = shown.replace("_", " ")
    space = "" if unit in ("%", "°", None) else " "
    return {
        "name": entity.name,
        "domain": entity.domain,
        "state": shown,
        "state_with_unit": f"{shown}{space}{unit}" if unit else shown,
        "attributes": dict(state.attributes),
        "entity_id": entity.id,
    }


_OPEN_CLOSED = {"on": "open", "off": "closed"}
_DETECTED = {"on": "detected", "off": "clear"}
_BINARY_WORDS: Mapping[str, Mapping[str, str]] = {
    **dict.fromkeys(("door", "window", "garage_door", "opening", "garage"), _OPEN_CLOSED),
    **dict.fromkeys(
        ("motion", "occupancy", "smoke", "gas", "carbon_monoxide", "sound", "vibration"), _DETECTED
    ),
    "moisture": {"on": "wet", "off": "dry"},
    "battery": {"on": "low", "off": "normal"},
    "lock": {"on": "unlocked", "off": "locked"},
    "presence": {"on": "home", "off": "away"},
}  # fmt: skip


def _group_answer(
    clause: ClauseReading, home: Home, target: Target, state: str | None, slots: Mapping[str, Any]
) -> Answer:
    asked = state or "on"
    matched = [e for e in target.entities if matches(e, home.state(e.id).state, asked)]
    unmatched = [e for e in target.entities if e not in matched]
    question = clause.attributes["question"].label
    response = question if question in _GROUP else "any"
    query = {
        "matched": [described(home, entity) for entity in matched],
        "unmatched": [described(home, entity) for entity in unmatched],
    }
    shown = {**slots, "state": asked.replace("_", " ")}
    return Answer("HassGetState", response, {"query": query, "slots": shown})


def _yes_no(
    clause: ClauseReading, home: Home, entity: Entity, state: str, slots: Mapping[str, Any]
) -> Answer:
    item = described(home, entity)
    matched = [item] if matches(entity, home.state(entity.id).state, state) else []
    variables = {"query": {"matched": matched}, "state": item, "slots": slots}
    return Answer("HassGetState", "one_yesno", variables)


def _value(clause: ClauseReading, home: Home, target: Target) -> Answer:
    entity = target.entities[0]
    if len(target.entities) > 1:
        parts = [f"{e.name} {described(home, e)['state_with_unit']}" for e in target.entities[:6]]
        return text_answer(clause, "; ".join(parts) + ".")
    item = described(home, entity)
    detail = _detail(home, entity)
    if detail:
        return text_answer(clause, f"{entity.name} is {item['state_with_unit']}{detail}.")
    variables = {"state": item, "slots": {"name": entity.name}}
    return Answer("HassGetState", "one", variables)


_DETAILS: Sequence[tuple[str, Callable[[Any], str]]] = (
    ("brightness", lambda v: f"at {round(v * 100 / 255)}%"),
    ("current_position", lambda v: f"{v}% open"),
    ("percentage", lambda v: f"at {v}%"),
    ("media_title", lambda v: f"playing {v}"),
    ("media_artist", lambda v: f"by {v}"),
    ("volume_level", lambda v: f"volume {round(v * 100)}%"),
    ("current_temperature", lambda v: f"now {v} degrees"),
    ("temperature", lambda v: f"set to {v} degrees"),
    ("battery_level", lambda v: f"battery {v}%"),
)


def _detail(home: Home, entity: Entity) -> str:
    attributes = home.state(entity.id).attributes
    if entity.domain in ("sensor", "binary_sensor", "weather"):
        return ""
    said = [say(attributes[k]) for k, say in _DETAILS if attributes.get(k) is not None]
    return f", {', '.join(said)}" if said else ""


def _since(clause: ClauseReading, home: Home, target: Target, context: Context) -> Answer:
    entity = target.entities[0]
    state = home.state(entity.id)
    item = described(home, entity)
    if state.changed is None:
        text = f"{entity.name} is {item['state']}; I do not know since when."
    else:
        minutes = round((context.now - state.changed).total_seconds() / 60)
        length = f"{minutes} minutes" if minutes < 120 else f"{round(minutes / 60)} hours"
        text = f"{entity.name} has been {item['state']} since {state.changed:%H:%M} ({length})."
    return text_answer(clause, text)


def _where(clause: ClauseReading, home: Home, words: Lexicon) -> Grounded:
    people = [e for e in home.entities.values() if e.domain in ("person", "device_tracker")]
    said = [span.text for span in spans_of(clause, "name")]
    scored = [(max((best_fit(s, names_of(e, home)) for s in said), default=0.0), e) for e in people]
    named = [entity for score, entity in scored if score >= SURE]
    if named:
        item = described(home, named[0])
        variables = {
            "query": {"matched": [item]},
            "slots": {"name": named[0].name},
            "state": item,
        }
        state = home.state(named[0].id).state or "unknown"
        place = {"home": "at home", "not_home": "away"}.get(state, f"at {state}")
        answer = Answer(
            "HassGetState", "where", {**variables, "state": {**item, "state": state}},
            text=f"{named[0].name} is {place}.",
        )  # fmt: skip
        slots = {"name": named[0].name, "domain": "person"}
        return Grounded((frame(clause, slots),), answers=(answer,))
    frames = (frame(clause, {"domain": "person"}),)
    if said and not any(words.has("anyone", plain(text)) for text in said):
        return Grounded(frames, refused=f"I know nobody called {said[0]}.")
    at_home = [e.name for e in people if home.state(e.id).state == "home"]
    text = f"{', '.join(at_home)} at home." if at_home else "Nobody is at home."
    return Grounded(frames, answers=(text_answer(clause, text),))
