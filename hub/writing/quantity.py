"""Numbers with their units, and the beginnings of sentences."""

from __future__ import annotations

from typing import Any


def number(value: Any) -> float | None:
    """A value as a number; None if it is none."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def with_unit(value: Any, unit: Any) -> str:
    """A number as it is written: "20.5 °C", "46%"."""
    found = number(value)
    text = str(value) if found is None else f"{found:g}" if abs(found) < 1e6 else f"{found:.0f}"
    unit = str(unit or "")
    return f"{text}{unit}" if unit == "%" else f"{text} {unit}".strip()


def start(name: str) -> str:
    """A name at the beginning of a sentence."""
    return name[0].upper() + name[1:]
