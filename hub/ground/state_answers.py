"""What is answered to a question about states: yes or no, a list, a value, since when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from devices.home import Entity, Home
from edge.tasks.understanding_schema import NONE, ClauseReading
from hub.ground.aspects import attribute_said
from hub.ground.context import Context
from hub.ground.results import text_answer
from hub.ground.state_words import matches
from hub.ground.target import Target
from hub.ground.told import described, names, sentence, state_word, value
from hub.languages import Lexicon, phrase, plain
from hub.values import Answer

GROUP = frozenset({"any", "all", "which", "how_many"})
_SAFE = frozenset({"locked", "closed", "off"})
"""States asked of all things: "are the doors locked" is not answered by the one that is."""
MOST = 12
"""More things than these are not read out."""


def answer_of(
    clause: ClauseReading,
    home: Home,
    target: Target,
    state: str | None,
    slots: Mapping[str, Any],
    context: Context,
) -> Answer:
    """The answer from the states of what was found."""
    question = clause.attributes["question"].label
    first = target.entities[0]
    if question == "since":
        return _since(clause, home, target, context)
    if question in GROUP or (state and len(target.entities) > 1):
        return _group_answer(clause, home, target, state, slots, context)
    asked = state or _activity(clause, first, context)
    if asked and question in ("yesno", NONE):
        return _yes_no(clause, home, first, asked, slots, context)
    return _value(clause, home, target, context)


def _activity(clause: ClauseReading, entity: Entity, context: Context) -> str | None:
    """The state that a question without one means: "is it done", "is there smoke"."""
    said = context.words.find("activity", plain(clause.text))
    if said is not None:
        return str(said)
    return "on" if entity.domain in ("binary_sensor", "update") else None


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
    every = (
        question == "any" and asked in _SAFE and not context.words.has("any", plain(clause.text))
    )
    question = NONE if every else question  # "are the doors locked": all of them
    response = question if question in GROUP else "any"
    if question == "which" and matched and context.words.language != "en":
        return text_answer(clause, f"{', '.join(entity.name for entity in matched)}.")
    query = {
        "matched": [described(home, entity) for entity in matched],
        "unmatched": [described(home, entity) for entity in unmatched],
    }
    shown = {**slots, "state": asked.replace("_", " ")}
    one = every or (question not in GROUP and clause.attributes["scope"].label != "all")
    text = _group_text(question, matched, unmatched, home, one)
    first = (query["matched"] or query["unmatched"])[0]
    variables = {"query": query, "slots": shown, "state": first}
    return in_words(context, Answer("HassGetState", response, variables), text)


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
    return in_words(context, Answer("HassGetState", "one_yesno", variables), text)


def _value(clause: ClauseReading, home: Home, target: Target, context: Context) -> Answer:
    entity = target.entities[0]
    if len(target.entities) > 1:
        shown = target.entities[:MOST]
        told = [(e.name, value(e, home)) for e in shown]
        states = context.words.states if context.words.language != "en" else {}
        listed = "; ".join(f"{name} {states.get(state, state)}" for name, state in told)
        return text_answer(clause, f"{listed}.")
    found = attribute_said(clause, entity, home)
    if found is not None and entity.domain not in ("sensor", "binary_sensor"):
        return text_answer(clause, f"{entity.name}: {found[0]} {found[1]}.")
    return one_answer(entity, home, context)


def one_answer(entity: Entity, home: Home, context: Context) -> Answer:
    """How one thing is."""
    told = None if context.words.language == "en" else _plainly(entity, home, context.words)
    if told is not None:
        return Answer("HassGetState", text=told)
    variables = {"state": described(home, entity), "slots": {"name": entity.name}}
    answer = Answer("HassGetState", "one", variables)
    return in_words(context, answer, sentence(entity, home))


_DOING = frozenset({"media_player", "vacuum", "lawn_mower", "climate", "water_heater"})
"""Of these it is said what they do, which no language says as what they are."""
_AGREEING = frozenset({"fr", "it", "ca", "pt", "pt-BR", "ro"})
"""Languages whose word for a state has another ending for a "lampe" than for a "ventilateur"."""


def _plainly(entity: Entity, home: Home, words: Lexicon) -> str | None:
    """ "Télé : en lecture, Thalassa." where "is" and the state make no sentence: of what does
    something, and where the state's word would have to agree with the name."""
    if entity.domain not in _DOING and words.language not in _AGREEING:
        return None
    shown = words.states.get(state_word(entity, home))
    if shown is None:
        return None
    attributes = home.state(entity.id).attributes
    title, now = attributes.get("media_title"), attributes.get("current_temperature")
    degrees = f"{now} {attributes.get('temperature_unit', '°C')}" if now is not None else None
    told = ", ".join(str(part) for part in (shown, title, degrees) if part is not None)
    return words.say("state_of", name=entity.name, state=told)


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


def in_words(context: Context, answer: Answer, text: str) -> Answer:
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
