"""Questions about the weather: now, and on the days that are forecast."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from devices.home import EntityState, Home
from edge.tasks.understanding_schema import ClauseReading
from hub.ground.context import Context
from hub.ground.names import SURE, best_fit, tokens, word_fit
from hub.ground.places import find_area, find_floor, names_of
from hub.ground.results import Grounded, frame, text_answer
from hub.ground.spans import spans_of
from hub.ground.told import names, sentence
from hub.ground.weather_report import detail_of, no_forecast, report_of, yes_or_no
from hub.languages import Lexicon, lexicon, phrase, plain
from hub.languages.phrases import spoken_weekday
from hub.times import day_asked

_CONDITIONS: Mapping[str, frozenset[str]] = {
    "rain": frozenset({"rainy", "pouring", "lightning-rainy", "snowy-rainy"}),
    "snow": frozenset({"snowy", "snowy-rainy"}),
    "sun": frozenset({"sunny", "partlycloudy"}),
    "cloud": frozenset({"cloudy", "partlycloudy"}),
    "overcast": frozenset({"cloudy"}),
    "wind": frozenset({"windy", "windy-variant"}),
    "storm": frozenset({"lightning", "lightning-rainy"}),
    "fog": frozenset({"fog"}),
    "clear": frozenset({"clear-night", "sunny"}),
    "dry": frozenset({"sunny", "cloudy", "partlycloudy", "clear-night", "windy"}),
    "hail": frozenset({"hail"}),
}


_RAIN_LIKELY = 50
"""From this chance of rain on, in percent, "will it rain" is answered with yes."""
_WINDY_KMH = 30.0
_KMH: Mapping[str, float] = {"mph": 1.609, "m/s": 3.6, "kn": 1.852, "knots": 1.852}
_DEGREES: Mapping[str, tuple[float, float]] = {
    "freezing": (-100, 0.5), "cold": (-100, 10), "warm": (18, 100), "hot": (27, 100),
}  # fmt: skip
"""What the words mean, in degrees Celsius."""


def weather(clause: ClauseReading, home: Home, context: Context) -> Grounded:
    """The weather now, or the forecast of the day that was asked about."""
    entities = [e for e in home.entities.values() if e.domain == "weather"]
    said = [s.text for s in (*spans_of(clause, "name"), *spans_of(clause, "area"))]
    named = [e for e in entities if any(best_fit(t, names_of(e, home)) >= SURE for t in said)]
    named = named or [e for e in entities if not said and _stands_in(e.name, clause.text)]
    frames = (frame(clause, {"name": named[0].name} if named else {}),)
    elsewhere = None if named else _elsewhere(clause, home, context.words)
    if elsewhere:
        known = names(entities)
        text = f"I do not know the weather in {elsewhere}, only that of {known}."
        return Grounded(frames, refused=phrase(text, "no_weather"))
    chosen = named or entities
    if not chosen:
        measured = _outdoor_sensor(home)
        if measured is None:
            return Grounded(frames, refused=phrase("I have no weather service.", "no_weather"))
        return Grounded(frames, answers=(text_answer(clause, measured),))
    state = home.state(chosen[0].id)
    text = _text(clause, state, context)
    return Grounded(frames, answers=(text_answer(clause, text),), about=(chosen[0].id,))


def _elsewhere(clause: ClauseReading, home: Home, words: Lexicon) -> str | None:
    """A town that is named and is not ours. Where a yes or no is asked for, it stands after a word
    for where ("is it raining in Rome"): "will the wedding stay dry" names none."""
    nowhere = _whether(clause, words) and "located" in words.groups
    for span in spans_of(clause, "name"):
        said = plain(span.text)
        before = plain(clause.text[: max(0, span.start - clause.start)])
        if nowhere and not words.ending("located", before) and not words.starts("located", said):
            continue
        ours = find_area(span.text, home) or find_floor(span.text, home, words)
        about_day = day_asked(said, datetime.now(UTC), words) is not None
        if not (ours or about_day or words.has("outside", said) or words.has("house", said)):
            return span.text
    return None


def _stands_in(name: str, text: str) -> bool:
    """Whether every word of a place's name is in the sentence, in any case form ("Szolnokon")."""
    own = [word for word in tokens(name) if len(word) >= _LEAST_LETTERS]
    return bool(own) and all(
        any(other[:_LEAST_LETTERS] == word[:_LEAST_LETTERS] and word_fit(other, word) >= _FORM
            for other in tokens(text))
        for word in own
    )  # fmt: skip


