"""What grounding one clause gives, and the small steps that all intents share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from devices import behaviour
from devices.domains import SERVICES, InvalidServiceCall
from devices.home import EMPTY, Entity, Home
from devices.services import ServiceCall
from edge.tasks.understanding_schema import ClauseReading
from hub.ground.target import Target
from hub.languages import Choices, Phrase, phrase
from hub.values import Action, Answer, Choice, Frame, HubEffect, Plan, Status


@dataclass(frozen=True, slots=True)
class Grounded:
    """One clause, grounded. `refused` and `asked` are sentences for the person; `holds_all` says
    that the refusal may concern the whole sentence (a time that cannot be waited for); `about` are
    the entities that a question is about; `tells`: it is answered with something that no entity
    holds; `unknown`: it names what is not in the home."""

    frames: tuple[Frame, ...] = ()
    actions: tuple[Action, ...] = ()
    effects: tuple[HubEffect, ...] = ()
    answers: tuple[Answer, ...] = ()
    choices: tuple[Choice, ...] = ()
    asked: str | None = None
    refused: str | None = None
    not_understood: bool = False
    holds_all: bool = False
    unknown: bool = False
    about: tuple[str, ...] = ()
    tells: bool = False
    explanation: Mapping[str, Any] = field(default_factory=lambda: EMPTY)


def frame(clause: ClauseReading, slots: Mapping[str, Any], intent: str | None = None) -> Frame:
    """The clause's frame with the model's confidence."""
    return Frame(intent or clause.intent, dict(slots), round(clause.intents[0].confidence, 4))


def text_answer(clause: ClauseReading, text: str) -> Answer:
    """An answer in words of our own."""
    return Answer(clause.intent, text=text)


def action(home: Home, entity: Entity, service: str, data: Mapping[str, Any] = EMPTY) -> Action:
    """A service call with what to expect and how to undo it. Raises `InvalidServiceCall`."""
    call = ServiceCall(entity.id, f"{entity.domain}.{service}", dict(data))
    state = home.state(entity.id)
    return Action(
        call,
        behaviour.expected(entity, state, call),
        behaviour.inverse(entity, state, call),
    )


def carry_out(
    clause: ClauseReading,
    home: Home,
    entities: Sequence[Entity],
    frames: tuple[Frame, ...],
    call: Any,
) -> Grounded:
    """One action for each entity; `call(entity)` gives service and data, or None to leave it out.

    An entity that cannot do it is refused if it was meant alone, and passed over in a group.
    """
    actions: list[Action] = []
    problems: list[str] = []
    for entity in entities:
        wanted = None
        try:
            wanted = call(entity)
            if wanted is not None:
                actions.append(action(home, entity, *wanted))
        except Impossible as error:
            problems.append(reason_of(error, entity))
        except InvalidServiceCall as error:
            known = wanted is not None and wanted[0] in SERVICES.get(entity.domain, {})
            kind = entity.domain.replace("_", " ")
            text = f"{error}." if known else f"{entity.name} is a {kind}: it cannot do that."
            problems.append(phrase(text, "cannot", name=entity.name))
    if not actions:
        reason = problems[0] if problems else phrase("There is nothing to change.", "no_change")
        return Grounded(frames, refused=reason)
    return Grounded(frames, tuple(actions))


class Impossible(Exception):
    """This device cannot do that, or not that far. The message is for the person."""


def reason_of(error: Exception, entity: Entity) -> Phrase:
    """Why an entity cannot do something: precisely in English, that it cannot elsewhere."""
    said = error.args[0] if error.args else ""
    return said if isinstance(said, Phrase) else phrase(str(error), "cannot", name=entity.name)


def frames_for(
    clause: ClauseReading, home: Home, target: Target, slots: Mapping[str, Any]
) -> tuple[Frame, ...]:
    """One frame, or one for each room when several are named."""
    if len(target.areas) > 1:
        return tuple(
            frame(clause, {**target.slots, "area": home.areas[area].name, **slots})
            for area in target.areas
        )
    return (frame(clause, {**target.slots, **slots}),)


def unresolved(
    clause: ClauseReading, home: Home, target: Target, frames: tuple[Frame, ...], resolve: Any
) -> Grounded | None:
    """A question or refusal if the target is not clear; None if it is.

    `resolve(entities)` grounds the clause for a given choice.
    """
    if target.tied:
        return _ask(home, target, frames, resolve)
    if target.missing is not None:
        named = any(span.slot == "name" for span in clause.spans)
        return Grounded(frames, refused=no_such(target), unknown=named)
    return None


def no_such(target: Target) -> str:
    """The refusal of what the home does not have, with what comes near it."""
    said = (target.missing or "").replace("_", " ")
    if target.nearest:
        return phrase(
            f"I know nothing called {said}. Did you mean {_or(target.nearest)}?",
            "did_you_mean",
            name=said,
            choices=Choices(target.nearest),
        )
    if " in " in said or " on " in said:
        kind, word, place = said.rpartition(" in ") if " in " in said else said.rpartition(" on ")
        several = kind.endswith("s") and not kind.endswith("ss")
        text = f"There {'are' if several else 'is'} no {kind} {word.strip()} the {place}."
        return phrase(text, "none_there", place=place)
    return phrase(f"I know nothing called {said}.", "no_such", name=said)


def _or(names: Sequence[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} or {last}" if most else last


def _ask(home: Home, target: Target, frames: tuple[Frame, ...], resolve: Any) -> Grounded:
    by_label = _by_label(home, target)
    choices: list[Choice] = []
    for label, entities in by_label.items():
        if len(choices) >= _OFFERED or any(not resolve((one,)).refused for one in entities):
            about = tuple([entity.id for entity in entities])
            choices.append(Choice(label, about, partial(_planned, resolve, entities)))
    if not choices:
        return Grounded(frames, refused=_why_not(home, target, resolve))
    if len(choices) == 1 and len(by_label) > 1:
        only: Grounded = resolve(by_label[choices[0].label])
        return only
    if len(by_label) == 1 and not target.needs_place and len(target.tied) > 1:
        name = next(iter(by_label))
        text = phrase(f"There are several called {name}.", "several", name=name)
        return Grounded(frames, asked=text)
    if len(target.tied) == 1:
        name = choices[0].label
        text = phrase(f"Do you mean {name}?", "do_you_mean", name=name)
        return Grounded(frames, choices=tuple(choices), asked=text)
    labels = Choices(choice.label for choice in choices[:_OFFERED])
    question, key = "Which one", "which_one"
    if target.needs_place:
        question, key = "In which room", "which_room"
    text = phrase(f"{question}: {_or(labels)}?", key, choices=labels)
    return Grounded(frames, choices=tuple(choices), asked=text)


_OFFERED = 6
"""So many choices are named in a question, and are known to be possible."""


def _planned(resolve: Any, entities: Sequence[Entity]) -> Plan:
    return plan_of((resolve(entities),))


def _why_not(home: Home, target: Target, resolve: Any) -> str:
    """Why none of the things that were meant can do it: the first one's reason."""
    first: Grounded = resolve(target.tied[:1])
    return first.refused or phrase("None of these can do that.", "none_can")


