"""Ground a whole sentence: every clause by its intent, times taken out first, then one plan."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from devices.home import Area, Entity, Floor, Home
from edge.tasks.understanding_schema import NONE, ClauseReading, Reading, Scored, Span
from hub.ground import facts
from hub.ground.commands import COMMANDS, ground_command
from hub.ground.context import Context
from hub.ground.errands import ERRANDS
from hub.ground.names import best_fit
from hub.ground.questions import ground_state_question
from hub.ground.results import Grounded, frame, plan_of, text_answer
from hub.ground.target import names_of, spans_of
from hub.languages import Lexicon, plain
from hub.quantities import duration, seconds_of
from hub.times import delay, moment
from hub.values import Answer, Effect, HubEffect, Plan, Status, When

FACTS: Mapping[str, Callable[[ClauseReading, Home, Context], Grounded]] = {
    "HassGetState": ground_state_question,
    "HassGetCurrentTime": facts.current_time,
    "HassGetCurrentDate": facts.current_date,
    "HassClimateGetTemperature": facts.temperature,
    "HassGetWeather": facts.weather,
    "HassGetCalendarEvents": facts.calendar,
    "HassGetListItems": facts.list_items,
}

_TARGETS = ("name", "area", "floor", "device")


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Below these a sentence is not for us, or a clause is not understood. A clause between
    `doubtful` and `intent` is asked about if it names a device; a sentence that names one of the
    home's devices is for us from `for_us_named` on. `languages` are the model's."""

    for_us: float = 0.5
    intent: float = 0.45
    doubtful: float = 0.25
    for_us_named: float = 0.35
    languages: tuple[str, ...] = ("en",)


def ground(reading: Reading, home: Home, context: Context, thresholds: Thresholds) -> Plan:
    """The plan for a sentence. Pure; asks or refuses rather than guesses."""
    named = reading.for_us >= thresholds.for_us_named and _names_a_device(reading, home)
    least = thresholds.for_us_named if named else thresholds.for_us
    if not reading.clauses or reading.for_us < least:
        return Plan(Status.NOT_UNDERSTOOD)
    if thresholds.languages == ("en",) and _foreign(reading.text, home):
        return Plan(Status.NOT_UNDERSTOOD)
    clauses = [_whole(clause, context) for clause in reading.clauses]
    surest = min(clause.intents[0].confidence for clause in clauses)
    if surest < thresholds.doubtful or any(clause.intent == NONE for clause in clauses):
        return Plan(Status.NOT_UNDERSTOOD)
    plan = plan_of([_ground_clause(clause, home, context) for clause in clauses])
    if surest < thresholds.intent:
        plan = _doubted(plan, home)
    return replace(plan, explanation={"clauses": clauses})


def _names_a_device(reading: Reading, home: Home) -> bool:
    """Whether what the model takes for a name is one in this home."""
    said = [s.text for c in reading.clauses for s in c.spans if s.slot == "name"]
    return any(
        best_fit(text, names_of(entity, home)) >= _NAMED
        for text in said
        for entity in home.entities.values()
    )


_NAMED = 0.78


def _foreign(text: str, home: Home) -> bool:
    """Whether letters are in the sentence that English has only in names: a reader of English
    alone must not guess at other languages, or at letters that only look like ours."""
    odd = {w.casefold() for w in text.split() if any(c.isalpha() and not c.isascii() for c in w)}
    if not odd:
        return False
    odd = {w for w in odd if not unicodedata.normalize("NFKC", w).isascii()}
    things: list[Entity | Area | Floor] = [*home.entities.values(), *home.areas.values()]
    things += home.floors.values()
    names = {
        word.casefold()
        for thing in things
        for name in (thing.name, *thing.aliases)
        for word in name.split()
    }
    return not odd <= names


def _doubted(plan: Plan, home: Home) -> Plan:
    """A doubtful reading that names a device is asked about; any other is not understood."""
    if not plan.actions or plan.status is not Status.DONE:
        return Plan(Status.NOT_UNDERSTOOD)
    names = [home.entities[action.call.entity_id].name for action in plan.actions]
    verb = plan.actions[0].call.service.partition(".")[2].replace("_", " ")
    question = f"Did you mean: {verb}, {' and '.join(dict.fromkeys(names))}?"
    return replace(plan, status=Status.CONFIRM, answers=(Answer("", text=question),))


def _whole(clause: ClauseReading, context: Context) -> ClauseReading:
    """A clause without a verb of its own borrows the last turn's."""
    last = context.extra.get("clause")
    if clause.intent != "HassFollowUp" or not isinstance(last, ClauseReading):
        return clause
    spans = clause.spans or last.spans
    attributes = dict(last.attributes)
    if any(span.slot in ("area", "name") for span in clause.spans):
        kept = [s for s in last.spans if s.slot not in _TARGETS and s.slot not in _TIMES]
        spans = (*clause.spans, *kept)
    return replace(
        clause, intents=(Scored(last.intent, clause.intents[0].confidence),),
        attributes=attributes, spans=tuple(spans),
    )  # fmt: skip


_TIMES = frozenset({"delay", "time", "condition"})


