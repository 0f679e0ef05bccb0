"""Wishes that the hub itself fulfils: timers, lists, announcements, what waits for its time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from devices.domains import InvalidServiceCall
from devices.home import Home
from edge.tasks.understanding_schema import ClauseReading, Scored
from hub.ground.context import Context, TimerView
from hub.ground.lists import called_whole, find_list
from hub.ground.names import SURE, best_fit, compound_head, kind_of_word, kinds_in, tokens, word_fit
from hub.ground.places import find_area
from hub.ground.results import Grounded, action, frame, text_answer
from hub.ground.spans import spans_of
from hub.languages import Choices, Lexicon, phrase, phrases, plain
from hub.lengths import Length, lengths_in
from hub.quantities import duration, seconds_of
from hub.values import Action, Effect, HubEffect

# --- timers -----------------------------------------------------------------------------------


def _durations(clause: ClauseReading, slot: str, words: Lexicon) -> dict[str, int]:
    found: dict[str, int] = {}
    for span in spans_of(clause, slot):
        for unit, count in (duration(span.text, words) or {}).items():
            found[unit] = found.get(unit, 0) + count
    return found


def _timer_slots(clause: ClauseReading, home: Home, context: Context) -> dict[str, Any]:
    slots: dict[str, Any] = {}
    for span in (*spans_of(clause, "area"), *spans_of(clause, "name")):
        area = find_area(span.text, home)
        if area is not None:
            slots["area"] = area.name
        else:
            compound = compound_head(span.text)
            slots["name"] = compound[0] if compound and compound[1] == "timer" else span.text
    start = _durations(clause, "start_duration", context.words)
    return slots | {f"start_{unit}": count for unit, count in start.items()}


def start_timer(clause: ClauseReading, home: Home, context: Context) -> Grounded:
    """Start a timer; both ways of saying its length count ("a 5 minute timer", "for 5 minutes")."""
    length = _durations(clause, "duration", context.words) or _durations(
        clause, "start_duration", context.words
    )
    length = length or _durations(clause, "delay", context.words)
    length = length or _after_a_while(clause, context.words)
    slots = {
        k: v for k, v in _timer_slots(clause, home, context).items() if not k.startswith("start_")
    }
    frames = (frame(clause, {**length, **slots}),)
    if not length:
        return Grounded(frames, asked=phrase("For how long?", "how_long"))
    seconds = seconds_of(length)
    data = {"seconds": seconds, "name": slots.get("name"), "area": context.area}
    length_said = timedelta(seconds=seconds)
    english = f"Timer for {spoken_length(seconds)} started."
    said = phrase(english, "timer_started", length=length_said)
    effect = HubEffect(Effect.START_TIMER, data)
    return Grounded(frames, effects=(effect,), answers=(text_answer(clause, said),))


def _after_a_while(clause: ClauseReading, words: Lexicon) -> dict[str, int]:
    """A length that is said as a delay ("1小时后"), all of it taken for the length."""
    for span in spans_of(clause, "duration"):
        left = words.groups["delay"].sub("", plain(span.text))
        if found := duration(left, words):
            return found
    return {}


def spoken_length(seconds: int) -> str:
    """ "1 hour 5 minutes", in English."""
    return phrases.spoken_length(seconds, "en")


def _find_timers(context: Context, slots: Mapping[str, Any], home: Home) -> list[TimerView]:
    timers = list(context.timers)
    if "name" in slots:
        timers = [t for t in timers if t.name and best_fit(str(slots["name"]), [t.name]) >= SURE]
    if "area" in slots:
        areas = {a.id for a in home.areas.values() if a.name == slots["area"]}
        timers = [t for t in timers if t.area in areas]
    start = {k.removeprefix("start_"): v for k, v in slots.items() if k.startswith("start_")}
    if start:
        timers = [t for t in timers if t.length == seconds_of(start)]
    return timers


def _change_and_start(
    clause: ClauseReading, words: Lexicon
) -> tuple[dict[str, int], dict[str, int]]:
    """By how much a timer is changed, and how long the timer is that is meant. What stands at the
    word for the timer ("the 5 minute timer", "the timer for 5 minutes") says which one it is."""
    found = lengths_in(clause.text, words)
    if not found:
        change = _durations(clause, "duration", words)
        start = _durations(clause, "start_duration", words)
        return (change, start) if change else (start, {})
    change, start = (_durations(clause, slot, words) for slot in ("duration", "start_duration"))
    if len(found) == 1 and change and start and seconds_of(change) != seconds_of(start):
        return change, start  # the two stand side by side: "take 5 minutes off the 1 hour timer"
    which = _of_the_timer(clause, found, words) if len(found) > 1 else None
    if which is None:
        return dict(found[0].parts), {}
    other = next(length for length in found if length is not which)
    return dict(other.parts), dict(which.parts)


def _of_the_timer(clause: ClauseReading, found: Sequence[Length], words: Lexicon) -> Length | None:
    for length in found:
        after = plain(clause.text[length.end :]).split()[:1]
        if after and kind_of_word(tokens(after[0])[-1]) == "timer":
            return length
    for length in found:
        before = plain(clause.text[: length.start]).split()[-_NEAR:]
        if any("timer" in kinds_in(word) for word in before):
            return length
    tagged = spans_of(clause, "start_duration")
    for length in found:
        at = clause.start + length.start
        if any(span.start <= at < span.end for span in tagged):
            return length
    return found[-1]


_NEAR = 3
"""A timer's length follows its word after at most two small ones ("minuteur de", "timer på")."""


