"""What waits: asked about, cancelled, dropped again, undone."""

from __future__ import annotations

from devices.home import Home
from edge.tasks.understanding_schema import ClauseReading
from hub.ground.context import Context, ScheduleView
from hub.ground.results import Grounded, action, frame, text_answer
from hub.languages import phrase, phrases, plain
from hub.values import Effect, HubEffect


def schedule_list(clause: ClauseReading, home: Home, context: Context) -> Grounded:
    """What waits for its time."""
    language = context.words.language
    texts = [f"{s.text} ({_when(s, language)})" for s in context.schedules]
    nothing = phrase("Nothing is scheduled.", "nothing_scheduled")
    said = "; ".join(texts) + "." if texts else nothing
    return Grounded((frame(clause, {}),), answers=(text_answer(clause, said),))


def _when(waiting: ScheduleView, language: str) -> str:
    due, repeat = waiting.due, waiting.repeat
    if waiting.awaits:
        return waiting.awaits
    if language != "en":
        return f"{phrases.spoken_moment(due, language)}{' ↻' if repeat else ''}" if due else ""
    day = f"{due:%A %H:%M}" if due else ""
    return f"{day}, repeating" if repeat else day


def cancel_schedule(clause: ClauseReading, home: Home, context: Context) -> Grounded:
    """Cancel everything that waits."""
    effects = tuple(HubEffect(Effect.CANCEL_SCHEDULE, {"id": s.id}) for s in context.schedules)
    said = phrase("Nothing is scheduled.", "nothing_scheduled")
    if effects:
        said = phrase(f"{len(effects)} cancelled.", "cancelled")
    return Grounded((frame(clause, {}),), effects=effects, answers=(text_answer(clause, said),))


_NOTHING_DONE = phrase("OK, nothing done.", "nothing_done")


def never_mind(clause: ClauseReading, home: Home, context: Context) -> Grounded:
    """Do nothing, and say so; or drop the timer or the plan that was just made."""
    if context.previous and context.previous.started and _means_it(clause, context):
        return _dropped(clause, context)
    return Grounded(
        (frame(clause, {}),),
        answers=(text_answer(clause, _NOTHING_DONE),),
    )


def _means_it(clause: ClauseReading, context: Context) -> bool:
    return context.words.has("pronoun", plain(clause.text))


def _dropped(clause: ClauseReading, context: Context) -> Grounded:
    """The timers or schedules that the last turn started, cancelled."""
    frames = (frame(clause, {}),)
    if context.previous and context.previous.started is Effect.START_TIMER:
        kind, waiting = Effect.CANCEL_TIMER, [t.id for t in context.timers]
    else:
        kind, waiting = Effect.CANCEL_SCHEDULE, [s.id for s in context.schedules]
    if not waiting or context.previous is None:
        return Grounded(frames, answers=(text_answer(clause, _NOTHING_DONE),))
    effects = tuple(HubEffect(kind, {"id": key}) for key in waiting[-context.previous.starts :])
    return Grounded(
        frames, effects=effects, answers=(text_answer(clause, phrase("Cancelled.", "cancelled")),)
    )


def undo(clause: ClauseReading, home: Home, context: Context) -> Grounded:
    """Bring back what was before the last turn."""
    frames = (frame(clause, {}),)
    previous = context.previous
    if previous and previous.started and not any(a.undo for a in previous.actions):
        return _dropped(clause, context)
    calls = [a.undo for a in reversed(previous.actions) if a.undo] if previous else []
    if not calls:
        return Grounded(
            frames, refused=phrase("There is nothing that I could undo.", "nothing_to_undo")
        )
    actions = tuple(
        action(home, home.entities[call.entity_id], call.service.partition(".")[2], call.data)
        for call in calls
        if call.entity_id in home.entities
    )
    return Grounded(frames, actions, answers=(text_answer(clause, phrase("Undone.", "undone")),))