def _ground_clause(clause: ClauseReading, home: Home, context: Context) -> Grounded:
    intent = clause.intent
    if intent in FACTS:
        return FACTS[intent](clause, home, context)
    if intent in COMMANDS:
        clause = _with_pronoun(clause, home, context)
        if any(span.slot in _TIMES for span in clause.spans):
            return _timed(clause, home, context)
        if spans_of(clause, "duration"):
            return _for_a_while(clause, home, context)
        return ground_command(clause, home, context)
    if intent in ERRANDS:
        return ERRANDS[intent](clause, home, context)
    if intent == "HassFollowUp":
        return Grounded((frame(clause, {}),), asked="What shall I do there?")
    return Grounded(not_understood=True)


def _with_pronoun(clause: ClauseReading, home: Home, context: Context) -> ClauseReading:
    """ "Turn it off": the things of the last turn, by name."""
    if any(span.slot in _TARGETS for span in clause.spans) or context.previous is None:
        return clause
    if not context.words.has("pronoun", plain(clause.text)):
        return clause
    ids = dict.fromkeys(action.call.entity_id for action in context.previous.actions)
    names = [home.entities[i].name for i in ids if i in home.entities]
    domains = {i.partition(".")[0] for i in ids}
    if not names:
        return clause
    spans = tuple(Span(clause.start, clause.start, "name", name, 1.0) for name in names[:1])
    attributes = dict(clause.attributes)
    if len(domains) == 1:
        attributes["domain"] = Scored(next(iter(domains)), 1.0)
    if len(names) > 1:
        last = context.extra.get("clause")
        if isinstance(last, ClauseReading):
            spans = tuple(s for s in last.spans if s.slot in (*_TARGETS, "except"))
            attributes["scope"] = last.attributes["scope"]
    return replace(clause, spans=(*clause.spans, *spans), attributes=attributes)


def _timed(clause: ClauseReading, home: Home, context: Context) -> Grounded:
    """A wish with a time in it is scheduled or refused, never acted on at once."""
    times = [span for span in clause.spans if span.slot in _TIMES]
    bare = replace(clause, spans=tuple(s for s in clause.spans if s not in times))
    now = ground_command(bare, home, context)
    rest = _without(clause, times, context.words)
    first = times[0]
    if first.slot == "delay" and (found := delay(first.text, context.now, context.words)):
        when, length = found
        frames = (frame(clause, {**length, "conversation_command": rest}, "HassStartTimer"),)
        return _schedule(clause, now, when, rest, frames)
    if context.words.has("until", plain(first.text)):
        until = moment(first.text, context.now, context.words)
        if until is None or until.due is None:
            return _cannot_wait(now, first)
        return _undone_at(clause, now, until.due)
    at = moment(" ".join(span.text for span in times), context.now, context.words)
    if first.slot == "condition" or at is None:
        return _cannot_wait(now, first)
    return _schedule(clause, now, at, rest, now.frames)


def _without(clause: ClauseReading, times: list[Span], words: Lexicon) -> str:
    text = clause.text
    for span in sorted(times, key=lambda s: -s.start):
        start, end = span.start - clause.start, span.end - clause.start
        text = f"{text[:start]} {text[end:]}"
    said = " ".join(text.split()).strip(_PUNCTUATION).split()
    while said and words.fits("and", plain(said[-1])):
        said.pop()
    return " ".join(said).strip(_PUNCTUATION)


_PUNCTUATION = " ,.;:!?，。、；：！？"


def _cannot_wait(now: Grounded, span: Span) -> Grounded:
    said = f"I cannot wait for “{span.text}” yet; nothing was done."
    return Grounded(now.frames, refused=said, holds_all=True)


def _schedule(clause: ClauseReading, now: Grounded, when: When, rest: str, frames: Any) -> Grounded:
    if now.refused or now.asked:
        return replace(now, frames=frames, choices=())
    data = {
        "text": rest,
        "due": when.due.isoformat() if when.due else None,
        "repeat": when.repeat,
        "calls": [_call_data(action) for action in now.actions],
        "rerun": True,
    }
    said = f"I will, {_spoken(when)}."
    return Grounded(
        frames,
        effects=(HubEffect(Effect.SCHEDULE, data),),
        answers=(text_answer(clause, said),),
    )


def _spoken(when: When) -> str:
    if when.due is None:
        return "later"
    return f"{'from' if when.repeat else 'on'} {when.due:%A} at {when.due:%H:%M}"


def _call_data(action: Any) -> dict[str, Any]:
    call = action.call if hasattr(action, "call") else action
    return {"entity_id": call.entity_id, "service": call.service, "data": dict(call.data)}


def _for_a_while(clause: ClauseReading, home: Home, context: Context) -> Grounded:
    spans = spans_of(clause, "duration")
    length = duration(spans[0].text, context.words)
    bare = replace(clause, spans=tuple(s for s in clause.spans if s not in spans))
    now = ground_command(bare, home, context)
    if length is None:
        return _cannot_wait(now, spans[0])
    return _undone_at(clause, now, context.now + timedelta(seconds=seconds_of(length)))


def _undone_at(clause: ClauseReading, now: Grounded, due: datetime) -> Grounded:
    """Act now, and put it back later."""
    if not now.actions:
        return now
    undo = [_call_data(action.undo) for action in now.actions if action.undo]
    data = {
        "text": f"undo: {clause.text}",
        "due": due.isoformat(),
        "repeat": None,
        "calls": undo,
        "rerun": False,
    }
    return replace(now, effects=(*now.effects, HubEffect(Effect.SCHEDULE, data)))
