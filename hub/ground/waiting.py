"""Wishes with a time in them: scheduled, put back later, or refused; never acted on at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from devices.home import Home
from edge.tasks.understanding_schema import ClauseReading, Scored, Span
from hub.ground.awaited import Manner
from hub.ground.awaiting import (
    Hanging,
    call_data,
    ending,
    no_place,
    on_condition,
    put_off,
    sun_data,
    unreadable,
)
from hub.ground.commands import ground_command
from hub.ground.conditions import manner_of, read_condition
from hub.ground.context import Context
from hub.ground.followup import TIMES
from hub.ground.names import tokens
from hub.ground.results import Grounded, frame, text_answer
from hub.ground.said import names_said
from hub.ground.spans import spans_of
from hub.ground.sunlight import sun_said
from hub.ground.timespans import blanked, time_spans, with_conditions, without
from hub.languages import Lexicon, Phrase, phrase, plain
from hub.quantities import duration, seconds_of
from hub.times import delay, moment, too_often
from hub.values import Effect, HubEffect, When

Grounding = Callable[[ClauseReading, Home, Context], Grounded]


def timed(
    clause: ClauseReading, home: Home, context: Context, ground: Grounding = ground_command
) -> Grounded:
    """A wish with a time in it is scheduled or refused, never acted on at once."""
    clause = time_spans(clause, context.words)
    times = [s for s in clause.spans if s.slot in TIMES and not _in_a_name(s, clause, home)]
    times = [s for s in times if not context.words.fits("goal", plain(s.text))]
    times = [s for s in times if not _at_this_meal(s, clause, context)]
    if not times:
        spans = tuple(s for s in clause.spans if s.slot not in TIMES)
        return ground(replace(clause, spans=spans), home, context)
    first = times[0]
    when_said = plain(" ".join(s.text for s in times))
    looking = manner_of(when_said, context.words) is Manner.NOW
    if context.words.find("sun", when_said) and not looking:
        return _by_the_sun(clause, times, home, context, ground)
    if first.slot == "condition" or manner_of(plain(first.text), context.words):
        found = _on_condition(clause, times, home, context, ground)
        if found is not None:
            return found
    bare = replace(clause, spans=tuple(s for s in clause.spans if s not in times))
    now = ground(bare, home, context)
    rest = without(clause, times, context.words)
    vague = context.words.fits("vaguely_later", plain(first.text))
    if vague or too_often(first.text, context.words):
        return cannot_wait(now, first)
    if first.slot == "delay" and (found_delay := delay(first.text, context.now, context.words)):
        when, length = found_delay
        frames = (frame(clause, {**length, "conversation_command": rest}, "HassStartTimer"),)
        return _schedule(clause, now, when, rest, frames)
    if context.words.has("until", plain(first.text)):
        until = moment(first.text, context.now, context.words)
        if until is None or until.due is None:
            return cannot_wait(now, first)
        return _undone_at(clause, now, until.due, context)
    at = moment(" ".join(span.text for span in times), context.now, context.words)
    if first.slot == "condition" or at is None:
        return cannot_wait(now, first)
    return _schedule(clause, now, at, rest, now.frames)


def _on_condition(
    clause: ClauseReading, times: Sequence[Span], home: Home, context: Context, ground: Grounding
) -> Grounded | None:
    """The wish with its condition; None where that cannot be read."""
    for whole in with_conditions(clause, times[0], context.words):
        conditions = [s for s in whole.spans if s.slot == "condition"]
        said = next((s for s in conditions if s.start <= times[0].start), None)
        if said is None:
            continue
        now = ground(blanked(whole, [said]), home, context)
        awaited = read_condition(said.text, home, context, _where(now, home))
        if awaited is None:
            continue
        others = [s for s in whole.spans if s.slot in TIMES and s is not said]
        if others:
            return cannot_wait(now, others[0])
        if isinstance(awaited, Phrase):
            return Grounded(now.frames, refused=awaited, holds_all=True)
        if awaited.manner is Manner.UNTIL and now.asked and whole.intent in _KEPT_ON:
            kept = replace(whole, intents=(Scored("HassTurnOn", 1.0), *whole.intents[1:]))
            now = ground(blanked(kept, [said]), home, context)
        rest = without(whole, [said], context.words)
        wish = Hanging(awaited, said.text, rest, stands_alone(whole, rest, context))
        return on_condition(clause, now, wish, home)
    return None


_KEPT_ON = frozenset({"HassClimateSetTemperature", "HassNevermind"})
"""What the model may take "keep it on until" for; no amount is said beside the condition then."""


def _where(now: Grounded, home: Home) -> list[str]:
    """The areas of what a wish is about."""
    entities = [home.entities.get(action.call.entity_id) for action in now.actions]
    return list(dict.fromkeys(e.area for e in entities if e is not None and e.area))


def stands_alone(clause: ClauseReading, rest: str, context: Context) -> bool:
    """Whether the words of a wish mean the same when they are read again later: not if they point
    back, or take something from the conversation."""
    borrowed = any(span.text not in rest for span in clause.spans if span.slot not in TIMES)
    return not borrowed and not context.words.has("pronoun", plain(rest))


def _by_the_sun(
    clause: ClauseReading,
    times: Sequence[Span],
    home: Home,
    context: Context,
    ground: Grounding,
) -> Grounded:
    now = ground(blanked(clause, times), home, context)
    said = " ".join(span.text for span in times)
    sun = sun_said(said, context.now, context.words)
    if sun is None:
        return unreadable(now, said)
    if context.place is None:
        return no_place(now)
    due = sun.next(context.now, context.place)
    untils = [s for s in times if context.words.has("until", plain(s.text))]
    if due is None or (untils and len(times) > 1):
        return unreadable(now, said)
    if untils:
        return _undone_at(clause, now, due, context)
    rest = without(clause, times, context.words)
    when = When(due, sun.repeat)
    more = {"sun": sun_data(sun)} if sun.repeat else {}
    return _schedule(clause, now, when, rest, now.frames, more, stands_alone(clause, rest, context))


def not_vaguely_later(clause: ClauseReading, now: Grounded, words: Lexicon) -> Grounded:
    """A wish that is put off to no time in particular ("in a bit") is not done at once."""
    said = _vaguely_later(clause, words) if now.actions else ""
    return unreadable(now, said) if said else now


def _vaguely_later(clause: ClauseReading, words: Lexicon) -> str:
    """The words that put a wish off to no time in particular ("in a bit"), outside of all spans."""
    at = words.where("vaguely_later", clause.text)
    length = None if at is None else words.starts("vaguely_later", clause.text[at:])
    if at is None or length is None:
        return ""
    start, end = clause.start + at, clause.start + at + length
    if any(span.start < end and start < span.end for span in clause.spans):
        return ""
    return clause.text[at : at + length].strip(" ,.")


def _in_a_name(span: Span, clause: ClauseReading, home: Home) -> bool:
    """Whether the time is part of a thing's name ("Porch At Dusk")."""
    said = set(tokens(span.text))
    return any(said <= set(name) for name in names_said(clause, home))