def change_timer(clause: ClauseReading, home: Home, context: Context) -> Grounded:
    """Cancel, pause, resume, lengthen or shorten one timer."""
    slots = _timer_slots(clause, home, context)
    change: dict[str, int] = {}
    if clause.intent in ("HassIncreaseTimer", "HassDecreaseTimer"):
        change, start = _change_and_start(clause, context.words)
        slots = {k: v for k, v in slots.items() if not k.startswith("start_")}
        slots |= {f"start_{unit}": count for unit, count in start.items()}
    elif not any(k.startswith("start_") for k in slots):
        slots |= {f"start_{k}": v for k, v in _durations(clause, "duration", context.words).items()}
    frames = (frame(clause, {**change, **slots}),)
    timers = _find_timers(context, slots, home)
    if not timers:
        return Grounded(frames, refused=phrase("I couldn't find that timer.", "no_timer"))
    if len(timers) > 1:
        language = context.words.language
        names = [t.name or phrases.spoken_length(t.length, language) for t in timers]
        english = f"Which timer: {', '.join(names)}?"
        return Grounded(frames, asked=phrase(english, "which_timer", choices=Choices(names)))
    if clause.intent in ("HassIncreaseTimer", "HassDecreaseTimer") and not change:
        return Grounded(frames, asked=phrase("By how much?", "how_much"))
    sign = -1 if clause.intent == "HassDecreaseTimer" else 1
    kind = Effect.CANCEL_TIMER if clause.intent == "HassCancelTimer" else Effect.CHANGE_TIMER
    data: dict[str, Any] = {"id": timers[0].id}
    if kind is Effect.CHANGE_TIMER:
        data |= {"add": sign * seconds_of(change), "intent": clause.intent}
    english, key = _TIMER_TEXTS[clause.intent]
    by = timedelta(seconds=sign * seconds_of(change)) if change else ""
    said = text_answer(clause, phrase(english, key, length=by))
    return Grounded(frames, effects=(HubEffect(kind, data),), answers=(said,))


_TIMER_TEXTS = {
    "HassCancelTimer": ("Timer cancelled.", "timer_cancelled"),
    "HassPauseTimer": ("Timer paused.", "timer_paused"),
    "HassUnpauseTimer": ("Timer resumed.", "timer_resumed"),
    "HassIncreaseTimer": ("Timer extended.", "timer_changed"),
    "HassDecreaseTimer": ("Timer shortened.", "timer_changed"),
}


def cancel_all_timers(clause: ClauseReading, home: Home, context: Context) -> Grounded:
    """Cancel every timer, or every one of a room."""
    slots = {k: v for k, v in _timer_slots(clause, home, context).items() if k == "area"}
    timers = _find_timers(context, slots, home)
    effects = tuple(HubEffect(Effect.CANCEL_TIMER, {"id": timer.id}) for timer in timers)
    said = phrase("There are no timers.", "no_timer")
    if timers:
        said = phrase(f"{len(timers)} timers cancelled.", "cancelled")
    return Grounded((frame(clause, slots),), effects=effects, answers=(text_answer(clause, said),))


def timer_status(clause: ClauseReading, home: Home, context: Context) -> Grounded:
    """How long the timers have left."""
    slots = _timer_slots(clause, home, context)
    if not any(k.startswith("start_") for k in slots):
        slots |= {f"start_{k}": v for k, v in _durations(clause, "duration", context.words).items()}
    timers = _find_timers(context, slots, home)
    texts: list[str] = []
    for timer in timers:
        left = timer.paused_left
        if left is None:
            left = max(0, round((timer.due - context.now).total_seconds()))
        label = f"{timer.name} timer" if timer.name else f"{spoken_length(timer.length)} timer"
        paused = ", paused" if timer.paused_left is not None else ""
        english = f"{label}: {spoken_length(left)} left{paused}."
        name = timer.name or timedelta(seconds=timer.length)
        texts.append(phrase(english, "time_left", name=name, left=timedelta(seconds=left)))
    texts = texts or [phrase("There are no timers.", "no_timer")]
    answers = tuple(text_answer(clause, text) for text in texts)
    return Grounded((frame(clause, slots),), answers=answers)


