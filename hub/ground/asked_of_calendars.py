"""Questions that the calendars answer, whatever else the model takes them for."""

from __future__ import annotations

from dataclasses import replace

from devices.home import Home
from edge.tasks.understanding_schema import NONE, ClauseReading, Reading, Scored
from hub.ground.calendars import mentioned
from hub.ground.spans import spans_of

_EVENTS = "HassGetCalendarEvents"
_SURELY = 0.8


def of_a_calendar(clause: ClauseReading, home: Home) -> ClauseReading:
    """A question that the model takes to be about a calendar, whatever else it makes of it ("when
    is the boiler being serviced"), where the home has one."""
    asks = clause.intent == "HassGetState" and clause.attributes["domain"].label == "calendar"
    has = asks and any(entity.domain == "calendar" for entity in home.entities.values())
    if not has or not spans_of(clause, "query"):
        return clause
    return replace(
        clause, intents=(Scored(_EVENTS, clause.intents[0].confidence), *clause.intents[1:])
    )


def of_its_calendar(reading: Reading, home: Home) -> Reading:
    """The reading as a question to the calendars, where it has the form of one and asks for what
    stands in them, whoever it may be meant for: "when is my flight" may be asked of anybody, but
    this home knows it, and to tell harms nobody."""
    if len(reading.clauses) != 1:
        return reading
    clause = reading.clauses[0]
    told = clause.attributes["domain"]
    queries = spans_of(clause, "query")
    asks = told.label == "calendar" and told.confidence >= _SURELY
    asks = asks and clause.attributes["question"].label != NONE
    if not asks or not queries or not all(mentioned(s.text, home) for s in queries):
        return reading
    asked = replace(clause, intents=(Scored(_EVENTS, told.confidence),))
    return replace(reading, for_us=max(reading.for_us, told.confidence), clauses=(asked,))