_LEAST_LETTERS = 4
_FORM = 0.8


def _outdoor_sensor(home: Home) -> str | None:
    """A thermometer outside, where there is no weather service."""
    for entity in home.entities.values():
        outside = lexicon("en").has("outside", plain(f"{entity.name} {' '.join(entity.aliases)}"))
        if entity.domain == "sensor" and entity.device_class == "temperature" and outside:
            return sentence(entity, home)
    return None


def _text(clause: ClauseReading, state: EntityState, context: Context) -> str:
    said, words = plain(clause.text), context.words
    language = words.language
    day = day_asked(said, context.now, words)
    forecast = _forecast(state, day, context)
    now = {"condition": state.state, **state.attributes}
    later = forecast is not None and day is not None and day.date() != context.now.date()
    if day is not None and day.date() > context.now.date() and forecast is None:
        return no_forecast(day, report_of(now, state, language), language)
    report: Mapping[str, Any] = (
        forecast if later and forecast else {**_of_today(forecast or {}), **_known(now)}
    )
    lead = f"{spoken_weekday(day, language)}: " if later and day else ""
    detail = words.find("weather_detail", said)
    told = detail_of(str(detail), report, state, language) if detail is not None else None
    if told is not None:
        whether = detail == "wind" and _whether(clause, words)
        yes = f"{yes_or_no(_windy(report, state), language)}. " if whether else ""
        return _sentence(f"{lead}{yes}{told}")
    answer = _verdict(clause, report, forecast or {}, state, words)
    told = _sentence(f"{lead}{report_of(report, state, language)}")
    return told if answer is None else f"{yes_or_no(answer, language)}. {told}"


def _of_today(forecast: Mapping[str, Any]) -> dict[str, Any]:
    """Today's forecast beside the weather of now: its temperature is the day's highest."""
    return {**forecast, "temphigh": forecast.get("temperature")}


def _known(report: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in report.items() if value is not None}


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"


def _whether(clause: ClauseReading, words: Lexicon) -> bool:
    first = plain(clause.text).split()[:1]
    asks = bool(first) and words.fits("asking_whether", first[0])
    return asks or clause.attributes["question"].label in ("yesno", "any")


def _verdict(
    clause: ClauseReading,
    report: Mapping[str, Any],
    forecast: Mapping[str, Any],
    state: EntityState,
    words: Lexicon,
) -> bool | None:
    """Yes or no to "is it sunny", "do I need an umbrella"; None to anything else."""
    said = plain(clause.text)
    asked = words.find("weather", said)
    if not _whether(clause, words):
        return None
    felt = words.find("felt", said)
    if asked is None:
        return _feels(str(felt), report, state) if felt else None
    if asked == "wind":
        return _windy(report, state)
    likely = forecast.get("precipitation_probability")
    conditions = {str(report.get("condition")), str(forecast.get("condition"))}
    wet = asked in ("rain", "snow") and isinstance(likely, int | float) and likely >= _RAIN_LIKELY
    right_kind = asked == "rain" or "snowy" in conditions
    return bool(conditions & _CONDITIONS[asked]) or (wet and right_kind)


def _feels(felt: str, report: Mapping[str, Any], state: EntityState) -> bool | None:
    value = report.get("temperature")
    if not isinstance(value, int | float):
        return None
    if "F" in str(state.attributes.get("temperature_unit", "")):
        value = (value - 32) * 5 / 9
    low, high = _DEGREES[felt]
    return low <= value <= high


def _windy(report: Mapping[str, Any], state: EntityState) -> bool:
    speed = report.get("wind_speed")
    unit = str(state.attributes.get("wind_speed_unit", "km/h"))
    strong = isinstance(speed, int | float) and speed * _KMH.get(unit, 1.0) >= _WINDY_KMH
    return strong or str(report.get("condition")) in _CONDITIONS["wind"]


def _forecast(
    state: EntityState, day: datetime | None, context: Context
) -> Mapping[str, Any] | None:
    """The forecast of the day, today's if none was named."""
    wanted = (day or context.now).date().isoformat()
    for key in ("forecast", "forecast_daily", "daily"):
        entries = state.attributes.get(key)
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, Mapping) and str(entry.get("datetime", ""))[:10] == wanted:
                return entry
    return None
