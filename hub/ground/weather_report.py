"""The weather in words: now or on a day, in the language of the question."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from devices.home import EntityState
from hub.languages import Phrase, phrase
from hub.languages.phrases import spoken_weekday

_DETAILS: Mapping[str, tuple[str, str, str]] = {
    "wind": ("wind_speed", "The wind is {}.", "wind_speed_unit"),
    "humidity": ("humidity", "The humidity outside is {}%.", ""),
    "pressure": ("pressure", "The air pressure is {}.", "pressure_unit"),
    "uv": ("uv_index", "The UV index is {}.", ""),
    "visibility": ("visibility", "The visibility is {}.", "visibility_unit"),
}
"""What can be asked for alone: its key, the sentence, and the key of its unit."""


def report_of(report: Mapping[str, Any], state: EntityState, language: str) -> str:
    """All that is known: "rainy, 6 °C, low 3 °C, humidity 88%, wind 22 km/h." """
    unit = state.attributes.get("temperature_unit", "°C")
    parts: list[str] = [_condition(str(report.get("condition") or "unknown"))]
    if report.get("temperature") is not None:
        parts.append(f"{report['temperature']} {unit}")
    if report.get("temphigh") is not None:
        high = f"{report['temphigh']} {unit}"
        parts.append(phrase(f"high {high}", "weather_high", value=high))
    if report.get("templow") is not None:
        low = f"{report['templow']} {unit}"
        parts.append(phrase(f"low {low}", "weather_low", value=low))
    for key, word in (("humidity", "humidity"), ("precipitation_probability", "chance of rain")):
        if report.get(key) is not None:
            value = f"{report[key]}%"
            parts.append(phrase(f"{word} {value}", f"weather_{key}", value=value))
    if report.get("wind_speed") is not None:
        speed = f"{report['wind_speed']} {state.attributes.get('wind_speed_unit', 'km/h')}"
        parts.append(phrase(f"wind {speed}", "weather_wind", value=speed))
    return f"{', '.join(_said(part, language) for part in parts)}."


def detail_of(
    detail: str, report: Mapping[str, Any], state: EntityState, language: str
) -> str | None:
    """One thing alone ("The wind is 22 km/h."); None where it is not known."""
    key, form, unit = _DETAILS[detail]
    if report.get(key) is None:
        return None
    shown = f"{report[key]} {state.attributes.get(unit, '')}".strip()
    return phrase(form.format(shown), f"{detail}_is", value=shown).within(language)


def no_forecast(day: datetime, now: str, language: str) -> str:
    """That a day is not forecast, and how the weather is now."""
    weekday = spoken_weekday(day, language)
    english = f"I have no forecast for {day:%A}. Now: {now}"
    return phrase(english, "no_forecast", day=weekday, report=now).within(language)


def yes_or_no(answer: bool, language: str) -> str:
    """ "Yes" or "No"."""
    said = phrase("Yes", "yes_alone") if answer else phrase("No", "no_alone")
    return said.within(language)


def _condition(name: str) -> Phrase:
    """A condition as Home Assistant names it, in words."""
    english = name.replace("-", " ").replace("partlycloudy", "partly cloudy")
    return phrase(english, f"weather_{name.replace('-', '_')}")


def _said(part: str, language: str) -> str:
    return part.within(language) if isinstance(part, Phrase) else part
