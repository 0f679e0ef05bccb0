"""Wishes with a time in them: scheduled, put back later, or refused; never acted on at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from devices.home import Home
from edge.tasks.understanding_schema import ClauseReading, Span
from hub.ground.commands import ground_command
from hub.ground.context import Context
from hub.ground.followup import TIMES
from hub.ground.names import tokens
from hub.ground.results import Grounded, frame, text_answer
from hub.ground.said import names_said
from hub.ground.spans import spans_of
from hub.languages import Lexicon, phrase, plain
from hub.quantities import duration, seconds_of
from hub.times import delay, moment, too_often
from hub.values import Effect, HubEffect, When


def timed(clause: ClauseReading, home: Home, context: Context) -> Grounded:
    """A wish with a time in it is scheduled or refused, never acted on at once."""
    times = [s for s in clause.spans if s.slot in TIMES and not _in_a_name(s, clause, home)]
    times = [s for s in times if not context.words.fits("goal", plain(s.text))]
    if not times:
        spans = tuple(s for s in clause.spans if s.slot not in TIMES)
        return ground_command(replace(clause, spans=spans), home, context)
    bare = replace(clause, spans=tuple(s for s in clause.spans if s not in times))
    now = ground_command(bare, home, context)
    rest = _without(clause, times, context.words)
    first = times[0]
    if too_often(first.text, context.words):
        return cannot_wait(now, first)
    if first.slot == "delay" and (found := delay(first.text, context.now, context.words)):
        when, length = found
        frames = (frame(clause, {**length, "conversation_command": rest}, "HassStartTimer"),)
        return _schedule(clause, now, when, rest, frames)
    if context.words.has("until", plain(first.text)):
        until = moment(first.text, context.now, context.words)
        if until is None or until.due is None:
            return cannot_wait(now, first)
        return _undone_at(clause, now, until.due)
    at = moment(" ".join(span.text for span in times), context.now, context.words)
    if first.slot == "condition" or at is None:
        return cannot_wait(now, first)
    return _schedule(clause, now, at, rest, now.frames)


def _in_a_name(span: Span, clause: ClauseReading, home: Home) -> bool:
    """Whether the time is part of a thing's name ("Porch At Dusk")."""
    said = set(tokens(span.text))
    return any(said <= set(name) for name in names_said(clause, home))


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


def cannot_wait(now: Grounded, span: Span) -> Grounded:
    """A refusal that holds for the whole sentence: its time cannot be waited for."""
    english = f"I cannot wait for “{span.text}” yet; nothing was done."
    said = phrase(english, "cannot_wait", time=span.text)
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


def _call_data(action: Any) -> dict[str, Any]:
    call = action.call if hasattr(action, "call") else action
    return {"entity_id": call.entity_id, "service": call.service, "data": dict(call.data)}


def for_a_while(clause: ClauseReading, home: Home, context: Context) -> Grounded:
    """ "Turn the fan on for an hour"."""
    spans = spans_of(clause, "duration")
    length = duration(spans[0].text, context.words)
    bare = replace(clause, spans=tuple(s for s in clause.spans if s not in spans))
    now = ground_command(bare, home, context)
    if length is None:
        return cannot_wait(now, spans[0])
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
