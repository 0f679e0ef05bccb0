"""Wishes that hang on a condition or on the sun: looked up now, waited for, or put back then."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from devices.home import Home
from devices.services import ServiceCall
from edge.tasks.understanding_schema import ClauseReading, Scored
from hub.ground.awaited import Awaited, Manner
from hub.ground.conditions import read_condition
from hub.ground.context import Context
from hub.ground.results import Grounded, frame, plan_of, text_answer
from hub.ground.sunlight import SunTime
from hub.languages import Lexicon, Phrase, phrase, plain
from hub.values import Action, Choice, Effect, HubEffect, Plan


@dataclass(frozen=True, slots=True)
class Hanging:
    """A wish that hangs on a condition: the condition's own words (`said`), those of the wish
    without them (`rest`), and whether these can be read again later (`rerun`)."""

    awaited: Awaited
    said: str
    rest: str
    rerun: bool


def on_condition(clause: ClauseReading, now: Grounded, wish: Hanging, home: Home) -> Grounded:
    """A wish with the condition that it hangs on. `now` is what it comes to without it."""
    awaited, said = wish.awaited, wish.said
    if awaited.manner is Manner.NOW:
        return _if_so(clause, now, awaited, said)
    if now.refused or now.asked:
        return put_off(
            now, lambda chosen: on_condition(clause, chosen, replace(wish, rerun=False), home)
        )
    if awaited.manner is Manner.UNTIL:
        return _until(clause, now, awaited, said)
    data = _waiting(awaited, wish.rest, said) | {
        "calls": [call_data(action.call) for action in now.actions],
        "rerun": wish.rerun,
    }
    return Grounded(
        now.frames,
        effects=(HubEffect(Effect.SCHEDULE, data),),
        answers=(text_answer(clause, _promise(awaited, now.actions, home)),),
    )


def put_off(now: Grounded, later: Callable[[Grounded], Grounded]) -> Grounded:
    """A refusal or question about what is not to be done at once; each choice waits as well."""
    return replace(
        now, choices=tuple(Choice(c.label, c.about, partial(_later, c, later)) for c in now.choices)
    )


def _later(choice: Choice, later: Callable[[Grounded], Grounded]) -> Plan:
    plan = choice.plan
    if not plan.actions:
        return plan
    return plan_of((later(Grounded(plan.frames, plan.actions)),))


def _waiting(awaited: Awaited, rest: str, said: str) -> dict[str, Any]:
    return {
        "text": rest,
        "due": None,
        "repeat": "EACH" if awaited.manner is Manner.EVERY else None,
        "awaits": {
            "condition": awaited.told.condition.model_dump(
                mode="json", by_alias=True, exclude_none=True
            ),
            "held": list(awaited.parts),
            "said": said,
        },
    }


def _promise(awaited: Awaited, actions: Sequence[Action], home: Home) -> str:
    told = awaited.told
    lead = "Every time" if awaited.manner is Manner.EVERY else "When"
    doing = _doing(actions, home)
    already = " It is so already: I wait for the next time." if awaited.already else ""
    english = f"{lead} {told.english}, I will {doing}.{already}"
    return phrase(english, "will_when", what=told.brief)


def _doing(actions: Sequence[Action], home: Home) -> str:
    """ "turn on Fan and Lamp", in English."""
    services = {a.call.service.partition(".")[2] for a in actions}
    named = [home.entities[a.call.entity_id].name for a in actions]
    if len(services) != 1:
        return f"do that with {' and '.join(named)}" if 0 < len(named) <= _MOST_NAMED else "do that"
    service = services.pop()
    verb = "set" if service.startswith("set_") else service
    for word in ("_cover", "_valve"):
        verb = verb.removesuffix(word)
    shown = " and ".join(named) if len(named) <= _MOST_NAMED else f"{len(named)} devices"
    return f"{verb.replace('_', ' ')} {shown}"


_MOST_NAMED = 4


def _if_so(clause: ClauseReading, now: Grounded, awaited: Awaited, said: str) -> Grounded:
    """Looked up now: done, or told why not."""
    if now.refused:
        return now
    if awaited.holds is None:
        return unreadable(now, said, f"I cannot tell: {awaited.told.found}; nothing was done.")
    if awaited.holds:
        return now
    found = phrase(f"{awaited.told.found}, so I did nothing.", "not_so", what=awaited.told.brief)
    return Grounded(now.frames, answers=(text_answer(clause, found),), about=awaited.told.about)


def _until(clause: ClauseReading, now: Grounded, awaited: Awaited, said: str) -> Grounded:
    """Done now, and put back when the condition comes about."""
    if not now.actions or awaited.holds is None:
        return now if not now.actions else unreadable(now, said)
    if awaited.holds:
        found = phrase(
            f"{awaited.told.found} already, so I did nothing.", "not_so", what=awaited.told.brief
        )
        return Grounded(now.frames, answers=(text_answer(clause, found),), about=awaited.told.about)
    data = _waiting(awaited, f"undo: {clause.text}", said) | {
        "calls": [call_data(call) for a in now.actions if (call := ending(a))],
        "rerun": False,
        "repeat": None,
    }
    english = f"I do that now, and put it back when {awaited.told.english}."
    promise = text_answer(clause, phrase(english, "will_when", what=awaited.told.brief))
    return replace(
        now, effects=(*now.effects, HubEffect(Effect.SCHEDULE, data)),
        answers=(*now.answers, promise),
    )  # fmt: skip


_ENDS = {
    "turn_on": "turn_off", "turn_off": "turn_on", "open_cover": "close_cover",
    "close_cover": "open_cover", "unlock": "lock", "open_valve": "close_valve",
}  # fmt: skip


def ending(done: Action) -> ServiceCall | None:
    """What ends a wish that is "until" something: what was before, or the opposite where it was so
    already ("keep the heating on until")."""
    domain, _, service = done.call.service.partition(".")
    same = done.undo is not None and done.undo.service == done.call.service
    if done.undo is not None and not (same and service in _ENDS):
        return done.undo
    opposite = _ENDS.get(service)
    return ServiceCall(done.call.entity_id, f"{domain}.{opposite}", {}) if opposite else None


def call_data(call: ServiceCall) -> dict[str, Any]:
    """A call as JSON."""
    return {"entity_id": call.entity_id, "service": call.service, "data": dict(call.data)}


def unreadable(now: Grounded, said: str, why: str | None = None) -> Grounded:
    """A refusal that holds for the whole sentence: this cannot be waited for."""
    english = why or f"I cannot wait for “{said}” yet; nothing was done."
    return Grounded(now.frames, refused=phrase(english, "cannot_wait", time=said), holds_all=True)


def no_place(now: Grounded) -> Grounded:
    """A refusal: nobody has told where the house is."""
    english = (
        "I do not know where the house is: set latitude and longitude under [house] in the "
        "configuration. Nothing was done."
    )
    return Grounded(now.frames, refused=phrase(english, "no_place"), holds_all=True)


def sun_data(sun: SunTime) -> dict[str, Any]:
    """A moment of the sun as JSON, for what repeats by it."""
    days = sun.trigger.weekday
    return {"event": sun.event, "offset": sun.offset.total_seconds(), "weekday": list(days)}


def _surely(clause: ClauseReading) -> ClauseReading:
    return replace(clause, intents=(Scored("HassBroadcast", _SURE),))


def _asks_now(clause: ClauseReading, said: str, words: Lexicon) -> bool:
    """ "Tell me if the window is open" asks how it is; if it opens, or to be warned, waits."""
    telling = words.starts("just_tell", clause.text) is not None
    return telling and clause.intent in _ASKING and not words.has("happens", plain(said))


_ASKING = frozenset({"HassGetState", "HassGetWeather", "HassClimateGetTemperature"})
_SURE = 0.9
"""What begins with "tell me when" and goes on with a condition of this home can be nothing else."""


def notice(
    clause: ClauseReading, home: Home, context: Context
) -> tuple[ClauseReading, Grounded] | None:
    """ "Tell me when the dryer is done": a message to give then; None if it asks for nothing like
    that, or for what cannot be waited for (then it is a question)."""
    words = context.words
    lead = words.starts("tell_me", clause.text)
    if lead is None:
        return None
    said = clause.text[lead:].strip(" ,.:;!?，。！？")
    awaited = read_condition(said, home, context)
    if isinstance(awaited, Phrase):
        refused = Grounded((frame(clause, {}, "HassBroadcast"),), refused=awaited, holds_all=True)
        return _surely(clause), refused
    if awaited is None or awaited.manner is Manner.UNTIL:
        return None
    if awaited.manner is Manner.NOW:
        if _asks_now(clause, said, words):
            return None
        awaited = replace(awaited, manner=Manner.ONCE)
    message = f"{awaited.told.english}." if words.language == "en" else f"{awaited.told.brief}."
    data = _waiting(awaited, clause.text, said) | {
        "calls": [], "rerun": False, "messages": [message[0].upper() + message[1:]],
    }  # fmt: skip
    lead_word = "every time" if awaited.manner is Manner.EVERY else "when"
    english = f"I will tell you {lead_word} {awaited.told.english}."
    if awaited.already:
        english += " It is so already: I wait for the next time."
    promise = phrase(english, "will_when", what=awaited.told.brief)
    frames = (frame(clause, {"message": data["messages"][0]}, "HassBroadcast"),)
    effect = HubEffect(Effect.SCHEDULE, data)
    return _surely(clause), Grounded(
        frames, effects=(effect,), answers=(text_answer(clause, promise),)
    )