def _by_label(home: Home, target: Target) -> Mapping[str, Sequence[Entity]]:
    """The things to choose from, by what each is called in the question."""
    rooms = {area.id: area.name for area in home.areas.values()}
    called = Counter([entity.name for entity in target.tied])
    found: dict[str, list[Entity]] = {}
    for entity in target.tied:
        label, room = entity.name, rooms.get(entity.area or "")
        if room and target.needs_place:
            label = room
        elif room and called[label] > 1:
            label = f"{label} ({room})"
        found.setdefault(label, []).append(entity)
    return found


def plan_of(parts: Sequence[Grounded]) -> Plan:
    """The plan for all clauses together.

    If one clause has to be asked about, the whole sentence waits, and each choice carries the other
    clauses with it. A clause that is refused does not hold back the others.
    """
    frames = tuple(f for part in parts for f in part.frames)
    actions = tuple(a for part in parts for a in part.actions)
    effects = tuple(e for part in parts for e in part.effects)
    answers = tuple(a for part in parts for a in part.answers)
    asking = next((part for part in parts if part.asked), None)
    refused = [part for part in parts if part.refused]
    intent = frames[0].intent if frames else ""
    if asking is not None:
        rest = [part for part in parts if part is not asking]
        choices = asking.choices
        if rest:
            with_it = plan_of(rest)  # once: as many times as there are choices would be exponential
            choices = tuple(_with_rest(choice, with_it) for choice in choices)
        question = Answer(intent, text=asking.asked)
        return Plan(Status.CLARIFY, frames, choices=choices, answers=(question,))
    said = tuple(Answer(intent, text=part.refused) for part in refused)
    if parts and all(part.not_understood for part in parts):
        return Plan(Status.NOT_UNDERSTOOD, answers=answers)
    if any(part.holds_all for part in refused):
        return Plan(Status.REFUSED, frames, answers=said)
    if actions or effects:
        status = Status.FAILED if refused else Status.DONE
        return Plan(status, frames, actions, effects, answers + said)
    if refused:
        return Plan(Status.REFUSED, frames, answers=answers + said)
    return Plan(Status.ANSWERED, frames, answers=answers)


def _with_rest(choice: Choice, rest: Plan) -> Choice:
    others = tuple(action.call.entity_id for action in rest.actions)
    about = tuple(dict.fromkeys((*choice.about, *others)))
    return Choice(choice.label, about, lambda: _joined(choice.plan, rest))


def _joined(first: Plan, second: Plan) -> Plan:
    return Plan(
        first.status if second.status is Status.DONE else second.status,
        first.frames + second.frames,
        first.actions + second.actions,
        first.effects + second.effects,
        first.answers + second.answers,
    )
