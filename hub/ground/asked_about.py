"""Which kinds of things a question about states can be about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from devices.home import Entity, Home
from edge.tasks.understanding_schema import NONE, ClauseReading, Span
from hub.ground.kinds import PEOPLE
from hub.ground.names import kinds_in, tokens
from hub.ground.spans import blank, spans_of
from hub.ground.state_words import BINARY, state_said
from hub.ground.target import Wanted
from hub.ground.wanted import kind_of
from hub.languages import Lexicon, plain

OPENINGS = frozenset("door window garage gate blind curtain shade shutter awning opening".split())


def asked_about(clause: ClauseReading, home: Home, words: Lexicon) -> Wanted:
    """The things whose states can answer the question."""
    domain = clause.attributes["domain"].label
    device_class = clause.attributes["device_class"].label
    said = {w for span in spans_of(clause, "device") for w in tokens(span.text)}
    kinds = {kind for span in spans_of(clause, "device") for kind in kinds_in(span.text)}
    opening = next((kind for kind in sorted(kinds) if kind in OPENINGS), None)
    asked = plain(" ".join(s.text for s in spans_of(clause, "state")))
    if words.has("updating", plain(clause.text)) and any(
        e.domain == "update" for e in home.entities.values()
    ):
        return Wanted(lambda e: e.domain == "update", lambda e: e.domain == "update", "update")
    if domain == _PANEL and (sensed := _alarm_of(clause, home, words)):
        return Wanted(sensed, sensed, "binary_sensor")
    locking = words.which("lock_state", asked) and not words.which("cover_state", asked)
    if locking and (opening or domain in ("lock", NONE, "cover", "binary_sensor")):
        return Wanted(lambda e: e.domain == "lock", lambda e: e.domain == "lock", "lock")
    if device_class in OPENINGS or (opening and domain in ("cover", "binary_sensor", NONE)):
        wanted_class = device_class if device_class in OPENINGS else str(opening)
        if "garage" in kinds and wanted_class == "door":
            wanted_class = "garage"
        by_class = kind_of("cover", wanted_class, home)
        return Wanted(
            _has_a_state,
            lambda e: by_class(e) or (e.domain == "binary_sensor" and _is(e, wanted_class)),
            NONE if domain == NONE else domain,
            wanted_class,
        )
    named = spans_of(clause, "name") or spans_of(clause, "device")
    if domain in ("binary_sensor", "lock", NONE) and not named and _asks_who(clause, words):
        return Wanted(_may_tell_presence, lambda e: e.device_class in _PRESENCE, domain)
    if domain in ("sensor", "binary_sensor"):
        things = ({*said, device_class} - {NONE}) or _measured(clause, home, words)
        return Wanted(
            _has_a_state,
            lambda e: e.domain in ("sensor", "binary_sensor") and (not things or _about(e, things)),
            domain,
            device_class,
        )
    anything = not spans_of(clause, "device") and words.has("anything", plain(clause.text))
    if anything and domain not in ("lock", "update", "media_player"):
        return Wanted(_has_a_state, _any_state)
    if domain == NONE:
        return Wanted(_has_a_state, _any_state, domain, device_class)
    kind = kind_of(domain, device_class, home)
    accepted = _has_a_state if domain in PEOPLE else _is_a_thing
    return Wanted(accepted, kind, domain, device_class)


_PANEL = "alarm_control_panel"


def _alarm_of(clause: ClauseReading, home: Home, words: Lexicon) -> Callable[[Entity], bool] | None:
    """The sensors of what an alarm is named after ("the smoke alarm"), where there are any."""
    said = " ".join(s.text for s in clause.spans if s.slot in ("device", "name"))
    meant = words.find("sensor_class", plain(said))
    if not any(e.device_class == meant for e in home.entities.values() if meant):
        return None
    return lambda e: e.domain == "binary_sensor" and e.device_class == meant


def that_open(clause: ClauseReading, wanted: Wanted, words: Lexicon) -> Wanted | None:
    """What can be open or closed, of what can be meant, where that is asked: a lamp called
    "Window" cannot. None where something else is asked."""
    asked = plain(" ".join(s.text for s in spans_of(clause, "state")) or clause.text)
    state = words.which("cover_state", asked) or words.find("happening", asked)
    if words.language != "en" or state not in ("open", "closed", "opening", "closing"):
        return None
    return replace(wanted, accepts=lambda e: wanted.accepts(e) and e.domain in _OPEN)


_OPEN = frozenset({"cover", "binary_sensor", "lock", "valve"})
_PRESENCE = frozenset({"occupancy", "motion", "presence", "moving"})


def _may_tell_presence(entity: Entity) -> bool:
    unclassed = entity.domain == "binary_sensor" and entity.device_class is None
    return entity.device_class in _PRESENCE or unclassed


def _asks_who(clause: ClauseReading, words: Lexicon) -> bool:
    """ "Is anyone in the bathroom", "is the study occupied"."""
    asked = plain(" ".join(s.text for s in spans_of(clause, "state")))
    occupied = words.which("occupancy_state", asked) and not words.which("on_off", asked)
    return bool(asked and occupied) or words.has("anyone", plain(clause.text))


def _measured(clause: ClauseReading, home: Home, words: Lexicon) -> set[str]:
    """What the sentence says that sensors of this home measure ("is there motion")."""
    said = set(tokens(clause.text))
    sensors = [e for e in home.entities.values() if e.domain in ("sensor", "binary_sensor")]
    classes = {e.device_class for e in sensors if e.device_class}
    meant = words.find("sensor_class", plain(clause.text))
    return {c for c in classes if set(c.split("_")) <= said or c == meant}


def _has_a_state(entity: Entity) -> bool:
    """A list or a calendar has items, and no state that anybody asks for."""
    return entity.domain not in ("todo", "calendar")


def _is_a_thing(entity: Entity) -> bool:
    """Whose radio it is, is asked of nobody: who is called so is no radio."""
    return _has_a_state(entity) and entity.domain not in PEOPLE


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


def _state_untagged(
    clause: ClauseReading, entities: Sequence[Entity], words: Lexicon
) -> str | None:
    """The state of a yes-or-no question whose word for it the model has not tagged: "Открыто ли
    окно", "书房窗户关了吗"; somebody or nobody, of what tells presence; and on or off, where it is
    asked of all of a kind ("有没有灯开着")."""
    domains = {entity.domain for entity in entities}
    question = clause.attributes["question"].label
    asking = question in (("any", "which", "how_many") if domains <= _SWITCHED else ("yesno", NONE))
    if len(domains) != 1 or not asking or not domains <= _TOLD_BY_STATE.keys():
        return None
    said = plain(blank(clause, clause.spans, " "))
    if domains == {"binary_sensor"} and words.has("nobody", said):
        return "off"
    if domains == {"binary_sensor"} and words.has("anyone", said):
        return "on"
    if words.language == "en":
        return None
    domain = domains.pop()
    found = words.find(_TOLD_BY_STATE[domain], said) or words.find("state", said)
    if found is None or found not in _STATES[domain]:
        return None
    return BINARY.get(str(found), str(found)) if domain == "binary_sensor" else str(found)


_SWITCHED = frozenset({"light", "switch", "fan"})
_TOLD_BY_STATE = {
    "binary_sensor": "opening_state", "cover": "cover_state", "lock": "lock_state",
    **dict.fromkeys(_SWITCHED, "on_off"),
}  # fmt: skip


_STATES = {
    "binary_sensor": frozenset({"on", "off", "open", "closed"}),
    "cover": frozenset({"open", "closed", "opening", "closing"}),
    "lock": frozenset({"locked", "unlocked"}),
    **dict.fromkeys(_SWITCHED, frozenset({"on", "off"})),
}


_OPPOSITE = {
    one: other
    for pair in (("on", "off"), ("open", "closed"), ("locked", "unlocked"), ("home", "not_home"))
    for one, other in (pair, pair[::-1])
}
_NEAR = 3
"""A "not" so many words before a state belongs to it ("is not properly shut")."""


def _is_negated(clause: ClauseReading, state: Span, words: Lexicon) -> bool:
    """Whether it is asked which things, or how many, are not in the state ("which isn't locked").
    In other questions a "not" only tells what the answer should be ("isn't it locked?")."""
    if clause.attributes["question"].label not in ("which", "how_many"):
        return False
    before = plain(clause.text[: state.start - clause.start])
    last = before.split()[-_NEAR:] if words.spaced else before[-_NEAR:]
    return words.has("negated", " ".join(last))


def state_asked(
    clause: ClauseReading, entities: Sequence[Entity], wanted: Wanted, words: Lexicon
) -> str | None:
    """The state that is asked for, as the entities would report it."""
    spans = spans_of(clause, "state")
    if not spans:
        return _state_untagged(clause, entities, words)
    domains = {entity.domain for entity in entities}
    domain = domains.pop() if len(domains) == 1 else wanted.domain
    if domain == NONE and wanted.device_class in OPENINGS:
        domain = "cover"
    said = plain(spans[0].text)
    state = state_said(said, domain, words)
    if _is_negated(clause, spans[0], words):
        state = _OPPOSITE.get(state or "", state)
    if entities and all(entity.domain == "binary_sensor" for entity in entities):
        state = state or words.find("activity", said) or spans[0].text
        return BINARY.get(state, state)
    return state or spans[0].text