# --- lists ------------------------------------------------------------------------------------


def change_list(clause: ClauseReading, home: Home, context: Context) -> Grounded:
    """Add, complete or remove items of a to-do list."""
    entity = find_list(clause, home, context.words)
    items = [span.text for span in spans_of(clause, "item")]
    shopping = clause.intent.startswith("HassShoppingList")
    called = called_whole(clause, home) if context.words.language != "en" else None
    if shopping and called is not None:
        entity, shopping = called, False
        clause = replace(clause, intents=(Scored(_OF_A_LIST[clause.intent], 1.0),))
    slots: dict[str, Any] = {"item": ", ".join(items)} if items else {}
    if entity is not None and not shopping:
        slots["name"] = entity.name
    frames = (frame(clause, slots),)
    if entity is None:
        said = " ".join(s.text for s in spans_of(clause, "list")) or "such"
        return Grounded(frames, refused=phrase(f"I know no {said} list.", "no_list"))
    if not items:
        return Grounded(frames, asked=phrase("Which item?", "which_item"))
    actions: list[Action] = []
    for item in items:
        try:
            actions.append(_list_action(clause, home, entity.id, item))
        except InvalidServiceCall as error:
            return Grounded(frames, refused=phrase(f"{error}.", "cannot", name=entity.name))
    verb, key = next(text for word, text in _LISTED.items() if word in clause.intent)
    said = phrase(f"{verb} {', '.join(items)}.", key, items=tuple(items))
    answer = text_answer(clause, said)
    return Grounded(frames, tuple(actions), answers=(answer,))


_OF_A_LIST = {
    "HassShoppingListAddItem": "HassListAddItem",
    "HassShoppingListCompleteItem": "HassListCompleteItem",
}

_LISTED = {
    "Add": ("Added", "added"),
    "Complete": ("Checked off", "checked_off"),
    "Remove": ("Removed", "removed"),
}


def _list_action(clause: ClauseReading, home: Home, entity_id: str, item: str) -> Action:
    entity = home.entities[entity_id]
    if "Add" in clause.intent:
        return action(home, entity, "add_item", {"item": item})
    have = [str(i.get("summary")) for i in home.state(entity_id).attributes.get("items", ())]
    wanted = _written_item(clause, item, have) or item
    if "Complete" in clause.intent:
        return action(home, entity, "update_item", {"item": wanted, "status": "completed"})
    return action(home, entity, "remove_item", {"item": wanted})


def _written_item(clause: ClauseReading, item: str, have: list[str]) -> str | None:
    """The item of the list that is meant: by the model's span, or by all its words being said."""
    best = max(have, key=lambda written: best_fit(item, [written]), default=None)
    if best is not None and best_fit(item, [best]) >= SURE:
        return best
    said = tokens(clause.text)
    whole = [h for h in have if all(any(word_fit(s, w) >= SURE for s in said) for w in tokens(h))]
    if whole:
        return max(whole, key=len)
    telling = [h for h in have if any(w in tokens(item) for w in tokens(h) if len(w) > 3)]
    return telling[0] if len(telling) == 1 else None


# --- announcements, small talk, what waits ------------------------------------------------------


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


def schedule_list(clause: ClauseReading, home: Home, context: Context) -> Grounded:
    """What waits for its time."""
    language = context.words.language
    texts = [f"{s.text} ({_when(s.due, s.repeat, language)})" for s in context.schedules]
    nothing = phrase("Nothing is scheduled.", "nothing_scheduled")
    said = "; ".join(texts) + "." if texts else nothing
    return Grounded((frame(clause, {}),), answers=(text_answer(clause, said),))


def _when(due: datetime | None, repeat: str | None, language: str) -> str:
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
    """The timer or schedule that the last turn started, cancelled."""
    frames = (frame(clause, {}),)
    if context.previous and context.previous.started is Effect.START_TIMER:
        kind, waiting = Effect.CANCEL_TIMER, [t.id for t in context.timers]
    else:
        kind, waiting = Effect.CANCEL_SCHEDULE, [s.id for s in context.schedules]
    if not waiting:
        return Grounded(frames, answers=(text_answer(clause, _NOTHING_DONE),))
    effect = HubEffect(kind, {"id": waiting[-1]})
    return Grounded(
        frames, effects=(effect,), answers=(text_answer(clause, phrase("Cancelled.", "cancelled")),)
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


def repeat(clause: ClauseReading, home: Home, context: Context) -> Grounded:
    """Do the last thing again; it is checked anew."""
    frames = (frame(clause, {}),)
    if not context.previous or not context.previous.actions:
        return Grounded(frames, refused=phrase("There is nothing to repeat.", "nothing_to_repeat"))
    return Grounded(frames, context.previous.actions)


def explain(clause: ClauseReading, home: Home, context: Context) -> Grounded:
    """What was done last, and why."""
    previous = context.previous
    if previous is None:
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
