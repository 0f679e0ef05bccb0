"""Questions about the calendars: what there is on a day, with whom, where, when something is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from devices.home import Entity, Home
from edge.tasks.understanding_schema import ClauseReading
from hub.ground.context import Context
from hub.ground.names import tokens, word_fit
from hub.ground.results import Grounded, frame, text_answer
from hub.ground.spans import spans_of
from hub.languages import Lexicon, lexicon, phrase, plain
from hub.languages.phrases import spoken_day, spoken_time
from hub.times import day_asked

_HOURS: Mapping[int, tuple[int, int]] = {
    8: (5, 12), 12: (11, 14), 15: (12, 18), 19: (17, 24), 21: (17, 24), 22: (18, 24), 0: (0, 5),
}  # fmt: skip
"""The hours of a part of the day, by the hour that stands for it."""
_MEALS: Mapping[str, tuple[int, int]] = {
    "breakfast": (5, 11), "lunch": (11, 15), "dinner": (17, 23),
}  # fmt: skip
_SAME_WORD = 0.86
_BEGINNING = 5
"""Letters with which a word begins another that is made of it."""
_MOST = 8


@dataclass(frozen=True, slots=True)
class Event:
    """An event of one of the calendars; `whole_days` if it has no clock times."""

    start: datetime
    end: datetime
    summary: str
    location: str
    description: str
    whole_days: bool

    @property
    def text(self) -> str:
        """All its words."""
        return f"{self.summary} {self.description} {self.location}"


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a question is about: days from `first` to `last`, hours of the day, words to look for,
    the occasion (being away, being free), and whether what is over may be meant."""

    first: date | None
    last: date | None
    hours: tuple[int, int] | None
    query: tuple[str, ...]
    occasion: str | None
    past: bool


def calendar(clause: ClauseReading, home: Home, context: Context) -> Grounded:
    """What the calendars hold on a day, at a meal, or about something."""
    asked = _asked(clause, context)
    whose = _whose(asked.query, home)
    if whose:
        asked = replace(asked, query=tuple(w for w in asked.query if w not in tokens(whose.name)))
    events = sorted(_events(home, context.now, whose), key=lambda event: event.start)
    chosen = _chosen(events, asked, context)
    frames = (frame(clause, {}),)
    told = text_answer(clause, _answer(clause, asked, chosen, context))
    return Grounded(frames, answers=(told,), tells=bool(chosen))


def _whose(query: tuple[str, ...], home: Home) -> Entity | None:
    """The calendar that is called by a word of the query ("what's Edith doing on Friday")."""
    named = [
        entity
        for entity in home.entities.values()
        if entity.domain == "calendar" and (own := set(tokens(entity.name))) and own <= set(query)
    ]
    return named[0] if len(named) == 1 else None


def _asked(clause: ClauseReading, context: Context) -> _Asked:
    words, said = context.words, plain(clause.text)
    first, last = _days(said, context)
    meal, part = words.find("meal", said), words.find("part", said)
    hours = _MEALS[str(meal)] if meal is not None else None
    if hours is None and part is not None:
        hours = _HOURS.get(int(part))
    if first is None and hours is not None and meal is None:
        first = last = context.now.date()
    spoken = " ".join(s.text for s in (*spans_of(clause, "query"), *spans_of(clause, "name")))
    occasion = words.find("occasion", said)
    query = tuple(w for w in tokens(spoken) if not words.fits("event_words", w))
    past = first is None and clause.attributes["question"].label not in ("yesno", "any")
    return _Asked(first, last, hours, query, str(occasion) if occasion else None, past)


def _days(said: str, context: Context) -> tuple[date | None, date | None]:
    """The days that the words name, first and last."""
    today = context.now.date()
    monday = today - timedelta(days=today.weekday())
    span = context.words.find("days", said)
    ranges = {
        "this_week": (today, monday + timedelta(days=6)),
        "next_week": (monday + timedelta(days=7), monday + timedelta(days=13)),
        "weekend": (max(today, monday + timedelta(days=5)), monday + timedelta(days=6)),
        "next_month": (today, today + timedelta(days=60)),
    }
    if span in ranges:
        return ranges[span]
    day = day_asked(said, context.now, context.words)
    return (day.date(), day.date()) if day else (None, None)


