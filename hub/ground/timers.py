"""Timers: started, changed, asked about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from devices.home import Home
from edge.tasks.understanding_schema import ClauseReading
from hub.ground.aspect_answers import aspect_answer
from hub.ground.aspects import told
from hub.ground.context import Context, TimerView
from hub.ground.names import SURE, best_fit, compound_head, kind_of_word, kinds_in, tokens
from hub.ground.places import find_area
from hub.ground.results import Grounded, frame, text_answer
from hub.ground.spans import spans_of
from hub.languages import Choices, Lexicon, phrase, phrases, plain
from hub.lengths import Length, lengths_in
from hub.quantities import duration, seconds_of
from hub.values import Effect, HubEffect


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
            compound = compound_head(span.text) or _hyphenated(span.text)
            slots["name"] = compound[0] if compound and compound[1] == "timer" else span.text
    start = _durations(clause, "start_duration", context.words)
    return slots | {f"start_{unit}": count for unit, count in start.items()}


def _hyphenated(text: str) -> tuple[str, str] | None:
    """ "Pizza-Timer" as a name and what it is of."""
    name, _, last = text.rpartition("-")
    kind = kind_of_word(tokens(last)[-1]) if name and tokens(last) else None
    return (name, kind) if kind else None


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
    if len(found) == 1:
        found = _apart_before_timer(clause, found[0], words)
    which = _of_the_timer(clause, found, words) if len(found) > 1 else None
    if which is None:
        return dict(found[0].parts), {}
    other = next(length for length in found if length is not which)
    return dict(other.parts), dict(which.parts)


def _apart_before_timer(clause: ClauseReading, length: Length, words: Lexicon) -> list[Length]:
    """Two lengths that are said like one, right before the word for the timer, where a change and
    a timer need one each: "9 órát 9 perces időzítőről", "1 tunti 10 minuutin ajastimesta"."""
    after = plain(clause.text[length.end :]).split()[:1]
    said = clause.text[length.start : length.end]
    last = said.rfind(" ", 0, said.rfind(" "))
    if last <= 0 or not after or kind_of_word(tokens(after[0])[-1]) != "timer":
        return [length]
    before = plain(said[:last]).split()
    if not before or words.fits("and", before[-1]):
        return [length]
    first, second = lengths_in(said[:last], words), lengths_in(said[last:], words)
    if len(first) != 1 or len(second) != 1:
        return [length]
    middle = length.start + last
    return [
        Length(length.start, middle, first[0].parts), Length(middle, length.end, second[0].parts)
    ]  # fmt: skip


def _of_the_timer(clause: ClauseReading, found: Sequence[Length], words: Lexicon) -> Length | None:
    for length in found:
        if words.ending("timer_for", plain(clause.text[: length.start])):
            return length
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
    """How long the timers have left; or what counts down by itself, as a washing machine does."""
    slots = _timer_slots(clause, home, context)
    if not any(k.startswith("start_") for k in slots):
        slots |= {f"start_{k}": v for k, v in _durations(clause, "duration", context.words).items()}
    timers = _find_timers(context, slots, home)
    running = [] if timers else told("left", clause, home, context)
    if len(running) == 1:
        return aspect_answer(clause, home, context, "left", running)
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
