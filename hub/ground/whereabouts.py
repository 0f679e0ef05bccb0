"""Where people are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from devices.home import Entity, Home
from edge.tasks.understanding_schema import ClauseReading, Scored
from hub.ground.context import Context
from hub.ground.index import match_all, words_of
from hub.ground.kinds import PEOPLE
from hub.ground.names import POSSIBLE, SURE, best_fit, tokens
from hub.ground.results import Grounded, frame, text_answer
from hub.ground.spans import spans_of
from hub.ground.told import names
from hub.languages import Lexicon, Phrase, phrase, plain
from hub.languages.expressions import anywhere


def whereabouts(clause: ClauseReading, home: Home, context: Context) -> Grounded:
    """Who is at home, or where a person is."""
    people = [e for e in home.entities.values() if e.domain in PEOPLE]
    spans = (*spans_of(clause, "name"), *spans_of(clause, "device"))
    said = tuple(w for s in spans for w in tokens(s.text))
    said = said or _person_said(clause, people)
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
    if (elsewhere := _who_is_elsewhere(clause, persons, home, words)) is not None:
        return Grounded(frames, answers=(text_answer(clause, elsewhere),))
    at_home = [e for e in persons if home.state(e.id).state == "home"]
    verb = "is" if len(at_home) == 1 else "are"
    text = f"{names(at_home)} {verb} at home." if at_home else "Nobody is at home."
    if clause.attributes["question"].label == "how_many":
        text = f"{len(at_home)}: {names(at_home)}." if at_home else "0."
        return Grounded(frames, answers=(text_answer(clause, text),))
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


def person_asked_for(text: str, home: Home, context: Context) -> Grounded | None:
    """ "Where is Anna" and no more, where somebody of this home is called so: surely for us."""
    length = context.words.starts("where_is", text)
    said = tokens(text[length:]) if length else ()
    people = words_of(home).by_domain.get("person", ()) if said else ()
    called = [e for e in people if said in [tokens(name) for name in (e.name, *e.aliases)]]
    if len(called) != 1:
        return None
    attributes = {"question": Scored("where", 1.0), "domain": Scored("person", 1.0)}
    clause = ClauseReading(0, len(text), text, (Scored("HassGetState", 1.0),), attributes, ())
    return _where_is(clause, home, called[0], context)


def _person_said(clause: ClauseReading, people: Sequence[Entity]) -> tuple[str, ...]:
    """The name of somebody of this home that the model has not tagged."""
    words = set(tokens(clause.text))
    named = [tokens(person.name) for person in people]
    return next((name for name in named if set(name) <= words), ())


def _who_is_elsewhere(
    clause: ClauseReading, persons: Sequence[Entity], home: Home, words: Lexicon
) -> str | None:
    """Who is away, or at the zone that was said; None where it is asked who is at home."""
    if words.language != "en":
        return None
    said = plain(clause.text)
    asked = _place_asked(clause, words).get("state", "")
    away = words.has("negated", said) or words.find("whereabouts", said) == "not_home"
    states = {e.id: home.state(e.id).state or "" for e in persons}
    spoken = set(tokens(said))
    there = [
        e
        for e in persons
        if best_fit(asked, [states[e.id]]) >= SURE or set(tokens(states[e.id])) <= spoken
    ]
    if away:
        there = [e for e in persons if states[e.id] != "home"]
    elif not there or all(states[e.id] in ("home", "not_home") for e in there):
        return None
    if not there:
        return "Nobody is away."
    return " ".join(_is_at(entity, states[entity.id]) for entity in there)


def _where_is(clause: ClauseReading, home: Home, entity: Entity, context: Context) -> Grounded:
    state = home.state(entity.id).state or "unknown"
    slots: dict[str, Any] = {"name": entity.name, "domain": "person"}
    text = _is_at(entity, state)
    slots |= _place_asked(clause, context.words)
    where = context.words.find("whereabouts", plain(clause.text)) or _zone_said(clause, home)
    asks_where = clause.attributes["question"].label == "where"
    if where is not None and not asks_where and not plain(clause.text).startswith("where"):
        yes = state == where or best_fit(str(where), [state]) >= SURE
        yes_no = ("Yes", "yes_that") if yes else ("No", "no_that")
        text = phrase(f"{yes_no[0]}, {text}", yes_no[1], text=text)
    answer = text_answer(clause, text)
    return Grounded((frame(clause, slots),), answers=(answer,), about=(entity.id,))


def _is_at(entity: Entity, state: str) -> Phrase:
    """In what zone a person is."""
    name = entity.name
    place = {"home": "at home", "not_home": "away"}.get(state, f"at {state}")
    key = {"home": "at_home", "not_home": "away"}.get(state, "at_place")
    return phrase(f"{name} is {place}.", key, name=name, place=state)


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
