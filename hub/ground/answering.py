"""Which function answers which question."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from devices.home import Home
from edge.tasks.understanding_schema import ClauseReading
from hub.ground import calendars, facts, lists, weather
from hub.ground.context import Context
from hub.ground.questions import ground_state_question
from hub.ground.results import Grounded

FACTS: Mapping[str, Callable[[ClauseReading, Home, Context], Grounded]] = {
    "HassGetState": ground_state_question,
    "HassGetCurrentTime": facts.current_time,
    "HassGetCurrentDate": facts.current_date,
    "HassClimateGetTemperature": facts.temperature,
    "HassGetWeather": weather.weather,
    "HassGetCalendarEvents": calendars.calendar,
    "HassGetListItems": lists.list_items,
}
