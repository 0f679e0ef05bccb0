"""When the sun rises and sets, asked as a question."""

from __future__ import annotations

from edge.tasks.understanding_schema import NONE, ClauseReading
from hub.ground.awaiting import no_place
from hub.ground.context import Context
from hub.ground.results import Grounded, frame, text_answer
from hub.ground.sunlight import sun_said
from hub.languages import phrases, plain

_VERBS = {"sunrise": "rises", "sunset": "sets"}


def sun_answer(clause: ClauseReading, context: Context) -> Grounded | None:
    """ "When is sunset": the next one, or that of the day that is named; None for anything else."""
    things = [s for s in clause.spans if s.slot in ("name", "device", "area", "floor")]
    asked = clause.attributes["question"].label in ("value", "since", NONE)
    if not asked or any(context.words.find("sun", plain(s.text)) is None for s in things):
        return None
    sun = sun_said(clause.text, context.now, context.words)
    if sun is None or sun.repeat or sun.offset:
        return None
    frames = (frame(clause, {}),)
    if context.place is None:
        return no_place(Grounded(frames))
    at = sun.next(context.now, context.place)
    if at is None:
        return None
    told = phrases.spoken_moment(at, context.words.language)
    if context.words.language == "en":
        told = f"The sun {_VERBS[sun.event]} on {at:%A} at {at:%H:%M}."
    return Grounded(frames, answers=(text_answer(clause, told),), tells=True)
