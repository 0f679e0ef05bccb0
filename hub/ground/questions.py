"""Questions about the home. They read states and never act."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from devices.home import Entity, Home
from edge.tasks.understanding_schema import NONE, ClauseReading, Scored
from hub.ground.aspects import VALUED, Told, aspect_of, attribute_said, told
from hub.ground.context import Context
from hub.ground.index import match_all
from hub.ground.names import POSSIBLE, SURE, best_fit, kinds_in, tokens
from hub.ground.results import Grounded, frame, text_answer
from hub.ground.target import NAMED, Target, Wanted, find_target, names_said, spans_of
from hub.ground.told import described, names, sentence, state_word, value
from hub.ground.wanted import kind_of
from hub.ground.weather import weather
from hub.languages import Lexicon, phrase, plain
from hub.languages.expressions import anywhere
from hub.values import Answer

_OPENINGS = frozenset("door window garage gate blind curtain shade shutter awning opening".split())

_STATE_KINDS: Mapping[str, tuple[str, ...]] = {
    "lock": ("lock_state", "state"),
    "cover": ("cover_state", "opening_state", "state"),
    "person": ("state",),
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
    clause = _asking(clause, context)
    question = clause.attributes["question"].label
    if question == "where" and not _is_of_a_thing(clause, home):
        return _where(clause, home, context)
    if clause.attributes["domain"].label == "person":
        return _where(clause, home, context)
    aspect = aspect_of(clause, context)
    own = _by_full_name(clause, home)
    beside = told(aspect, clause, home, context) if own and aspect else []
    if own is not None and len(beside) == 1 and own.domain == "binary_sensor":
        return _aspect_answer(clause, home, context, str(aspect), beside)
    if own is not None:
        text = sentence(own, home)
        frames = (frame(clause, {"name": own.name}),)
        return Grounded(frames, answers=(text_answer(clause, text),), about=(own.id,))
    outside = context.words.has("outside", plain(clause.text)) and not spans_of(clause, "area")
    if outside and aspect in ("humidity", "wind", "pressure", "temperature"):
        return weather(clause, home, context)
    if aspect is not None and not _asks_state(clause, aspect, context):
        found = told(aspect, clause, home, context)
        if found:
            return _aspect_answer(clause, home, context, aspect, found)
    wanted = _wanted(clause, home, context.words)
    target = find_target(clause, home, context, wanted)
    if target.needs_place or (target.tied and question in _GROUP):
        target = replace(target, entities=target.tied, tied=(), needs_place=False)
    if len(target.tied) == 1 and not target.needs_place and not target.entities:
        target = replace(target, tied=(), missing=_spoken(clause) or target.tied[0].name)
    if (
        target.tied
        and question in ("value", "yesno", NONE, "since", "where")
        and not target.entities
    ):
        target = replace(target, entities=target.tied, tied=())
    state = _state_asked(clause, target.entities, wanted, context.words)
    slots = {**target.slots, **({"state": state} if state else {})}
    frames = (frame(clause, slots),)
    if not target.entities:
        elsewhere = _of_the_weather(clause, home)
        if elsewhere:
            return Grounded(frames, answers=(text_answer(clause, elsewhere),))
        missing = (target.missing or wanted.domain).replace("_", " ")
        return Grounded(
            frames,
            refused=phrase(f"I know nothing called {missing}.", "no_such", name=missing),
            unknown=True,
        )
    about = tuple(entity.id for entity in target.entities)
    if question in _GROUP:
        asked = state or "on"
        matched = [e.id for e in target.entities if matches(e, home.state(e.id).state, asked)]
        about = tuple(matched) or about
    answer = _answer(clause, home, target, state, slots, context)
    return Grounded(frames, answers=(answer,), about=about)


def _spoken(clause: ClauseReading) -> str:
    """What the clause calls the thing that it asks about."""
    return next((s.text for s in clause.spans if s.slot in ("name", "device", "area")), "")


def _asking(clause: ClauseReading, context: Context) -> ClauseReading:
    """The clause as a yes-or-no question where its first word makes it one."""
    first = plain(clause.text).split()[:1]
    if clause.attributes["question"].label not in ("value", NONE) or not first:
        return clause
    if not context.words.fits("asking_whether", first[0]):
        return clause
    attributes = {**clause.attributes, "question": Scored("yesno", 1.0)}
    return replace(clause, attributes=attributes)


def _answer(
    clause: ClauseReading,
    home: Home,
    target: Target,
    state: str | None,
    slots: Mapping[str, Any],
    context: Context,
) -> Answer:
    question = clause.attributes["question"].label
    first = target.entities[0]
    if question == "since":
        return _since(clause, home, target, context)
    if question in _GROUP or (state and len(target.entities) > 1):
        return _group_answer(clause, home, target, state, slots, context)
    asked = state or _activity(clause, first, context)
    if asked and question in ("yesno", NONE):
        return _yes_no(clause, home, first, asked, slots, context)
    return _value(clause, home, target, context)


def _by_full_name(clause: ClauseReading, home: Home) -> Entity | None:
    """A reading or setting whose own name of several words stands in the sentence."""
    if clause.attributes["question"].label not in ("value", NONE) or spans_of(clause, "state"):
        return None
    said = [name for name in names_said(clause, home) if len(name) > 1]
    named = [m.entity for n in said for m in match_all(n, home, telling=True)[:1] if m.exact]
    valued = [e for e in named if e.domain in VALUED]
    return valued[0] if len(valued) == 1 else None


def _asks_state(clause: ClauseReading, aspect: str, context: Context) -> bool:
    """Whether the words ask about states after all ("are any windows open", "which are low")."""
    spans = spans_of(clause, "state")
    known = [s for s in spans if state_said(plain(s.text), NONE, context.words)]
    question = clause.attributes["question"].label
    if aspect == "battery":
        return False
    return bool(known) and (question in _GROUP or aspect in _OF_STATES)


_OF_STATES = frozenset({"position", "mode", "temperature", "left", "power", "energy"})
"""Aspects whose words also stand in questions about states ("is the power on")."""


def _is_of_a_thing(clause: ClauseReading, home: Home) -> bool:
    """Whether a "where" is about a thing that works at home, such as the vacuum."""
    said = [
        w for s in (*spans_of(clause, "name"), *spans_of(clause, "device")) for w in tokens(s.text)
    ]
    best = next(iter(match_all(said, home)), None) if said else None
    return (
        best is not None and best.score >= NAMED and best.entity.domain in ("vacuum", "lawn_mower")
    )


def _aspect_answer(
    clause: ClauseReading, home: Home, context: Context, aspect: str, found: Sequence[Told]
) -> Grounded:
    """What was told, as a value or a list of them; "low" and "which" are about batteries."""
    entities = [each.entity for each in found]
    slots: dict[str, Any] = {"name": entities[0].name} if len(entities) == 1 else {}
    question = clause.attributes["question"].label
    if aspect == "battery" and (question in _GROUP or _says_low(clause, context)):
        return _low_batteries(clause, home, slots, found, question)
    texts = [f"{each.entity.name} is {each.value or value(each.entity, home)}" for each in found]
    if len(found) == 1:
        text = f"{found[0].entity.name}: {found[0].value or value(found[0].entity, home)}."
    else:
        text = "; ".join(texts[:_MOST]) + "."
    about = tuple(entity.id for entity in entities[:_MOST])
    return Grounded((frame(clause, slots),), answers=(text_answer(clause, text),), about=about)


_MOST = 12
"""More things than these are not read out."""
_LOW_PERCENT = 20.0


def _says_low(clause: ClauseReading, context: Context) -> bool:
    return context.words.has("low", plain(clause.text))


def _low_batteries(
    clause: ClauseReading, home: Home, slots: dict[str, Any], found: Sequence[Told], question: str
) -> Grounded:
    low = [each for each in found if _is_low(each, home)]
    shown = ", ".join(f"{e.entity.name} ({e.value or value(e.entity, home)})" for e in low)
    if len(found) == 1:
        level = found[0].value or value(found[0].entity, home)
        text = f"{'Yes' if low else 'No'}, {found[0].entity.name} is {level}."
    elif question == "how_many":
        text = f"{len(low)}: {shown}." if low else "None."
    else:
        text = f"Yes: {shown}." if low else "No, all batteries are fine."
    frames = (frame(clause, {**slots, "device_class": "battery", "state": "on"}),)
    about = tuple(each.entity.id for each in low)
    return Grounded(frames, answers=(text_answer(clause, text),), about=about)


def _is_low(each: Told, home: Home) -> bool:
    if each.entity.domain == "binary_sensor":
        return home.state(each.entity.id).state == "on"
    digits = (each.value or home.state(each.entity.id).state or "").rstrip("%")
    try:
        return float(digits) <= _LOW_PERCENT
    except ValueError:
        return False


def _of_the_weather(clause: ClauseReading, home: Home) -> str | None:
    """What no sensor measures but the weather service tells ("the UV index")."""
    for entity in home.entities.values():
        if entity.domain == "weather" and (found := attribute_said(clause, entity, home)):
            key, told_value = found
            unit = home.state(entity.id).attributes.get(f"{key.replace(' ', '_')}_unit", "")
            return f"The {key} is {told_value} {unit}".strip() + "."
    return None


def _activity(clause: ClauseReading, entity: Entity, context: Context) -> str | None:
    """The state that a question without one means: "is it done", "is there smoke"."""
    said = context.words.find("activity", plain(clause.text))
    if said is not None:
        return str(said)
    return "on" if entity.domain in ("binary_sensor", "update") else None


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
    if anything and domain != "lock":
        return Wanted(_has_a_state, _any_state)
    kind = kind_of(domain, device_class, home) if domain != NONE else _any_state
    return Wanted(_has_a_state, kind, domain, device_class)


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
    state = state_said(plain(spans[0].text), domain, words) or spans[0].text
    if entities and all(entity.domain == "binary_sensor" for entity in entities):
        return _BINARY.get(state, state)
    return state


def state_said(said: str, domain: str, words: Lexicon) -> str | None:
    """The state, as Home Assistant names it, that plain text says of things of a domain; None if
    it is no word for a state (a zone, the state of a sensor of one's own)."""
    kinds = _STATE_KINDS.get(domain, _STATE_KINDS[NONE])
    for look_up in (words.which, words.find):
        for kind in (*kinds, *_STATE_KINDS[NONE]):
            found = look_up(kind, said)
            if found is not None:
                opening = kind == "opening_state" and domain != "binary_sensor"
                return _OPENING[str(found)] if opening else str(found)
    return None


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


def _group_answer(
    clause: ClauseReading,
    home: Home,
    target: Target,
    state: str | None,
    slots: Mapping[str, Any],
    context: Context,
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
    one = question not in _GROUP and clause.attributes["scope"].label != "all"
    text = _group_text(question, matched, unmatched, home, one)
    return _in_words(
        context, Answer("HassGetState", response, {"query": query, "slots": shown}), text
    )


def _group_text(
    question: str, matched: list[Entity], unmatched: list[Entity], home: Home, several: bool
) -> str:
    """All names, however many: whoever asks which wants to know which."""
    if question == "how_many":
        return f"{len(matched)}: {names(matched)}." if matched else "None."
    if question == "which":
        return f"{names(matched)}." if matched else "None."
    if question == "any" or not several:
        if question == "all":
            others = ", ".join(f"{e.name} is {state_word(e, home)}" for e in unmatched)
            return f"No: {others}." if unmatched else "Yes, all of them."
        return f"Yes: {names(matched)}." if matched else "No."
    if not unmatched:
        return f"Yes: {names(matched)}."
    others = ", ".join(f"{e.name} is {state_word(e, home)}" for e in unmatched)
    return f"Partly: {names(matched)}; {others}." if matched else f"No: {others}."


def _in_words(context: Context, answer: Answer, text: str) -> Answer:
    """Our own full sentence in English; the language's response template otherwise."""
    if context.words.language == "en":
        return replace(answer, text=text)
    return replace(answer, variables=_translated(answer.variables, context.words.states))


def _translated(value: Any, states: Mapping[str, str]) -> Any:
    """Variables of a response with the states in the language's own words."""
    if isinstance(value, Mapping):
        return {
            key: states.get(inner, inner)
            if key in ("state", "state_with_unit") and isinstance(inner, str)
            else _translated(inner, states)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_translated(item, states) for item in value]
    return value


def _yes_no(
    clause: ClauseReading,
    home: Home,
    entity: Entity,
    state: str,
    slots: Mapping[str, Any],
    context: Context,
) -> Answer:
    item = described(home, entity)
    yes = matches(entity, home.state(entity.id).state, state)
    variables = {"query": {"matched": [item] if yes else []}, "state": item, "slots": slots}
    text = f"{'Yes' if yes else 'No'}, {entity.name} is {item['state']}."
    return _in_words(context, Answer("HassGetState", "one_yesno", variables), text)


def _value(clause: ClauseReading, home: Home, target: Target, context: Context) -> Answer:
    entity = target.entities[0]
    if len(target.entities) > 1:
        shown = target.entities[:_MOST]
        return text_answer(clause, "; ".join(f"{e.name} {value(e, home)}" for e in shown) + ".")
    found = attribute_said(clause, entity, home)
    if found is not None and entity.domain not in ("sensor", "binary_sensor"):
        return text_answer(clause, f"{entity.name}: {found[0]} {found[1]}.")
    item = described(home, entity)
    variables = {"state": item, "slots": {"name": entity.name}}
    answer = Answer("HassGetState", "one", variables)
    return _in_words(context, answer, sentence(entity, home))


def _since(clause: ClauseReading, home: Home, target: Target, context: Context) -> Answer:
    entity = target.entities[0]
    state = home.state(entity.id)
    item = described(home, entity)
    shown = context.words.states.get(item["state"], item["state"])
    if state.changed is None:
        english = f"{entity.name} is {item['state']}; I do not know since when."
        text = phrase(
            english,
            "since_unknown",
            name=entity.name,
            state=shown,
        )
    else:
        minutes = round((context.now - state.changed).total_seconds() / 60)
        length = f"{minutes} minutes" if minutes < 120 else f"{round(minutes / 60)} hours"
        text = phrase(
            f"{entity.name} has been {item['state']} since {state.changed:%H:%M} ({length}).",
            "since",
            name=entity.name,
            state=shown,
            time=f"{state.changed:%H:%M}",
            length=timedelta(minutes=minutes),
        )
    return text_answer(clause, text)


def _where(clause: ClauseReading, home: Home, context: Context) -> Grounded:
    people = [e for e in home.entities.values() if e.domain in ("person", "device_tracker")]
    spans = (*spans_of(clause, "name"), *spans_of(clause, "device"))
    said = tuple(w for s in spans for w in tokens(s.text))
    matches_ = [m for m in match_all(said, home) if m.entity in people] if said else []
    words = context.words
    anyone = words.has("anyone", plain(clause.text))
    if matches_ and matches_[0].score >= POSSIBLE and not anyone:
        return _where_is(clause, home, matches_[0].entity, context)
    persons = [e for e in people if e.domain == "person"] or people
    frames = (frame(clause, {"domain": "person", **_place_asked(clause, words)}),)
    if said and not anyone:
        return Grounded(
            frames,
            refused=phrase(
                f"I know nobody called {spans[0].text}.", "nobody_called", name=spans[0].text
            ),
            unknown=True,
        )
    at_home = [e for e in persons if home.state(e.id).state == "home"]
    verb = "is" if len(at_home) == 1 else "are"
    text = f"{names(at_home)} {verb} at home." if at_home else "Nobody is at home."
    if clause.attributes["question"].label in ("yesno", "any") or anyone:
        text = (
            f"{'Yes' if at_home else 'No'}, {text[0].lower() if not at_home else text[0]}{text[1:]}"
        )
    if at_home:
        present = tuple(entity.name for entity in at_home)
        text = phrase(text, "who_is_home", names=present)
    else:
        text = phrase(text, "nobody_home")
    return Grounded(frames, answers=(text_answer(clause, text),))


def _where_is(clause: ClauseReading, home: Home, entity: Entity, context: Context) -> Grounded:
    item = described(home, entity)
    state = home.state(entity.id).state or "unknown"
    place = {"home": "at home", "not_home": "away"}.get(state, f"at {state}")
    slots: dict[str, Any] = {"name": entity.name, "domain": "person"}
    text = f"{entity.name} is {place}."
    slots |= _place_asked(clause, context.words)
    where = context.words.find("whereabouts", plain(clause.text)) or _zone_said(clause, home)
    if where is not None and not plain(clause.text).startswith("where"):
        yes = state == where or best_fit(str(where), [state]) >= SURE
        text = f"{'Yes' if yes else 'No'}, {entity.name} is {place}."
    variables = {
        "query": {"matched": [item]},
        "slots": {"name": entity.name},
        "state": {**item, "state": state},
    }
    answer = _in_words(context, Answer("HassGetState", "where", variables), text)
    return Grounded((frame(clause, slots),), answers=(answer,), about=(entity.id,))


def _place_asked(clause: ClauseReading, words: Lexicon) -> dict[str, str]:
    """The slot for where somebody is asked to be: zones are named as they were said."""
    said = [
        words.which("presence_state", plain(s.text)) or s.text
        for s in clause.spans
        if s.slot == "state"
    ]
    if said:
        return {"state": str(said[0])}
    for pattern, state in words.readings["state"] if words.language != "en" else ():
        if state == "home" and (
            found := anywhere(pattern, words.spaced).search(plain(clause.text))
        ):
            last = found.group().split()[-1]
            at_home = [word for word in clause.text.split() if plain(word) == last]
            return {"state": at_home[0].strip("?¿!.,")} if at_home else {}
    return {}


def _zone_said(clause: ClauseReading, home: Home) -> str | None:
    said = set(tokens(clause.text))
    return next((zone for zone in home.zones if set(tokens(zone)) <= said), None)
