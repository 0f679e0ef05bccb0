"""Wishes that the hub itself fulfils, by intent; announcements and small talk are here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from devices.home import Home
from edge.tasks.understanding_schema import NONE, ClauseReading, Scored
from hub.ground.asked_about import asked_about
from hub.ground.context import Context
from hub.ground.list_items import change_list
from hub.ground.results import Grounded, frame, text_answer
from hub.ground.scheduled import cancel_schedule, never_mind, schedule_list, undo
from hub.ground.search import find_target
from hub.ground.spans import spans_of
from hub.ground.state_words import matches, state_said
from hub.ground.timers import cancel_all_timers, change_timer, start_timer, timer_status
from hub.ground.told import sentence
from hub.ground.wanted import KIND_DOMAINS, domain_named
from hub.languages import phrase, plain
from hub.values import Action, Effect, HubEffect


def broadcast(clause: ClauseReading, home: Home, context: Context) -> Grounded:
    """Say something everywhere."""
    message = " ".join(span.text for span in spans_of(clause, "message")).strip(" :,;-")
    frames = (frame(clause, {"message": message} if message else {}),)
    if not message:
        return Grounded(frames, asked=phrase("What shall I announce?", "what_message"))
    effect = HubEffect(Effect.BROADCAST, {"message": message})
    return Grounded(
        frames, effects=(effect,), answers=(text_answer(clause, phrase("Announced.", "announced")),)
    )


def respond(clause: ClauseReading, home: Home, context: Context) -> Grounded:
    """Greetings and questions about the hub itself."""
    about = str(context.words.find("small_talk", plain(clause.text)) or "")
    english, key = _SMALL_TALK.get(about, ("Hello.", "hello"))
    said = phrase(english, key)
    return Grounded((frame(clause, {}),), answers=(text_answer(clause, said),))


_SMALL_TALK: Mapping[str, tuple[str, str]] = {
    "welcome": ("You're welcome.", "welcome"),
    "who": ("I am hearthd, the hub of this home.", "who"),
    "privacy": ("Everything stays on this machine in your home.", "privacy"),
    "help": (
        "Tell me what to switch, set, open or close; ask for states, time or weather; set timers.",
        "help",
    ),
    "greeting": ("And to you.", "hello"),
}


def repeat(clause: ClauseReading, home: Home, context: Context) -> Grounded:
    """Do the last thing again; it is checked anew."""
    frames = (frame(clause, {}),)
    if not context.previous or not context.previous.actions:
        return Grounded(frames, refused=phrase("There is nothing to repeat.", "nothing_to_repeat"))
    return Grounded(frames, context.previous.actions)


def explain(clause: ClauseReading, home: Home, context: Context) -> Grounded:
    """What was done last, and why."""
    previous = context.previous
    if (presumed := _presumed(clause, home, context)) is not None:
        said = presumed
    elif previous is None:
        said = phrase("I have not done anything yet.", "did_nothing")
    else:
        did = ", ".join(
            f"{home.entities[a.call.entity_id].name}: {_done(a)}"
            for a in previous.actions
            if a.call.entity_id in home.entities
        )
        told = f"You said “{previous.text}”; " + (f"I did: {did}." if did else "I did nothing.")
        said = phrase(told, "did", text=previous.text, actions=did or "–")
    return Grounded((frame(clause, {}),), answers=(text_answer(clause, said),))


def _presumed(clause: ClauseReading, home: Home, context: Context) -> str | None:
    """What to say to "why is the TV off" of a thing that the last wish did not touch: how it is,
    first of all if it is otherwise."""
    named = [s for s in clause.spans if s.slot in ("name", "device", "area")]
    first = plain(clause.text).split()[:2]
    if (
        context.words.language != "en"
        or not named
        or not any(context.words.fits("being", word) for word in first[1:])
    ):
        return None
    clause = _of_its_kind(clause)
    wanted = asked_about(clause, home, context.words)
    if wanted.domain == NONE and not spans_of(clause, "name"):
        return None
    target = find_target(clause, home, context, wanted)
    found = target.entities or target.tied
    did = context.previous.actions if context.previous else ()
    if not found or {entity.id for entity in found} & {a.call.entity_id for a in did}:
        return None
    told = "; ".join(sentence(entity, home).rstrip(".") for entity in found[:4])
    asked = state_said(plain(clause.text), found[0].domain, context.words)
    wrong = asked and not any(matches(e, home.state(e.id).state, asked) for e in found)
    return f"{told}." if wrong else f"{told}. I did not do that, and do not know why."


def _of_its_kind(clause: ClauseReading) -> ClauseReading:
    """The clause about the kind of thing that its words name: of a "why" the model tells none."""
    domain = domain_named(" ".join(s.text for s in spans_of(clause, "device")), _KINDS)
    if clause.attributes["domain"].label != NONE or domain is None:
        return clause
    return replace(clause, attributes={**clause.attributes, "domain": Scored(domain, 1.0)})


_KINDS = {**KIND_DOMAINS, **dict.fromkeys(("blind", "curtain", "shade", "shutter"), "cover")}


def _done(done: Action) -> str:
    """A call in plain words: "turn on", "set temperature, temperature 21"."""
    verb = done.call.service.partition(".")[2].replace("_", " ")
    data = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in done.call.data.items())
    return f"{verb}, {data}" if data else verb


def confirm(clause: ClauseReading, home: Home, context: Context) -> Grounded:
    """ "Yes" when nothing was asked."""
    return Grounded(
        (frame(clause, {}),), refused=phrase("There is nothing to confirm.", "nothing_to_confirm")
    )


ERRANDS: Mapping[str, Callable[[ClauseReading, Home, Context], Grounded]] = {
    "HassStartTimer": start_timer,
    "HassCancelTimer": change_timer,
    "HassPauseTimer": change_timer,
    "HassUnpauseTimer": change_timer,
    "HassIncreaseTimer": change_timer,
    "HassDecreaseTimer": change_timer,
    "HassCancelAllTimers": cancel_all_timers,
    "HassTimerStatus": timer_status,
    "HassShoppingListAddItem": change_list,
    "HassShoppingListCompleteItem": change_list,
    "HassListAddItem": change_list,
    "HassListCompleteItem": change_list,
    "HassListRemoveItem": change_list,
    "HassBroadcast": broadcast,
    "HassGetSchedule": schedule_list,
    "HassCancelSchedule": cancel_schedule,
    "HassRespond": respond,
    "HassNevermind": never_mind,
    "HassUndo": undo,
    "HassRepeat": repeat,
    "HassExplain": explain,
    "HassConfirm": confirm,
}

WAITING = frozenset(
    intent
    for intent in ERRANDS
    if "List" in intent or intent in ("HassBroadcast", "HassStartTimer")
)
"""Those that may wait for something to happen."""