def _chosen(events: Sequence[Event], asked: _Asked, context: Context) -> list[Event]:
    found = [e for e in events if asked.first is None or _on(e, asked)]
    if asked.first is None:
        found = [e for e in found if e.end >= context.now]
    if asked.occasion in ("away", "home"):
        return [e for e in found if _away(e, context.words)]
    if asked.query:
        fitting = _about(found, asked.query)
        if fitting or asked.hours is None:
            ahead = _about([e for e in events if e.end >= context.now], asked.query)
            over = _about(events, asked.query) if asked.past else []
            return fitting or ahead[:1] or over[-1:]
    if asked.hours is not None:
        during = [e for e in found if not e.whole_days and _during(e, asked.hours)]
        if asked.first is None:
            during = [e for e in during if e.start.date() == during[0].start.date()]
        return during
    return found


def _on(event: Event, asked: _Asked) -> bool:
    """Whether the event touches the days that were asked about."""
    last = max((event.end - timedelta(seconds=1)).date(), event.start.date())
    return event.start.date() <= (asked.last or date.max) and last >= (asked.first or date.min)


def _during(event: Event, hours: tuple[int, int]) -> bool:
    return hours[0] <= event.start.hour < hours[1]


def _about(events: Sequence[Event], query: tuple[str, ...]) -> list[Event]:
    """The events that share the most words with what was asked about."""
    scored = [(_shared(event, query), event) for event in events]
    top = max((score for score, _ in scored), default=0.0)
    return [event for score, event in scored if score == top > 0]


def _shared(event: Event, query: tuple[str, ...]) -> float:
    own = tokens(event.text)
    return sum(1.0 for q in query if len(q) > 2 and any(_same(q, w) for w in own))


def _same(said: str, written: str) -> bool:
    """Whether two words are one, or one begins the other as in "Zahnarzttermin"."""
    short, long = sorted((said, written), key=len)
    begins = len(short) >= _BEGINNING and long.startswith(short)
    return begins or word_fit(said, written) >= _SAME_WORD


def _away(event: Event, words: Lexicon) -> bool:
    """Whether an event keeps one away from home: its words say so, or it lasts for days."""
    says = any(w.has("travel", plain(event.text)) for w in (words, lexicon("en")))
    return says or (event.whole_days and event.end - event.start > timedelta(days=1))


def _answer(clause: ClauseReading, asked: _Asked, chosen: Sequence[Event], context: Context) -> str:
    said = plain(clause.text)
    yes_no = clause.attributes["question"].label in ("yesno", "any") or context.words.has(
        "asking_whether", said.split()[0] if said else ""
    )
    shown = list(chosen)
    if asked.first is None and (context.words.has("next", said) or asked.query):
        shown = shown[:1]
    told = " ".join(_told(event, context.words.language) for event in shown[:_MOST])
    if chosen and asked.occasion in ("home", "free"):
        return phrase(f"No: {told}", "no_that", text=told)
    if asked.occasion == "home":
        return phrase("Yes, nothing in the calendar takes you away.", "nothing_takes_away")
    if asked.occasion == "free":
        return phrase("Yes, there is nothing in the calendar.", "nothing_planned")
    if not chosen and context.words.language != "en":
        return phrase("There is nothing in the calendar.", "no_events")
    if not chosen:
        nothing = "there is nothing about that in the calendar."
        if not (asked.query or asked.occasion):
            nothing = "there is nothing in the calendar."
        return f"No, {nothing}" if yes_no else f"{nothing[0].upper()}{nothing[1:]}"
    return phrase(f"Yes: {told}", "yes_that", text=told) if yes_no else told