def cannot_wait(now: Grounded, span: Span) -> Grounded:
    """A refusal that holds for the whole sentence: its time cannot be waited for."""
    return unreadable(now, span.text)


def _schedule(
    clause: ClauseReading,
    now: Grounded,
    when: When,
    rest: str,
    frames: Any,
    more: dict[str, Any] | None = None,
    rerun: bool = True,
) -> Grounded:
    if now.refused or now.asked:
        return put_off(
            replace(now, frames=frames),
            lambda chosen: _schedule(clause, chosen, when, rest, chosen.frames, more, False),
        )
    messages = [e.data["message"] for e in now.effects if e.effect is Effect.BROADCAST]
    data = {
        "text": rest,
        "due": when.due.isoformat() if when.due else None,
        "repeat": when.repeat,
        "calls": [call_data(action.call) for action in now.actions],
        "rerun": rerun and not messages,
        **({"messages": messages} if messages else {}),
        **(more or {}),
    }
    said = phrase(f"I will, {_spoken(when)}.", "will_do", when=when.due or "")
    return Grounded(
        frames,
        effects=(HubEffect(Effect.SCHEDULE, data),),
        answers=(text_answer(clause, said),),
    )


def _spoken(when: When) -> str:
    if when.due is None:
        return "later"
    return f"{'from' if when.repeat else 'on'} {when.due:%A} at {when.due:%H:%M}"


def for_a_while(clause: ClauseReading, home: Home, context: Context) -> Grounded:
    """ "Turn the fan on for an hour"."""
    spans = spans_of(clause, "duration")
    length = duration(spans[0].text, context.words)
    bare = replace(clause, spans=tuple(s for s in clause.spans if s not in spans))
    now = ground_command(bare, home, context)
    if length is None:
        return cannot_wait(now, spans[0])
    return _undone_at(clause, now, context.now + timedelta(seconds=seconds_of(length)), context)


def _undone_at(clause: ClauseReading, now: Grounded, due: datetime, context: Context) -> Grounded:
    """Act now, and put it back later."""
    if not now.actions:
        return put_off(now, lambda chosen: _undone_at(clause, chosen, due, context))
    undo = [call_data(call) for action in now.actions if (call := ending(action))]
    data = {
        "text": f"undo: {clause.text}",
        "due": due.isoformat(),
        "repeat": None,
        "calls": undo,
        "rerun": False,
        "undone": _until(due, context.now),
    }
    return replace(now, effects=(*now.effects, HubEffect(Effect.SCHEDULE, data)))


def _until(due: datetime, now: datetime) -> Phrase:
    """Until when something stays as it was wished, as it is said: people check that it was heard
    right. The day is said if it is another."""
    if due.date() == now.date():
        return phrase(f"Until {due:%H:%M}.", "until_then", when=due.time())
    return phrase(f"Until {due:%A} at {due:%H:%M}.", "until_then", when=due)


def _at_this_meal(span: Span, clause: ClauseReading, context: Context) -> bool:
    """Whether a time is the meal that is being had ("over breakfast", in the morning): why
    something is wished, and no time to wait for."""
    words, meal = context.words, context.words.find("meal", plain(span.text))
    before = plain(clause.text[: max(0, span.start - clause.start)])
    during = words.starts("during", span.text) is not None or words.ending("during", before)
    return bool(during) and context.now.hour in _MEALS.get(str(meal), ())


_MEALS: Mapping[str, range] = {
    "breakfast": range(5, 11), "lunch": range(11, 15), "dinner": range(17, 23)
}  # fmt: skip