def _told(event: Event, language: str) -> str:
    where = f", {event.location}" if event.location else ""
    more = f" ({event.description})" if event.description else ""
    return f"{event.summary}: {_when(event, language)}{where}{more}."


def _when(event: Event, language: str) -> str:
    if language != "en":
        return _when_in(event, language)
    if not event.whole_days:
        end = (
            f"{event.end:%H:%M}"
            if event.end.date() == event.start.date()
            else f"{event.end:%A %d %B, %H:%M}"
        )
        return f"{event.start:%A %d %B, %H:%M} to {end}"
    last = event.end - timedelta(days=1)
    if last.date() <= event.start.date():
        return f"{event.start:%A %d %B}, all day"
    return f"{event.start:%A %d %B} to {last:%A %d %B}"


def _when_in(event: Event, language: str) -> str:
    """When an event is, as a person of that language writes it."""
    first = spoken_day(event.start, language)
    last = event.end - timedelta(days=1) if event.whole_days else event.end
    same_day = last.date() <= event.start.date()
    if event.whole_days:
        return first if same_day else f"{first} – {spoken_day(last, language)}"
    end = "" if same_day else f"{spoken_day(last, language)}, "
    start = spoken_time(event.start, language)
    return f"{first}, {start} – {end}{spoken_time(event.end, language)}"


def mentioned(query: str, home: Home) -> bool:
    """Whether any event of the home's calendars has a word of the query."""
    wanted = [word for word in tokens(query) if len(word) > 3]
    events = _events(home, datetime.now(UTC)) if wanted else []
    return any(_shared(event, tuple(wanted)) for event in events)


def _events(home: Home, now: datetime, of: Entity | None = None) -> list[Event]:
    """The events of all calendars, or of one."""
    found = []
    for entity in home.entities.values():
        if entity.domain != "calendar" or (of is not None and entity.id != of.id):
            continue
        attributes = home.state(entity.id).attributes
        listed = attributes.get("events")
        if not isinstance(listed, list) and attributes.get("start_time"):
            listed = [_next_event(attributes)]
        for written in listed if isinstance(listed, list) else ():
            if isinstance(written, Mapping) and (event := _event(written, now)):
                found.append(event)
    return found


def _next_event(attributes: Mapping[str, Any]) -> Mapping[str, Any]:
    """The event that a calendar's own attributes tell, where it lists none."""
    return {
        "summary": attributes.get("message"),
        "start": attributes.get("start_time"),
        "end": attributes.get("end_time"),
        "location": attributes.get("location"),
        "description": attributes.get("description"),
    }


def _event(written: Mapping[str, Any], now: datetime) -> Event | None:
    start, whole = _moment(written.get("start"), now)
    if start is None:
        return None
    end, _ = _moment(written.get("end"), now)
    end = end or start + (timedelta(days=1) if whole else timedelta(hours=1))
    text = {key: str(written.get(key) or "").strip() for key in ("summary", "location")}
    about = [written.get("description"), *_people(written.get("attendees"))]
    description = ", ".join(str(part).strip() for part in about if part)
    midnights = start.time() == end.time() == datetime.min.time() and end > start
    return Event(
        start, end, text["summary"] or "Event", text["location"], description, whole or midnights
    )


def _people(attendees: Any) -> list[str]:
    if not isinstance(attendees, list):
        return [str(attendees)] if attendees else []
    named = (a.get("name") or a.get("email") if isinstance(a, Mapping) else a for a in attendees)
    return [str(name) for name in named if name]


def _moment(value: Any, now: datetime) -> tuple[datetime | None, bool]:
    """A moment, and whether it is only a day."""
    if isinstance(value, Mapping):
        value = value.get("dateTime") or value.get("date")
    if isinstance(value, datetime):
        moment, whole = value, False
    elif isinstance(value, date):
        moment, whole = datetime(value.year, value.month, value.day), True
    else:
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            return None, False
        whole = len(str(value).strip()) == len("2026-11-24")
    return (moment if moment.tzinfo else moment.replace(tzinfo=now.tzinfo)), whole
